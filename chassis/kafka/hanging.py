"""Transactions that the brokers forgot, ended by the name that began them.

A coordinator that restarts may call a transaction over without telling the partitions that it
wrote to (seen with Kafka 4.3.0 after `kill -9`). Their last stable offset then stands still for
good: whoever reads committed records waits for ever, and the next commit of the same producer id
would make the forgotten records count. Only that producer's marker ends such a transaction, so
its name begins another one in the same partitions, and aborts it. A partition in which another
name has a transaction under way looks the same for a moment; one aborted record more does no harm.
"""

from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaError, Message, Producer
from confluent_kafka import TopicPartition as KafkaPartition

from chassis.errors import Retryable
from chassis.kafka.bounds import Bounds
from chassis.kafka.configuration import Options

CALL_TIMEOUT_S = 8.0
GROUP_POSITIONS = "__consumer_offsets"
NOTE = b"ends a transaction that hung; never committed"


class Hanging:
    """What may hang under one name: in the topics it writes, and in its group's positions."""

    def __init__(self, options: Options, topics: Sequence[str], group: str) -> None:
        self._options = options
        self._topics = (*topics, GROUP_POSITIONS)
        self._group = group
        self._bounds = Bounds(options)

    def end(self, producer: Producer) -> tuple[KafkaPartition, ...]:
        """End what hangs, under the producer's name; the partitions in which something did.

        Raises Retryable, or KafkaException. Blocks.
        """
        behind = self._behind(producer)
        if not behind:
            return ()
        refused: list[KafkaError] = []
        producer.begin_transaction()
        for partition in behind:
            if partition.topic != GROUP_POSITIONS:
                _touch(producer, partition, refused)
        unsent = producer.flush(CALL_TIMEOUT_S)
        if any(partition.topic == GROUP_POSITIONS for partition in behind):
            self._touch_positions(producer, behind[0])
        producer.abort_transaction(CALL_TIMEOUT_S)
        if unsent or refused:
            raise Retryable(f"what hangs could not be ended: {refused or 'no answer'}")
        return behind

    def _behind(self, producer: Producer) -> tuple[KafkaPartition, ...]:
        """Where the last stable offset is not the end."""
        known = producer.list_topics(timeout=CALL_TIMEOUT_S).topics
        asked = [
            KafkaPartition(topic, number)
            for topic in self._topics
            if topic in known
            for number in known[topic].partitions
        ]
        try:
            stable = self._bounds.ends(asked, committed_only=True)
            ends = self._bounds.ends(asked, committed_only=False)
        finally:
            self._bounds.close()  # nobody asks again before the next start
        return tuple(tp for tp in asked if stable[_place(tp)] < ends[_place(tp)])

    def _touch_positions(self, producer: Producer, partition: KafkaPartition) -> None:
        """Stage a position for the group, so that the abort's marker comes to its partition too."""
        stranger = Consumer({**self._options, "group.id": self._group})
        try:
            membership = stranger.consumer_group_metadata()
            position = KafkaPartition(partition.topic, partition.partition, 0)
            producer.send_offsets_to_transaction([position], membership, CALL_TIMEOUT_S)
        finally:
            stranger.close()


def _touch(producer: Producer, partition: KafkaPartition, refused: list[KafkaError]) -> None:
    """Write a record there; a refusal of it is noted with the next flush."""

    def delivered(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            refused.append(error)

    producer.produce(
        partition.topic, NOTE, key=NOTE, partition=partition.partition, on_delivery=delivered
    )


def _place(partition: KafkaPartition) -> tuple[str, int]:
    return partition.topic, partition.partition
