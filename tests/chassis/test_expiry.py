"""Work is cut off when its time is over, whoever else is in hand, and only then."""

import asyncio

import pytest

from chassis.expiry import Expiry, Span

LONG_S = 1_000.0
SHORT_S = 0.01


async def test_what_is_over_in_time_is_left_alone_and_makes_one_timer_for_all() -> None:
    expiry = Expiry()
    timers = set()
    for _ in range(10):
        with expiry.within(LONG_S) as span:
            await asyncio.sleep(0)
        timers.add(expiry._timer)
        assert not span.expired
    assert len(timers) == 1


async def test_what_outlives_its_time_is_cut_off() -> None:
    expiry = Expiry()
    with pytest.raises(TimeoutError), expiry.within(SHORT_S) as span:
        await asyncio.sleep(LONG_S)
    assert span.expired
    await asyncio.sleep(0)  # nothing of the cancellation is left


async def test_a_time_that_is_over_already_cuts_off_at_the_first_wait() -> None:
    with pytest.raises(TimeoutError), Expiry().within(-1.0):
        await asyncio.sleep(LONG_S)


async def test_what_begins_later_and_ends_earlier_is_cut_off_first() -> None:
    expiry = Expiry()
    ended: list[str] = []

    async def work(name: str, seconds: float) -> None:
        try:
            with expiry.within(seconds):
                await asyncio.sleep(LONG_S)
        except TimeoutError:
            ended.append(name)

    last = asyncio.create_task(work("last", LONG_S))
    await asyncio.sleep(0)
    await asyncio.gather(work("second", 2 * SHORT_S), work("first", SHORT_S))
    assert ended == ["first", "second"]
    last.cancel()
    with pytest.raises(asyncio.CancelledError):
        await last


async def test_somebody_elses_cancellation_stays_one() -> None:
    expiry = Expiry()
    spans: list[Span] = []

    async def work() -> None:
        with expiry.within(LONG_S) as span:
            spans.append(span)
            await asyncio.sleep(LONG_S)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not spans[0].expired


async def test_a_failure_within_passes_as_it_is() -> None:
    with pytest.raises(KeyError), Expiry().within(LONG_S):
        raise KeyError("no such template")


async def test_work_after_one_that_was_cut_off_has_its_own_time() -> None:
    expiry = Expiry()
    for _ in range(3):
        with pytest.raises(TimeoutError), expiry.within(SHORT_S):
            await asyncio.sleep(LONG_S)
        with expiry.within(LONG_S) as span:
            await asyncio.sleep(0)
        assert not span.expired
