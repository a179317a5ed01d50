"""The broker port on a real Kafka: the shared suite, and what only a wire can break."""

import asyncio
import threading
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from random import Random

import pytest
from confluent_kafka import Producer

from chassis.broker import Outgoing, Position, TopicPartition
from chassis.errors import Fenced, Rejected
from chassis.kafka import KafkaBroker
from chassis.kafka import transactions as transactions_module
from chassis.kafka.configuration import client_options, producer_options
from chassis.kafka.consumer import kafka_positions
from chassis.kafka.names import Names
from chassis.kafka.producer import produce
from chassis.settings import ChassisSettings
from tests.broker.admin import Admin
from tests.chassis.broker_suite import BrokerSuite
from tests.chassis.seats import IN, OUT, first_of, joined, plain, started, values_in, write

CALL_TIMEOUT_S = 20.0
LEFT_OPEN_MS = 60_000
OUTLIVED_S = 4.0
"""Its time, and what the broker needs to notice that it is over."""


class KafkaTwin:
    """A Kafka behind a prefix of its own, so that no test meets another."""

    moment_s = 0.3

    def __init__(self, bootstrap: str) -> None:
        prefix = f"{uuid.uuid4().hex[:12]}."
        self._settings = ChassisSettings(
            kafka_bootstrap=bootstrap,
            topic_prefix=prefix,
            group_prefix=prefix,
            use_in_memory_store=True,
        )
        self._names = Names(prefix, prefix)
        self._admin = Admin(bootstrap, prefix)
        self._left: list[Producer] = []
        self.broker = KafkaBroker(self._settings)
        self.producer = self.broker.producer()

    def create(self, topic: str, partitions: int) -> None:
        self._admin.create(topic, partitions)

    async def leave_open(
        self,
        transactional_id: str,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        await asyncio.to_thread(
            self._leave_open, self._names.group(transactional_id), records, positions, membership
        )

    def _leave_open(
        self,
        transactional_id: str,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        producer = Producer(
            {
                **producer_options(client_options(self._settings)),
                "transactional.id": transactional_id,
                "transaction.timeout.ms": LEFT_OPEN_MS,
            }
        )
        self._left.append(producer)
        producer.init_transactions(CALL_TIMEOUT_S)
        producer.begin_transaction()
        for record in records:
            produce(producer, record, self._names)
        assert producer.flush(CALL_TIMEOUT_S) == 0
        offsets = kafka_positions(positions, self._names)
        producer.send_offsets_to_transaction(offsets, membership, CALL_TIMEOUT_S)


@pytest.fixture
async def twin(broker: str) -> AsyncIterator[KafkaTwin]:
    made = KafkaTwin(broker)
    yield made
    await made.producer.close()


class TestKafkaBroker(BrokerSuite):
    pass


@pytest.mark.parametrize("size", [1_200_000, 2_500_000], ids=["for the topic", "for the client"])
async def test_a_record_that_is_too_large_is_rejected_and_the_producer_goes_on(
    twin: KafkaTwin, size: int
) -> None:
    twin.create(IN, 1)
    with pytest.raises(Rejected, match="MSG_SIZE_TOO_LARGE"):
        await write(twin, *plain(b"before"), *plain(Random(1).randbytes(size)))
    await write(twin, *plain(b"after"))
    assert await values_in(twin, IN) == [b"before", b"after"]


def _until_no_reader_runs() -> None:
    while any(thread.name.startswith("kafka-reader") for thread in threading.enumerate()):
        time.sleep(0.02)


async def test_a_reading_that_is_left_half_way_leaves_nothing_behind(twin: KafkaTwin) -> None:
    twin.create(IN, 1)
    await write(twin, *plain(b"one", b"two"))
    source = TopicPartition(IN, 0)
    for _ in range(3):
        reader = twin.broker.reader()
        stream = reader.tail({source: 0})
        assert (await first_of(stream, 1))[0].value == b"one"
        await reader.close()
    async with asyncio.timeout(CALL_TIMEOUT_S):
        await asyncio.to_thread(_until_no_reader_runs)


async def test_a_commit_that_outlives_its_transaction_says_so(
    twin: KafkaTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker answers as if another copy had taken over; the reason must not claim that."""
    monkeypatch.setattr(transactions_module, "TRANSACTION_TIMEOUT_MS", 1_500)
    twin.create(IN, 1)
    twin.create(OUT, 1)
    seat = await joined(twin)
    transactions = await started(twin)

    def slow(producer: Producer, record: Outgoing, names: Names) -> None:
        produce(producer, record, names)
        producer.flush(CALL_TIMEOUT_S)
        time.sleep(OUTLIVED_S)

    monkeypatch.setattr(transactions_module, "produce", slow)
    with pytest.raises(Fenced, match="may be no other copy, only a slow broker"):
        await transactions.commit(
            plain(b"x", topic=OUT), {TopicPartition(IN, 0): Position(0)}, seat.batch.membership
        )
    await transactions.close()
    await seat.consumer.close()
    assert await values_in(twin, OUT) == []
