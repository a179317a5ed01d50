"""What the broker suite works with: a twin, members of groups, and short words for both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Protocol

from chassis.broker import (
    Batch,
    Broker,
    Consumer,
    Incoming,
    Outgoing,
    Position,
    Producer,
    Subscription,
    TopicPartition,
    Transactions,
)

SESSION_MS = 3_000
SOON_S = 20.0
IN, OUT = "in", "out"


class Twin(Protocol):
    """A broker, and what a test must do behind the port's back."""

    moment_s: float
    """Long enough for anything that should not happen to happen."""

    @property
    def broker(self) -> Broker: ...

    @property
    def producer(self) -> Producer: ...

    def create(self, topic: str, partitions: int) -> None: ...

    async def leave_open(
        self,
        transactional_id: str,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        """Begin a transaction, write, and die before the commit."""
        ...


class Seat:
    """A member of a group as a test sees it: what it holds, and what it has read."""

    def __init__(self, name: str, consumer: Consumer, moment_s: float) -> None:
        self.name = name
        self.consumer = consumer
        self.moment_s = moment_s
        self.held: set[TopicPartition] = set()
        self.gained: list[TopicPartition] = []
        self.lost: list[TopicPartition] = []
        self.records: list[Incoming] = []
        self.batch = Batch((), frozenset(), frozenset(), None)

    async def poll(self, wait_s: float = 0.1, records_max: int = 500) -> Batch:
        batch = self.batch = await self.consumer.poll(records_max=records_max, timeout_s=wait_s)
        self.held = self.held - batch.lost | batch.gained
        self.gained += batch.gained
        self.lost += batch.lost
        self.records += batch.records
        return batch

    @property
    def values(self) -> list[bytes | None]:
        return [record.value for record in self.records]

    async def commit(self) -> None:
        """Everything read so far of what is held is done."""
        ends = {record.source: Position(record.offset + 1) for record in self.records}
        await self.consumer.commit({tp: at for tp, at in ends.items() if tp in self.held})


async def until(condition: Callable[[], bool], *seats: Seat) -> None:
    """Let the members poll in turn until it is so."""
    async with asyncio.timeout(SOON_S):
        while not condition():
            for seat in seats:
                await seat.poll()


async def idle(*seats: Seat) -> None:
    """Let the members poll for a moment in which nothing more should come."""
    async with asyncio.timeout(SOON_S):
        deadline = asyncio.get_running_loop().time() + max(seat.moment_s for seat in seats)
        while asyncio.get_running_loop().time() < deadline:
            for seat in seats:
                await seat.poll()


async def soon(awaited: Awaitable[object]) -> None:
    async with asyncio.timeout(SOON_S):
        await awaited


async def seated(
    twin: Twin, instance: str = "a-0", *, topics: tuple[str, ...] = (IN,), eager: bool = False
) -> Seat:
    subscription = Subscription(
        "group",
        topics,
        instance,
        assignor="range" if eager else "cooperative-sticky",
        session_timeout_ms=SESSION_MS,
    )
    return Seat(instance, twin.broker.consumer(subscription), twin.moment_s)


async def joined(twin: Twin, instance: str = "a-0", *, eager: bool = False) -> Seat:
    """A member that holds something."""
    seat = await seated(twin, instance, eager=eager)
    await until(lambda: bool(seat.held), seat)
    return seat


async def started(twin: Twin, transactional_id: str = "t-0") -> Transactions:
    transactions = twin.broker.transactions(transactional_id, group="readers", topics=())
    await transactions.start()
    return transactions


async def write(twin: Twin, *records: Outgoing) -> None:
    await twin.producer.send(records)


def plain(*values: bytes, topic: str = IN, partition: int = 0) -> list[Outgoing]:
    return [Outgoing(topic, b"key", value, partition=partition) for value in values]


async def everything(twin: Twin, topic: str, partition: int = 0) -> list[Incoming]:
    """All committed records of a partition up to its high watermark."""
    reader = twin.broker.reader()
    source = TopicPartition(topic, partition)
    first, end = (await reader.ends([source]))[source]
    async with asyncio.timeout(SOON_S):
        found = [record async for record in reader.read({source: first}, {source: end})]
    await reader.close()
    return found


async def values_in(twin: Twin, topic: str, partition: int = 0) -> list[bytes | None]:
    return [record.value for record in await everything(twin, topic, partition)]


async def first_of(stream: AsyncIterator[Incoming], count: int) -> list[Incoming]:
    found: list[Incoming] = []
    async with asyncio.timeout(SOON_S), aclosing(stream) as open_stream:  # type: ignore[type-var]
        async for record in open_stream:
            found.append(record)
            if len(found) == count:
                break
    return found
