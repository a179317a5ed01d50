"""Topics on a real Kafka: made as the contracts say, refused where facts would be lost or moved."""

import time
import uuid

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.topics import LOG, MEMORY, SNAPSHOTS, TOPICS
from deploy.topics import (
    MESSAGE_BYTES_MAX,
    TopicsRefused,
    TopicsSettings,
    ensure_topics,
    found_topics,
)

ANSWER_TIMEOUT_S = 30.0


def settings(bootstrap: str) -> TopicsSettings:
    prefix = f"test-{uuid.uuid4().hex[:12]}."
    return TopicsSettings(kafka_bootstrap=bootstrap, topic_prefix=prefix)


def make(settings: TopicsSettings, topic: str, partitions: int, **config: str) -> None:
    # The client must outlive the answer: one that is collected cancels what it asked for.
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    name = settings.topic_prefix + topic
    new = NewTopic(name, partitions, 1, config=config)
    admin.create_topics([new])[name].result(ANSWER_TIMEOUT_S)
    deadline = time.monotonic() + ANSWER_TIMEOUT_S
    while name not in names(settings) and time.monotonic() < deadline:
        time.sleep(0.05)


def names(settings: TopicsSettings) -> set[str]:
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    there = admin.list_topics(timeout=ANSWER_TIMEOUT_S).topics
    return {name for name in there if name.startswith(settings.topic_prefix)}


def test_all_topics_are_made_as_the_contracts_say_and_a_second_run_makes_none(broker: str) -> None:
    asked = settings(broker)
    made = ensure_topics(asked)
    assert set(made) == names(asked) == {asked.topic_prefix + spec.name for spec in TOPICS}
    assert ensure_topics(asked) == ()
    found = {topic.name.removeprefix(asked.topic_prefix): topic for topic in found_topics(asked)}
    assert {topic.state for topic in found.values()} == {"ok"}
    assert {topic.partitions for topic in found.values()} == {12}
    for name in (SNAPSHOTS, MEMORY):
        kept = found[name].settings
        assert kept["cleanup.policy"] == "compact"
        assert kept["segment.bytes"] == str(64 * 1024 * 1024)
        assert kept["segment.ms"] == kept["max.compaction.lag.ms"] == "600000"
    assert found[LOG].settings["cleanup.policy"] == "delete"
    assert found[LOG].settings["retention.ms"] == "-1"


@pytest.mark.parametrize(
    ("partitions", "config", "told"),
    [
        (3, {"retention.ms": "-1"}, "partitions is 3, wanted is 12"),
        (12, {"retention.ms": "86400000"}, "retention.ms is 86400000, wanted is -1"),
    ],
)
def test_a_log_that_would_lose_or_move_facts_is_refused_and_nothing_is_made(
    broker: str, partitions: int, config: dict[str, str], told: str
) -> None:
    asked = settings(broker)
    config |= {"max.message.bytes": str(MESSAGE_BYTES_MAX)}
    make(asked, LOG, partitions, **config)
    with pytest.raises(TopicsRefused, match=told) as caught:
        ensure_topics(asked)
    assert str(caught.value).startswith(f"topic {asked.topic_prefix}{LOG}: ")
    assert names(asked) == {asked.topic_prefix + LOG}


def test_a_record_of_almost_two_megabytes_goes_through(broker: str) -> None:
    asked = settings(broker)
    ensure_topics(asked)
    topic, value = asked.topic_prefix + LOG, b"x" * (MESSAGE_BYTES_MAX - 10_000)
    producer = Producer({"bootstrap.servers": broker, "message.max.bytes": MESSAGE_BYTES_MAX})
    failures: list[object] = []
    producer.produce(topic, value, on_delivery=lambda error, _: failures.append(error))
    assert producer.flush(ANSWER_TIMEOUT_S) == 0
    assert failures == [None]
    consumer = Consumer(
        {
            "bootstrap.servers": broker,
            "group.id": f"test.{uuid.uuid4().hex}",
            "auto.offset.reset": "earliest",
        }
    )
    consumer.subscribe([topic])
    record = consumer.poll(ANSWER_TIMEOUT_S)
    consumer.close()
    assert record is not None
    assert record.error() is None
    assert record.value() == value
