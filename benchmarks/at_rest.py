"""How long `sagaline up` takes until all of it works, and what its processes hold at rest."""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from benchmarks.local_stack import tell
from benchmarks.processes import KIB, MIB, spent
from deploy.stack.plan import SERVICES
from deploy.stack.record import load

REST_S = 20.0
STARTS = 4
"""The first one formats Kafka's folder and makes the topics; the others are warm."""


class Held(BaseModel):
    """One process at rest: what is resident, and its share of it where pages are shared."""

    name: str
    rss_mib: float
    pss_mib: float


class Rest(BaseModel):
    """Seconds from `sagaline up` to ready, the first time and warm, and memory afterwards."""

    first_s: float
    warm_s: tuple[float, ...]
    held: tuple[Held, ...]

    @property
    def services_mib(self) -> float:
        """Resident memory of all Python services together."""
        return sum(one.rss_mib for one in self.held if one.name in SERVICES)


def measure(*, quick: bool) -> Rest:
    """Start and stop a stack of its own a few times; look at the last one after a while."""
    with tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home:
        seconds = []
        held: tuple[Held, ...] = ()
        starts = 2 if quick else STARTS
        for number in range(starts):
            try:
                seconds.append(_up(home))
                print(f"start {number + 1}: {seconds[-1]:.1f} s", flush=True)
                if number == starts - 1:
                    time.sleep(REST_S)
                    held = tuple(_held(Path(home)))
            finally:
                tell("down", home)
    return Rest(first_s=seconds[0], warm_s=tuple(seconds[1:]), held=held)


def table(rest: Rest) -> str:
    """The figures as a table for docs/performance.md."""
    warm = statistics.median(rest.warm_s)
    share = sum(one.pss_mib for one in rest.held if one.name in SERVICES)
    spread = f"{min(rest.warm_s):.1f} to {max(rest.warm_s):.1f}, {len(rest.warm_s)} starts"
    first = f"`sagaline up` to ready: {rest.first_s:.1f} s the first time"
    rows = [
        "| process at rest | resident MiB | its share MiB |",
        "| --- | --- | --- |",
        *(f"| {one.name} | {one.rss_mib:.0f} | {one.pss_mib:.0f} |" for one in rest.held),
        f"| the five services together | {rest.services_mib:.0f} | {share:.0f} |",
    ]
    return "\n".join((*rows, "", f"{first}, {warm:.1f} s warm ({spread})."))


def _up(home: str) -> float:
    began = time.monotonic()
    tell("up", home)
    return round(time.monotonic() - began, 2)


def _held(state_dir: Path) -> Sequence[Held]:
    """Each child of the running stack, with its memory (Linux)."""
    found = []
    for child in load(state_dir).children:
        if child.process is not None:
            pid = child.process.pid
            lines = (Path("/proc") / str(pid) / "smaps_rollup").read_text().splitlines()
            share = next(line.split()[1] for line in lines if line.startswith("Pss:"))
            rss, pss = spent(pid).rss_mib, int(share) * KIB / MIB
            found.append(Held(name=child.name, rss_mib=round(rss, 1), pss_mib=round(pss, 1)))
    return found
