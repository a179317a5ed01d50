"""Groups of saga owners that only wait and decide, and what their logs must hold in the end.

Each group has a prefix of its own on one broker. Its sagas wait for a person until time rejects
them (tests/broker/gated.py): inputs and deadlines, and no phase.
"""

import asyncio
import signal
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from confluent_kafka import Producer

from chassis.broker import TopicPartition
from chassis.clock import SystemClock
from chassis.codec import Codec
from chassis.kafka import KafkaBroker
from chassis.kafka.configuration import client_options, producer_options
from chassis.main import run_until_signalled
from chassis.telemetry import configure_logs
from chassis.watchdog import Watchdog
from contracts import topics
from services.orchestrator.saga.role import ROLE, saga_loop
from services.orchestrator.saga.verify import verify
from tests.broker.gated import GATED
from tests.broker.owner import Pausing
from tests.broker.requests import create
from tests.chaos.storm.ground import Ground

PARTITIONS = 2
TOPICS = (topics.REQUESTS, topics.RESULTS, topics.LOG, topics.SNAPSHOTS, topics.DEAD_LETTERS)
GOOD = ("GoalReceived", "PlanGenerated", "ReviewRequested", "DeadlinePassed", "WorkflowRejected")
"""The whole life of a gated saga, each fact once."""

CODEC = Codec()
PAUSE_AT = {signal.SIGUSR1: "input", signal.SIGUSR2: "timer"}


def own(ground: Ground, instance: int) -> int:
    """One owner; on SIGUSR1 or SIGUSR2 it stops itself with the next such tick in hand."""
    configure_logs("WARNING", f"{ROLE}-{instance}")
    settings = ground.settings(instance)
    loop = saga_loop(settings, KafkaBroker(settings), SystemClock(), CODEC, GATED)
    processor: Any = loop._processor
    processor.__class__ = Pausing

    def pause(number: int, _: object) -> None:
        processor.pause = PAUSE_AT[signal.Signals(number)]

    for number in PAUSE_AT:
        signal.signal(number, pause)
    dog = Watchdog([loop.vitals], stalled_after_s=settings.stalled_after_s)
    return run_until_signalled(loop.run, stop=[loop.stop], dog=dog)


class Requests:
    """Hands gated sagas to a group; those that Kafka acknowledged are kept by name."""

    def __init__(self, ground: Ground) -> None:
        self._topic = ground.prefix + topics.REQUESTS
        self._prefix = ground.prefix
        self._producer = Producer(producer_options(client_options(ground.settings())))
        self._begun = 0
        self.accepted: set[str] = set()

    def send(self) -> None:
        """One more saga."""
        campaign_id, made = create(f"{self._prefix}{self._begun}", "gated", CODEC)
        self._begun += 1

        def told(error: object, _: object) -> None:
            if error is None:
                self.accepted.add(campaign_id)

        self._producer.produce(
            self._topic, made.value, key=made.key, headers=list(made.headers), on_delivery=told
        )
        self._producer.poll(0)

    def finish(self) -> None:
        """Wait for what is under way."""
        self._producer.flush(30.0)


class Verdict(NamedTuple):
    """What a group's log holds: sagas, records that no chain takes, and what is wrong."""

    sagas: int
    open: int
    foreign: int
    anomalies: list[str]


async def judge(ground: Ground, accepted: set[str]) -> Verdict:
    """Read a group's whole log: every saga has its five facts once, in a chain that holds."""
    reader = KafkaBroker(ground.settings()).reader()
    partitions = [TopicPartition(topics.LOG, number) for number in range(PARTITIONS)]
    bounds = await reader.ends(partitions)
    starts = {tp: bounds[tp][0] for tp in partitions}
    lives: dict[str, list[str]] = defaultdict(list)
    async for record in reader.read(starts, {tp: bounds[tp][1] for tp in partitions}):
        lives[(record.key or b"").decode()].append(CODEC.decode(record.value).entry.name)
    report = await verify(reader, CODEC)
    await reader.close()
    opened = {c for c, facts in lives.items() if tuple(facts) == GOOD[: len(facts)]} - {
        c for c, facts in lives.items() if len(facts) >= len(GOOD)
    }
    odd = Counter(
        " ".join(facts) for c, facts in lives.items() if tuple(facts) != GOOD and c not in opened
    )
    anomalies = [f"{number} sagas have the facts {facts}" for facts, number in odd.items()]
    anomalies += [f"accepted and not in the log: {c}" for c in sorted(accepted - lives.keys())[:3]]
    anomalies += report["problems"]
    foreign = sum(one["foreign_records"] for one in report["partitions"].values())
    return Verdict(len(lives), len(opened), foreign, [f"{ground.prefix} {a}" for a in anomalies])


def judged(
    grounds: Sequence[Ground], requests: Sequence[Requests]
) -> tuple[list[Verdict], list[str]]:
    """Every group's verdict, and all anomalies of all of them; a record too many is one."""
    verdicts = [
        asyncio.run(judge(ground, sent.accepted))
        for ground, sent in zip(grounds, requests, strict=True)
    ]
    anomalies = [anomaly for one in verdicts for anomaly in one.anomalies]
    anomalies += [f"{one.open} sagas are still open" for one in verdicts if one.open]
    anomalies += [f"{one.foreign} records too many" for one in verdicts if one.foreign]
    return verdicts, anomalies
