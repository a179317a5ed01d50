"""Records as Kafka has them, read with the plain client: no codec, no prefix, no port of ours."""

import time
from collections.abc import Iterator, Sequence

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from confluent_kafka.admin import AdminClient

BATCH = 1_000
BATCH_S = 0.2
SILENCE_S = 20.0


def topics_of(bootstrap: str, prefix: str) -> list[str]:
    """The stack's topics, and Kafka's own."""
    known = AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=SILENCE_S).topics
    return sorted(name for name in known if name.startswith((prefix, "__")))


def read_all(
    bootstrap: str, topics: Sequence[str], *, committed_only: bool = True
) -> Iterator[Message]:
    """Every record of the topics from their first to where they end now."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "reads-without-joining",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed" if committed_only else "read_uncommitted",
        }
    )
    try:
        left = _partitions(consumer, topics)
        consumer.assign([TopicPartition(topic, number, 0) for topic, number in sorted(left)])
        deadline = time.monotonic() + SILENCE_S
        while left:
            assert time.monotonic() < deadline, f"still to be read: {sorted(left)}"
            for message in consumer.consume(BATCH, BATCH_S):
                deadline = time.monotonic() + SILENCE_S
                error = message.error()
                if error is None:
                    yield message
                elif error.code() == KafkaError._PARTITION_EOF:
                    left.discard((str(message.topic()), int(message.partition() or 0)))
                else:
                    raise AssertionError(str(error))
    finally:
        consumer.close()


def _partitions(consumer: Consumer, topics: Sequence[str]) -> set[tuple[str, int]]:
    known = consumer.list_topics(timeout=SILENCE_S).topics
    return {(topic, number) for topic in topics for number in known[topic].partitions}
