"""The orchestrator's process: the saga, the projector and the edge, or the one that is asked."""

import argparse
import sys
from collections.abc import Awaitable, Callable

import structlog

from chassis.clock import SystemClock
from chassis.codec import Codec
from chassis.collector import calm_collector
from chassis.fuse import KernelFuse
from chassis.health import serve_health
from chassis.kafka import KafkaBroker
from chassis.main import (
    EXIT_SETTINGS,
    IN_MEMORY,
    kept,
    read_settings,
    region_of,
    run_until_signalled,
    stand_by,
)
from chassis.telemetry import Vitals, configure_logs
from chassis.watchdog import Watchdog
from services.orchestrator.saga.definitions import DEFINITIONS, activities
from services.orchestrator.saga.role import ROLE as SAGA
from services.orchestrator.saga.role import saga_loop
from services.orchestrator.settings import OrchestratorSettings

PROJECTOR = "projector"
EDGE = "edge"
ROLES = (SAGA, PROJECTOR, EDGE)

Job = Callable[[], Awaitable[None]]

log = structlog.get_logger()


def main() -> int:
    """Run until SIGTERM or SIGINT; see `chassis.main` for the exit codes."""
    parser = argparse.ArgumentParser(prog="python -m services.orchestrator")
    parser.add_argument("--role", choices=ROLES, help="run only this role; else all of them")
    asked = parser.parse_args()
    settings = read_settings(OrchestratorSettings)
    if settings is None:
        return EXIT_SETTINGS
    configure_logs(settings.log_level, asked.role or "orchestrator")
    log.info(
        "sagas_registered",
        sagas=sorted(DEFINITIONS),
        handlers=activities(),
        counts={"sagas": len(DEFINITIONS), "handlers": len(activities())},
    )
    return _run(settings, (asked.role,) if asked.role else ROLES)


def _run(settings: OrchestratorSettings, roles: tuple[str, ...]) -> int:
    broker = KafkaBroker(settings)
    region = region_of(settings, broker, KernelFuse())
    if region is not None and (code := stand_by(region, settings)) is not None:
        return code
    jobs: list[Job] = []
    stops: list[Callable[[], None]] = []
    vitals: list[Vitals] = []
    if SAGA in roles:
        loop = saga_loop(settings, broker, SystemClock())
        jobs.append(loop.run)
        stops.append(loop.stop)
        vitals.append(loop.vitals)
    if PROJECTOR in roles:
        from services.orchestrator.view.projector import Projector

        projector = Projector(settings, broker, Codec())
        jobs.append(projector.run)
        stops.append(projector.stop)
        vitals.append(projector.vitals)
        if settings.audit_records_per_s:
            from services.orchestrator.view.auditing import auditor_beside

            auditor = auditor_beside(projector, settings, broker, SystemClock())
            jobs.append(auditor.run)
            stops.append(auditor.stop)
    if settings.use_in_memory_store:
        for vital in vitals:
            vital.degraded["store"] = IN_MEMORY
    if EDGE in roles:
        from services.orchestrator.edge.app import make_edge
        from services.orchestrator.edge.server import EdgeServer
        from services.orchestrator.edge.upstream import Intake

        parts = make_edge(settings)
        intake = Intake(parts, broker)
        jobs.append(intake.run)
        stops.append(intake.stop)
        vitals.append(intake.vitals)
        edge = EdgeServer(settings, parts, vitals=vitals)
        jobs.append(edge.run)
        stops.append(edge.stop)
        if settings.canary_every_s:
            from services.orchestrator.edge.flights import canaries

            jobs.append(lambda: canaries(settings))
    elif vitals:
        jobs.append(lambda: serve_health(settings, vitals))
    calm_collector()
    dog = Watchdog(vitals, stalled_after_s=settings.stalled_after_s)
    return run_until_signalled(*jobs, *kept(region), stop=stops, dog=dog)


if __name__ == "__main__":
    sys.exit(main())
