"""The broker port on real Kafka, by librdkafka: the only door to `confluent_kafka` in a service."""

from collections.abc import Sequence

from chassis.broker import Subscription
from chassis.kafka.configuration import client_options
from chassis.kafka.consumer import KafkaConsumer
from chassis.kafka.hanging import Hanging
from chassis.kafka.names import Names
from chassis.kafka.producer import KafkaProducer
from chassis.kafka.reader import KafkaReader
from chassis.kafka.transactions import KafkaTransactions
from chassis.settings import ChassisSettings

__all__ = ["KafkaBroker"]


class KafkaBroker:
    """A `chassis.broker.Broker` on the brokers that the settings name."""

    def __init__(self, settings: ChassisSettings) -> None:
        self._options = client_options(settings)
        self._names = Names(settings.topic_prefix, settings.group_prefix)

    def consumer(self, subscription: Subscription) -> KafkaConsumer:
        """A new member of a group."""
        return KafkaConsumer(self._options, self._names, subscription)

    def producer(self) -> KafkaProducer:
        """A new idempotent producer."""
        return KafkaProducer(self._options, self._names)

    def transactions(
        self, transactional_id: str, *, group: str, topics: Sequence[str]
    ) -> KafkaTransactions:
        """A new transactional producer; call `start` before `commit`."""
        outside = tuple(map(self._names.outside, topics))
        hanging = Hanging(self._options, outside, self._names.group(group))
        return KafkaTransactions(self._options, self._names, transactional_id, hanging)

    def together(self, transactional_id: str) -> KafkaTransactions:
        """A new transactional producer for records that answer no input; call `start` first."""
        return KafkaTransactions(self._options, self._names, transactional_id)

    def reader(self) -> KafkaReader:
        """A new group-less reader."""
        return KafkaReader(self._options, self._names)
