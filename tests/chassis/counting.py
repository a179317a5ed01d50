"""A small role with state: it counts the inputs of every key, and its log is all it remembers."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from chassis.broker import (
    Incoming,
    Outgoing,
    Position,
    Reader,
    Subscription,
    TopicPartition,
    Transactions,
)
from chassis.clock import ManualClock
from chassis.errors import Fenced, StateUnusable
from chassis.memory import MemoryBroker
from chassis.transaction import Means, TransactionalLoop

INPUTS = ("in.one", "in.two")
LOG = "log"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALARM_S = 60
ALARM = b"alarm"
RANG = b"rang"
COUNTED_S = 15.0
PARTITIONS = 2


class Counting:
    """A Processor: one log record per input, `<count>`; an alarm rings once, a minute later."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.gate = asyncio.Event()
        self.gate.set()
        self.counts: dict[int, Counter[bytes]] = {}
        self.alarms: dict[int, datetime] = {}
        self._new_counts: dict[int, Counter[bytes]] = {}
        self._new_alarms: dict[int, datetime | None] = {}
        self.restored: list[frozenset[int]] = []
        self.discarded = 0
        self.broken: frozenset[int] = frozenset()
        self.unusable: set[int] = set()

    async def restore(self, partitions: frozenset[int]) -> frozenset[int]:
        self.restored.append(partitions)
        self.unusable -= partitions
        await self.gate.wait()
        assert not self._new_counts, "restored over an overlay"
        names = [TopicPartition(LOG, number) for number in partitions]
        found = await self._reader.ends(names)
        for number in partitions:
            self.counts[number] = Counter()
        starts, ends = dict.fromkeys(names, 0), {name: end for name, (_, end) in found.items()}
        async for record in self._reader.read(starts, ends):
            if record.value != RANG:
                self.counts[record.partition][record.key or b""] += 1
        return partitions & self.broken

    def drop(self, partitions: frozenset[int]) -> None:
        for number in partitions:
            self.counts.pop(number, None)
            self.alarms.pop(number, None)

    def due(self, now: datetime) -> int | None:
        return next((number for number, at in self.alarms.items() if at <= now), None)

    def next_due(self) -> datetime | None:
        return min(self.alarms.values(), default=None)

    def think(self, records: Sequence[Incoming], now: datetime) -> Sequence[Outgoing]:
        made = []
        for record in records:
            number, key = record.partition, record.key or b""
            if number in self.unusable:
                raise StateUnusable("what was held is nothing", number)
            assert number in self.counts, "an input of a partition whose state is not here"
            counts = self._new_counts.setdefault(number, Counter())
            counts[key] += 1
            if record.value == ALARM:
                self._new_alarms[number] = now + timedelta(seconds=ALARM_S)
            count = self.counts[number][key] + counts[key]
            made.append(Outgoing(LOG, key, b"%d" % count, partition=number))
        return made

    async def think_of_time(self, partition: int, now: datetime) -> Sequence[Outgoing]:
        assert self.alarms[partition] <= now
        self._new_alarms[partition] = None
        return [Outgoing(LOG, b"!", RANG, partition=partition)]

    def merge(self) -> None:
        for number, counts in self._new_counts.items():
            self.counts[number].update(counts)
        for number, at in self._new_alarms.items():
            if at is None:
                self.alarms.pop(number, None)
            else:
                self.alarms[number] = at
        self._new_counts, self._new_alarms = {}, {}

    def discard(self) -> None:
        self.discarded += 1
        self._new_counts, self._new_alarms = {}, {}


class Watched:
    """Transactions that a test can hold before the commit, and whose commits it can see."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self.gate = asyncio.Event()
        self.gate.set()
        self.commits: list[tuple[list[Outgoing], dict[TopicPartition, Position]]] = []

    async def start(self) -> None:
        await self._transactions.start()

    async def commit(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        self.commits.append((list(records), dict(positions)))
        await self.gate.wait()
        await self._transactions.commit(records, positions, membership)

    async def close(self) -> None:
        await self._transactions.close()


class Copy:
    """One copy of the role, at work; with `restarts` one that is fenced is started again.

    A commit that outlives its transaction's time is fenced too: services leave that to whoever
    supervises them.
    """

    def __init__(
        self,
        broker: MemoryBroker,
        clock: ManualClock,
        name: str,
        *,
        eager: bool,
        restarts: bool = False,
    ) -> None:
        self.name = name
        self._broker = broker
        self._clock = clock
        self._eager = eager
        self._begin()
        self.task = asyncio.create_task(self._live(restarts))

    def _begin(self) -> None:
        inputs = INPUTS if self._eager else INPUTS[:1]  # only range keeps two topics together
        asked = Subscription(
            "saga", inputs, self.name, assignor="range" if self._eager else "cooperative-sticky"
        )
        self.consumer = self._broker.consumer(asked)
        self.transactions = Watched(self._broker.transactions(self.name, group="saga", topics=()))
        self.processor = Counting(self._broker.reader())
        means = Means(self.consumer, self.transactions, inputs, self._clock)
        self.loop = TransactionalLoop("saga", self.processor, means)

    async def _live(self, restarts: bool) -> None:
        while True:
            try:
                return await self.loop.run()
            except Fenced:
                if not restarts:
                    raise
                self._begin()

    @property
    def held(self) -> set[TopicPartition]:
        return set(self.loop._positions)

    async def crash(self) -> None:
        """End without finishing anything."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


class Theatre:
    """The broker, its clock, and what is in the log."""

    def __init__(
        self, broker: MemoryBroker, clock: ManualClock, partitions: int = PARTITIONS
    ) -> None:
        self.clock = clock
        self.broker = broker
        for topic in (*INPUTS, LOG):
            self.broker.create(topic, partitions)
        self._producer = self.broker.producer()
        self.copies: list[Copy] = []
        self.sent: dict[int, Counter[bytes]] = {n: Counter() for n in range(partitions)}

    def start(self, name: str = "saga-0", *, eager: bool = True, restarts: bool = False) -> Copy:
        copy = Copy(self.broker, self.clock, name, eager=eager, restarts=restarts)
        self.copies.append(copy)
        return copy

    async def end(self) -> None:
        """End every copy; one that failed where it should not fails the test."""
        for copy in self.copies:
            copy.task.cancel()
        ended = await asyncio.gather(*(it.task for it in self.copies), return_exceptions=True)
        unseen = [it for it in ended if isinstance(it, Exception)]
        assert not unseen, unseen

    async def send(
        self, *keys: bytes, partition: int = 0, topic: str = INPUTS[0], value: bytes = b"x"
    ) -> None:
        self.sent[partition].update(keys)
        await self._producer.send(
            [Outgoing(topic, key, value, partition=partition) for key in keys]
        )

    def log(self, partition: int = 0) -> list[tuple[bytes, bytes]]:
        """(key, value) of what readers see of the role's log, past any fault that was ordered."""
        it = self.broker._ledger.partition(TopicPartition(LOG, partition))
        records, _ = it.read(0, it.end, 1_000_000)
        return [(record.key or b"", record.value or b"") for record in records]

    def position(self, partition: int = 0, topic: str = INPUTS[0]) -> Position | None:
        return self.broker._ledger.group("saga").position(TopicPartition(topic, partition))

    async def counted(self) -> None:
        """Return once every input was counted; each exactly once, and in the log in order."""
        deadline = asyncio.get_running_loop().time() + COUNTED_S
        while True:
            logs = [self.log(number) for number in self.sent]
            inputs = [[it for it in log if it[1] != RANG] for log in logs]
            if sum(map(len, inputs)) >= sum(it.total() for it in self.sent.values()):
                break
            assert asyncio.get_running_loop().time() < deadline, "an input was never counted"
            await asyncio.sleep(0.005)
        for number, log in enumerate(inputs):
            for key, count in self.sent[number].items():
                values = [int(value) for who, value in log if who == key]
                assert values == list(range(1, count + 1)), (number, key, values)
            assert len(log) == self.sent[number].total()
