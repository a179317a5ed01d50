"""Which process is meant: an id that the system gave again is another process."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel

LOOK_EVERY_S = 0.05
STARTED_FIELD = 19
"""Field 22 of proc(5)'s stat, counted behind the name in brackets."""


class Process(BaseModel):
    """A process that we started: its id, and the clock ticks from boot to its start."""

    pid: int
    began: int

    @classmethod
    def of(cls, pid: int) -> "Process":
        """The process that has the id now."""
        return cls(pid=pid, began=_began(pid))

    @property
    def alive(self) -> bool:
        """True while this very process runs; a zombie has ended."""
        return bool(self.began) and _began(self.pid) == self.began


def end(process: Process, timeout_s: float) -> None:
    """Ask it to end, wait, and kill it where it has not; nobody else's process is touched."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not process.alive:
            return
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
        wait_for_end(process, timeout_s)


def wait_for_end(process: Process, timeout_s: float) -> bool:
    """True once the process has ended, False where `timeout_s` passed first."""
    deadline = time.monotonic() + timeout_s
    while process.alive:
        if time.monotonic() >= deadline:
            return False
        time.sleep(LOOK_EVERY_S)
    return True


def _began(pid: int) -> int:
    """Start time in ticks since boot; 0 where there is no such process any more."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    fields = stat.rpartition(")")[2].split()
    return 0 if fields[0] in ("Z", "X") else int(fields[STARTED_FIELD])
