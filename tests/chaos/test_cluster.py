"""One node of three dies: what was written stands, transactions go on, and it comes back."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from chassis.broker import Outgoing, Reader, Together, TopicPartition
from chassis.errors import OutcomeUnknown, Retryable
from chassis.kafka import KafkaBroker
from chassis.settings import ChassisSettings
from deploy.kafka.cluster import LocalCluster

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(300)]

TOPIC = "kept"
NODES = 3
PATIENCE_S = 60.0
ANSWER_TIMEOUT_S = 30.0
T = TypeVar("T")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    with LocalCluster(tmp_path, NODES) as made:
        admin = AdminClient({"bootstrap.servers": made.bootstrap})
        # Every node leads one partition, so the one that dies leads one as well.
        new = [NewTopic(TOPIC, NODES, NODES, config={"min.insync.replicas": "2"})]
        admin.create_topics(new)[TOPIC].result(ANSWER_TIMEOUT_S)
        yield made


async def test_a_node_dies_and_nothing_that_was_written_is_lost(cluster: LocalCluster) -> None:
    settings = ChassisSettings(kafka_bootstrap=cluster.bootstrap, use_in_memory_store=True)
    kafka = KafkaBroker(settings)
    reader, together = kafka.reader(), kafka.together("owner-0")
    await persistently(together.start)
    await _write(together, reader, b"before")
    assert await _values(reader) == {b"before": NODES}
    dead = cluster.nodes[0]
    dead.kill()
    await _write(together, reader, b"without it")
    assert await _values(reader) == {b"before": NODES, b"without it": NODES}
    dead.start()
    await _write(together, reader, b"with it again")
    cluster.nodes[1].kill()
    found = await _values(reader)
    await together.close()
    await reader.close()
    assert found == {b"before": NODES, b"without it": NODES, b"with it again": NODES}


async def persistently(act: Callable[[], Awaitable[T]]) -> T:
    """What it gives, once the cluster lets it: as the loops do, it tries again."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await act()
        except Retryable as hindrance:
            if time.monotonic() > deadline:
                raise AssertionError(f"it did not come back: {hindrance}") from hindrance
            await asyncio.sleep(0.2)


async def _write(together: Together, reader: Reader, value: bytes) -> None:
    """One transaction over all partitions; where nobody can say how it ended, the topic can."""
    records = [Outgoing(TOPIC, str(n).encode(), value, partition=n) for n in range(NODES)]
    while value not in await _values(reader):
        try:
            await persistently(lambda: together.write(records))
        except OutcomeUnknown:
            await persistently(together.start)


async def _values(reader: Reader) -> dict[bytes, int]:
    """How often each value stands in the topic, by what a new reading finds."""
    partitions = [TopicPartition(TOPIC, number) for number in range(NODES)]
    bounds = await persistently(lambda: reader.ends(partitions))
    found: dict[bytes, int] = {}
    starts = {tp: bounds[tp][0] for tp in partitions}
    async for record in reader.read(starts, {tp: bounds[tp][1] for tp in partitions}):
        found[record.value or b""] = found.get(record.value or b"", 0) + 1
    return found
