"""What a figure was measured on: without it, a figure says nothing."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel


class Machine(BaseModel):
    """The machine, and how busy it was with other work when the benchmark began."""

    processor: str
    cores: int
    memory_gib: float
    kernel: str
    python: str
    packages: dict[str, str]
    load_1_min: float


def machine() -> Machine:
    """This machine, now (Linux)."""
    about = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in about if line.startswith("model name")]
    memory = Path("/proc/meminfo").read_text().split("MemTotal:", 1)[1].split()[0]
    named = ("confluent-kafka", "fastavro", "pydantic")
    return Machine(
        processor=models[0] if models else platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(int(memory) / 1024**2, 1),
        kernel=platform.release(),
        python=platform.python_version(),
        packages={name: version(name) for name in named},
        load_1_min=round(os.getloadavg()[0], 2),
    )


def described(one: Machine) -> str:
    """The machine in a sentence."""
    packages = ", ".join(f"{name} {number}" for name, number in one.packages.items())
    return (
        f"{one.cores} cores ({one.processor}), {one.memory_gib} GiB, Linux {one.kernel}, "
        f"Python {one.python}, {packages}; load average {one.load_1_min} at the start."
    )
