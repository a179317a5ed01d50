"""A partition whose end nobody can tell is never taken for an empty one."""

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

import pytest
from confluent_kafka import TopicPartition as KafkaPartition
from confluent_kafka.admin import ListOffsetsResultInfo  # type: ignore[attr-defined]

from chassis.errors import Retryable
from chassis.kafka import bounds
from chassis.kafka.bounds import Bounds

NO_LEADER = -1001
"""What librdkafka 2.16.1 answered, without an error, for a partition whose leader was killed."""


class Admin:
    """confluent-kafka's AdminClient as far as bounds are asked of it."""

    offsets: Mapping[int, int]

    def __init__(self, _: dict[str, Any]) -> None: ...
    def list_topics(self, *_: Any, **__: Any) -> None: ...

    def list_offsets(
        self, wanted: Mapping[KafkaPartition, object], **_: Any
    ) -> dict[KafkaPartition, "Future[Any]"]:
        answers = {}
        for partition in wanted:
            answers[partition] = Future[Any]()
            told = ListOffsetsResultInfo(self.offsets[partition.partition], 0, 0)
            answers[partition].set_result(told)
        return answers


@pytest.mark.parametrize("committed_only", [True, False])
def test_a_partition_without_a_leader_has_no_end(
    monkeypatch: pytest.MonkeyPatch, committed_only: bool
) -> None:
    monkeypatch.setattr(bounds, "AdminClient", Admin)
    asked = [KafkaPartition("log", number) for number in range(2)]
    Admin.offsets = {0: 7, 1: NO_LEADER}
    with pytest.raises(Retryable, match="without a leader"):
        Bounds({}).ends(asked, committed_only=committed_only)
    with pytest.raises(Retryable, match="without a leader"):
        Bounds({}).begins(asked)
    Admin.offsets = {0: 7, 1: 0}
    found = Bounds({}).ends(asked, committed_only=committed_only)
    assert found == {("log", 0): 7, ("log", 1): 0}
