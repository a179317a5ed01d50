"""A member of a Kafka consumer group behind the port; each consumer has a thread of its own."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message
from confluent_kafka import TopicPartition as KafkaPartition

from chassis.broker import Batch, Incoming, Position, Subscription, TopicPartition
from chassis.errors import Fenced, MembershipLost, Retryable
from chassis.kafka.bounds import Bounds
from chassis.kafka.configuration import Options, consumer_options
from chassis.kafka.names import Names
from chassis.kafka.thread import OneThread
from chassis.offsets import require_short

POSITIONS_TIMEOUT_S = 2.0
WAKE_TIMEOUT_S = 0.05
MAX_POLL_INTERVAL_MS = 120_000
FETCH_BYTES, QUEUED_KIB = 65_536, 2_048
"""What a broker gives of a partition in one answer, and what waits here in all: a member that works
off a backlog holds little of it, and throws little away when a partition is lost. A longer batch is
given whole."""

HEARTBEATS_A_SESSION = 20
"""A member learns of a rebalance with its next heartbeat, so an heir's standstill has one in it."""

HEARTBEAT_MS_MIN = 200
NOTHING_COMMITTED = NO_OFFSET = -1001

MEMBERSHIP_ERRORS = frozenset(
    {
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError._ASSIGNMENT_LOST,
        KafkaError._STATE,
    }
)
FENCING_ERRORS = frozenset({KafkaError._FATAL, KafkaError.FENCED_INSTANCE_ID})

log = structlog.get_logger()


class KafkaConsumer:
    """`chassis.broker.Consumer` on librdkafka's classic group protocol."""

    def __init__(self, options: Options, names: Names, subscription: Subscription) -> None:
        self._names = names
        self._thread = OneThread("kafka-consumer")
        self._bounds = Bounds(options)
        self._gained: set[TopicPartition] = set()
        self._lost: set[TopicPartition] = set()
        self._just_lost: set[TopicPartition] = set()
        self._positions: dict[TopicPartition, int] = {}
        self._consumer = Consumer(
            {
                **consumer_options(options),
                "group.id": names.group(subscription.group),
                "group.instance.id": names.group(subscription.instance_id),
                "partition.assignment.strategy": subscription.assignor,
                "session.timeout.ms": subscription.session_timeout_ms,
                "heartbeat.interval.ms": _heartbeat_ms(subscription.session_timeout_ms),
                "max.poll.interval.ms": MAX_POLL_INTERVAL_MS,
                "fetch.message.max.bytes": FETCH_BYTES,
                "queued.max.messages.kbytes": QUEUED_KIB,
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
        await self._thread.run(self._steer, self._consumer.pause, partitions)

    async def resume(self, partitions: Sequence[TopicPartition]) -> None:
        """Fetch these again, at once."""
        await self._thread.run(self._steer, self._consumer.resume, partitions)
        await self._thread.run(self._wake, partitions)

    async def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Read each partition from this offset next. Raises Retryable for one not held."""
        await self._thread.run(self._seek, offsets)

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
        self._bounds.close()
        self._thread.close()

    def _poll(self, records_max: int, timeout_s: float) -> Batch:
        messages = self._messages(records_max, timeout_s)
        membership = self._consumer.consumer_group_metadata()
        records: list[Incoming] = []
        problems: list[KafkaError] = []
        for message in messages:
            error = message.error()
            if error is None:
                records.append(self._taken(message))
            elif error.code() == KafkaError._PARTITION_EOF:
                self._positions[self._source(message)] = message.offset() or 0
            else:
                problems.append(error)
        self._complain(problems, lonely=not (records or self._gained or self._lost))
        gained, self._gained = frozenset(self._gained), set()
        lost, self._lost = frozenset(self._lost), set()
        return Batch(tuple(records), gained, lost, membership)

    def _messages(self, records_max: int, timeout_s: float) -> list[Message]:
        first = self._consumer.poll(timeout_s)
        if first is None:
            return []
        self._just_lost.clear()
        more = self._consumer.consume(records_max - 1, 0) if records_max > 1 else []
        stale = first.error() is None and self._source(first) in self._just_lost
        return more if stale else [first, *more]

    def _taken(self, message: Message) -> Incoming:
        record = incoming(message, self._names)
        self._positions[record.source] = record.offset + 1
        return record

    def _complain(self, problems: Sequence[KafkaError], *, lonely: bool) -> None:
        """Raise for what went wrong; not for a passing trouble that came along with records.

        The client has moved on behind those, so a batch that is thrown away is lost.
        """
        for problem in problems:
            if problem.fatal() or problem.code() in FENCING_ERRORS:
                raise Fenced(str(problem))
        if problems and lonely:
            raise Retryable("; ".join(map(str, problems)))
        for problem in problems:
            log.warning("poll_hindered", detail=str(problem))

    def _seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        refused: list[str] = []
        for partition, offset in offsets.items():
            try:
                self._consumer.seek(self._outside(partition, offset))
            except KafkaException as failure:
                refused.append(f"{partition}: {failure.args[0]}")
            else:
                self._positions[partition] = offset
        if refused:
            raise Retryable(f"cannot seek: {'; '.join(refused)}")

    def _steer(
        self,
        call: Callable[[list[KafkaPartition]], None],
        partitions: Sequence[TopicPartition],
    ) -> None:
        try:
            call([self._outside(partition) for partition in partitions])
        except KafkaException as failure:
            raise Retryable(f"cannot pause or resume: {failure.args[0]}") from failure

    def _wake(self, partitions: Sequence[TopicPartition]) -> None:
        """Ask the leaders for anything: a connection with nothing to fetch looks up once a second.

        Seen with librdkafka 2.16.1: the first record came 0.3 to 1 s after a resume, now 0.02 s.
        No answer is needed: behind a fetch that waits it would take as long as that.
        """
        asked = [self._outside(partition, 0) for partition in partitions]
        with suppress(KafkaException):
            self._consumer.offsets_for_times(asked, timeout=WAKE_TIMEOUT_S)

    def _committed(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, Position | None]:
        asked = [self._outside(partition) for partition in partitions]
        try:
            found = self._consumer.committed(asked, timeout=POSITIONS_TIMEOUT_S)
        except KafkaException as failure:
            raise Retryable(f"positions are not stable yet: {failure.args[0]}") from failure
        for tp in found:
            if tp.error is not None:
                raise Retryable(f"no position of {tp.topic}-{tp.partition}: {tp.error}")
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
        """The ends are asked for: of a paused partition the client would know only an old one."""
        assigned = self._consumer.assignment()
        unread = [tp for tp in assigned if self._inside(tp) not in self._positions]
        try:
            found = self._consumer.committed(unread, timeout=POSITIONS_TIMEOUT_S) if unread else []
        except KafkaException as failure:
            raise Retryable(f"no backlog: {failure.args[0]}") from failure
        starts = {self._inside(tp): tp.offset for tp in found if tp.offset >= 0}
        begins = self._bounds.begins(assigned)
        ends = self._bounds.ends(assigned, committed_only=True)
        backlog: dict[TopicPartition, int] = {}
        for tp in assigned:
            source, place = self._inside(tp), (tp.topic, tp.partition)
            at = self._positions.get(source, starts.get(source, 0))
            backlog[source] = max(0, ends[place] - max(begins[place], at))
        return backlog

    def _on_assign(self, _: Consumer, partitions: list[KafkaPartition]) -> None:
        self._gained.update(map(self._inside, partitions))

    def _on_lost(self, _: Consumer, partitions: list[KafkaPartition]) -> None:
        lost = set(map(self._inside, partitions))
        self._lost.update(lost)
        self._just_lost.update(lost)
        self._gained.difference_update(lost)
        self._consumer.resume(partitions)  # else they come back paused, and nobody knows
        for partition in lost:
            self._positions.pop(partition, None)

    def _inside(self, partition: KafkaPartition) -> TopicPartition:
        return TopicPartition(self._names.inside(partition.topic), partition.partition)

    def _source(self, message: Message) -> TopicPartition:
        return TopicPartition(self._names.inside(message.topic() or ""), message.partition() or 0)

    def _outside(self, partition: TopicPartition, offset: int = NO_OFFSET) -> KafkaPartition:
        return KafkaPartition(self._names.outside(partition.topic), partition.partition, offset)


def _heartbeat_ms(session_ms: int) -> int:
    return max(HEARTBEAT_MS_MIN, session_ms // HEARTBEATS_A_SESSION)


def incoming(message: Message, names: Names) -> Incoming:
    """A librdkafka message in the port's terms."""
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None
    assert partition is not None
    assert offset is not None
    key, value = message.key(), message.value()
    return Incoming(
        names.inside(topic),
        partition,
        offset,
        key if isinstance(key, bytes) else _as_bytes(key),
        value if isinstance(value, bytes) else _as_bytes(value),
        _headers(message),
        message.timestamp()[1],
    )


def kafka_positions(
    positions: Mapping[TopicPartition, Position], names: Names
) -> list[KafkaPartition]:
    """Positions with their metadata in librdkafka's terms. ValueError where one is too long."""
    require_short(positions)
    return [
        KafkaPartition(names.outside(tp.topic), tp.partition, position.offset, position.metadata)
        for tp, position in positions.items()
    ]


def _headers(message: Message) -> tuple[tuple[str, bytes], ...]:
    found = message.headers() or []
    pairs = found.items() if isinstance(found, dict) else found
    return tuple(
        [
            (name, value if isinstance(value, bytes) else _as_bytes(value) or b"")
            for name, value in pairs
        ]
    )


def _as_bytes(value: object) -> bytes | None:
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else None


def _reaction(error: KafkaError) -> Exception:
    if error.code() in MEMBERSHIP_ERRORS:
        return MembershipLost(str(error))
    if error.fatal() or error.code() in FENCING_ERRORS:
        return Fenced(str(error))
    return Retryable(str(error))
