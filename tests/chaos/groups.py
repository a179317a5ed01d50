"""Consumer groups from outside: where they stand, and setting them back to the beginning."""

import time
from collections.abc import Callable, Collection, Mapping

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

PATIENCE_S = 90.0
ANSWER_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.3

Place = tuple[str, int]


class Groups:
    """The groups of one cluster."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._client = AdminClient({"bootstrap.servers": bootstrap})

    def names(self) -> list[str]:
        """Every group that has ever committed."""
        found = self._client.list_consumer_groups(request_timeout=ANSWER_TIMEOUT_S).result()
        return sorted(one.group_id for one in found.valid or ())

    def positions(self, group: str) -> dict[Place, int]:
        """Committed offsets.

        A consumer asks for them: librdkafka's admin client, asked the same, ends its process where
        the group's coordinator is not there yet.
        """
        asking = Consumer({"bootstrap.servers": self._bootstrap, "group.id": group})
        try:
            known = asking.list_topics(timeout=ANSWER_TIMEOUT_S).topics
            places = [TopicPartition(name, tp) for name in known for tp in known[name].partitions]
            found = asking.committed(places, timeout=ANSWER_TIMEOUT_S)
        finally:
            asking.close()
        return {(tp.topic, tp.partition): tp.offset for tp in found if tp.offset >= 0}

    def set_back(self, group: str) -> dict[Place, int]:
        """Reset the group to the beginning, and where it stood; waits until it has no member."""
        before = self.positions(group)
        wanted = [TopicPartition(topic, number, 0) for topic, number in before]
        _until(lambda: self._set(group, wanted), lambda: f"{group} still has a member")
        assert set(self.positions(group).values()) <= {0}
        return before

    def _set(self, group: str, wanted: list[TopicPartition]) -> bool:
        """False while the group has a member: a static one stays until its session ends."""
        asked = [ConsumerGroupTopicPartitions(group, wanted)]
        try:
            done = self._client.alter_consumer_group_offsets(asked)[group].result()
        except KafkaException:
            return False
        return not any(tp.error for tp in done.topic_partitions or ())

    def wait_until_back(self, before: Mapping[str, Mapping[Place, int]]) -> None:
        """Until every group stands where it stood, or behind that."""

        def late() -> Collection[tuple[str, Place]]:
            return [
                (group, place)
                for group, places in before.items()
                for place, offset in places.items()
                if self.positions(group).get(place, 0) < offset
            ]

        _until(lambda: not late(), lambda: f"still behind: {late()}")


def _until(reached: Callable[[], bool], why: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < deadline, why()
        time.sleep(LOOK_EVERY_S)
