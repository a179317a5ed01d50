"""A small supervisor: what dies is started again at once. It knows processes, and no Kafka.

They are forked from a server that has everything imported, so that a start costs what Kafka costs
and not what Python's imports do.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Any, Self

PRELOADED = [
    *("tests.chaos.storm.roles", "tests.chaos.storm.phases", "services.optimizer.publish.letter"),
    *("httpx", "smtplib"),
]
END_TIMEOUT_S = 20.0
STARTS_APART_S = 0.5
"""A process that dies at once is not started more often than this."""

STOPPED = "T"
"""How Linux calls a process that was stopped by a signal (proc(5))."""

Main = Callable[..., int]
"""What a process does with its arguments, and its exit code. It must be importable by name."""


def forking() -> ForkServerContext:
    """Where processes are forked from; the first call decides what is imported there."""
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def live(log: Path, main: Main, *arguments: Any) -> None:
    """The whole life of one process: its output goes to its log, and it ends with its parent."""
    parent = parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    raise SystemExit(main(*arguments))


@dataclass
class Seat:
    """One copy of one role: what is done there, who does it now, and how those before ended."""

    role: str
    instance: int
    main: Main
    arguments: tuple[Any, ...] = ()
    process: BaseProcess | None = None
    begun: float = 0.0
    paused_until: float = 0.0
    exits: Counter[int] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """How logs and figures call it."""
        return f"{self.role}-{self.instance}"

    @property
    def stopped(self) -> bool:
        """True while its process is held by SIGSTOP."""
        return self._told("State").startswith(STOPPED)

    def catches(self, number: signal.Signals) -> bool:
        """True once its process has a handler for this signal: before, it would die of it."""
        return bool(int(self._told("SigCgt") or "0", 16) >> (number - 1) & 1)

    def signal(self, number: signal.Signals) -> bool:
        """Send a signal; False where nobody is there to take it."""
        if self.process is None or self.process.pid is None or not self.process.is_alive():
            return False
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, number)
            return True
        return False

    def _told(self, field: str) -> str:
        """What Linux says of the process (proc(5), status); empty where there is none."""
        if self.process is None or self.process.pid is None:
            return ""
        try:
            lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return next(line.split()[1] for line in lines if line.startswith(f"{field}:"))

    def wake(self) -> None:
        """SIGCONT."""
        self.signal(signal.SIGCONT)
        self.paused_until = 0.0


class Crew:
    """Every seat of a run; a context manager that ends them all."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        self._context = forking()
        self.seats: list[Seat] = []

    def add(self, seats: Sequence[Seat]) -> None:
        """Let these work; `tend` starts them."""
        self.seats.extend(seats)
        self.tend()

    def tend(self) -> None:
        """Start again what died, and wake what slept long enough; call it often."""
        now = time.monotonic()
        for seat in self.seats:
            if seat.paused_until and now >= seat.paused_until:
                seat.wake()
            if seat.process is not None and not seat.process.is_alive():
                seat.exits[seat.process.exitcode or 0] += 1
                seat.process.close()
                seat.process, seat.paused_until = None, 0.0
            if seat.process is None and now - seat.begun >= STARTS_APART_S:
                self._begin(seat, now)

    def exits(self) -> dict[str, int]:
        """How often which seat ended with which exit code (minus a signal's number)."""
        return {
            f"{seat.name} {code}": number
            for seat in self.seats
            for code, number in sorted(seat.exits.items())
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End everybody; whoever does not end is killed."""
        for seat in self.seats:
            seat.wake()
            seat.signal(signal.SIGTERM)
        until = time.monotonic() + END_TIMEOUT_S
        for seat in self.seats:
            if seat.process is not None:
                seat.process.join(max(0.0, until - time.monotonic()))
                seat.process.kill()
                seat.process.join()
                seat.process.close()
                seat.process = None

    def _begin(self, seat: Seat, now: float) -> None:
        log = self._logs / f"{seat.name}.log"
        arguments = (log, seat.main, *seat.arguments)
        seat.process = self._context.Process(target=live, args=arguments, name=seat.name)
        seat.process.start()
        seat.begun = now
