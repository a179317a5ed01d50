"""What the processes of a storm do: the real loops, made as their services make them."""

from collections.abc import Sequence

from chassis.artefacts import FolderArtefacts
from chassis.clock import SystemClock
from chassis.collector import calm_collector
from chassis.fuse import KernelFuse
from chassis.kafka import KafkaBroker
from chassis.loop import PhaseLoop
from chassis.main import kept, phase_loop, region_of, run_until_signalled, stand_by
from chassis.recall import MemoryRecall
from chassis.service import Wiring
from chassis.telemetry import configure_logs
from chassis.transaction import TransactionalLoop
from chassis.watchdog import Watchdog
from services.optimizer.publish.handlers import publish_role
from services.optimizer.settings import OptimizerSettings
from services.orchestrator.saga.role import ROLE as SAGA
from services.orchestrator.saga.role import saga_loop
from tests.chaos.storm.crew import Seat
from tests.chaos.storm.ground import Ground
from tests.chaos.storm.sagas import CHORES, DEFINITIONS, PUBLISH, SPEECH, chores

PHASES = (CHORES, PUBLISH)


def seats(ground: Ground, *, copies: int) -> Sequence[Seat]:
    """Every role in so many copies."""
    return [
        Seat(role, number, work, (role, ground, number))
        for role in (SAGA, *PHASES)
        for number in range(copies)
    ]


def work(role: str, ground: Ground, instance: int) -> int:
    """Run one copy of a role until SIGTERM; the exit code is the service's."""
    configure_logs("INFO" if ground.region else "WARNING", f"{role}-{instance}")
    settings, fuse = ground.settings(instance), KernelFuse()
    broker = KafkaBroker(settings)
    region = region_of(settings, broker, fuse)
    if region is not None and (code := stand_by(region, settings)) is not None:
        return code
    loop = _loop(role, settings, broker, fuse)
    dog = Watchdog([loop.vitals], stalled_after_s=settings.stalled_after_s)
    return run_until_signalled(loop.run, *kept(region), stop=[loop.stop], dog=dog)


def _loop(
    role: str, settings: OptimizerSettings, broker: KafkaBroker, fuse: KernelFuse
) -> PhaseLoop | TransactionalLoop:
    if role == SAGA:
        calm_collector()
        return saga_loop(settings, broker, SystemClock(), SPEECH, DEFINITIONS)
    clock = SystemClock()
    wiring = Wiring(FolderArtefacts(settings.artefacts_dir), MemoryRecall(clock), clock, fuse)
    made = publish_role(settings, wiring) if role == PUBLISH else chores()
    return phase_loop(made, settings, broker, wiring, SPEECH)
