"""The narrow port to a partitioned log: what the chassis needs of Kafka, and nothing else.

Two twins implement it, `chassis.kafka` and `chassis.memory`; both pass tests/chassis/broker_suite.
Topic and group names here carry no prefix: a twin adds it on the way out and takes it off again.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

METADATA_CHARS_MAX = 4_000
"""Longest offset metadata; Kafka's default limit is 4,096 bytes."""


class TopicPartition(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


class Position(NamedTuple):
    """A group's place in a partition: the next offset to read, and our note beside it."""

    offset: int
    metadata: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record as it was read. Key and value are None where the producer gave none."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp_ms: int = 0

    @property
    def source(self) -> TopicPartition:
        """Where the record stands."""
        return TopicPartition(self.topic, self.partition)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to be written; without `partition` the key decides (murmur2, as Java's clients).

    Its time is that of writing, unless it has one.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one poll brought.

    `gained` and `lost` are the partitions that changed hands during this poll; drop the work of
    the lost ones before anything else. `membership` is the group membership as it was when the
    records were taken: it fences a transaction, and is good for this batch only.
    """

    records: tuple[Incoming, ...]
    gained: frozenset[TopicPartition]
    lost: frozenset[TopicPartition]
    membership: object


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who reads what. `instance_id` makes the member static: its restart moves no partition."""

    group: str
    topics: tuple[str, ...]
    instance_id: str
    assignor: Literal["range", "cooperative-sticky"] = "cooperative-sticky"
    session_timeout_ms: int = 6_000


class Consumer(Protocol):
    """A member of a consumer group. Reads committed records only."""

    async def poll(self, *, records_max: int, timeout_s: float) -> Batch:
        """Up to `records_max` records; waits at most `timeout_s` for the first, never for more."""
        ...

    async def pause(self, partitions: Sequence[TopicPartition]) -> None:
        """Stop fetching these; polling goes on and keeps the membership."""
        ...

    async def resume(self, partitions: Sequence[TopicPartition]) -> None:
        """Fetch these again."""
        ...

    async def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Read each partition from this offset next."""
        ...

    async def committed(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, Position | None]:
        """The group's stable positions (None: never committed).

        Raises Retryable while a transaction on these offsets is still open.
        """
        ...

    async def commit(self, positions: Mapping[TopicPartition, Position]) -> None:
        """Store positions with their metadata. Raises MembershipLost after a rebalance."""
        ...

    async def backlog(self) -> Mapping[TopicPartition, int]:
        """Records between our position and the last stable offset, per assigned partition."""
        ...

    async def close(self) -> None:
        """Leave. A static member keeps its partitions until its session ends."""
        ...


class Producer(Protocol):
    """Writes records outside any transaction, idempotently."""

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Return once every in-sync replica has all of them; order per key is kept.

        Raises Retryable where the broker cannot be reached within the delivery timeout, Rejected
        where a record is larger than the brokers take, OutcomeUnknown where the producer died.
        """
        ...

    async def close(self) -> None:
        """Give up the connection."""
        ...


class Transactions(Protocol):
    """Writes records and input positions together or not at all, under one stable name."""

    async def start(self) -> None:
        """Fence whoever held the name before, and resolve what it left open."""
        ...

    async def commit(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        """Make records and positions visible in one transaction.

        `positions` must not be empty: without an input offset the broker checks no membership.
        Raises Aborted or MembershipLost (no trace left), OutcomeUnknown, or Fenced.
        """
        ...

    async def close(self) -> None:
        """Give up the connection; an open transaction is aborted."""
        ...


class Together(Protocol):
    """Writes records that answer no input together or not at all, under one stable name.

    Only the name fences, for no group is asked: whoever starts last may write. It is for a
    person's tool, never for a role.
    """

    async def start(self) -> None:
        """Fence whoever held the name before, and resolve what it left open."""
        ...

    async def write(self, records: Sequence[Outgoing]) -> None:
        """Make the records visible in one transaction.

        Raises Aborted (no trace left), OutcomeUnknown, or Fenced.
        """
        ...

    async def close(self) -> None:
        """Give up the connection; an open transaction is aborted."""
        ...


class Reader(Protocol):
    """Reads partitions without a group: for restoring, verifying, tailing and mirroring."""

    async def cluster(self) -> str:
        """The id that these brokers have together and no others have. Raises Retryable."""
        ...

    async def partitions(self, topic: str) -> int:
        """How many partitions the topic has. Raises Retryable where it does not exist (yet)."""
        ...

    async def ends(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[int, int]]:
        """(first offset kept, high watermark) of each partition."""
        ...

    def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Incoming]:
        """Committed records from `starts` up to `ends` (exclusive high watermarks), then stop.

        Waits where an open transaction stands before an end. Per partition in offset order.
        """
        ...

    def tail(self, starts: Mapping[TopicPartition, int]) -> AsyncIterator[Incoming]:
        """Committed records from `starts` on, for ever, until the caller stops iterating."""
        ...

    async def close(self) -> None:
        """Give up the connection."""
        ...


class Broker(Protocol):
    """Where consumers, producers and readers come from."""

    def consumer(self, subscription: Subscription) -> Consumer:
        """A new member of a group."""
        ...

    def producer(self) -> Producer:
        """A new idempotent producer."""
        ...

    def transactions(
        self, transactional_id: str, *, group: str, topics: Sequence[str]
    ) -> Transactions:
        """A new transactional producer; call `start` before `commit`.

        It commits positions of `group`, and writes to `topics`: what an earlier holder of the
        name left hanging there, `start` ends.
        """
        ...

    def together(self, transactional_id: str) -> Together:
        """A new transactional producer for records that answer no input; call `start` first."""
        ...

    def reader(self) -> Reader:
        """A new group-less reader."""
        ...
