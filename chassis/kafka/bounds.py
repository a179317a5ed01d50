"""Where partitions begin and end, asked for all at once and on a connection of its own.

A broker answers each connection in order: on a consumer's own, a question waits behind the fetch
that waits for records, and librdkafka would ask for each partition separately.
"""

from collections.abc import Sequence
from typing import cast

from confluent_kafka import IsolationLevel, KafkaException
from confluent_kafka import TopicPartition as KafkaPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from chassis.errors import Retryable
from chassis.kafka.configuration import Options

CALL_TIMEOUT_S = 5.0

FIRST: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
LAST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]

Place = tuple[str, int]
"""Topic as the brokers know it, and partition."""


class Bounds:
    """First and last offsets of any partitions; connects when first asked. Blocks."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._client: AdminClient | None = None

    def begins(self, partitions: Sequence[KafkaPartition]) -> dict[Place, int]:
        """The first offset that each partition still keeps. Raises Retryable."""
        return self._asked(partitions, FIRST, committed_only=False)

    def ends(
        self, partitions: Sequence[KafkaPartition], *, committed_only: bool
    ) -> dict[Place, int]:
        """Each partition's high watermark, or its last stable offset. Raises Retryable."""
        return self._asked(partitions, LAST, committed_only=committed_only)

    def close(self) -> None:
        """Give up the connection."""
        self._client = None

    def _asked(
        self, partitions: Sequence[KafkaPartition], which: OffsetSpec, *, committed_only: bool
    ) -> dict[Place, int]:
        if not partitions:
            return {}
        level = IsolationLevel.READ_COMMITTED if committed_only else IsolationLevel.READ_UNCOMMITTED
        wanted = {KafkaPartition(tp.topic, tp.partition): which for tp in partitions}
        try:
            answers = self._connected(partitions[0].topic).list_offsets(
                wanted, isolation_level=level, request_timeout=CALL_TIMEOUT_S
            )
            found = {
                (tp.topic, tp.partition): cast("int", answer.result().offset)
                for tp, answer in answers.items()
            }
        except KafkaException as failure:
            self._client = None  # what it knows of leaders may be of before a broker's death
            raise Retryable(f"no bounds of partitions: {failure.args[0]}") from failure
        self._require_all(found)
        return found

    def _require_all(self, found: dict[Place, int]) -> None:
        """Of a partition without a leader librdkafka tells no error, but an offset below 0.

        Taken for an end, it makes a log look empty. Raises Retryable.
        """
        if unknown := sorted(place for place, offset in found.items() if offset < 0):
            self._client = None
            raise Retryable(f"no bounds of partitions without a leader: {unknown}")

    def _connected(self, topic: str) -> AdminClient:
        """A client that is connected: asked before it is, librdkafka may look again only 3 s later.

        Seen with librdkafka 2.16.1 in 3 of 25 new clients, and in none that had read metadata.
        """
        if self._client is None:
            client = AdminClient(self._options)
            client.list_topics(topic, timeout=CALL_TIMEOUT_S)
            self._client = client
        return self._client
