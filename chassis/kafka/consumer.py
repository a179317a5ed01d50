"""A member of a Kafka consumer group behind the port; each consumer has a thread of its own."""

from collections.abc import Mapping, Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, Message
from confluent_kafka import TopicPartition as KafkaPartition

from chassis.broker import Batch, Incoming, Position, Subscription, TopicPartition
from chassis.errors import Fenced, MembershipLost, Retryable
from chassis.kafka.configuration import Options, consumer_options
from chassis.kafka.names import Names
from chassis.kafka.thread import OneThread

COMMIT_TIMEOUT_S = 10.0
MAX_POLL_INTERVAL_MS = 120_000
NOTHING_COMMITTED = -1001

MEMBERSHIP_ERRORS = frozenset(
    {
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError._STATE,
    }
)


class KafkaConsumer:
    """`chassis.broker.Consumer` on librdkafka's classic group protocol."""

    def __init__(self, options: Options, names: Names, subscription: Subscription) -> None:
        self._names = names
        self._thread = OneThread("kafka-consumer")
        self._gained: set[TopicPartition] = set()
        self._lost: set[TopicPartition] = set()
        self._ends: dict[TopicPartition, int] = {}
        self._positions: dict[TopicPartition, int] = {}
        self._consumer = Consumer(
            {
                **consumer_options(options),
                "group.id": names.group(subscription.group),
                "group.instance.id": names.group(subscription.instance_id),
                "partition.assignment.strategy": subscription.assignor,
                "session.timeout.ms": subscription.session_timeout_ms,
                "heartbeat.interval.ms": max(200, subscription.session_timeout_ms // 5),
                "max.poll.interval.ms": MAX_POLL_INTERVAL_MS,
            }
        )
        self._consumer.subscribe(
            [names.outside(topic) for topic in subscription.topics],
            on_assign=self._on_assign,
            on_revoke=self._on_lost,
            on_lost=self._on_lost,
        )

    async def poll(self, *, records_max: int, timeout_s: float) -> Batch:
        """Up to `records_max` records; waits at most `timeout_s` for the first, never for more."""
        return await self._thread.run(self._poll, records_max, timeout_s)

    async def pause(self, partitions: Sequence[TopicPartition]) -> None:
        """Stop fetching these; polling goes on and keeps the membership."""
        await self._thread.run(self._consumer.pause, self._all_outside(partitions))

    async def resume(self, partitions: Sequence[TopicPartition]) -> None:
        """Fetch these again."""
        await self._thread.run(self._consumer.resume, self._all_outside(partitions))

    async def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Read each partition from this offset next."""
        for partition, offset in offsets.items():
            await self._thread.run(self._consumer.seek, self._outside(partition, offset))

    async def committed(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, Position | None]:
        """The group's stable positions. Raises Retryable while a transaction is open on them."""
        return await self._thread.run(self._committed, partitions)

    async def commit(self, positions: Mapping[TopicPartition, Position]) -> None:
        """Store positions with their metadata. Raises MembershipLost after a rebalance."""
        await self._thread.run(self._commit, positions)

    async def backlog(self) -> Mapping[TopicPartition, int]:
        """Records between our position and the last stable offset, per assigned partition."""
        return await self._thread.run(self._backlog)

    async def close(self) -> None:
        """Leave. A static member keeps its partitions until its session ends."""
        await self._thread.run(self._consumer.close)
        self._thread.close()

    def _poll(self, records_max: int, timeout_s: float) -> Batch:
        first = self._consumer.poll(timeout_s)
        messages = [] if first is None else [first]
        if first is not None and records_max > 1:
            messages += self._consumer.consume(records_max - 1, 0)
        membership = self._consumer.consumer_group_metadata()
        records = tuple(r for r in map(self._incoming, messages) if r is not None)
        gained, self._gained = frozenset(self._gained), set()
        lost, self._lost = frozenset(self._lost), set()
        return Batch(records, gained, lost, membership)

    def _incoming(self, message: Message) -> Incoming | None:
        error = message.error()
        topic, partition = message.topic(), message.partition()
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF and topic is not None:
                source = TopicPartition(self._names.inside(topic), partition or 0)
                self._positions[source] = message.offset() or 0
                return None
            if error.fatal():
                raise Fenced(str(error))
            raise Retryable(str(error))
        record = incoming(message, self._names)
        self._positions[record.source] = record.offset + 1
        return record

    def _committed(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, Position | None]:
        try:
            found = self._consumer.committed(self._all_outside(partitions), timeout=2.0)
        except KafkaException as failure:
            raise Retryable(f"positions are not stable yet: {failure.args[0]}") from failure
        return {
            TopicPartition(self._names.inside(tp.topic), tp.partition): None
            if tp.offset == NOTHING_COMMITTED
            else Position(tp.offset, tp.metadata or "")
            for tp in found
        }

    def _commit(self, positions: Mapping[TopicPartition, Position]) -> None:
        offsets = kafka_positions(positions, self._names)
        try:
            done = self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as failure:
            raise _reaction(failure.args[0]) from failure
        for tp in done or ():
            if tp.error is not None:
                raise _reaction(tp.error)

    def _backlog(self) -> Mapping[TopicPartition, int]:
        found: dict[TopicPartition, int] = {}
        for tp in self._consumer.assignment():
            source = TopicPartition(self._names.inside(tp.topic), tp.partition)
            _, end = self._consumer.get_watermark_offsets(tp, cached=True)
            if end >= 0:
                found[source] = max(0, end - self._positions.get(source, end))
        return found

    def _on_assign(self, _: Consumer, partitions: list[KafkaPartition]) -> None:
        self._gained.update(self._inside(partitions))

    def _on_lost(self, _: Consumer, partitions: list[KafkaPartition]) -> None:
        lost = set(self._inside(partitions))
        self._lost.update(lost)
        self._gained.difference_update(lost)
        for partition in lost:
            self._positions.pop(partition, None)

    def _inside(self, partitions: Sequence[KafkaPartition]) -> list[TopicPartition]:
        return [TopicPartition(self._names.inside(tp.topic), tp.partition) for tp in partitions]

    def _outside(self, partition: TopicPartition, offset: int) -> KafkaPartition:
        return KafkaPartition(self._names.outside(partition.topic), partition.partition, offset)

    def _all_outside(self, partitions: Sequence[TopicPartition]) -> list[KafkaPartition]:
        return [KafkaPartition(self._names.outside(tp.topic), tp.partition) for tp in partitions]


def incoming(message: Message, names: Names) -> Incoming:
    """A librdkafka message in the port's terms."""
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None
    assert partition is not None
    assert offset is not None
    return Incoming(
        topic=names.inside(topic),
        partition=partition,
        offset=offset,
        key=_as_bytes(message.key()),
        value=_as_bytes(message.value()),
        headers=_headers(message),
        timestamp_ms=message.timestamp()[1],
    )


def kafka_positions(
    positions: Mapping[TopicPartition, Position], names: Names
) -> list[KafkaPartition]:
    """Positions with their metadata in librdkafka's terms."""
    return [
        KafkaPartition(names.outside(tp.topic), tp.partition, position.offset, position.metadata)
        for tp, position in positions.items()
    ]


def _headers(message: Message) -> tuple[tuple[str, bytes], ...]:
    found = message.headers() or []
    pairs = found.items() if isinstance(found, dict) else found
    return tuple((str(name), _as_bytes(value) or b"") for name, value in pairs)


def _as_bytes(value: object) -> bytes | None:
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else None


def _reaction(error: KafkaError) -> Exception:
    if error.code() in MEMBERSHIP_ERRORS:
        return MembershipLost(str(error))
    if error.fatal() or error.code() == KafkaError.FENCED_INSTANCE_ID:
        return Fenced(str(error))
    return Retryable(str(error))
