"""A benchmark's own stack: free ports, what the command line is told, what its processes use."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from benchmarks.outcome import number
from benchmarks.processes import Spent, spent

PATIENCE_S = 180.0
FREE_PORTS = {
    f"{name}_PORT": "0"
    for name in ("KAFKA", "REDIS", "SITE", "EDGE", "RADAR", "ANALYST", "VISUAL", "OPTIMIZER")
}


class Service(BaseModel):
    """What one process used: CPU milliseconds for each unit of work, and memory at most."""

    name: str
    cpu_ms: float
    rss_max_mib: float


def tell(word: str, home: Path | str, **environment: str) -> None:
    """Run `sagaline <word>` on that folder's stack; RuntimeError with its words if it fails."""
    said = subprocess.run(
        [Path(sys.executable).with_name("sagaline"), word],
        env={**os.environ, **FREE_PORTS, "STATE_DIR": str(home), **environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    if said.returncode:
        raise RuntimeError(f"sagaline {word}: {said.stdout[-2_000:]}{said.stderr[-2_000:]}")


def used(pids: Mapping[str, int]) -> dict[str, Spent]:
    """What each process has used so far, by its name."""
    return {name: spent(pid) for name, pid in pids.items()}


def services(
    before: Mapping[str, Spent], after: Mapping[str, Spent], units: int
) -> tuple[Service, ...]:
    """What each process used in between for so many units of work."""
    return tuple(
        Service(
            name=name,
            cpu_ms=round((now.cpu_s - before[name].cpu_s) * 1_000 / units, 2),
            rss_max_mib=round(now.rss_max_mib, 1),
        )
        for name, now in after.items()
    )


def services_table(found: tuple[Service, ...], unit: str) -> list[str]:
    """The rows of a table; `unit` names what the CPU time is of."""
    return [
        f"| process | CPU ms a {unit} | memory MiB, at most |",
        "| --- | --- | --- |",
        *(f"| {s.name} | {number(s.cpu_ms)} | {number(s.rss_max_mib)} |" for s in found),
    ]
