"""A process that stands still in the way that its argument names; test_watchdog runs it."""

import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from chassis.main import run_until_signalled
from chassis.service import Answer, Job
from chassis.telemetry import Vitals, configure_logs
from chassis.watchdog import Watchdog
from contracts.content import DeleteContentDrafts
from tests.chassis.phase import Stage, command

STALLED_AFTER_S = 1.0


async def blocked() -> None:
    """The event loop runs something that gives it back far too late."""
    await asyncio.sleep(0.1)
    a_call_that_blocks()


def a_call_that_blocks() -> None:
    time.sleep(15)


async def greedy() -> None:
    """Not even another thread of this process gets its turn."""
    await asyncio.sleep(0.1)
    re.match(r"(a+)+$", "a" * 60 + "b")


async def paused() -> None:
    """It was stopped from outside for longer than a role may stand still, and goes on."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, stop.set)
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    await stop.wait()
    await asyncio.sleep(STALLED_AFTER_S * 2)


async def never_ends(_: DeleteContentDrafts, job: Job) -> Answer:
    """A handler that does not let itself be cancelled."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            job.log.info("not_with_me")


def _hung(folder: str, watched: list[Vitals]) -> Callable[[], Awaitable[None]]:
    """A role with one command, whose handler runs on after its lease."""

    async def hang() -> None:
        stage = Stage(Path(folder), never_ends)
        await stage.send(command(1, lease_s=0.2))
        loop, task = stage.start()
        loop.vitals.stalled_after_s = STALLED_AFTER_S
        watched.append(loop.vitals)
        await task

    return hang


def main(how: str) -> int:
    configure_logs("INFO", how)
    with tempfile.TemporaryDirectory() as folder:
        watched: list[Vitals] = []
        hang = _hung(folder, watched)
        jobs = {"blocked": blocked, "greedy": greedy, "paused": paused, "hung": hang}
        dog = Watchdog(watched, stalled_after_s=STALLED_AFTER_S)
        return run_until_signalled(jobs[how], stop=[lambda: None], dog=dog)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
