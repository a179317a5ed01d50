"""The loop under every simulated life: its time is virtual, and its dead stay dead."""

import asyncio
import itertools
import time

import pytest

from tests.simulation.seeded.clockwork import Being, Livelock, Process, SeededLoop, seeded


def test_an_hour_passes_at_once_and_nobody_waits_for_it() -> None:
    began = time.monotonic()
    with seeded("an hour") as loop:
        loop.run_until_complete(asyncio.sleep(3_600))
        assert loop.time() == 3_600
        assert time.monotonic() == 3_600
    assert time.monotonic() - began < 60


def _order(seed: str) -> list[int]:
    met: list[int] = []

    async def one(number: int) -> None:
        await asyncio.sleep(0)
        met.append(number)

    async def all_of_them() -> None:
        await asyncio.gather(*(one(number) for number in range(8)))

    with seeded(seed) as loop:
        loop.run_until_complete(all_of_them())
    return met


def test_the_seed_decides_who_comes_first() -> None:
    assert _order("a") == _order("a")
    assert len({tuple(_order(str(seed))) for seed in range(10)}) > 5


async def _counting(seen: list[str]) -> None:
    try:
        while True:
            await asyncio.sleep(1)
            seen.append("tick")
    finally:
        seen.append("tidied up")


def _in_process(loop: SeededLoop, seen: list[str]) -> tuple[Process, "asyncio.Task[None]"]:
    process = Process("clock")
    return process, loop.spawn(process, _counting(seen))


async def _buried(loop: SeededLoop, process: Process, task: "asyncio.Task[None]") -> None:
    loop.go_on(process)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_what_is_killed_does_not_even_tidy_up() -> None:
    async def story(loop: SeededLoop) -> list[str]:
        seen: list[str] = []
        process, task = _in_process(loop, seen)
        await asyncio.sleep(2.5)
        process.being = Being.DEAD
        await asyncio.sleep(10)
        found = list(seen)
        await _buried(loop, process, task)
        return found

    with seeded("kill") as loop:
        assert loop.run_until_complete(story(loop)) == ["tick", "tick"]


def test_what_is_stopped_goes_on_where_it_was() -> None:
    async def story(loop: SeededLoop) -> list[str]:
        seen: list[str] = []
        process, task = _in_process(loop, seen)
        await asyncio.sleep(1.5)
        process.being = Being.STOPPED
        await asyncio.sleep(10)
        assert seen == ["tick"]
        loop.go_on(process)
        await asyncio.sleep(1.5)
        found = list(seen)
        await _buried(loop, process, task)
        return found

    with seeded("stop") as loop:
        assert loop.run_until_complete(story(loop)) == ["tick", "tick", "tick"]


def test_work_that_never_waits_is_a_livelock() -> None:
    async def busy() -> None:
        for _ in itertools.count():
            await asyncio.sleep(0)

    with seeded("busy") as loop, pytest.raises(Livelock):
        loop.run_until_complete(busy())


def test_waiting_for_what_nobody_will_do_is_a_livelock() -> None:
    async def waits() -> None:
        await asyncio.Event().wait()

    with seeded("waits") as loop, pytest.raises(Livelock):
        loop.run_until_complete(waits())
