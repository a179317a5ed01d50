"""The whole system in one process on the in-memory twin: saga, nine phases, view and edge."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx

from chassis.artefacts import FolderArtefacts
from chassis.broker import Outgoing, TopicPartition
from chassis.clock import SystemClock
from chassis.codec import Codec
from chassis.errors import Retryable
from chassis.loop import PhaseLoop
from chassis.main import phase_loop
from chassis.memory import MemoryBroker
from chassis.recall import MemoryRecall
from chassis.remembering import follow_memory
from chassis.service import Role, Wiring
from chassis.settings import ChassisSettings
from chassis.transaction import TransactionalLoop
from contracts import topics
from services.analyst.roles import roles as analyst_roles
from services.analyst.settings import AnalystSettings
from services.optimizer.roles import roles as optimizer_roles
from services.optimizer.settings import OptimizerSettings
from services.orchestrator.edge.app import create_app, make_edge
from services.orchestrator.edge.log import LogUnavailable
from services.orchestrator.saga.role import saga_loop
from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.projector import Projector
from services.radar.roles import roles as radar_roles
from services.radar.settings import RadarSettings
from services.visual.roles import roles as visual_roles
from services.visual.settings import VisualSettings
from tests.simulation.driving import EXAMPLES, World

EDGE = "http://edge"
FILM_LINES: Final = 360
SESSION_MS = 60_000
"""A busy machine is no dead copy: nobody is put out of a group here for being slow."""

VIEW_WAIT_S = 30.0
"""Nor does the edge lose patience with its view."""

Loop = TransactionalLoop | Projector | PhaseLoop


class Service:
    """What one phase service's process holds: settings, roles, and the memory it keeps up with."""

    def __init__(
        self, settings: ChassisSettings, roles: Callable[[Any, Wiring], tuple[Role, ...]]
    ) -> None:
        clock = SystemClock()
        self.settings = settings
        self.recall = MemoryRecall(clock)
        self.wiring = Wiring(FolderArtefacts(settings.artefacts_dir), self.recall, clock)
        self.roles = roles(settings, self.wiring)

    def loops(self, broker: MemoryBroker, codec: Codec) -> list[Loop]:
        """One copy of each role."""
        return [phase_loop(role, self.settings, broker, self.wiring, codec) for role in self.roles]


class TwinLog:
    """An EdgeLog on the in-memory broker."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._producer = broker.producer()
        self._reader = broker.reader()

    async def send(self, record: Outgoing) -> None:
        try:
            await self._producer.send((record,))
        except Retryable as cause:
            raise LogUnavailable(str(cause)) from cause

    async def tail(self) -> AsyncGenerator[bytes, None]:
        log = [TopicPartition(topics.LOG, number) for number in range(topics.PARTITIONS)]
        try:
            ends = await self._reader.ends(log)
            async for record in self._reader.tail({at: end for at, (_, end) in ends.items()}):
                if record.value is not None:
                    yield record.value
        except Retryable as cause:
            raise LogUnavailable(str(cause)) from cause

    async def check(self) -> None:
        await self._reader.partitions(topics.LOG)

    async def close(self) -> None:
        await self._producer.close()
        await self._reader.close()


@asynccontextmanager
async def running(state_dir: Path, **settings_: Any) -> AsyncIterator[World]:
    """Everything runs until the block is left; a part that breaks ends the block.

    `settings_` are every process's, beside those that make it one process.
    """
    shared: dict[str, Any] = {
        "use_in_memory_store": True,
        "state_dir": state_dir,
        "session_timeout_ms": SESSION_MS,
        **settings_,
    }
    broker, codec = MemoryBroker(), Codec()
    for spec in topics.TOPICS:
        broker.create(spec.name, spec.partitions)
    settings = OrchestratorSettings(**shared, public_url=EDGE, read_wait_s=VIEW_WAIT_S)
    services = _services(shared)
    loops: list[Loop] = [
        saga_loop(settings, broker, SystemClock(), codec),
        Projector(settings, broker, codec),
        *(loop for service in services for loop in service.loops(broker, codec)),
    ]
    memories = [follow_memory(broker.reader(), service.recall, codec) for service in services]
    edge = make_edge(settings, TwinLog(broker))
    app = create_app(settings, replace(edge, vitals=tuple(loop.vitals for loop in loops)))
    api = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=EDGE)
    async with app.router.lifespan_context(app), api, _alive(loops, memories):
        world = World(settings, broker, codec, api)
        await world.ready()
        yield world


@asynccontextmanager
async def _alive(
    loops: Sequence[Loop], endless: Sequence[Coroutine[Any, Any, None]]
) -> AsyncIterator[None]:
    """All of them run; at the end the loops finish what they have in hand."""
    async with asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(loop.run())
        tasks = [group.create_task(one) for one in endless]
        try:
            yield
        finally:
            for loop in loops:
                loop.stop()
            for task in tasks:
                task.cancel()


def _services(shared: dict[str, Any]) -> tuple[Service, ...]:
    """The four phase services, each with settings of its own over one folder."""
    return (
        Service(RadarSettings(**shared, sources_dir=EXAMPLES), radar_roles),
        Service(AnalystSettings(**shared), analyst_roles),
        Service(VisualSettings(**shared, video_height=FILM_LINES), visual_roles),
        Service(
            OptimizerSettings(**shared, smtp_url="", webhook_url="", public_url=EDGE),
            optimizer_roles,
        ),
    )
