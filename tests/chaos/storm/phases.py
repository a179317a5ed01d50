"""The real campaign's phases without their thinking: small valid answers, and now and then a fault.

Publishing is the real role: its faults are its receiver's (witness.py).
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from chassis.artefacts import FolderArtefacts
from chassis.clock import SystemClock
from chassis.collector import calm_collector
from chassis.errors import StepError
from chassis.fuse import KernelFuse
from chassis.kafka import KafkaBroker
from chassis.loop import PhaseLoop
from chassis.main import phase_loop, run_until_signalled
from chassis.recall import MemoryRecall
from chassis.service import Answer, Handler, Job, Role, Wiring
from chassis.telemetry import configure_logs
from chassis.transaction import TransactionalLoop
from chassis.watchdog import Watchdog
from contracts.analytics import AnalyticsReady, CleanUpAnalytics, SetUpAnalytics
from contracts.audit import AuditContent, ContentAudited
from contracts.content import ContentWritten, DeleteContentDrafts, WriteContent
from contracts.design import DeleteDesignAssets, DesignRendered, RenderDesign
from contracts.envelope import AppName, FailureReason
from contracts.goal import Channel
from contracts.learn import LearnLessons, LessonsLearned
from contracts.message import Command, Result
from contracts.plan import Phase
from contracts.research import ResearchCompleted, RunResearch
from contracts.saga import StepUndone
from contracts.strategy import BuildStrategy, StrategyBuilt
from contracts.video import DeleteVideo, RenderVideo, VideoRendered
from services.optimizer.publish.handlers import publish_role
from services.orchestrator.saga.role import ROLE as SAGA
from services.orchestrator.saga.role import saga_loop
from tests.chaos.storm.crew import Seat
from tests.chaos.storm.ground import Ground
from tests.chaos.storm.sagas import SPEECH, text_for
from tests.contracts.examples import sparse_example_of

SERVICES: Mapping[AppName, tuple[Phase, ...]] = {
    AppName.RADAR: (Phase.RESEARCH,),
    AppName.ANALYST: (Phase.STRATEGY, Phase.CONTENT),
    AppName.VISUAL: (Phase.DESIGN, Phase.VIDEO),
    AppName.OPTIMIZER: (Phase.AUDIT, Phase.PUBLISH, Phase.ANALYTICS, Phase.LEARN),
}
"""Which phases live in one process, as in the product."""

KEEPING = (Phase.CONTENT, Phase.DESIGN, Phase.VIDEO)
"""The phases whose steps refer to an artefact until they are undone."""

FAULTS = (
    FailureReason.UNAVAILABLE,
    FailureReason.RATE_LIMITED,
    FailureReason.TIMEOUT,
    FailureReason.INTERNAL,
)
LEASE_S_SHORT = 10.0
"""A lease that ends this soon is outlived by a handler that hangs; none waits for a longer one."""


class Passing(Exception):
    """A bug that shows now and then."""


class Transient(NamedTuple):
    """How often a command meets with a fault; which, and when, follows from the seed."""

    seed: int
    rate: float

    def at(self, handler: Handler) -> Handler:
        """The handler, which fails now and then: before its work, or after it."""

        async def works(command: Any, job: Job) -> Answer:
            random = Random(f"{self.seed}/{job.command_id}/{job.call.attempt}")
            if random.random() >= self.rate:
                return await handler(command, job)
            fault, worked = random.choice(FAULTS), random.random() < 0.5
            if worked:
                await handler(command, job)
            return await _fails(fault, job)

        return works


async def _fails(fault: FailureReason, job: Job) -> Answer:
    if fault is FailureReason.INTERNAL:
        raise Passing("not the next time")
    lease_s = (job.call.not_after - datetime.now(UTC)).total_seconds()
    if fault is FailureReason.TIMEOUT and lease_s < LEASE_S_SHORT:
        await asyncio.Event().wait()
    raise StepError(fault, "not at the moment")


def seats(ground: Ground, transient: Transient) -> Sequence[Seat]:
    """The saga role and the four services of the phases, one process each."""
    return [
        Seat(name, 0, work, (name, ground, transient))
        for name in (SAGA, *(app.value for app in SERVICES))
    ]


def work(name: str, ground: Ground, transient: Transient) -> int:
    """Be one of them until SIGTERM; the exit code is the service's."""
    configure_logs("ERROR", name)
    settings, loops = ground.settings(), _loops(name, ground, transient)
    dog = Watchdog([loop.vitals for loop in loops], stalled_after_s=settings.stalled_after_s)
    return run_until_signalled(
        *[loop.run for loop in loops], stop=[loop.stop for loop in loops], dog=dog
    )


def _loops(
    name: str, ground: Ground, transient: Transient
) -> Sequence[PhaseLoop | TransactionalLoop]:
    settings = ground.settings()
    broker, clock = KafkaBroker(settings), SystemClock()
    if name == SAGA:
        calm_collector()
        return [saga_loop(settings, broker, clock, SPEECH)]
    wiring = Wiring(
        FolderArtefacts(settings.artefacts_dir), MemoryRecall(clock), clock, KernelFuse()
    )
    app = AppName(name)
    roles = [
        publish_role(settings, wiring)
        if phase is Phase.PUBLISH
        else Role(phase, app, {m: transient.at(h) for m, h in _handlers(phase).items()})
        for phase in SERVICES[app]
    ]
    return [phase_loop(role, settings, broker, wiring, SPEECH) for role in roles]


def _handlers(phase: Phase) -> Mapping[type[Command], Handler]:
    every: Mapping[Phase, Mapping[type[Command], Handler]] = {
        Phase.RESEARCH: {RunResearch: _giving(sparse_example_of(ResearchCompleted))},
        Phase.STRATEGY: {BuildStrategy: _giving(sparse_example_of(StrategyBuilt))},
        Phase.CONTENT: {
            WriteContent: _keeping(ContentWritten(items=(text_for(Channel.WEBHOOK, "nothing"),))),
            DeleteContentDrafts: _drop,
        },
        Phase.DESIGN: {
            RenderDesign: _keeping(DesignRendered(assets=())),
            DeleteDesignAssets: _drop,
        },
        Phase.VIDEO: {
            RenderVideo: _keeping(sparse_example_of(VideoRendered)),
            DeleteVideo: _drop,
        },
        Phase.AUDIT: {AuditContent: _giving(sparse_example_of(ContentAudited))},
        Phase.ANALYTICS: {
            SetUpAnalytics: _giving(sparse_example_of(AnalyticsReady)),
            CleanUpAnalytics: _drop,
        },
        Phase.LEARN: {LearnLessons: _giving(LessonsLearned(lessons=()))},
    }
    return every[phase]


def _giving(result: Result) -> Handler:
    async def give(_: Command, __: Job) -> Answer:
        return Answer(result)

    return give


def _keeping(result: Result) -> Handler:
    async def keep(_: Command, job: Job) -> Answer:
        kept = await job.artefacts.put(
            job.campaign_id.encode(), name=job.call.step, media_type="text/plain"
        )
        return Answer(result, artefacts=(kept,))

    return keep


async def _drop(_: Command, job: Job) -> Answer:
    return Answer(StepUndone(detail=f"{await job.artefacts.release()} references dropped"))
