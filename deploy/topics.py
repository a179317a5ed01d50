"""Makes the topics of the contracts, and refuses a Kafka whose topics would lose or reorder facts.

It knows the topics as data and Kafka's administration; it reads and writes no record.
"""

import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    ConfigResource,
    ResourceType,
)
from confluent_kafka.cimpl import NewTopic
from pydantic import Field

from chassis.kafka.configuration import client_options
from chassis.settings import ChassisSettings
from contracts.topics import FOREVER, TOPICS, TopicSpec

MESSAGE_BYTES_MAX = 2_000_000
"""What the producers may send; the topic's own limit goes before the broker's."""

SEGMENT_BYTES = 64 * 1024 * 1024
SEGMENT_MS = 600_000
COMPACTION_LAG_MS_MAX = 600_000
"""Of compacted topics: an old state is gone ten minutes after the next, so that a restore is short.

Only closed segments are compacted; Kafka's own sizes (1 GiB, seven days) would keep every state.
"""

REPLICAS_FOR_QUORUM = 3
ANSWER_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.1

Settings = Mapping[str, str]


class TopicsSettings(ChassisSettings):
    """Settings of whoever makes the topics; nothing of it needs the shared store."""

    use_in_memory_store: bool = Field(True, description="topics are made without a shared store")
    topics_replication: int = Field(
        1, ge=1, le=9, description="copies of every new topic; 3 where three brokers are"
    )


class TopicsUnavailable(Exception):
    """Kafka does not answer; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A topic that is there, but not as it must be."""

    topic: str
    setting: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return (
            f"topic {self.topic}: {self.setting} is {self.found}, wanted is {self.wanted}; "
            f"{_ADVICE[self.setting]}"
        )


class TopicsRefused(Exception):
    """Topics differ from the contracts in a way that is not safe; one line for each difference."""

    def __init__(self, differences: tuple[Difference, ...]) -> None:
        super().__init__("\n".join(str(difference) for difference in differences))
        self.differences = differences


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic of the contracts as Kafka has it; `partitions` is 0 where it is missing."""

    name: str
    partitions: int
    settings: Settings
    differences: tuple[Difference, ...]

    @property
    def state(self) -> str:
        """missing, differs or ok."""
        if not self.partitions:
            return "missing"
        return "differs" if self.differences else "ok"


def found_topics(settings: TopicsSettings) -> tuple[FoundTopic, ...]:
    """Every topic of the contracts, in their order, as Kafka has it. Raises TopicsUnavailable."""
    admin = AdminClient(client_options(settings))
    try:
        return _look(admin, settings.topic_prefix)
    except KafkaException as failure:
        raise _unavailable(settings, failure) from failure


def ensure_topics(settings: TopicsSettings) -> tuple[str, ...]:
    """Make what is missing and return its names; topics that are there are not changed.

    Raises TopicsRefused, before anything is made, where one that is there has another number of
    partitions, another clean-up, a shorter retention or a smaller message limit;
    TopicsUnavailable where Kafka does not answer.
    """
    admin = AdminClient(client_options(settings))
    try:
        found = _look(admin, settings.topic_prefix)
        _refuse_differences(found)
        missing = [topic.name for topic in found if not topic.partitions]
        if missing:
            _make(admin, settings, missing)
            # Another process may have made them a moment before, and otherwise.
            _refuse_differences(_look_until_all_are_there(admin, settings))
    except KafkaException as failure:
        raise _unavailable(settings, failure) from failure
    return tuple(missing)


def wanted_settings(spec: TopicSpec, replication: int = 1) -> dict[str, str]:
    """The topic's configuration in Kafka's own words."""
    wanted = {
        "cleanup.policy": "compact" if spec.compacted else "delete",
        "retention.ms": str(spec.retention_ms),
        "max.message.bytes": str(MESSAGE_BYTES_MAX),
    }
    if spec.compacted:
        wanted |= {
            "segment.bytes": str(SEGMENT_BYTES),
            "segment.ms": str(SEGMENT_MS),
            "max.compaction.lag.ms": str(COMPACTION_LAG_MS_MAX),
        }
    if replication >= REPLICAS_FOR_QUORUM:
        wanted["min.insync.replicas"] = "2"
    return wanted


def differences(spec: TopicSpec, name: str, partitions: int, found: Settings) -> list[Difference]:
    """Where a topic that is there is not safe to use. Pure."""
    wanted = wanted_settings(spec)
    unlike: list[Difference] = []
    if partitions != spec.partitions:
        unlike.append(Difference(name, "partitions", str(partitions), str(spec.partitions)))
    if found.get("cleanup.policy", "") != wanted["cleanup.policy"]:
        policy = found.get("cleanup.policy", "unknown")
        unlike.append(Difference(name, "cleanup.policy", policy, wanted["cleanup.policy"]))
    for setting in ("retention.ms", "max.message.bytes"):
        if _limit(found.get(setting, "0")) < _limit(wanted[setting]):
            value = found.get(setting, "unknown")
            unlike.append(Difference(name, setting, value, wanted[setting]))
    return unlike


def main() -> int:
    """Make what is missing, for containers: 0 then, 1 where it is refused (said on stderr)."""
    try:
        made = ensure_topics(TopicsSettings())
    except (TopicsRefused, TopicsUnavailable) as failure:
        sys.stderr.write(f"topics: {failure}\n")
        return 1
    sys.stderr.write(f"topics: {len(made)} made, {len(TOPICS) - len(made)} were there\n")
    return 0


_ADVICE = {
    "partitions": "keys would move to other partitions: use a new TOPIC_PREFIX, or make the topic "
    "anew with that count",
    "cleanup.policy": "facts would be lost, or kept for ever: set it with kafka-configs",
    "retention.ms": "facts would be lost: raise it with kafka-configs",
    "max.message.bytes": "large messages would be refused: raise it with kafka-configs",
}


def _limit(value: str) -> float:
    number = int(value)
    return float("inf") if number == FOREVER else number


def _look(admin: AdminClient, prefix: str) -> tuple[FoundTopic, ...]:
    there = admin.list_topics(timeout=ANSWER_TIMEOUT_S).topics
    names = [prefix + spec.name for spec in TOPICS]
    settings = _settings_of(admin, [name for name in names if name in there])
    return tuple(
        _found(spec, prefix + spec.name, len(there[prefix + spec.name].partitions), settings)
        if prefix + spec.name in there
        else FoundTopic(prefix + spec.name, 0, {}, ())
        for spec in TOPICS
    )


def _look_until_all_are_there(
    admin: AdminClient, settings: TopicsSettings
) -> tuple[FoundTopic, ...]:
    """A broker shows a topic some time after the controller has made it."""
    deadline = time.monotonic() + ANSWER_TIMEOUT_S
    while True:
        found = _look(admin, settings.topic_prefix)
        missing = [topic.name for topic in found if not topic.partitions]
        if not missing:
            return found
        if time.monotonic() > deadline:
            raise TopicsUnavailable(
                f"Kafka at {settings.kafka_bootstrap} made {', '.join(missing)} but does not show "
                f"them after {ANSWER_TIMEOUT_S:.0f} s; look at its log"
            )
        time.sleep(LOOK_EVERY_S)


def _found(
    spec: TopicSpec, name: str, partitions: int, settings: Mapping[str, Settings]
) -> FoundTopic:
    unlike = differences(spec, name, partitions, settings[name])
    return FoundTopic(name, partitions, settings[name], tuple(unlike))


def _settings_of(admin: AdminClient, names: list[str]) -> dict[str, Settings]:
    if not names:
        return {}
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    answers: Mapping[ConfigResource, Future[Any]] = admin.describe_configs(asked)
    return {
        resource.name: {
            key: str(entry.value) for key, entry in answer.result(ANSWER_TIMEOUT_S).items()
        }
        for resource, answer in answers.items()
    }


def _make(admin: AdminClient, settings: TopicsSettings, names: list[str]) -> None:
    copies = settings.topics_replication
    new = [
        NewTopic(
            settings.topic_prefix + spec.name,
            spec.partitions,
            copies,
            config=wanted_settings(spec, copies),
        )
        for spec in TOPICS
        if settings.topic_prefix + spec.name in names
    ]
    for answer in admin.create_topics(new, operation_timeout=ANSWER_TIMEOUT_S).values():
        try:
            answer.result(ANSWER_TIMEOUT_S)
        except KafkaException as failure:
            if failure.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def _refuse_differences(found: tuple[FoundTopic, ...]) -> None:
    unlike = tuple(difference for topic in found for difference in topic.differences)
    if unlike:
        raise TopicsRefused(unlike)


def _unavailable(settings: TopicsSettings, failure: KafkaException) -> TopicsUnavailable:
    where, error = settings.kafka_bootstrap, failure.args[0]
    if error.code() < 0:  # librdkafka's own errors: no broker said anything
        return TopicsUnavailable(
            f"no Kafka answers at {where}: start it (sagaline up), or correct KAFKA_BOOTSTRAP and "
            "the KAFKA_… settings of TLS and SASL"
        )
    return TopicsUnavailable(f"Kafka at {where} refused to make or show topics: {error.str()}")


if __name__ == "__main__":
    sys.exit(main())
