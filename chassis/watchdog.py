"""Ends a process that stands still, so that its supervisor starts it anew. It trusts no event loop.

A thread looks every second whether the event loop answers and whether every role moves. What has
stood still for longer than is allowed is named in one line, with where it hangs, and the process
ends with an exit code of its own. Time in which the process itself did not run (it was paused) is
not held against it.

Code that never lets other threads run is beyond a thread's reach: for that the interpreter's own
alarm (`faulthandler`) is wound up at every look. It writes bare stacks and ends with exit code 1.
"""

import asyncio
import faulthandler
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any, Self

import structlog

from chassis.telemetry import STALLED_AFTER_S, Vitals

EXIT_STOOD_STILL = 5
LOOK_EVERY_S = 1.0
GRACE_S = 10.0
"""How long a role may be unhealthy before the process ends: others should read of it first."""

END_WITHIN_S = 60.0
"""How long a process that was told to end may take, whatever hangs in it."""

STACK_CHARS_MAX = 6_000
TASKS_MAX = 20

log = structlog.get_logger()


class Watchdog:
    """Watches one event loop and the roles on it; a context manager round the whole process."""

    def __init__(
        self,
        vitals: Sequence[Vitals] = (),
        *,
        stalled_after_s: float = STALLED_AFTER_S,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._vitals = vitals
        for vital in vitals:
            vital.stalled_after_s = stalled_after_s
        self._limit_s = stalled_after_s + min(GRACE_S, stalled_after_s)
        self._stalled_after_s = stalled_after_s
        self._end = end
        self._over = threading.Event()
        self._ending = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._silent_s = 0.0
        self._ill_s: dict[str, float] = {}
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        faulthandler.cancel_dump_traceback_later()

    def follow(self) -> None:
        """Watch the running event loop, which is the calling thread's."""
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._wind_up()

    def ending(self) -> None:
        """The process was told to end: from now on only that must not take for ever."""
        self._ending = True
        faulthandler.dump_traceback_later(END_WITHIN_S, exit=True)

    def look(self, passed_s: float) -> None:
        """Take note of what stands still; `passed_s` is how long this process ran since the last.

        Ends the process where something has stood still for too long.
        """
        if self._ending or self._loop is None:
            return
        self._wind_up()
        self._silent_s += passed_s
        try:
            self._loop.call_soon_threadsafe(self._heard)
        except RuntimeError:  # the loop is closed: the process is about to end
            return
        if self._silent_s > self._limit_s:
            self._stop_here("the event loop", self._silent_s, "it runs nothing else meanwhile")
            return
        for vital in self._vitals:
            ill_s = 0.0 if vital.alive else self._ill_s.get(vital.role, 0.0) + passed_s
            self._ill_s[vital.role] = ill_s
            if ill_s > self._limit_s - self._stalled_after_s:
                self._stop_here(vital.role, *vital.standing())
                return

    def _wind_up(self) -> None:
        faulthandler.dump_traceback_later(2 * self._limit_s, exit=True)

    def _heard(self) -> None:
        self._silent_s = 0.0

    def _watch(self) -> None:
        before = time.monotonic()
        while not self._over.wait(LOOK_EVERY_S):
            now = time.monotonic()
            self.look(min(now - before, 2 * LOOK_EVERY_S))
            before = now

    def _stop_here(self, role: str, seconds: float, what: str) -> None:
        log.critical(
            "process_stands_still",
            role=role,
            seconds=round(seconds, 1),
            what=what,
            event_loop_at=stack_of(sys._current_frames().get(self._loop_thread)),  # noqa: SLF001
            tasks_at=_tasks(self._loop),
            threads_at=_others(self._loop_thread),
            meaning=f"the process ends itself with exit code {EXIT_STOOD_STILL}; what it had in "
            "hand is worked on again, under the same keys",
            what_to_do="start it again where no supervisor does; if it comes back, read the stacks",
        )
        sys.stderr.flush()
        self._end(EXIT_STOOD_STILL)


def stack_of(frame: FrameType | None) -> str:
    """Where a thread is, innermost last."""
    return "".join(traceback.format_stack(frame))[-STACK_CHARS_MAX:] if frame else ""


def waits_at(task: "asyncio.Task[Any]") -> str:
    """The lines at which a suspended task waits, outermost first."""
    return " > ".join(
        f"{f.f_code.co_filename}:{f.f_lineno} {f.f_code.co_name}" for f in _awaiting(task)
    )


def _awaiting(task: "asyncio.Task[Any]") -> Iterator[FrameType]:
    waiting: Any = task.get_coro()
    while waiting is not None:
        frame = getattr(waiting, "cr_frame", None) or getattr(waiting, "gi_frame", None)
        if frame is None:
            return
        yield frame
        waiting = getattr(waiting, "cr_await", None) or getattr(waiting, "gi_yieldfrom", None)


def _tasks(loop: asyncio.AbstractEventLoop | None) -> list[str]:
    assert loop is not None
    return [waits_at(task) for task in list(asyncio.all_tasks(loop))[:TASKS_MAX]]


def _others(loop_thread: int) -> list[str]:
    own = {loop_thread, threading.get_ident()}
    frames = sys._current_frames()  # noqa: SLF001
    return [stack_of(frame)[-1_500:] for thread, frame in frames.items() if thread not in own]
