"""An event loop whose time is virtual and whose order of work a seed decides; it knows no saga.

No socket, no thread, no real waiting: time passes only when nobody can do anything. What a
`Process` began can be stopped and let go on (SIGSTOP, SIGCONT), or killed: then none of it ever
runs again, no `finally` either, exactly as after kill -9.
"""

import asyncio
import gc
import heapq
import secrets
import time
import uuid
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from enum import Enum, auto
from random import Random
from typing import Any, ClassVar, TypeVar, TypeVarTuple, Unpack, cast

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

STEPS_PER_MOMENT_MAX = 200_000
"""More work than this without any time passing is a livelock."""


class Livelock(Exception):
    """Somebody works for ever without waiting for anything, or nobody will ever work again."""


class Being(Enum):
    """What the scheduler does with a process's work."""

    RUNS = auto()
    STOPPED = auto()
    DEAD = auto()


def _nothing() -> None:
    """No blow is on its way."""


class Process:
    """Everything that was begun inside it, its tasks' tasks and timers too."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.being = Being.RUNS
        self.kept: list[asyncio.Handle] = []
        self._countdown = 0
        self._then = _nothing

    def after_steps(self, steps: int, then: Callable[[], None]) -> None:
        """Do something to the process once it has taken so many steps more."""
        self._countdown, self._then = steps, then

    def stepped(self) -> None:
        """The loop has run a piece of this process's work."""
        if self._countdown:
            self._countdown -= 1
            if not self._countdown:
                self._then()


PROCESS: ContextVar[Process | None] = ContextVar("PROCESS", default=None)


class NumberedTask(asyncio.Task[T]):
    """A task whose place in a set is the same in every run."""

    _numbers: ClassVar[Iterator[int]] = iter(())

    def __init__(self, coro: Generator[Any, None, T], **options: Any) -> None:
        self._number = next(NumberedTask._numbers)
        super().__init__(coro, **options)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


class SeededLoop(asyncio.BaseEventLoop):
    """Runs what is ready in an order that the seed gives, and jumps to the next timer."""

    _ready: "deque[asyncio.Handle]"
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, chance: Random) -> None:
        super().__init__()
        NumberedTask._numbers = _numbers()
        self.set_task_factory(cast("Any", _numbered))
        self.set_exception_handler(self._complain)
        self._chance = chance
        self._now = 0.0
        self._steps_now = 0
        self.steps = 0
        self.complaints: list[str] = []

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def go_on(self, process: Process) -> None:
        """Let a process run, and no blow that is still on its way find it.

        What came up while it was stopped or dead is ready now.
        """
        process.being = Being.RUNS
        process.after_steps(0, _nothing)
        self._ready.extend(process.kept)
        process.kept = []

    def spawn(self, process: Process, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """A task inside the process."""

        def begin() -> "asyncio.Task[T]":
            PROCESS.set(process)
            return self.create_task(work)

        return copy_context().run(begin)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> "asyncio.Future[T]":
        """Do it here and now: a thread would have an order of its own."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as failure:  # noqa: BLE001 - passed on to whoever awaits it
            future.set_exception(failure)
        return future

    def _run_once(self) -> None:
        self._due()
        ready = self._admitted()
        if not ready:
            self._pass_time()
            return
        self._chance.shuffle(ready)
        count = 1 + int(self._chance.random() * len(ready))
        for handle in ready[:count]:
            self._step(handle)
        self._ready.extend(ready[count:])

    def _step(self, handle: asyncio.Handle) -> None:
        process = _process_of(handle)
        if process is not None and process.being is not Being.RUNS:
            process.kept.append(handle)
            return
        self.steps += 1
        self._steps_now += 1
        if self._steps_now > STEPS_PER_MOMENT_MAX:
            self._steps_now = 0
            raise Livelock(f"no time passes any more at {self._now:.3f} s: {handle!r}")
        if not handle._cancelled:
            handle._run()
            if process is not None:
                process.stepped()

    def _admitted(self) -> list[asyncio.Handle]:
        """What may run now; the work of stopped and dead processes is put aside."""
        ready = []
        for handle in self._ready:
            process = _process_of(handle)
            if process is None or process.being is Being.RUNS:
                ready.append(handle)
            else:
                process.kept.append(handle)
        self._ready.clear()
        return ready

    def _due(self) -> None:
        while self._scheduled:
            timer = self._scheduled[0]
            if not timer._cancelled and timer.when() > self._now:
                break
            heapq.heappop(self._scheduled)
            cast("Any", timer)._scheduled = False
            if not timer._cancelled:
                self._ready.append(timer)

    def _pass_time(self) -> None:
        if not self._scheduled:
            raise Livelock(f"nobody will ever do anything again after {self._now:.3f} s")
        self._now = max(self._now, self._scheduled[0].when())
        self._steps_now = 0

    def _complain(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.complaints.append(f"{context.get('message')}: {context.get('exception')!r}")

    def _process_events(self, event_list: Any) -> None:
        raise AssertionError("there are no sockets here")

    def _write_to_self(self) -> None:
        """Nobody sleeps in a selector that would have to be woken."""


def _process_of(handle: asyncio.Handle) -> Process | None:
    context: Context = cast("Any", handle)._context
    return context.get(PROCESS)


def _numbered(
    loop: asyncio.AbstractEventLoop, coro: Generator[Any, None, T], **options: Any
) -> "asyncio.Future[T]":
    return NumberedTask(coro, loop=loop, **options)


@contextmanager
def seeded(seed: str) -> Iterator[SeededLoop]:
    """A loop of its own; whatever asks this process for time or chance is answered by the seed.

    The collector of garbage is kept still meanwhile: it would come at moments of its own.
    """
    loop = SeededLoop(Random(f"order/{seed}"))
    chance = Random(f"chance/{seed}")
    kept = time.monotonic, secrets.token_hex, uuid.uuid4
    collecting = gc.isenabled()
    gc.disable()
    time.monotonic = loop.time
    secrets.token_hex = lambda nbytes=None: chance.randbytes(nbytes or 32).hex()
    uuid.uuid4 = lambda: uuid.UUID(int=chance.getrandbits(128), version=4)
    try:
        yield loop
    finally:
        time.monotonic, secrets.token_hex, uuid.uuid4 = kept
        loop.close()
        if collecting:
            gc.enable()
