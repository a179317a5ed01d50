"""Microseconds until a call behind an open breaker is refused, with its state in a real Redis."""

import asyncio
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel

from chassis.adapters.catalogue import open_door
from chassis.adapters.door import Door
from chassis.adapters.settings import AdapterSettings
from chassis.breaker import STANDARD
from chassis.errors import CircuitOpen

CALLS = 20_000
MESSAGE = {"channel": "C1", "text": "hello"}
STARTED_WITHIN_S = 10.0


class Refusal(BaseModel):
    """How long a refused call takes, in microseconds: by the clock, and of the processor."""

    calls: int
    p50_us: float
    p99_us: float
    max_us: float
    cpu_p99_us: float


def measure(*, quick: bool) -> Refusal:
    """The time of `Door.execute` for an adapter whose breaker another copy opened."""
    with _redis() as url:
        return asyncio.run(_measured(url, CALLS // 10 if quick else CALLS))


def table(found: Refusal) -> str:
    """The figures as a table for docs/performance.md."""
    return (
        "| refused calls | p50 | p99 | slowest | processor, p99 |\n"
        "| --- | --- | --- | --- | --- |\n"
        f"| {found.calls:,} | {found.p50_us:.0f} µs | {found.p99_us:.0f} µs "
        f"| {found.max_us:.0f} µs | {found.cpu_p99_us:.0f} µs |"
    )


async def _measured(url: str, calls: int) -> Refusal:
    given = AdapterSettings.model_construct(slack_bot_token="-", slack_url="http://127.0.0.1:9")
    opener, door = open_door(given, [url]), open_door(given, [url])
    for _ in range(STANDARD.failures):
        generation = await opener.circuits.admit("slack", STANDARD)
        await opener.circuits.failed("slack", STANDARD, generation)
    took = [await _refused(door) for _ in range(calls)]
    await opener.close()
    await door.close()
    walls, cpus = zip(*took, strict=True)
    cuts = statistics.quantiles(walls, n=100)
    return Refusal(
        calls=calls,
        p50_us=round(cuts[49], 1),
        p99_us=round(cuts[98], 1),
        max_us=round(max(walls), 1),
        cpu_p99_us=round(statistics.quantiles(cpus, n=100)[98], 1),
    )


async def _refused(door: Door) -> tuple[float, float]:
    began, worked = time.perf_counter(), time.process_time()
    try:
        await door.execute("slack", "post_message", MESSAGE)
    except CircuitOpen:
        return (time.perf_counter() - began) * 1e6, (time.process_time() - worked) * 1e6
    raise AssertionError("the breaker was open")


@contextmanager
def _redis() -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("no redis-server is installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder)
        server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()
            server.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"redis-server did not listen within {STARTED_WITHIN_S} s")
