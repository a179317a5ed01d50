"""The broker port on a real Kafka: the shared suite, and what only a wire can break."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest
from confluent_kafka import Producer

from chassis.broker import Outgoing, Position, TopicPartition
from chassis.kafka import KafkaBroker
from chassis.kafka.configuration import client_options, producer_options
from chassis.kafka.consumer import kafka_positions
from chassis.kafka.names import Names
from chassis.kafka.producer import produce
from chassis.settings import ChassisSettings
from tests.broker.admin import Admin
from tests.chassis.broker_suite import BrokerSuite

CALL_TIMEOUT_S = 20.0
LEFT_OPEN_MS = 60_000


class KafkaTwin:
    """A Kafka behind a prefix of its own, so that no test meets another."""

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
