"""How long it takes to read one long saga back: from its snapshot, and from its first fact."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from pydantic import BaseModel

from benchmarks import road
from chassis.broker import Incoming, Outgoing, TopicPartition
from chassis.codec import Codec
from chassis.memory import MemoryBroker
from chassis.messages import Conversation, record
from contracts import topics
from contracts.requests import StartCampaign
from services.orchestrator.saga.processor import CHECKPOINT_EVERY, SagaProcessor
from services.orchestrator.saga.restore import restore
from services.orchestrator.saga.speech import Speech
from services.orchestrator.saga.verify import state_hash

FACTS = 10_000
ROUNDS = 5
BEHIND = 1
"""Facts behind the last checkpoint."""

INSTANCE = "benchmark"
HERE = frozenset({0})


class Recovery(BaseModel):
    """One way to read the saga back: the median of its rounds, the fastest and the slowest."""

    name: str
    records: int
    ms: float
    ms_min: float
    ms_max: float


def measure(*, quick: bool) -> list[Recovery]:
    """Both ways, over a saga that was asked to start again and again, and refused."""
    return asyncio.run(_measure(FACTS // 10 if quick else FACTS))


def table(found: Sequence[Recovery]) -> str:
    """The times as a table for docs/performance.md."""
    head = ("| recovered from | records read | ms (min to max) |", "| --- | --- | --- |")
    rows = [
        f"| {one.name} | {one.records:,} | {one.ms:,.1f} ({one.ms_min:,.1f} to {one.ms_max:,.1f}) |"
        for one in found
    ]
    return "\n".join((*head, *rows))


async def _measure(facts: int) -> list[Recovery]:
    log, snapshots = await _lived(facts)
    short = await _timed("its snapshot and the tail", log, snapshots, len(snapshots) + BEHIND)
    whole = await _timed("its first fact", log, (), len(log))
    return [short, whole]


async def _lived(facts: int) -> tuple[list[Incoming], list[Incoming]]:
    """The log of one long saga, with one fact behind its checkpoint, and its latest snapshots."""
    codec = road.codec()
    broker = await _shelf(())
    processor = SagaProcessor(Speech.of(codec, road.definitions(), broker.reader(), INSTANCE))
    await processor.restore(HERE)
    now, kept = datetime.now(UTC), (topics.LOG, topics.SNAPSHOTS)
    campaign_id, first = road.request("long", codec)
    asked = (first, *(again(campaign_id, codec) for _ in range(facts - 3)))

    async def write(outgoing: Sequence[Outgoing]) -> None:
        await broker.producer().send([_here(one) for one in outgoing if one.topic in kept])
        processor.merge()

    for number, one in enumerate(asked):
        if number == len(asked) - BEHIND:
            await write(await processor.think_of_time(0, now + CHECKPOINT_EVERY))
        taken = Incoming(one.topic, 0, number, one.key, one.value, one.headers)
        await write(processor.think([taken], now))
    log, snapshots = [await _all_of(broker, topic) for topic in kept]
    return log, list({one.key: one for one in snapshots}.values())


async def _all_of(broker: MemoryBroker, topic: str) -> list[Incoming]:
    reader, place = broker.reader(), TopicPartition(topic, 0)
    end = (await reader.ends([place]))[place][1]
    return [one async for one in reader.read({place: 0}, {place: end})]


async def _timed(
    name: str, log: Sequence[Incoming], snapshots: Sequence[Incoming], records: int
) -> Recovery:
    broker, codec = await _shelf((*log, *snapshots)), road.codec()
    times, hashes = [], set()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = (await restore(broker.reader(), codec, HERE))[0]
        times.append((time.perf_counter() - began) * 1_000)
        assert not found.broken
        hashes |= {state_hash(held) for held in found.sagas.values()}
    assert len(hashes) == 1
    ms, fastest, slowest = statistics.median(times), min(times), max(times)
    return Recovery(name=name, records=records, ms=ms, ms_min=fastest, ms_max=slowest)


async def _shelf(records: Sequence[Incoming]) -> MemoryBroker:
    broker = MemoryBroker()
    for topic in (topics.LOG, topics.SNAPSHOTS):
        broker.create(topic, 1)
    kept = [Outgoing(one.topic, one.key, one.value, one.headers, 0) for one in records]
    await broker.producer().send(kept)
    return broker


def _here(made: Outgoing) -> Outgoing:
    return Outgoing(made.topic, made.key, made.value, made.headers, 0)


def again(campaign_id: str, codec: Codec) -> Outgoing:
    """One more wish to start it; it is refused, and that is a fact of the log."""
    entry = codec.catalog.entry_of(StartCampaign)
    within = Conversation(road.TENANT, campaign_id, campaign_id)
    envelope = road.ASKER.first(entry, str(uuid4()), within, at=datetime.now(UTC))
    return record(topics.REQUESTS, envelope, codec.encode(envelope, None, StartCampaign()))
