"""Everything an in-memory broker keeps: partitions, groups, transactions. It knows no client."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from chassis.broker import Outgoing, Position, TopicPartition
from chassis.clock import Clock
from chassis.errors import Fenced, Retryable
from chassis.memory.faults import Faults
from chassis.memory.group import Group, Membership
from chassis.memory.partition import Fate, Outcome, Partition
from chassis.memory.partitioner import partition_of

TRANSACTION_TIMEOUT_S = 5.0
"""As our Kafka clients have it; see chassis/kafka/configuration.py."""

_NUMBERS = count()

Waiting = Callable[[asyncio.Event, float], Awaitable[float]]
"""Waits until the event is set or so many seconds have passed; tells how many are left."""


@dataclass(slots=True, eq=False)
class OpenTransaction:
    """A transaction that has begun, and everything it touched."""

    opened: datetime
    fate: Fate = field(default_factory=Fate)
    touched: dict[TopicPartition, Partition] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)


class Ledger:
    """The state behind all clients of one in-memory broker."""

    def __init__(self, clock: Clock, waiting: Waiting, random: Random | None) -> None:
        self.clock = clock
        self.waiting = waiting
        self.random = random
        self.cluster = f"memory-{next(_NUMBERS)}"
        self.faults = Faults()
        self._topics: dict[str, list[Partition]] = {}
        self._groups: dict[str, Group] = {}
        self._epochs: dict[str, int] = {}
        self._open: dict[str, OpenTransaction] = {}
        self._change = asyncio.Event()
        self._unkeyed = 0

    def create(self, topic: str, partitions: int) -> None:
        """Make a topic. ValueError where it is there already or would have no partition."""
        if topic in self._topics or partitions < 1:
            raise ValueError(f"topic {topic} exists already, or has no partition")
        self._topics[topic] = [Partition(TopicPartition(topic, p)) for p in range(partitions)]
        for group in self._groups.values():
            if group.reads(topic):
                group.rebalance()

    def group(self, name: str) -> Group:
        """The group, made where it is not there yet."""
        if name not in self._groups:
            self._groups[name] = Group(self.clock, self.count, self.changed)
        return self._groups[name]

    def count(self, topic: str) -> int:
        """How many partitions the topic has; 0 where it does not exist."""
        return len(self._topics.get(topic, ()))

    def partition(self, name: TopicPartition) -> Partition:
        """The partition. Raises Retryable where it does not exist (yet)."""
        if not 0 <= name.partition < self.count(name.topic):
            raise Retryable(f"{name.topic}-{name.partition} does not exist (yet)")
        return self._topics[name.topic][name.partition]

    @property
    def change(self) -> asyncio.Event:
        """Set at the next change of anything; take it before looking, so that none is missed."""
        return self._change

    def changed(self) -> None:
        """Wake everybody who waits."""
        self._change.set()
        self._change = asyncio.Event()

    def write(self, records: Iterable[Outgoing], unit: OpenTransaction | None = None) -> None:
        """Append records, all or none, inside a transaction or outside any. Raises Retryable."""
        now_ms = int(self.clock.now().timestamp() * 1_000)
        for partition, record in [(self._target(record), record) for record in records]:
            if unit is not None:
                unit.touched[partition.name] = partition
            at_ms = record.timestamp_ms or now_ms
            partition.append(record, at_ms, None if unit is None else unit.fate)
        self.changed()

    def start(self, transactional_id: str) -> int:
        """The next epoch of the name; what an earlier one left open is aborted."""
        self._end(transactional_id, Outcome.ABORTED)
        self._epochs[transactional_id] = self._epochs.get(transactional_id, 0) + 1
        return self._epochs[transactional_id]

    def begin(self, transactional_id: str, epoch: int) -> OpenTransaction:
        """Open a transaction. Raises Fenced where the epoch is an old one."""
        self.require(transactional_id, epoch)
        unit = self._open[transactional_id] = OpenTransaction(self.clock.now())
        return unit

    def stage(
        self,
        unit: OpenTransaction,
        positions: Mapping[TopicPartition, Position],
        membership: Membership,
    ) -> None:
        """Put positions into the transaction. Raises MembershipLost or Fenced."""
        group = self.group(membership.group)
        group.check(membership)
        group.stage(unit.fate, positions)
        unit.groups.append(group)

    def end(self, transactional_id: str, epoch: int, outcome: Outcome) -> None:
        """Commit or abort what is open. Raises Fenced where the epoch is an old one."""
        self.require(transactional_id, epoch)
        self._end(transactional_id, outcome)

    def require(self, transactional_id: str, epoch: int) -> None:
        """Raises Fenced where a later holder of the name has started, or a timeout fenced it."""
        self.end_overdue()
        if self._epochs.get(transactional_id) != epoch:
            raise Fenced(f"transactional id {transactional_id} has a newer holder")

    def end_overdue(self) -> None:
        """Abort transactions that have been open for too long, as Kafka's coordinator does."""
        limit = self.clock.now() - timedelta(seconds=TRANSACTION_TIMEOUT_S)
        for name in [name for name, unit in self._open.items() if unit.opened <= limit]:
            self.start(name)

    def _end(self, transactional_id: str, outcome: Outcome) -> None:
        unit = self._open.pop(transactional_id, None)
        if unit is None:
            return
        unit.fate.outcome = outcome
        for partition in unit.touched.values():
            partition.mark(unit.fate)
        for group in unit.groups:
            group.settle(unit.fate)
        self.changed()

    def _target(self, record: Outgoing) -> Partition:
        count = self.count(record.topic)
        if record.partition is not None or not count:
            return self.partition(TopicPartition(record.topic, record.partition or 0))
        if record.key is not None:
            chosen = partition_of(record.key, count)
        elif self.random is not None:
            chosen = self.random.randrange(count)
        else:
            chosen = self._unkeyed % count
            self._unkeyed += 1
        return self.partition(TopicPartition(record.topic, chosen))


async def turn() -> None:
    """Let others run: every call of every client passes here, so tasks meet at known points."""
    await asyncio.sleep(0)


def sorted_partitions(
    names: Sequence[TopicPartition], random: Random | None
) -> list[TopicPartition]:
    """In order, or in the order that the seed gives."""
    ordered = sorted(names)
    if random is not None:
        random.shuffle(ordered)
    return ordered
