"""The real engine as a benchmark's processes: `python -m benchmarks.engine ROLE BOOTSTRAP PREFIX`.

A fourth word is the copy's number, where there are several.

ROLE is `saga`, `phases` (all six in one process; `remembering` as roles with effects), `phase`
(the first of them alone; `waiting` where each command waits) or `projector`. With SAGALINE_PROFILE
set to a file, the process writes its cProfile there when it ends.
"""

import asyncio
import cProfile
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from benchmarks import road
from benchmarks.processes import when_input_ends
from chassis.artefacts import FolderArtefacts
from chassis.clock import SystemClock
from chassis.collector import calm_collector, settle_collector
from chassis.kafka import KafkaBroker
from chassis.main import phase_loop
from chassis.recall import MemoryRecall
from chassis.service import Wiring
from chassis.telemetry import configure_logs
from services.orchestrator.settings import OrchestratorSettings

log = structlog.get_logger()

SAGA, PHASES, REMEMBERING, PROJECTOR = "saga", "phases", "remembering", "projector"
PHASE, WAITING = "phase", "waiting"
PROFILE_VARIABLE = "SAGALINE_PROFILE"

Job = tuple[Callable[[], Awaitable[None]], Callable[[], None]]
"""What to run, and how to ask it to stop."""


def jobs(role: str, settings: OrchestratorSettings) -> list[Job]:
    """The loops of a role, exactly as its service makes them."""
    broker = KafkaBroker(settings)
    codec = road.codec()
    if role in (SAGA, PROJECTOR):
        calm_collector()
    if role == SAGA:
        from services.orchestrator.saga.role import saga_loop

        saga = saga_loop(settings, broker, SystemClock(), codec, road.definitions())
        return [(saga.run, saga.stop)]
    if role == PROJECTOR:
        from services.orchestrator.view.projector import Projector

        projector = Projector(settings, broker, codec)
        return [(projector.run, projector.stop)]
    clock = SystemClock()
    wiring = Wiring(FolderArtefacts(settings.artefacts_dir), MemoryRecall(clock), clock)
    roles = road.roles(remembering=role == REMEMBERING)
    if role in (PHASE, WAITING):
        settle_collector()
        roles = roles[:1] if role == PHASE else (road.waiting_role(),)
    loops = [phase_loop(one, settings, broker, wiring, codec) for one in roles]
    return [(loop.run, loop.stop) for loop in loops]


async def run(all_jobs: Sequence[Job]) -> None:
    """Run side by side until the standard input ends."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for _, ask in all_jobs:
            ask()

    when_input_ends(lambda: loop.call_soon_threadsafe(stop))
    await asyncio.gather(*(job() for job, _ in all_jobs))


def main(argv: Sequence[str]) -> None:
    """Run the role that the arguments name."""
    role, bootstrap, prefix, *copy = argv
    with tempfile.TemporaryDirectory(prefix="sagaline-bench-") as state:
        settings = OrchestratorSettings(
            kafka_bootstrap=bootstrap,
            topic_prefix=prefix,
            group_prefix=prefix,
            use_in_memory_store=True,
            state_dir=Path(state),
            instance=int(copy[0]) if copy else 0,
        )
        configure_logs("INFO" if copy else "WARNING", role)
        log.info("process_starts", roles=[role])
        target = os.environ.get(PROFILE_VARIABLE)
        if not target:
            asyncio.run(run(jobs(role, settings)))
            return
        profile = cProfile.Profile()
        profile.runcall(lambda: asyncio.run(run(jobs(role, settings))))
        profile.dump_stats(f"{target}.{role}")


if __name__ == "__main__":
    main(sys.argv[1:])
