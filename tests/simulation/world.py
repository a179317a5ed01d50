"""The whole system in one process on the in-memory twin, and people who use it through the edge."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from chassis.artefacts import FolderArtefacts
from chassis.broker import Incoming, Outgoing, TopicPartition
from chassis.clock import SystemClock
from chassis.codec import Codec
from chassis.errors import Retryable
from chassis.main import phase_loop
from chassis.memory import MemoryBroker
from chassis.recall import MemoryRecall
from chassis.remembering import follow_memory
from chassis.service import Role, Wiring
from chassis.settings import ChassisSettings
from contracts import topics
from contracts.goal import CampaignBrief, Source, SourceKind
from contracts.message import LogEvent
from contracts.research import RunResearch
from contracts.saga import (
    ReviewRequested,
    WorkflowCancelled,
    WorkflowCompleted,
    WorkflowFailed,
    WorkflowRejected,
)
from deploy.cli.briefs import read_brief
from services.analyst.roles import roles as analyst_roles
from services.analyst.settings import AnalystSettings
from services.optimizer.roles import roles as optimizer_roles
from services.optimizer.settings import OptimizerSettings
from services.orchestrator.edge.app import create_app, make_edge
from services.orchestrator.edge.log import LogUnavailable
from services.orchestrator.saga.role import saga_loop
from services.orchestrator.saga.verify import verify
from services.orchestrator.settings import DEFAULT_TENANT, OrchestratorSettings
from services.orchestrator.view.heads import view_heads
from services.orchestrator.view.projector import Projector
from services.radar.roles import roles as radar_roles
from services.radar.settings import RadarSettings
from services.visual.roles import roles as visual_roles
from services.visual.settings import VisualSettings

EXAMPLES = Path(__file__).parents[2] / "examples"
SITE = "site.example"
EDGE = "http://edge"
ENDS = (WorkflowCompleted, WorkflowFailed, WorkflowRejected, WorkflowCancelled)
LOOK_S = 0.02


def example(name: str, **changes: Any) -> CampaignBrief:
    """An example brief whose pages are read as files, for there is no web here.

    Its feed and its competitors' pages are left out: those kinds are for the web alone.
    """
    brief = read_brief(EXAMPLES / "briefs" / f"{name}.yaml", SITE)
    sources = tuple(_as_file(one) for one in brief.sources if one.kind is not SourceKind.FEED)
    return brief.model_copy(update={"sources": sources, "competitor_urls": (), **changes})


def _as_file(source: Source) -> Source:
    location = source.location.replace(f"http://{SITE}/", "sites/")
    if source.kind is SourceKind.FILE:
        location = f"sources/{location}"
    return Source(kind=SourceKind.FILE, location=location)


class TwinLog:
    """The edge's log on the in-memory broker."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._producer = broker.producer()
        self._reader = broker.reader()

    async def send(self, record: Outgoing) -> None:
        try:
            await self._producer.send((record,))
        except Retryable as cause:
            raise LogUnavailable(str(cause)) from cause

    async def tail(self) -> AsyncGenerator[bytes, None]:
        try:
            ends = await self._reader.ends(log_partitions())
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


def log_partitions() -> list[TopicPartition]:
    return [TopicPartition(topics.LOG, number) for number in range(topics.PARTITIONS)]


@dataclass(frozen=True)
class World:
    """A running system. `api` speaks to its edge."""

    settings: OrchestratorSettings
    broker: MemoryBroker
    codec: Codec
    api: httpx.AsyncClient

    async def create(
        self, brief: CampaignBrief, saga: str = "campaign", tenant_id: str = DEFAULT_TENANT
    ) -> str:
        """A started campaign's id."""
        body = {"brief": json.loads(brief.model_dump_json()), "saga": saga, "start": True}
        answer = await self.api.post(
            "/api/v1/campaigns", json=body, headers={"X-Tenant-Id": tenant_id}
        )
        assert answer.status_code in (201, 202), answer.text
        return str(answer.json()["campaign_id"])

    async def follow(self, campaign_id: str) -> list[LogEvent]:
        """Its facts to its end; whatever a person is asked about is approved."""
        facts: list[LogEvent] = []
        async for record in self.broker.reader().tail(dict.fromkeys(log_partitions(), 0)):
            if record.key != campaign_id.encode():
                continue
            fact = self.codec.decode(record.value).body
            assert isinstance(fact, LogEvent)
            facts.append(fact)
            if isinstance(fact, ReviewRequested):
                await self._approve(campaign_id, fact)
            if isinstance(fact, ENDS):
                break
        return facts

    async def _approve(self, campaign_id: str, asked: ReviewRequested) -> None:
        word = {"decision": "APPROVE", "shown_digest": asked.shown_digest}
        answer = await self.api.post(f"/api/v1/campaigns/{campaign_id}/review", json=word)
        assert answer.status_code == 202, answer.text

    async def detail(self, campaign_id: str, tenant_id: str = DEFAULT_TENANT) -> dict[str, Any]:
        """All that the edge tells of an ended campaign, once the view has its end."""
        while True:
            answer = await self.api.get(
                f"/api/v1/campaigns/{campaign_id}", headers={"X-Tenant-Id": tenant_id}
            )
            assert answer.status_code == 200, answer.text
            told: dict[str, Any] = answer.json()
            if told["ended_at"] is not None:
                return told
            await asyncio.sleep(LOOK_S)

    async def everything(self) -> list[Incoming]:
        """Every record of every topic."""
        reader = self.broker.reader()
        everywhere = [TopicPartition(t.name, n) for t in topics.TOPICS for n in range(t.partitions)]
        ends = {at: end for at, (_, end) in (await reader.ends(everywhere)).items()}
        return [one async for one in reader.read(dict.fromkeys(ends, 0), ends)]

    async def verified(self) -> dict[str, Any]:
        """The log's own report, with the view held against it."""
        heads = await asyncio.to_thread(view_heads, self.settings)
        return await verify(self.broker.reader(), self.codec, heads)


@asynccontextmanager
async def running(state_dir: Path) -> AsyncIterator[World]:
    """All of it, until the block is left; a part that breaks ends the block."""
    broker, clock, codec = MemoryBroker(), SystemClock(), Codec()
    for spec in topics.TOPICS:
        broker.create(spec.name, spec.partitions)
    settings = OrchestratorSettings(use_in_memory_store=True, state_dir=state_dir, public_url=EDGE)
    services = _services(state_dir)
    loops: list[Any] = [saga_loop(settings, broker, clock, codec), Projector(settings, broker, codec)]
    recalls = []
    research: list[Role] = []
    for own, make in services:
        recall = MemoryRecall(clock)
        recalls.append(recall)
        wiring = Wiring(FolderArtefacts(own.artefacts_dir), recall, clock)
        for role in make(own, wiring):
            loops.append(phase_loop(role, own, broker, wiring, codec))
            if role.name == "research": research.append(role)
    app = create_app(settings, make_edge(settings, TwinLog(broker)))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=EDGE)
    async with asyncio.TaskGroup() as group, app.router.lifespan_context(app), client:
        followers = [group.create_task(follow_memory(broker.reader(), r, codec)) for r in recalls]
        for loop in loops:
            group.create_task(loop.run())
        try:
            yield World(settings, broker, codec, client)
        finally:
            for loop in loops:
                loop.stop()
            for follower in followers:
                follower.cancel()
            for role in research:
                handler: Any = role.handlers[RunResearch]
                await handler.keywords["library"]._extractor.close()


def _services(state_dir: Path) -> Sequence[Any]:
    shared: dict[str, Any] = {"use_in_memory_store": True, "state_dir": state_dir}
    return (
        (RadarSettings(**shared, sources_dir=EXAMPLES), radar_roles),
        (AnalystSettings(**shared), analyst_roles),
        (VisualSettings(**shared, video_height=360), visual_roles),
        (OptimizerSettings(**shared, smtp_url="", public_url=EDGE), optimizer_roles),
    )
