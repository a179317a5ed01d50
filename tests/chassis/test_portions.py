"""A role with much state restores it by portions, and works on what it has between them."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis import transaction as transaction_module
from chassis.broker import Batch, TopicPartition
from chassis.clock import ManualClock
from chassis.memory import Fault, MemoryBroker
from tests.chassis.counting import NOON, Copy, Theatre
from tests.chassis.test_transactional_loop import until


@pytest.fixture(autouse=True)
def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction_module, "POLL_WAIT_S", 0.02)
    monkeypatch.setattr(transaction_module, "RETRY_S", 0.01)
    monkeypatch.setattr(transaction_module, "PORTION", 1)


def _held_back(theatre: Theatre, name: str = "saga-0") -> tuple[Copy, asyncio.Event]:
    """A copy whose second partition is not restored before the event is set."""
    copy, event = theatre.start(name), asyncio.Event()
    restore = copy.processor.restore

    async def waiting(partitions: frozenset[int]) -> frozenset[int]:
        if 1 in partitions:
            await event.wait()
        return await restore(partitions)

    copy.processor.restore = waiting  # type: ignore[method-assign]
    return copy, event


async def test_what_is_restored_works_while_the_rest_waits_its_turn(theatre: Theatre) -> None:
    await theatre.send(b"a", b"b")
    await theatre.send(b"a", b"b", partition=1)
    copy, event = _held_back(theatre)
    await until(lambda: len(theatre.log()) == 2)
    assert theatre.log(1) == []
    assert {tp.partition for tp in copy.held} == {0}
    event.set()
    await theatre.counted()
    await until(lambda: len(copy.held) == 4)
    assert copy.processor.restored == [frozenset({0}), frozenset({1})]


@pytest.mark.parametrize(
    ("quick_s", "portions"),
    [(60.0, [1, 2, 4, 1]), (0.0, [1] * 8)],
    ids=["quickly restored", "slowly restored"],
)
async def test_portions_grow_while_they_are_quickly_restored(
    monkeypatch: pytest.MonkeyPatch, quick_s: float, portions: list[int]
) -> None:
    monkeypatch.setattr(transaction_module, "QUICK_S", quick_s)
    clock = ManualClock(NOON)
    theatre = Theatre(MemoryBroker(clock=clock), clock, partitions=8)
    copy = theatre.start()
    await until(lambda: len(copy.held) == 16)
    await theatre.end()
    assert list(map(len, copy.processor.restored)) == portions


def _slow_to_fetch(copy: Copy, polls: int) -> None:
    """Input of a consumer that was resumed comes only after so many polls."""
    poll, resume, left = copy.consumer.poll, copy.consumer.resume, 0

    async def resuming(partitions: Sequence[TopicPartition]) -> None:
        nonlocal left
        left = polls
        await resume(partitions)

    async def polling(*, records_max: int, timeout_s: float) -> Batch:
        nonlocal left
        if not left:
            return await poll(records_max=records_max, timeout_s=timeout_s)
        left -= 1
        await asyncio.sleep(timeout_s)
        return Batch((), frozenset(), frozenset(), None)

    copy.consumer.poll, copy.consumer.resume = polling, resuming  # type: ignore[method-assign]


async def test_input_that_waits_for_what_is_restored_comes_before_the_next_portion(
    theatre: Theatre,
) -> None:
    await theatre.send(b"a", b"b")
    await theatre.send(b"a", b"b", partition=1)
    copy = theatre.start()
    _slow_to_fetch(copy, polls=4)
    logged: list[int] = []
    restore = copy.processor.restore

    async def noting(partitions: frozenset[int]) -> frozenset[int]:
        logged.append(len(theatre.log()))
        return await restore(partitions)

    copy.processor.restore = noting  # type: ignore[method-assign]
    await theatre.counted()
    assert logged == [0, 2]


async def test_a_partition_lost_before_its_turn_is_the_others(theatre: Theatre) -> None:
    await theatre.send(b"a", b"b")
    await theatre.send(b"a", b"b", partition=1)
    copy, event = _held_back(theatre)
    await until(lambda: len(theatre.log()) == 2)
    other = theatre.start("saga-1")
    await until(lambda: len(other.held) == 2)
    event.set()
    await theatre.counted()
    await until(lambda: len(copy.held) == len(other.held) == 2)
    assert copy.held.isdisjoint(other.held)
    await theatre.send(b"a", b"b", partition=1)
    await theatre.send(b"a", b"b")
    await theatre.counted()


@pytest.mark.parametrize(
    "fault", [Fault.TRANSACTION_UNKNOWN_COMMITTED, Fault.TRANSACTION_UNKNOWN_LEFT_OPEN]
)
async def test_an_unknown_outcome_between_portions_is_looked_up_as_well(
    theatre: Theatre, fault: Fault
) -> None:
    theatre.broker.fail_next(fault)
    await theatre.send(b"a", b"b")
    await theatre.send(b"a", b"b", partition=1)
    copy = theatre.start()
    await theatre.counted()
    await until(lambda: len(copy.held) == 4)
    await theatre.send(b"a")
    await theatre.send(b"a", partition=1)
    await theatre.counted()
