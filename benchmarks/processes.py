"""Processes that a benchmark starts: their lines, CPU seconds and memory; it knows no Kafka."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

END_TIMEOUT_S = 20.0
UNLIKE_A_SERVICE = frozenset({"PYTHONDONTWRITEBYTECODE"})
"""What a build machine sets and a service does not: each start would compile every module anew."""

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
KIB = 1024
MIB = 1024 * 1024


class Spent(NamedTuple):
    """What a process has used so far: CPU seconds (user and system), memory now and at most."""

    cpu_s: float
    rss_mib: float
    rss_max_mib: float


def spent(pid: int) -> Spent:
    """Read from Linux's /proc; raises OSError where the process is gone."""
    folder = Path("/proc") / str(pid)
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])  # utime, stime: fields 14 and 15 of proc(5)
    lines = dict(
        line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line
    )
    now, most = (int(lines[name].split()[0]) * KIB / MIB for name in ("VmRSS", "VmHWM"))
    return Spent(ticks / TICKS_PER_S, now, most)


def spent_together(pid: int) -> Spent:
    """Of a process and those it started; pages that they share count once for each of them."""
    children = (Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text().split()
    used = [spent(pid)]
    for child in children:
        with suppress(OSError, KeyError):  # it may end meanwhile
            used.append(spent_together(int(child)))
    return Spent(
        sum(one.cpu_s for one in used),
        sum(one.rss_mib for one in used),
        sum(one.rss_max_mib for one in used),
    )


class Child:
    """A module of ours in a process of its own; it ends when its standard input does.

    So it also ends where whoever started it was killed. `python` is another environment's.
    """

    def __init__(
        self, module: str, arguments: Sequence[str], log: Path, python: str = sys.executable
    ) -> None:
        self._log = log.open("w")
        self._name = f"{module} {' '.join(arguments[:1])}"
        kept = {name: value for name, value in os.environ.items() if name not in UNLIKE_A_SERVICE}
        self._process = subprocess.Popen(
            [python, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=kept,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def lines(self) -> Iterator[str]:
        """What it says, until it ends; RuntimeError where it ends badly."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            yield line.rstrip("\n")
        if self._process.wait() != 0:
            tail = Path(self._log.name).read_text()[-2_000:]
            raise RuntimeError(f"{self._name} ended with {self._process.returncode}: {tail}")

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """Let it end, and kill it where it does not; safe to repeat."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()


def when_input_ends(stop: Callable[[], object]) -> None:
    """Call `stop` (from another thread) once nobody holds our standard input any more."""

    def wait() -> None:
        sys.stdin.read()
        stop()

    threading.Thread(target=wait, name="input", daemon=True).start()
