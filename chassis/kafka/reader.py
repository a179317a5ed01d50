"""Reading Kafka partitions without a group: restore, verify and tail, behind the port."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from uuid import uuid4

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka import TopicPartition as KafkaPartition

from chassis.broker import Incoming, TopicPartition
from chassis.errors import Retryable
from chassis.kafka.bounds import Bounds
from chassis.kafka.configuration import END_FETCH_WAIT_MS, Options, consumer_options
from chassis.kafka.consumer import incoming
from chassis.kafka.names import Names
from chassis.kafka.thread import OneThread

READ_BATCH = 1_000
READ_WAIT_S = 0.05
SAY_AGAIN_S = 30.0
"""Reading up to an end takes no longer than a transaction may be open: then something hangs."""

CALL_TIMEOUT_S = 10.0

TAILED = TopicPartition("", -1)
"""Stands for an end that is never reached."""

NOTHING_MORE: Options = {}

log = structlog.get_logger()


class KafkaReader:
    """`chassis.broker.Reader` on librdkafka, one short-lived consumer per reading."""

    def __init__(self, options: Options, names: Names) -> None:
        self._options = options
        self._names = names
        self._thread = OneThread("kafka-reader")
        self._bounds = Bounds(options)

    async def cluster(self) -> str:
        """The id that these brokers have together. Raises Retryable."""
        return str(await self._thread.run(self._cluster))

    async def partitions(self, topic: str) -> int:
        """How many partitions the topic has. Raises Retryable where it does not exist (yet)."""
        return int(await self._thread.run(self._partitions, topic))

    async def ends(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[int, int]]:
        """(first offset kept, high watermark) of each partition."""
        found: Mapping[TopicPartition, tuple[int, int]] = await self._thread.run(
            self._ends, partitions
        )
        return found

    async def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Incoming]:
        """Committed records from `starts` up to `ends` (exclusive high watermarks), then stop."""
        left = {tp for tp, end in ends.items() if starts[tp] < end}
        limits = {(tp.topic, tp.partition): end for tp, end in ends.items()}
        async with aclosing(self._read({tp: starts[tp] for tp in left}, left)) as stream:
            async for record, position in stream:
                end = limits[record.topic, record.partition]
                if isinstance(record, Incoming) and record.offset < end:
                    yield record
                if position >= end:
                    left.discard(TopicPartition(record.topic, record.partition))

    async def tail(self, starts: Mapping[TopicPartition, int]) -> AsyncIterator[Incoming]:
        """Committed records from `starts` on, until the caller stops iterating."""
        async with aclosing(self._read(starts, {TAILED})) as stream:
            async for record, _ in stream:
                if isinstance(record, Incoming):
                    yield record

    async def close(self) -> None:
        """Give up the connection."""
        self._bounds.close()
        self._thread.close()

    async def _read(
        self, starts: Mapping[TopicPartition, int], left: set[TopicPartition]
    ) -> AsyncGenerator[tuple[Incoming | TopicPartition, int], None]:
        """Records, or bare partitions at their end, each with the position behind it."""
        if not left:
            return
        more = {} if TAILED in left else {"fetch.wait.max.ms": END_FETCH_WAIT_MS}
        consumer = await self._thread.run(self._assigned, starts, more)
        quiet_since = time.monotonic()
        try:
            while left:
                messages = await self._thread.run(consumer.consume, READ_BATCH, READ_WAIT_S)
                quiet_since = _heard(bool(messages), quiet_since, left)
                for message in messages:
                    error = message.error()
                    if error is None:
                        record = incoming(message, self._names)
                        yield record, record.offset + 1
                    elif error.code() == KafkaError._PARTITION_EOF:
                        at = TopicPartition(
                            self._names.inside(message.topic() or ""), message.partition() or 0
                        )
                        yield at, message.offset() or 0
                    elif not error.retriable():
                        raise Retryable(str(error))
        finally:
            await self._thread.run(consumer.close)

    def _assigned(self, starts: Mapping[TopicPartition, int], more: Options) -> Consumer:
        consumer = self._consumer(more)
        consumer.assign(
            [
                KafkaPartition(self._names.outside(tp.topic), tp.partition, offset)
                for tp, offset in starts.items()
            ]
        )
        return consumer

    def _cluster(self) -> str:
        consumer = self._consumer()
        try:
            found: str | None = consumer.list_topics(timeout=CALL_TIMEOUT_S).cluster_id
        except KafkaException as failure:
            raise Retryable(f"no cluster id: {failure.args[0]}") from failure
        finally:
            consumer.close()
        if not found:
            raise Retryable("the brokers have no cluster id (yet)")
        return found

    def _partitions(self, topic: str) -> int:
        consumer = self._consumer()
        try:
            name = self._names.outside(topic)
            found = consumer.list_topics(name, timeout=CALL_TIMEOUT_S).topics[name]
        except KafkaException as failure:
            raise Retryable(f"no metadata of {topic}: {failure.args[0]}") from failure
        finally:
            consumer.close()
        if found.error is not None or not found.partitions:
            raise Retryable(f"topic {topic} does not exist (yet)")
        return len(found.partitions)

    def _ends(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[int, int]]:
        asked = [KafkaPartition(self._names.outside(tp.topic), tp.partition) for tp in partitions]
        begins = self._bounds.begins(asked)
        ends = self._bounds.ends(asked, committed_only=False)
        return {
            tp: (begins[place], ends[place])
            for tp, place in zip(partitions, ((a.topic, a.partition) for a in asked), strict=True)
        }

    def _consumer(self, more: Options = NOTHING_MORE) -> Consumer:
        group = {"group.id": f"reader-{uuid4().hex}"}  # required by the client, never joined
        return Consumer({**consumer_options(self._options), **group, **more})


def _heard(something: bool, quiet_since: float, left: set[TopicPartition]) -> float:
    """Since when nothing came; says so now and then where an end is not reached."""
    now = time.monotonic()
    if something or TAILED in left:
        return now
    if now - quiet_since < SAY_AGAIN_S:
        return quiet_since
    log.warning(
        "reading_waits",
        partitions=sorted(left),
        meaning="a transaction is open there that nobody ends; start the copy again that wrote it",
    )
    return now
