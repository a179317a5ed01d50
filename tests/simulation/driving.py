"""Driving campaigns through the edge as people would, and reading the log as an auditor would."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from chassis.broker import Incoming, TopicPartition
from chassis.codec import Codec, Decoded
from chassis.memory import MemoryBroker
from contracts import topics
from contracts.goal import CampaignBrief, Source, SourceKind
from contracts.saga import (
    ReviewRequested,
    WorkflowCancelled,
    WorkflowCompleted,
    WorkflowFailed,
    WorkflowRejected,
)
from deploy.cli.briefs import read_brief
from services.orchestrator.saga.verify import verify
from services.orchestrator.settings import DEFAULT_TENANT, OrchestratorSettings
from services.orchestrator.view.heads import view_heads

EXAMPLES = Path(__file__).parents[2] / "examples"
CAMPAIGNS = "/api/v1/campaigns"
ENDS = (WorkflowCompleted, WorkflowFailed, WorkflowRejected, WorkflowCancelled)
LOOK_EVERY_S = 0.02
_SITE = "site.example"


class Run(NamedTuple):
    """One campaign that has ended: its facts, and all that the edge tells of it."""

    campaign_id: str
    facts: tuple[Decoded, ...]
    detail: dict[str, Any]

    @property
    def story(self) -> list[tuple[str, str]]:
        """Each fact's name, and the step that it is about."""
        return [(fact.entry.name, str(getattr(fact.body, "step", ""))) for fact in self.facts]

    @property
    def results(self) -> dict[str, Any]:
        """What its steps answered."""
        found: dict[str, Any] = self.detail["results"]
        return found


def example(named: str, **changes: Any) -> CampaignBrief:
    """An example brief whose sources are files below EXAMPLES, for there is no web here.

    Its feed and its competitors' pages are left out: these are read from the web only.
    """
    brief = read_brief(EXAMPLES / "briefs" / f"{named}.yaml", _SITE)
    sources = tuple(_as_file(one) for one in brief.sources if one.kind is not SourceKind.FEED)
    return brief.model_copy(update={"sources": sources, "competitor_urls": (), **changes})


def _as_file(source: Source) -> Source:
    if source.kind is SourceKind.FILE:
        return source.model_copy(update={"location": f"sources/{source.location}"})
    page = source.location.removeprefix(f"http://{_SITE}/")
    return Source(kind=SourceKind.FILE, location=f"sites/{page}")


@dataclass(frozen=True, slots=True)
class World:
    """A running system; `api` speaks to its edge."""

    settings: OrchestratorSettings
    broker: MemoryBroker
    codec: Codec
    api: httpx.AsyncClient

    async def ready(self) -> None:
        """Return as soon as every role says that it can work."""
        while True:
            if (await self.api.get("/health/ready")).status_code == 200:
                return
            await asyncio.sleep(LOOK_EVERY_S)

    async def complete(
        self, brief: CampaignBrief, saga: str = "campaign", tenant_id: str = DEFAULT_TENANT
    ) -> Run:
        """Take a campaign to its end, approving what is shown on the way."""
        campaign_id = await self.create(brief, saga, tenant_id)
        await self.start(campaign_id, tenant_id)
        return await self.follow(campaign_id, tenant_id)

    async def create(
        self, brief: CampaignBrief, saga: str = "campaign", tenant_id: str = DEFAULT_TENANT
    ) -> str:
        """An IDLE campaign."""
        body = {"brief": brief.model_dump(mode="json"), "saga": saga}
        answer = await self.api.post(CAMPAIGNS, json=body, headers={"X-Tenant-Id": tenant_id})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["campaign_id"])

    async def start(self, campaign_id: str, tenant_id: str = DEFAULT_TENANT) -> None:
        """Take it on its way; asked again, as the same wish, where the log was not there."""
        place = f"{CAMPAIGNS}/{campaign_id}/start"
        named = {"X-Tenant-Id": tenant_id, "Idempotency-Key": "start"}
        while True:
            answer = await self.api.post(place, headers=named)
            if answer.status_code != 503:
                break
            await asyncio.sleep(LOOK_EVERY_S)
        assert answer.status_code == 202, answer.text

    async def follow(self, campaign_id: str, tenant_id: str = DEFAULT_TENANT) -> Run:
        """Read its facts to its end, approving what is shown on the way."""
        facts: list[Decoded] = []
        async for record in self.broker.reader().tail(dict.fromkeys(_all_of(topics.LOG), 0)):
            if record.key != campaign_id.encode():
                continue
            facts.append(self.codec.decode(record.value))
            if isinstance(facts[-1].body, ReviewRequested):
                await self._approve(campaign_id, tenant_id, facts[-1].body.shown_digest)
            if isinstance(facts[-1].body, ENDS):
                break
        return Run(campaign_id, tuple(facts), await self._ended(campaign_id, tenant_id))

    async def listen(self, campaign_id: str) -> list[dict[str, Any]]:
        """The content of every event of its stream, once the edge has closed it."""
        heard = (await self.opened(f"{CAMPAIGNS}/{campaign_id}/stream")).decode()
        data = [line for line in heard.splitlines() if line.startswith("data: ")]
        return [json.loads(line.removeprefix("data: ")) for line in data]

    async def opened(self, address: str) -> bytes:
        """What the edge gives out at this address."""
        answer = await self.api.get(address)
        assert answer.status_code == 200, (address, answer.text)
        return answer.content

    async def everything(self) -> list[Incoming]:
        """Every record of every topic."""
        reader = self.broker.reader()
        everywhere = [place for spec in topics.TOPICS for place in _all_of(spec.name)]
        ends = {place: end for place, (_, end) in (await reader.ends(everywhere)).items()}
        return [record async for record in reader.read(dict.fromkeys(ends, 0), ends)]

    async def verified(self) -> dict[str, Any]:
        """The report on the log, with the view held against it."""
        heads = await asyncio.to_thread(view_heads, self.settings)
        return await verify(self.broker.reader(), self.codec, heads)

    async def _approve(self, campaign_id: str, tenant_id: str, shown_digest: str) -> None:
        word = {"decision": "APPROVE", "shown_digest": shown_digest}
        place, tenant = f"{CAMPAIGNS}/{campaign_id}/review", {"X-Tenant-Id": tenant_id}
        answer = await self.api.post(place, json=word, headers=tenant)
        assert answer.status_code == 202, answer.text

    async def _ended(self, campaign_id: str, tenant_id: str) -> dict[str, Any]:
        """What the edge tells as soon as its view has the campaign's end."""
        while True:
            answer = await self.api.get(
                f"{CAMPAIGNS}/{campaign_id}", headers={"X-Tenant-Id": tenant_id}
            )
            assert answer.status_code == 200, answer.text
            told: dict[str, Any] = answer.json()
            if told["ended_at"] is not None:
                return told
            await asyncio.sleep(LOOK_EVERY_S)


def _all_of(topic: str) -> list[TopicPartition]:
    count = next(spec.partitions for spec in topics.TOPICS if spec.name == topic)
    return [TopicPartition(topic, number) for number in range(count)]
