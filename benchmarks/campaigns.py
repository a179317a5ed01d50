"""Many real campaigns at once, with embedded engines, through `sagaline up` as it comes.

Each has a brief of its own, reads two pages and a feed, writes, draws, is audited, waits at the
gate for its approval, publishes by mail and webhook, and learns. Everything is seen from outside:
briefs and approvals go to the edge over HTTP, and a consumer of `campaign.log` counts the ends.
`sagaline verify` has to be clean afterwards.
"""

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import httpx
import yaml
from confluent_kafka import Consumer
from pydantic import BaseModel

from benchmarks.local_stack import Service, services, services_table, tell, used
from benchmarks.outcome import percentile
from chassis.codec import Codec, Decoded
from contracts import topics
from contracts.saga import (
    ReviewRequested,
    ToolResultReceived,
    WorkflowCompleted,
    WorkflowFailed,
    WorkflowRejected,
)
from deploy.stack.record import StackRecord, load

CAMPAIGNS, CAMPAIGNS_QUICK = 1_000, 20
BRIEF = Path(__file__).parents[1] / "examples" / "briefs" / "heatpumps.yaml"
POSTS_AT_ONCE = 8
REQUEST_TIMEOUT_S = 60.0
STANDSTILL_S = 300.0
"""Where no campaign ends for so long, the reading is given up."""

TOLD_EVERY_S = 15.0
HEAD = (
    "campaigns",
    "ends",
    "briefs accepted in s",
    "all ended after s",
    "campaigns/s",
    "p50 / p95 s",
    "ledger $",
)
NOTHING_MORE: Mapping[str, Any] = MappingProxyType({})
ENDS = (WorkflowCompleted, WorkflowFailed, WorkflowRejected)


class Reading(BaseModel):
    """One crowd: how it ended, how long that took, what it cost.

    `cost_micros` is what the ledger of all steps says, in millionths of a dollar. The seconds of
    `p50_s` and `p95_s` are from handing a brief over to its campaign's end.
    """

    campaigns: int
    ends: dict[str, int]
    accepted_s: float
    all_s: float
    p50_s: float
    p95_s: float
    cost_micros: int
    services: tuple[Service, ...]


def measure(*, quick: bool) -> Reading:
    """Bring all briefs in at once, approve each as it waits, and wait until all have ended."""
    count = CAMPAIGNS_QUICK if quick else CAMPAIGNS
    with tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home, stack_of(home) as stack:
        pids = {one.name: one.process.pid for one in stack.children if one.process is not None}
        before = used(pids)
        reading = asyncio.run(Crowd(stack, count).run())
        after = used(pids)
    return reading.model_copy(update={"services": services(before, after, count)})


def table(reading: Reading) -> str:
    """The figures as tables for docs/performance.md."""
    ends = ", ".join(f"{count} {name}" for name, count in sorted(reading.ends.items()))
    told = (
        f"{reading.campaigns}",
        ends,
        f"{reading.accepted_s:.1f}",
        f"{reading.all_s:.0f}",
        f"{reading.campaigns / reading.all_s:.2f}",
        f"{reading.p50_s:.0f} / {reading.p95_s:.0f}",
        f"{reading.cost_micros / 1e6:.2f}",
    )
    rows = [
        f"| {' | '.join(HEAD)} |",
        f"|{' --- |' * len(HEAD)}",
        f"| {' | '.join(told)} |",
        "",
        *services_table(reading.services, "campaign"),
    ]
    return "\n".join(rows)


def _brief(site: str, number: int, more: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(BRIEF.read_text("utf-8").replace("{site}", site))
    return found | {
        "name": f"Campaign {number}",
        "sources": found["sources"][:3],
        "competitor_urls": [],
        "channels": ["email", "webhook"],
        "variants": 1,
        "generate_video": False,
        "recipients": [f"reader{number}@example.com"],
        **more,
    }


@contextmanager
def stack_of(home: str) -> Iterator[StackRecord]:
    """A stack with its default settings and free ports, verified and stopped at the end."""
    try:
        tell("up", home)
        yield load(Path(home))
        tell("verify", home)
    finally:
        tell("down", home)


class Crowd:
    """The campaigns of one reading, seen through the edge and the log.

    `more` is what their briefs have beside the benchmark's own.
    """

    def __init__(
        self,
        stack: StackRecord,
        count: int,
        saga: str = "campaign",
        more: Mapping[str, Any] = NOTHING_MORE,
    ) -> None:
        self._stack = stack
        self._more = more
        self._saga = saga
        self._count = count
        self._codec = Codec()
        self._began: dict[str, float] = {}
        self._ended: dict[str, float] = {}
        self._ends: Counter[str] = Counter()
        self._cost_micros = 0
        self._moved = time.monotonic()

    async def run(self) -> Reading:
        """The reading, without what the processes used; TimeoutError where nothing moves."""
        limits = httpx.Limits(max_connections=POSTS_AT_ONCE)
        async with (
            httpx.AsyncClient(
                base_url=self._stack.edge_url, timeout=REQUEST_TIMEOUT_S, limits=limits
            ) as edge,
            asyncio.TaskGroup() as group,
        ):
            began = time.monotonic()
            following = group.create_task(self._follow(edge))
            await self._bring_in(edge)
            accepted = time.monotonic() - began
            await following
        seconds = sorted(ended - self._began[one] for one, ended in self._ended.items())
        return Reading(
            campaigns=self._count,
            ends=dict(self._ends),
            accepted_s=round(accepted, 2),
            all_s=round(time.monotonic() - began, 2),
            p50_s=round(percentile(seconds, 0.50), 2),
            p95_s=round(percentile(seconds, 0.95), 2),
            cost_micros=self._cost_micros,
            services=(),
        )

    async def _bring_in(self, edge: httpx.AsyncClient) -> None:
        places = asyncio.Semaphore(POSTS_AT_ONCE)

        async def one(number: int) -> None:
            async with places:
                handed_over = time.monotonic()
                brief = _brief(self._stack.site, number, self._more)
                asked = {"brief": brief, "saga": self._saga, "start": True}
                answer = await edge.post("/api/v1/campaigns", json=asked)
                answer.raise_for_status()
                self._began[answer.json()["campaign_id"]] = handed_over

        await asyncio.gather(*(one(number) for number in range(self._count)))

    async def _follow(self, edge: httpx.AsyncClient) -> None:
        """Read the log until every campaign has ended, and approve what waits."""
        consumer = Consumer(
            {
                "bootstrap.servers": self._stack.kafka_bootstrap,
                "group.id": f"bench-{uuid4().hex}",
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
            }
        )
        consumer.subscribe([f"{self._stack.topic_prefix}{topics.LOG}"])
        told = time.monotonic()
        try:
            while len(self._ended) < self._count:
                records = await asyncio.to_thread(consumer.consume, 500, 0.2)
                facts = (self._codec.decode(one.value()) for one in records if not one.error())
                waiting = [asked for fact in facts if (asked := self._seen(fact)) is not None]
                await asyncio.gather(*(self._approve(edge, asked) for asked in waiting))
                if time.monotonic() - told > TOLD_EVERY_S:
                    told = time.monotonic()
                    print(f"{len(self._ended)} of {self._count} campaigns have ended", flush=True)
                if time.monotonic() - self._moved > STANDSTILL_S:
                    raise TimeoutError(f"no campaign ended for {STANDSTILL_S:.0f} s")
        finally:
            consumer.close()

    def _seen(self, fact: Decoded) -> tuple[str, Mapping[str, str]] | None:
        """Count what ended; the approval that is due now, and for which campaign."""
        body, campaign = fact.body, str(fact.envelope.campaign_id)
        if isinstance(body, ToolResultReceived):
            self._cost_micros += body.usage.cost_micros
        if isinstance(body, ENDS):
            self._ended[campaign] = self._moved = time.monotonic()
            self._ends[type(body).__name__] += 1
        if not isinstance(body, ReviewRequested):
            return None
        word = {"decision": "APPROVE", "shown_digest": body.shown_digest}
        return campaign, word

    async def _approve(self, edge: httpx.AsyncClient, asked: tuple[str, Mapping[str, str]]) -> None:
        campaign, word = asked
        answer = await edge.post(f"/api/v1/campaigns/{campaign}/review", json=dict(word))
        if answer.is_error:
            raise RuntimeError(f"the approval of {campaign} was refused: {json.dumps(answer.text)}")
