"""Work that never waits shares a task; work that waits holds nobody back."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any

import pytest

from chassis import lanes as lanes_module
from chassis.lanes import Lanes

Job = Coroutine[Any, Any, None]
MARK: ContextVar[str] = ContextVar("MARK", default="")


class Yard:
    """Work in a row, and what became of it."""

    def __init__(self, most: int, work: Callable[[int], Job]) -> None:
        self.queue: deque[int] = deque()
        self.tasks: set[asyncio.Task[None]] = set()
        self.begun = 0
        self.failures: list[BaseException] = []
        waits = lambda: bool(self.queue)  # noqa: E731
        self.lanes = Lanes(most, waits, self.queue.popleft, work, self._begin)

    def _begin(self, job: Job) -> None:
        task = asyncio.create_task(job)
        self.begun += 1
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if failure := task.exception():
            self.failures.append(failure)
        self.lanes.start()

    async def all_done(self, count: int) -> None:
        self.queue.extend(range(count))
        self.lanes.start()
        while self.tasks:
            await asyncio.wait(tuple(self.tasks))


async def test_work_that_never_waits_shares_a_task_and_keeps_its_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lanes_module, "SLICE_S", 1_000.0)
    done: list[int] = []

    async def work(piece: int) -> None:
        done.append(piece)

    yard = Yard(5, work)
    await yard.all_done(100)
    assert done == list(range(100))
    assert yard.begun == 2  # one that works, and one that stood by
    assert yard.lanes.in_hand == 0


async def test_work_that_waits_holds_nobody_back_up_to_the_limit() -> None:
    gate, full = asyncio.Event(), asyncio.Event()
    begun: list[int] = []
    done: list[int] = []

    async def work(piece: int) -> None:
        begun.append(piece)
        if piece == 20:
            full.set()
        if piece % 10 == 0:
            await gate.wait()
        done.append(piece)

    yard = Yard(3, work)
    working = asyncio.create_task(yard.all_done(100))
    await full.wait()
    for _ in range(10):
        await asyncio.sleep(0)
    assert yard.lanes.in_hand == 3
    assert begun == list(range(21))  # 0, 10 and 20 wait
    assert done == [piece for piece in range(20) if piece % 10]
    gate.set()
    await working
    assert sorted(done) == list(range(100))


async def test_after_its_slice_a_lane_lets_others_have_a_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lanes_module, "SLICE_S", 0.0)
    monkeypatch.setattr(lanes_module, "SLICE_MIN", 1)
    done: list[int] = []
    seen: list[int] = []

    async def work(piece: int) -> None:
        done.append(piece)

    async def look_on() -> None:
        while len(done) < 20:
            seen.append(len(done))
            await asyncio.sleep(0)

    yard = Yard(1, work)
    await asyncio.gather(yard.all_done(20), look_on())
    assert done == list(range(20))
    assert len(set(seen)) > 10


async def test_what_work_leaves_in_its_context_is_not_the_next_ones() -> None:
    seen: list[str] = []

    async def work(piece: int) -> None:
        seen.append(MARK.get())
        MARK.set(f"of {piece}")

    await Yard(2, work).all_done(5)
    assert seen == [""] * 5


async def test_work_that_fails_ends_its_task_and_not_the_others() -> None:
    done: list[int] = []

    async def work(piece: int) -> None:
        if piece == 1:
            raise ZeroDivisionError
        done.append(piece)

    yard = Yard(2, work)
    await yard.all_done(4)
    assert done == [0, 2, 3]
    assert [type(failure) for failure in yard.failures] == [ZeroDivisionError]
    assert yard.lanes.in_hand == 0
