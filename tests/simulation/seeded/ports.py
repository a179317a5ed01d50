"""The broker and the stores as a process meets them: at each call it may be struck or held up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from random import Random

from chassis.artefacts import ArtefactStore
from chassis.broker import (
    Batch,
    Consumer,
    Incoming,
    Outgoing,
    Position,
    Producer,
    Reader,
    Subscription,
    Together,
    TopicPartition,
    Transactions,
)
from chassis.claims import Claims
from chassis.memory import MemoryBroker
from chassis.results import Results
from contracts.envelope import ArtefactRef
from tests.simulation.seeded.storm import Storm, Strike

HELD_UP_S_MAX = 3.0

Committed = Callable[[str, Mapping[TopicPartition, Position]], None]
"""Told of every position before it is committed, with its group."""


class Passage:
    """Where a process crosses a step of its loop."""

    def __init__(
        self, kind: str, storm: Storm, chance: Random, hit: Callable[[Strike], None]
    ) -> None:
        self._kind = kind
        self._storm = storm
        self._chance = chance
        self._hit = hit

    async def cross(self, step: str) -> None:
        """Come through unless a blow is due here; sometimes later than sooner."""
        strike = self._storm.at(f"{self._kind}.{step}")
        if strike is not None:
            self._hit(strike)
            await asyncio.sleep(0)  # killed or stopped, this is where it stays
        slow = not self._storm.over and self._chance.random() < self._storm.latency
        if slow:
            await asyncio.sleep(self._chance.random() ** 3 * HELD_UP_S_MAX)

    def touch(self, step: str) -> None:
        """The same for a step that cannot wait: the blow falls at the next one that can."""
        strike = self._storm.at(f"{self._kind}.{step}")
        if strike is not None:
            self._hit(strike)


class CrossedBroker:
    """A `Broker` behind a passage."""

    def __init__(self, broker: MemoryBroker, passage: Passage, committed: Committed) -> None:
        self._broker = broker
        self._passage = passage
        self._committed = committed

    def consumer(self, subscription: Subscription) -> Consumer:
        inner = self._broker.consumer(subscription)
        return CrossedConsumer(inner, subscription.group, self._passage, self._committed)

    def producer(self) -> Producer:
        return CrossedProducer(self._broker.producer(), self._passage)

    def transactions(
        self, transactional_id: str, *, group: str, topics: Sequence[str]
    ) -> Transactions:
        inner = self._broker.transactions(transactional_id, group=group, topics=topics)
        return CrossedTransactions(inner, self._passage, self._committed)

    def together(self, transactional_id: str) -> Together:
        return self._broker.together(transactional_id)

    def reader(self) -> Reader:
        return CrossedReader(self._broker.reader(), self._passage)


class CrossedConsumer:
    def __init__(
        self, consumer: Consumer, group: str, passage: Passage, committed: Committed
    ) -> None:
        self._consumer = consumer
        self._group = group
        self._cross = passage.cross
        self._told = committed

    async def poll(self, *, records_max: int, timeout_s: float) -> Batch:
        await self._cross("poll")
        batch = await self._consumer.poll(records_max=records_max, timeout_s=timeout_s)
        await self._cross("poll")
        return batch

    async def pause(self, partitions: Sequence[TopicPartition]) -> None:
        await self._cross("pause")
        await self._consumer.pause(partitions)

    async def resume(self, partitions: Sequence[TopicPartition]) -> None:
        await self._cross("resume")
        await self._consumer.resume(partitions)

    async def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        await self._cross("seek")
        await self._consumer.seek(offsets)
        await self._cross("seek")

    async def committed(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, Position | None]:
        await self._cross("committed")
        found = await self._consumer.committed(partitions)
        await self._cross("committed")
        return found

    async def commit(self, positions: Mapping[TopicPartition, Position]) -> None:
        await self._cross("commit")
        self._told(self._group, positions)
        await self._consumer.commit(positions)
        await self._cross("commit")

    async def backlog(self) -> Mapping[TopicPartition, int]:
        return await self._consumer.backlog()

    async def close(self) -> None:
        await self._consumer.close()


class CrossedProducer:
    def __init__(self, producer: Producer, passage: Passage) -> None:
        self._producer = producer
        self._cross = passage.cross

    async def send(self, records: Sequence[Outgoing]) -> None:
        await self._cross("send")
        await self._producer.send(records)
        await self._cross("send")

    async def close(self) -> None:
        await self._producer.close()


class CrossedTransactions:
    def __init__(self, transactions: Transactions, passage: Passage, committed: Committed) -> None:
        self._transactions = transactions
        self._cross = passage.cross
        self._told = committed

    async def start(self) -> None:
        await self._cross("start")
        await self._transactions.start()
        await self._cross("start")

    async def commit(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        await self._cross("commit")
        await self._transactions.commit(records, positions, membership)
        await self._cross("commit")

    async def close(self) -> None:
        await self._transactions.close()


class CrossedReader:
    def __init__(self, reader: Reader, passage: Passage) -> None:
        self._reader = reader
        self._cross = passage.cross

    async def cluster(self) -> str:
        return await self._reader.cluster()

    async def partitions(self, topic: str) -> int:
        return await self._reader.partitions(topic)

    async def ends(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[int, int]]:
        await self._cross("restore")
        found = await self._reader.ends(partitions)
        await self._cross("restore")
        return found

    async def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Incoming]:
        await self._cross("restore")
        async for record in self._reader.read(starts, ends):
            yield record
        await self._cross("restore")

    def tail(self, starts: Mapping[TopicPartition, int]) -> AsyncIterator[Incoming]:
        return self._reader.tail(starts)

    async def close(self) -> None:
        await self._reader.close()


class CrossedClaims:
    """`Claims` behind a passage. What was read is acted on at once: see docs/guarantees.md."""

    def __init__(self, claims: Claims, passage: Passage) -> None:
        self._claims = claims
        self._cross = passage.cross

    async def claim(self, key: str, owner: str) -> bool:
        await self._cross("claims")
        return await self._claims.claim(key, owner)

    async def owner(self, key: str) -> str | None:
        await self._cross("claims")
        return await self._claims.owner(key)

    async def settle(self, key: str, outcome: bytes) -> None:
        await self._cross("claims")
        await self._claims.settle(key, outcome)

    async def outcome(self, key: str) -> bytes | None:
        await self._cross("claims")
        return await self._claims.outcome(key)


class CrossedResults:
    def __init__(self, results: Results, passage: Passage) -> None:
        self._results = results
        self._cross = passage.cross

    async def remember(self, tenant_id: str, command_id: str, value: bytes) -> bool:
        await self._cross("remember")
        first = await self._results.remember(tenant_id, command_id, value)
        await self._cross("remember")
        return first

    async def recall(self, tenant_id: str, command_id: str) -> bytes | None:
        await self._cross("recall")
        return await self._results.recall(tenant_id, command_id)


class CrossedArtefacts:
    def __init__(self, store: ArtefactStore, passage: Passage) -> None:
        self._store = store
        self._cross = passage.cross

    async def put(self, tenant_id: str, data: bytes) -> str:
        await self._cross("artefact")
        return await self._store.put(tenant_id, data)

    async def get(self, tenant_id: str, digest: str) -> bytes:
        return await self._store.get(tenant_id, digest)

    async def refer(
        self, tenant_id: str, campaign_id: str, step: str, ref: ArtefactRef, effect_key: str = ""
    ) -> bool:
        await self._cross("artefact")
        noted = await self._store.refer(tenant_id, campaign_id, step, ref, effect_key)
        await self._cross("artefact")
        return noted

    async def references(
        self, tenant_id: str, campaign_id: str, step: str
    ) -> tuple[ArtefactRef, ...]:
        return await self._store.references(tenant_id, campaign_id, step)

    async def release(
        self, tenant_id: str, campaign_id: str, step: str, undone: Collection[str] = ()
    ) -> int:
        await self._cross("artefact")
        return await self._store.release(tenant_id, campaign_id, step, undone)
