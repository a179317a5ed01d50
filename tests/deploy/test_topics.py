"""Which differences of a topic are refused: those that would lose facts or move keys."""

import pytest

from contracts.topics import FOREVER, TOPICS, TopicSpec
from deploy.topics import (
    MESSAGE_BYTES_MAX,
    TopicsSettings,
    TopicsUnavailable,
    differences,
    ensure_topics,
    wanted_settings,
)

SPEC = TopicSpec("some.topic", "key", "writer", "purpose", retention_ms=1_000)
KEPT = TopicSpec("kept.topic", "key", "writer", "purpose", FOREVER)
DAY_MS = 86_400_000


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
    with pytest.raises(
        TopicsUnavailable, match=r"no Kafka answers at 127\.0\.0\.1:1: .*sagaline up"
    ) as caught:
        ensure_topics(TopicsSettings(kafka_bootstrap="127.0.0.1:1"))
    assert "\n" not in str(caught.value)
