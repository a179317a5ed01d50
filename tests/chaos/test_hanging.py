"""A broker forgets a transaction: its owner ends it when it starts, and it never counts."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from chassis.broker import Consumer, Outgoing, Position, Subscription, TopicPartition
from chassis.errors import Retryable
from chassis.kafka import KafkaBroker
from chassis.settings import ChassisSettings
from deploy.kafka.broker import LocalBroker
from tests.chaos.forgotten import ALLOWED, forget
from tests.chaos.test_cluster import persistently

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(180)]

TOPIC, OTHER, GROUP, NAME = "kept", "others", "owners", "owner-0"
PLACE = TopicPartition(TOPIC, 0)
STILL_S = 3.0
"""Longer than a transaction that somebody knows of needs to end."""
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    with LocalBroker(tmp_path_factory.mktemp("kafka"), properties=ALLOWED) as made:
        yield made


@pytest.fixture
async def kafka(broker: LocalBroker) -> KafkaBroker:
    """A broker with topics of the test's own, and something forgotten in one of them."""
    prefix = f"t{uuid4().hex[:8]}."
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    topics = [NewTopic(prefix + TOPIC, 2), NewTopic(prefix + OTHER, 1)]
    for answer in admin.create_topics(topics).values():
        answer.result(PATIENCE_S)
    made = KafkaBroker(
        ChassisSettings(
            kafka_bootstrap=broker.bootstrap,
            topic_prefix=prefix,
            group_prefix=prefix,
            use_in_memory_store=True,
        )
    )
    producer = made.producer()
    await producer.send([Outgoing(TOPIC, b"key", b"before", partition=0)])
    await producer.close()
    await forget(broker.bootstrap, prefix + NAME, prefix + TOPIC, prefix + GROUP)
    return made


async def test_what_hangs_under_a_name_is_ended_when_the_name_starts(kafka: KafkaBroker) -> None:
    assert await _read(kafka, 2, within_s=STILL_S) is None, "nobody knows of it, so it stays"
    transactions = kafka.transactions(NAME, group=GROUP, topics=(TOPIC, OTHER, "not there"))
    await transactions.start()
    assert await _read(kafka, 2, within_s=PATIENCE_S) == [b"before"]
    await transactions.close()


async def test_what_hung_does_not_count_with_the_next_commit(kafka: KafkaBroker) -> None:
    transactions = kafka.transactions(NAME, group=GROUP, topics=(TOPIC,))
    await transactions.start()
    member, membership = await _joined(kafka)
    record = Outgoing(TOPIC, b"key", b"after", partition=0)
    await transactions.commit([record], {PLACE: Position(1)}, membership)
    found = await _read(kafka, 5, within_s=PATIENCE_S)
    await member.close()
    await transactions.close()
    assert found == [b"before", b"after"]


async def test_a_position_that_hangs_keeps_nobody_from_the_groups_place(kafka: KafkaBroker) -> None:
    member, _ = await _joined(kafka)
    with pytest.raises(Retryable):
        await member.committed((PLACE,))
    transactions = kafka.transactions(NAME, group=GROUP, topics=(TOPIC,))
    await transactions.start()
    found = await persistently(lambda: member.committed((PLACE,)))
    await member.close()
    await transactions.close()
    assert found == {PLACE: None}


async def test_where_nothing_hangs_nothing_is_written(kafka: KafkaBroker) -> None:
    transactions = kafka.transactions("owner-1", group="strangers", topics=(OTHER,))
    await transactions.start()
    reader = kafka.reader()
    (ends,) = (await reader.ends([TopicPartition(OTHER, 0)])).values()
    await reader.close()
    await transactions.close()
    assert ends == (0, 0)


async def _joined(kafka: KafkaBroker) -> tuple[Consumer, object]:
    """A member that holds the place, and its membership."""
    member = kafka.consumer(Subscription(GROUP, (TOPIC,), NAME, assignor="range"))
    while PLACE not in (batch := await member.poll(records_max=1, timeout_s=0.2)).gained:
        pass
    return member, batch.membership


async def _read(kafka: KafkaBroker, end: int, *, within_s: float) -> list[bytes | None] | None:
    """What of partition 0 was committed before offset `end`; None where that is not settled yet."""
    reader = kafka.reader()
    try:
        async with asyncio.timeout(within_s):
            return [one.value async for one in reader.read({PLACE: 0}, {PLACE: end})]
    except TimeoutError:
        return None
    finally:
        await reader.close()
