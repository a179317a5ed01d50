"""A former owner that was paused and wakes up cannot write to the log."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from chassis.broker import TopicPartition
from chassis.codec import Codec
from chassis.kafka import KafkaBroker
from chassis.settings import ChassisSettings
from contracts import topics
from services.orchestrator.saga.verify import verify
from tests.broker.requests import create

PATIENCE_S = 40.0
AFTER_WAKING_S = 4.0

USED = (topics.REQUESTS, topics.RESULTS, topics.LOG, topics.SNAPSHOTS, topics.DEAD_LETTERS)


class Ground:
    """A set of topics of its own, and owners as processes."""

    def __init__(self, bootstrap: str, logs: Path) -> None:
        self.prefix = f"z{uuid4().hex[:8]}."
        self.bootstrap = bootstrap
        self._logs = logs
        settings = ChassisSettings(
            kafka_bootstrap=bootstrap,
            topic_prefix=self.prefix,
            group_prefix=self.prefix,
            use_in_memory_store=True,
        )
        self.broker = KafkaBroker(settings)
        admin = AdminClient({"bootstrap.servers": bootstrap})
        made = admin.create_topics([NewTopic(self.prefix + name, 12, 1) for name in USED])
        for future in made.values():
            future.result()

    @contextmanager
    def owner(self, instance: int, pause: str, mutation: str) -> Iterator["subprocess.Popen[str]"]:
        log = (self._logs / f"owner-{instance}.log").open("w")
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.broker.owner", self.bootstrap, self.prefix),
                *(str(instance), pause, mutation),
            ],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()
            log.close()

    async def facts(self) -> list[str]:
        """The types of all committed log records."""
        reader = self.broker.reader()
        tps = [TopicPartition(topics.LOG, number) for number in range(12)]
        bounds = await reader.ends(tps)
        codec = Codec()
        starts = {tp: bounds[tp][0] for tp in tps}
        ends = {tp: bounds[tp][1] for tp in tps}
        found = [codec.decode(r.value).entry.name async for r in reader.read(starts, ends)]
        await reader.close()
        return found

    async def wait_for(self, name: str) -> None:
        """Until the log holds a fact of this type."""
        reader = self.broker.reader()
        starts = {TopicPartition(topics.LOG, number): 0 for number in range(12)}
        async with asyncio.timeout(PATIENCE_S):
            async for record in reader.tail(starts):
                if Codec().decode(record.value).entry.name == name:
                    return


async def _paused(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        line = await asyncio.to_thread(process.stdout.readline)
    assert line.strip() == "paused"


async def _life_of_a_zombie(ground: Ground, pause: str, mutation: str) -> list[str]:
    """An owner stops with a tick in hand, another does the work, the first one wakes: the log."""
    with ground.owner(0, pause, mutation) as first:
        producer = ground.broker.producer()
        _, request = create("zombie", "gated", Codec())
        await producer.send((request,))
        await producer.close()
        await _paused(first)
        with ground.owner(1, "never", "none") as second:
            await ground.wait_for("WorkflowRejected")
            os.kill(first.pid, signal.SIGCONT)
            await asyncio.sleep(AFTER_WAKING_S)
            assert second.poll() is None
            return await ground.facts()


GOOD = [
    "GoalReceived",
    "PlanGenerated",
    "ReviewRequested",
    "DeadlinePassed",
    "WorkflowRejected",
]


@pytest.mark.parametrize("pause", ["input", "timer"])
async def test_a_former_owner_cannot_write_what_it_had_in_hand(
    broker: str, tmp_path: Path, pause: str
) -> None:
    ground = Ground(broker, tmp_path)
    assert await _life_of_a_zombie(ground, pause, "none") == GOOD
    report = await verify(ground.broker.reader(), Codec())
    assert report["problems"] == []
    assert sum(one["foreign_records"] for one in report["partitions"].values()) == 0


@pytest.mark.parametrize(
    ("pause", "left_out"), [("input", "membership"), ("timer", "membership"), ("timer", "offset")]
)
async def test_without_the_safeguard_the_former_owner_does_write(
    broker: str, tmp_path: Path, pause: str, left_out: str
) -> None:
    ground = Ground(broker, tmp_path)
    facts = await _life_of_a_zombie(ground, pause, left_out)
    assert len(facts) > len(GOOD), "the test would not notice a missing safeguard"
    report = await verify(ground.broker.reader(), Codec())
    assert sum(one["foreign_records"] for one in report["partitions"].values()) > 0
