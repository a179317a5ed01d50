"""Where partitions begin and end is told at once, also while a consumer waits; how it fetches."""

import time
import uuid

from chassis.broker import Subscription, TopicPartition
from chassis.kafka import KafkaBroker
from chassis.kafka.configuration import FETCH_WAIT_MS
from chassis.kafka.consumer import FETCH_BYTES
from chassis.settings import ChassisSettings
from tests.broker.admin import Admin
from tests.chassis.seats import plain

PARTITIONS = 12
PATIENCE_S = 30.0
FETCH_WAIT_S = FETCH_WAIT_MS / 1_000
"""What a question would wait at least, if it stood behind the fetch that waits."""


def ground(bootstrap: str, topic: str) -> KafkaBroker:
    prefix = f"{uuid.uuid4().hex[:12]}."
    Admin(bootstrap, prefix).create(topic, PARTITIONS)
    return KafkaBroker(
        ChassisSettings(
            kafka_bootstrap=bootstrap,
            topic_prefix=prefix,
            group_prefix=prefix,
            use_in_memory_store=True,
        )
    )


async def test_a_backlog_of_many_partitions_does_not_wait_for_their_fetches(broker: str) -> None:
    kafka = ground(broker, "idle")
    consumer = kafka.consumer(Subscription("group", ("idle",), "one"))
    deadline = time.monotonic() + PATIENCE_S
    gained: set[TopicPartition] = set()
    while len(gained) < PARTITIONS and time.monotonic() < deadline:
        gained |= (await consumer.poll(records_max=1, timeout_s=0.1)).gained
    await consumer.poll(records_max=1, timeout_s=0.5)
    assert await consumer.backlog() == dict.fromkeys(gained, 0)  # this one connects
    took = []
    for _ in range(3):
        start = time.monotonic()
        await consumer.backlog()
        took.append(time.monotonic() - start)
    await consumer.close()
    assert len(gained) == PARTITIONS
    assert min(took) < FETCH_WAIT_S


async def test_a_member_is_given_records_that_are_longer_than_it_fetches_at_once(
    broker: str,
) -> None:
    kafka = ground(broker, "long")
    producer, consumer = kafka.producer(), kafka.consumer(Subscription("group", ("long",), "one"))
    long = [bytes([number]) * (10 * FETCH_BYTES) for number in range(3 * PARTITIONS)]
    await producer.send(
        [
            record
            for number, value in enumerate(long)
            for record in plain(value, topic="long", partition=number % PARTITIONS)
        ]
    )
    deadline = time.monotonic() + PATIENCE_S
    found: list[bytes | None] = []
    while len(found) < len(long) and time.monotonic() < deadline:
        batch = await consumer.poll(records_max=100, timeout_s=0.1)
        found += [record.value for record in batch.records]
    await producer.close()
    await consumer.close()
    assert sorted(value or b"" for value in found) == long


async def test_a_reader_is_told_the_bounds_of_every_partition(broker: str) -> None:
    kafka = ground(broker, "some")
    producer, reader = kafka.producer(), kafka.reader()
    await producer.send(plain(b"a", b"b", topic="some"))
    partitions = [TopicPartition("some", number) for number in range(PARTITIONS)]
    bounds = await reader.ends(partitions)
    await producer.close()
    await reader.close()
    assert list(bounds) == partitions
    assert {first for first, _ in bounds.values()} == {0}
    assert sum(end for _, end in bounds.values()) == 2
