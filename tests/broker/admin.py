"""Topics for a test on a real Kafka, made and known to all before the call returns."""

import time

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

ANSWER_TIMEOUT_S = 30.0
LOOK_AGAIN_S = 0.02


class Admin:
    """Makes topics behind a prefix."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self._client = AdminClient({"bootstrap.servers": bootstrap})
        self._prefix = prefix

    def create(self, topic: str, partitions: int) -> None:
        """Return once the broker tells every client of the topic."""
        name = self._prefix + topic
        made = self._client.create_topics([NewTopic(name, partitions, 1)])
        made[name].result(ANSWER_TIMEOUT_S)
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        while time.monotonic() < deadline:
            found = self._client.list_topics(timeout=ANSWER_TIMEOUT_S).topics.get(name)
            if found is not None and len(found.partitions) == partitions:
                return
            time.sleep(LOOK_AGAIN_S)
        raise AssertionError(f"{name} was made, but the broker does not tell of it")
