"""So many sagas offered to a peer that is called, not fed: at once, or at a rate.

It imports only the standard library, so that a peer's environment has all that it needs.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from benchmarks.outcome import Outcome

ASKED, ANSWERED = "x" * 300, "y" * 300
STEPS = ("one", "two", "three", "four", "five", "six")


class Offer(NamedTuple):
    """So many sagas, whose ids begin with a name; `rate` a second, 0: all at once."""

    name: str
    sagas: int
    rate: float

    def due(self, number: int) -> float:
        """Seconds from the beginning until a saga is handed over."""
        return number / self.rate if self.rate else 0.0


def to_threads(run: Callable[[], object], offer: Offer, at_once: int) -> Outcome:
    """Sagas that block their caller, at most so many of them at work."""
    begun = time.monotonic()

    def one(handed_over: float) -> float:
        run()
        return (time.monotonic() - handed_over) * 1_000

    with ThreadPoolExecutor(at_once) as pool:
        running: list[Future[float]] = []
        for number in range(offer.sagas):
            time.sleep(max(0.0, begun + offer.due(number) - time.monotonic()))
            running.append(pool.submit(one, time.monotonic()))
        latencies = sorted(future.result() for future in running)
    return Outcome(len(latencies), time.monotonic() - begun, latencies)


async def to_tasks(run: Callable[[str], Awaitable[object]], offer: Offer, at_once: int) -> Outcome:
    """Sagas that are awaited, at most so many of them asked for; `run` takes an id."""
    begun = time.monotonic()
    free = asyncio.Semaphore(at_once)

    async def one(number: int) -> float:
        handed_over = time.monotonic()
        async with free:
            await run(f"{offer.name}-{number}")
        return (time.monotonic() - handed_over) * 1_000

    tasks = []
    for number in range(offer.sagas):
        if offer.rate:
            await asyncio.sleep(max(0.0, begun + offer.due(number) - time.monotonic()))
        tasks.append(asyncio.create_task(one(number)))
    latencies = sorted(await asyncio.gather(*tasks))
    return Outcome(len(latencies), time.monotonic() - begun, latencies)


def tell(measure: Callable[[], Outcome]) -> None:
    """Say that it begins, and what came of it; then stay until the standard input ends."""
    print("begin", flush=True)
    print(measure().told(), flush=True)
    sys.stdin.read()
