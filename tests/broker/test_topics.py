"""Topics are made as the contracts say, and ones that would lose or move facts are refused."""

import uuid

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.topics import FOREVER, LOG, MEMORY, SNAPSHOTS, TOPICS, TopicSpec
from deploy.topics import (
    MESSAGE_BYTES_MAX,
    TopicsRefused,
    TopicsSettings,
    TopicsUnavailable,
    differences,
    ensure_topics,
    found_topics,
    wanted_settings,
)

ANSWER_TIMEOUT_S = 30.0
SPEC = TopicSpec("some.topic", "key", "writer", "purpose", retention_ms=1_000)
KEPT = TopicSpec("kept.topic", "key", "writer", "purpose", FOREVER)
DAY_MS = 86_400_000


def settings(bootstrap: str) -> TopicsSettings:
    prefix = f"test-{uuid.uuid4().hex[:12]}."
    return TopicsSettings(kafka_bootstrap=bootstrap, topic_prefix=prefix)


def make(settings: TopicsSettings, topic: str, partitions: int, **config: str) -> None:
    # The client must outlive the answer: one that is collected cancels what it asked for.
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    name = settings.topic_prefix + topic
    new = NewTopic(name, partitions, 1, config=config)
    admin.create_topics([new])[name].result(ANSWER_TIMEOUT_S)


def names(settings: TopicsSettings) -> set[str]:
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
    there = admin.list_topics(timeout=ANSWER_TIMEOUT_S).topics
    return {name for name in there if name.startswith(settings.topic_prefix)}


def test_a_topic_as_wanted_differs_in_nothing() -> None:
    for spec in TOPICS:
        assert differences(spec, spec.name, spec.partitions, wanted_settings(spec)) == []


def test_a_longer_retention_and_larger_messages_are_no_difference() -> None:
    for more in (DAY_MS, FOREVER):
        found = wanted_settings(SPEC) | {
            "retention.ms": str(more),
            "max.message.bytes": str(MESSAGE_BYTES_MAX * 2),
        }
        assert differences(SPEC, "some.topic", SPEC.partitions, found) == []


@pytest.mark.parametrize(
    ("spec", "change", "setting"),
    [
        (SPEC, {"retention.ms": "999"}, "retention.ms"),
        (KEPT, {"retention.ms": str(10_000 * DAY_MS)}, "retention.ms"),
        (KEPT, {"cleanup.policy": "compact"}, "cleanup.policy"),
        (SPEC, {"max.message.bytes": "1048588"}, "max.message.bytes"),
    ],
)
def test_a_setting_that_would_lose_facts_is_named(
    spec: TopicSpec, change: dict[str, str], setting: str
) -> None:
    found = wanted_settings(spec) | change
    (difference,) = differences(spec, spec.name, spec.partitions, found)
    told = str(difference)
    assert told.startswith(f"topic {spec.name}: {setting} is {change[setting]}, wanted is ")
    assert wanted_settings(spec)[setting] in told
    assert "\n" not in told


@pytest.mark.parametrize("partitions", [1, 11, 13])
def test_another_number_of_partitions_is_named(partitions: int) -> None:
    (difference,) = differences(SPEC, "some.topic", partitions, wanted_settings(SPEC))
    assert str(difference).startswith(
        f"topic some.topic: partitions is {partitions}, wanted is 12; keys would move"
    )


def test_three_copies_ask_two_of_them_to_have_it() -> None:
    assert wanted_settings(SPEC, 3)["min.insync.replicas"] == "2"
    assert "min.insync.replicas" not in wanted_settings(SPEC, 1)


def test_a_kafka_that_is_not_there_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.topics.ANSWER_TIMEOUT_S", 0.5)
    with pytest.raises(TopicsUnavailable, match=r"127\.0\.0\.1:1 .* sagaline up") as caught:
        ensure_topics(TopicsSettings(kafka_bootstrap="127.0.0.1:1"))
    assert "\n" not in str(caught.value)


@pytest.mark.broker
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


@pytest.mark.broker
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


@pytest.mark.broker
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
