"""Whole projects through the stack as `sagaline up` starts it, whose phases answer at once.

First a real project (research, strategy, texts, pictures, audit, a gate, lessons) is led through
every service. Then the orchestrator runs as it comes, saga, view and edge in one process, beside
its own Kafka with default settings, and one process of the benchmark answers each command with
what the real phase answered: as many bytes, no work. Requests and approvals are written to the
log as the edge writes them; a consumer of `campaign.log` counts the ends, and `sagaline verify` has
to be clean afterwards.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, cast
from uuid import uuid4

from confluent_kafka import Consumer, Message, Producer
from pydantic import BaseModel

from benchmarks import answers
from benchmarks.campaigns import NOTHING_MORE, Crowd, stack_of
from benchmarks.local_stack import Service, services, services_table, tell, used
from benchmarks.outcome import Spread, percentile
from benchmarks.processes import KIB, Child
from benchmarks.road import ASKER, TENANT
from chassis.broker import Outgoing
from chassis.codec import Codec, Decoded
from chassis.kafka.configuration import client_options, consumer_options, producer_options
from chassis.messages import TYPE_HEADER, Conversation, record
from chassis.settings import ChassisSettings
from contracts import identity, topics
from contracts.envelope import StepCall
from contracts.goal import CampaignGoal, CreateCampaign
from contracts.message import Command, Request, Result
from contracts.plan import Phase
from contracts.requests import DecideReview, ReviewDecision
from contracts.saga import ReviewRequested, WorkflowCompleted
from deploy.stack.plan import EDGE_SERVICE, SERVICES, Plan
from deploy.stack.stack import Stack

SAGA = "project"
ROUNDS, PROJECTS, WARM_UP, SLOW = 3, 500, 100, 100
QUICK_ROUNDS, QUICK_PROJECTS, QUICK_SLOW = 2, 60, 30
RATE = 5.0
LIMIT_S = 120.0
"""A burst that has not ended after so long is not going to."""

QUIET_S = 10.0
"""Where nothing more came for so long, everything was read."""

TALK = (topics.REQUESTS, topics.RESULTS, topics.LOG, topics.SNAPSHOTS)
WAITS, ENDED = (kind.__name__.encode() for kind in (ReviewRequested, WorkflowCompleted))
SENT_PER_TURN = 50
TAKEN_PER_TURN = 500
WAIT_S = 0.01
ANSWERS = "phases"
HEAD = ("projects/s", "p50 / p99 ms at 5/s", "records a project", "KiB a project")


class Reading(BaseModel):
    """The bursts' projects a second, latency at a low rate, and what one project writes."""

    projects: int
    per_s: tuple[float, ...]
    p50_ms: float
    p99_ms: float
    records: int
    kib: float
    services: tuple[Service, ...]


class Example(NamedTuple):
    """A real saga: its kind and goal, each result by its command's name and its step, its size."""

    saga: str
    goal: CampaignGoal
    results: Mapping[tuple[str, str], Decoded]
    records: int
    bytes: int


def measure(*, quick: bool) -> Reading:
    """Lead one real project, then let bursts of others pass, and some at a low rate."""
    rounds, count, slow = (
        (QUICK_ROUNDS, QUICK_PROJECTS, QUICK_SLOW) if quick else (ROUNDS, PROJECTS, SLOW)
    )
    with tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home:
        example = led(home, SAGA)
        with running(Path(home), example) as (stack, children):
            load = Load(stack.bootstrap, example)
            load.run("warm", WARM_UP, 0.0)
            before = used(children)
            per_s = []
            for number in range(rounds):
                seconds, _ = load.run(f"burst-{number}", count, 0.0)
                per_s.append(round(count / seconds, 1))
                print(f"burst {number + 1} of {rounds}: {per_s[-1]} projects/s", flush=True)
            after, total = used(children), rounds * count
            _, latencies = load.run("slow", slow, RATE)
            tell("verify", home, KAFKA_BOOTSTRAP=stack.bootstrap)
    return Reading(
        projects=total,
        per_s=tuple(per_s),
        p50_ms=round(percentile(latencies, 0.5), 1),
        p99_ms=round(percentile(latencies, 0.99), 1),
        records=example.records,
        kib=round(example.bytes / KIB, 1),
        services=services(before, after, total),
    )


def table(reading: Reading) -> str:
    """The figures as tables for docs/performance.md."""
    spread = Spread.of(reading.per_s)
    assert spread is not None
    told = (
        spread.told(),
        f"{reading.p50_ms:.0f} / {reading.p99_ms:.0f}",
        f"{reading.records:.0f}",
        f"{reading.kib:.0f}",
    )
    rows = [
        f"| {' | '.join(HEAD)} |",
        f"|{' --- |' * len(HEAD)}",
        f"| {' | '.join(told)} |",
        "",
        *services_table(reading.services, "project"),
    ]
    return "\n".join(rows)


def led(home: str, saga: str, more: Mapping[str, Any] = NOTHING_MORE) -> Example:
    """A saga that the real services worked on; `more` is what its brief has beside the usual."""
    with stack_of(home) as stack:
        asyncio.run(Crowd(stack, 1, saga, more).run())
        found = list(_everything(stack.kafka_bootstrap))
    asked = {
        one.envelope.id: (one.entry.name, cast("StepCall", one.header).step)
        for one in found
        if isinstance(one.body, Command)
    }
    results = {
        asked[one.envelope.causation_id]: one for one in found if isinstance(one.body, Result)
    }
    (goal,) = (one.body.goal for one in found if isinstance(one.body, CreateCampaign))
    return Example(saga, goal, results, len(found), sum(len(one.value) for one in found))


def _everything(bootstrap: str) -> Iterator[Decoded]:
    """Every record of the conversation that is in Kafka."""
    consumer, codec = _consumer(_settings(bootstrap)), Codec()
    consumer.subscribe([*TALK, *map(topics.commands_of, Phase)])
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < QUIET_S:
        for message in consumer.consume(TAKEN_PER_TURN, 0.5):
            if message.error() is None:
                quiet_since = time.monotonic()
                yield codec.decode(message.value() or b"")
    consumer.close()


@contextmanager
def running(
    home: Path, example: Example, waits: answers.Waits | None = None
) -> Iterator[tuple[Stack, Mapping[str, int]]]:
    """The stack without its phase services, the phases that answer beside it, and their ids."""
    folder = home / "answers"
    folder.mkdir()
    answers.keep(folder, example.results, waits or answers.Waits())
    left_out = {name: 0 for name in SERVICES if name != EDGE_SERVICE}
    with (
        Stack(home, Plan(copies=left_out), say=lambda _: None) as stack,
        Child("benchmarks.answers", (str(folder), stack.bootstrap), home / "answers.log") as child,
    ):
        children = {name: one.pid for name, one in stack.children.items() if one.pid}
        yield stack, {**children, ANSWERS: child.pid}


def _consumer(settings: ChassisSettings) -> Consumer:
    """An outside reader that waits for fetches as briefly as a service does."""
    options = consumer_options(client_options(settings))
    return Consumer({**options, "group.id": f"bench-{uuid4().hex}", "enable.partition.eof": False})


def _settings(bootstrap: str) -> ChassisSettings:
    return ChassisSettings(kafka_bootstrap=bootstrap, use_in_memory_store=True)


class Load:
    """Brings projects in, approves each as it waits, and sees its end in `campaign.log`."""

    def __init__(self, bootstrap: str, example: Example) -> None:
        settings = _settings(bootstrap)
        self._producer = Producer(producer_options(client_options(settings)))
        self._codec = Codec()
        self._create = CreateCampaign(saga=example.saga, start=True, goal=example.goal)
        self._consumer = _consumer(settings)
        self._consumer.subscribe([topics.LOG])
        self._begun: dict[str, float] = {}
        self._latencies: list[float] = []

    def run(self, name: str, count: int, rate: float) -> tuple[float, Sequence[float]]:
        """Bring so many in at `rate` a second (0: at once); seconds until the last end, and the
        sorted latencies in ms. Raises TimeoutError where some do not end.
        """
        self._latencies = []
        ids = [identity.campaign_id(TENANT, f"{name}-{number}") for number in range(count)]
        requests = [self._request(one, self._create) for one in ids]
        sent, start = 0, time.monotonic()
        while len(self._latencies) < count:
            now = time.monotonic()
            if now - start > LIMIT_S:
                raise TimeoutError(f"{len(self._latencies)} of {count} sagas ended")
            until = int((now - start) * rate) + 1 if rate else sent + SENT_PER_TURN
            for campaign, request in list(zip(ids, requests, strict=True))[sent:until]:
                self._begun[campaign] = time.monotonic()
                self._send(request)
            sent = max(sent, min(until, count))
            self._producer.poll(0)
            for message in self._consumer.consume(TAKEN_PER_TURN, WAIT_S):
                self._see(message)
        return time.monotonic() - start, sorted(self._latencies)

    def _see(self, message: Message) -> None:
        """Approve what waits, and note what ended; the rest is passed over unread."""
        kind = dict(message.headers() or ()).get(TYPE_HEADER)
        key = message.key()
        campaign = key.decode() if isinstance(key, bytes) else ""
        if campaign not in self._begun:
            return
        if kind == WAITS:
            asked: Any = self._codec.decode(message.value() or b"").body
            word = DecideReview(
                step=asked.step,
                decision=ReviewDecision.APPROVE,
                shown_digest=asked.shown_digest,
            )
            self._send(self._request(campaign, word))
        elif kind == ENDED:
            self._latencies.append((time.monotonic() - self._begun.pop(campaign)) * 1_000)

    def _request(self, campaign: str, body: Request) -> Outgoing:
        entry = self._codec.catalog.entry_of(type(body))
        request_id = identity.derived(identity.FORWARDS, campaign, entry.name)
        within = Conversation(TENANT, campaign, campaign)
        envelope = ASKER.first(entry, request_id, within, at=datetime.now(UTC))
        return record(topics.REQUESTS, envelope, self._codec.encode(envelope, None, body))

    def _send(self, one: Outgoing) -> None:
        self._producer.produce(one.topic, one.value, key=one.key, headers=list(one.headers))
