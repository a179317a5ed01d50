"""Take-over: how long 100,000 open sagas stand still after kill -9 of the copy that owns them.

Two copies of the real saga role are up. All open sagas are in the partitions of the first; answers
to their commands come all the time. It is killed, and either started again at once or not at all.
Work moves again with the first fact that its partitions get after the kill.
"""

import asyncio
import json
import random
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self
from uuid import uuid4

from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as KafkaPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from pydantic import BaseModel

from benchmarks import engine, road
from benchmarks.open_sagas import Waiting, words
from benchmarks.processes import Child, spent
from chassis.broker import TopicPartition
from chassis.collector import calm_collector
from chassis.kafka import KafkaBroker
from chassis.kafka.configuration import client_options, consumer_options, producer_options
from chassis.kafka.names import Names
from chassis.kafka.producer import produce
from chassis.settings import ChassisSettings
from contracts import topics
from deploy.kafka.broker import LocalBroker
from deploy.topics import wanted_settings
from services.orchestrator.saga.restore import Restored, restore

PREFIX = "takeover."
OWNED = tuple(range(topics.PARTITIONS // 2))
"""What the range assignor gives to the first of two copies."""

MAKERS = 2
ANSWERS_PER_S = 60.0
SESSION_S = 6.0
PATIENCE_S = 90.0
SETTLED_S = 4.0
GOALS_S = {"same copy": 3.0, "another copy": 8.0}


class Plan(NamedTuple):
    """How much is measured."""

    sagas: int
    rounds: int


FULL = Plan(100_002, 3)
QUICK = Plan(18_000, 1)


class Standstill(BaseModel):
    """One kill: seconds until the first fact, and until every owned partition had one.

    By the heir's log: when its process ran (0 where it was up), got the partitions, and had
    restored them. Memory is the heir's.
    """

    who: str
    first_s: float
    all_s: float
    started_s: float
    gained_s: float
    restored_s: float
    took_over: str
    rss_mib: float
    rss_max_mib: float


class Alone(BaseModel):
    """Restoring and folding in one process, without the role: `per_s` by wall, per core by CPU."""

    what: str
    records: int
    seconds: float
    cpu_s: float
    per_s: int
    per_cpu_s: int


class Ground(NamedTuple):
    """A broker, a folder for logs, and the settings of whoever talks to it."""

    node: LocalBroker
    folder: Path

    @property
    def settings(self) -> ChassisSettings:
        """The settings of a client."""
        return ChassisSettings(
            kafka_bootstrap=self.node.bootstrap,
            topic_prefix=PREFIX,
            group_prefix=PREFIX,
            use_in_memory_store=True,
        )


class Copies:
    """Copies of the saga role, by their numbers."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._starts = 0
        self._running: dict[int, Child] = {}
        self.logs: dict[int, Path] = {}

    def start(self, number: int) -> None:
        """Start the copy, and do not wait."""
        self._starts += 1
        node, folder = self._ground
        self.logs[number] = folder / f"copy-{number}-{self._starts}.log"
        arguments = (engine.SAGA, node.bootstrap, PREFIX, str(number))
        self._running[number] = Child("benchmarks.engine", arguments, self.logs[number])

    def kill(self, number: int) -> None:
        """SIGKILL."""
        child = self._running.pop(number)
        child.kill()
        child.end()

    def pid(self, number: int) -> int:
        """The copy's process id."""
        return self._running[number].pid

    def end(self) -> None:
        """End all."""
        for child in self._running.values():
            child.kill()
            child.end()
        self._running.clear()


class Answers:
    """Answers to waiting commands, so many a second, over the partitions by turns."""

    def __init__(self, ground: Ground, waiting: Sequence[Waiting], seed: int) -> None:
        self._left = list(waiting)
        self._chance = random.Random(seed)
        self._chance.shuffle(self._left)
        self._producer = Producer(producer_options(client_options(ground.settings)))
        self._speech = road.codec()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="answers", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._producer.flush()

    def _run(self) -> None:
        for one in self._left:
            if self._over.wait(1 / ANSWERS_PER_S):
                return
            text = words(self._chance, road.ANSWER_CHARS)
            produce(self._producer, one.answer(self._speech, text), Names(PREFIX))
            self._producer.poll(0)
        raise AssertionError("every command is answered: make more sagas or fewer rounds")


class Facts:
    """The log as it grows: committed facts from now on, and who wrote them."""

    def __init__(self, ground: Ground) -> None:
        options = consumer_options(client_options(ground.settings))
        self._consumer = Consumer({**options, "group.id": uuid4().hex})
        self._speech = road.codec()
        places = [KafkaPartition(PREFIX + topics.LOG, number) for number in OWNED]
        for place in places:
            place.offset = self._consumer.get_watermark_offsets(place, 10.0)[1]
        self._consumer.assign(places)

    def since(self, when_ms: float, partitions: set[int]) -> Iterator[tuple[int, str]]:
        """(partition, writer) of each new fact, until each partition had one written later."""
        give_up = time.monotonic() + PATIENCE_S
        while partitions:
            if time.monotonic() > give_up:
                raise RuntimeError(f"no facts in partitions {sorted(partitions)}; see the logs")
            for message in self._consumer.consume(500, 0.005):
                if message.error() is not None or message.timestamp()[1] <= when_ms:
                    continue
                number = message.partition()
                assert number is not None
                record = self._speech.decode(message.value(), validate=False).record
                partitions.discard(number)
                yield number, record["envelope"]["actor"]["id"]

    def close(self) -> None:
        """Give up the connection."""
        self._consumer.close()


def measure(plan: Plan, seed: int) -> tuple[list[Standstill], list[Alone], dict[str, float]]:
    """Kill and measure, on a broker of its own that is then gone."""
    with (
        tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home,
        LocalBroker(Path(home) / "kafka") as node,
    ):
        ground = Ground(node, Path(home))
        _make_topics(node)
        made, waiting = _made(ground, plan, seed)
        print(f"made: {made}", flush=True)
        alone = asyncio.run(_alone(ground))
        print(alone_table(alone), flush=True)
        with _copies(ground) as copies, Answers(ground, waiting, seed):
            made["idle_copy_rss_mib"] = spent(copies.pid(1)).rss_mib
            readings = list(_killed(copies, Facts(ground), plan))
    return readings, alone, made


def _make_topics(node: LocalBroker) -> None:
    admin = AdminClient({"bootstrap.servers": node.bootstrap, "log_level": 0})
    compacted = next(spec for spec in topics.TOPICS if spec.name == topics.SNAPSHOTS)
    new = [
        NewTopic(
            PREFIX + name,
            topics.PARTITIONS,
            1,
            config=wanted_settings(compacted) if name == topics.SNAPSHOTS else {},
        )
        for name in road.USED_TOPICS
    ]
    for future in admin.create_topics(new).values():
        future.result()


def _made(ground: Ground, plan: Plan, seed: int) -> tuple[dict[str, float], list[Waiting]]:
    """Open sagas in Kafka, made by two processes; what was made, and which commands wait."""
    began = time.monotonic()
    share = plan.sagas // MAKERS
    children = []
    for number in range(MAKERS):
        mine = ",".join(map(str, OWNED[number::MAKERS]))
        files = ground.folder / f"waiting-{number}.jsonl", ground.folder / f"maker-{number}.log"
        words_ = (ground.node.bootstrap, PREFIX, mine, str(share), str(seed), str(files[0]))
        children.append((Child("benchmarks.open_sagas", words_, files[1]), files[0]))
    made: dict[str, float] = {}
    waiting: list[Waiting] = []
    for child, file in children:
        with child:
            told = json.loads(list(child.lines())[-1])
        for name, count in told.items():
            made[name] = made.get(name, 0) + count
        waiting += [Waiting(*json.loads(line)) for line in file.read_text().splitlines()]
    return {**made, "seconds": round(time.monotonic() - began, 1)}, waiting


@contextmanager
def _copies(ground: Ground) -> Iterator[Copies]:
    """Both copies, up: the second one owns no open saga."""
    copies = Copies(ground)
    try:
        copies.start(0)
        copies.start(1)
        time.sleep(SESSION_S)
        yield copies
    finally:
        copies.end()


def _killed(copies: Copies, facts: Facts, plan: Plan) -> Iterator[Standstill]:
    for who in ["same copy"] * plan.rounds + ["another copy"] * plan.rounds:
        _settle(facts)
        reading = _kill(copies, facts, who)
        print(_row(reading), flush=True)
        yield reading
        if who == "another copy":
            copies.start(0)
    facts.close()


def _settle(facts: Facts) -> None:
    """Until the first copy, and nobody else, works in all that it owns."""
    calm = 0.0
    while calm < SETTLED_S:
        began = time.monotonic()
        writers = {writer for _, writer in facts.since(time.time() * 1_000, set(OWNED))}
        took = time.monotonic() - began
        calm = calm + took if writers == {"saga-0"} and took < SESSION_S / 2 else 0.0


def _kill(copies: Copies, facts: Facts, who: str) -> Standstill:
    copies.kill(0)
    killed, killed_ms = time.monotonic(), time.time() * 1_000
    heir = 0 if who == "same copy" else 1
    if heir == 0:
        copies.start(0)
    first = 0.0
    writers: set[str] = set()
    for _, writer in facts.since(killed_ms, set(OWNED)):
        first = first or time.monotonic() - killed
        writers.add(writer)
    last = time.monotonic() - killed
    if writers != {f"saga-{heir}"}:
        raise RuntimeError(f"{who}: {sorted(writers)} went on")
    memory = spent(copies.pid(heir))
    started, gained, restored = _moments(copies.logs[heir], killed_ms / 1_000)
    return Standstill(
        who=who,
        first_s=round(first, 2),
        all_s=round(last, 2),
        started_s=max(0.0, round(started - killed_ms / 1_000, 2)),
        gained_s=round(gained - killed_ms / 1_000, 2),
        restored_s=round(restored - killed_ms / 1_000, 2),
        took_over=f"saga-{heir}",
        rss_mib=round(memory.rss_mib),
        rss_max_mib=round(memory.rss_max_mib),
    )


def _moments(log: Path, killed: float) -> tuple[float, float, float]:
    """When the copy ran, got partitions, and had restored all, in seconds since 1970."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    said = [(datetime.fromisoformat(line["timestamp"]).timestamp(), line) for line in lines]
    started = next(at for at, line in said if line["message"] == "process_starts")
    portions = [
        (at - line["extra"]["seconds"], at)
        for at, line in said
        if line["message"] == "partitions_restored" and at > killed
    ]
    return started, portions[0][0], portions[-1][1]


async def _alone(ground: Ground) -> list[Alone]:
    """The restore of everything, and the fold of one partition's log without snapshots."""
    calm_collector()  # as the role does
    reader, codec = KafkaBroker(ground.settings).reader(), road.codec()
    began, cpu = time.monotonic(), time.process_time()
    found = await restore(reader, codec, frozenset(range(topics.PARTITIONS)))
    records = sum(len(one.sagas) for one in found.values())
    restored = _told("restore (snapshots)", records, began, cpu)
    found = {}
    log = TopicPartition(topics.LOG, OWNED[0])
    start, end = (await reader.ends([log]))[log]
    fold = Restored(codec, log.partition)
    began, cpu = time.monotonic(), time.process_time()
    records = 0
    async for record in reader.read({log: start}, {log: end}):
        fold.fact(record)
        records += 1
    refolded = _told("refold (a partition's log)", records, began, cpu)
    await reader.close()
    return [restored, refolded]


def _told(what: str, records: int, began: float, cpu: float) -> Alone:
    seconds, used = time.monotonic() - began, time.process_time() - cpu
    return Alone(
        what=what,
        records=records,
        seconds=round(seconds, 2),
        cpu_s=round(used, 2),
        per_s=round(records / seconds),
        per_cpu_s=round(records / used),
    )


def table(readings: Sequence[Standstill]) -> str:
    """The readings as a table for docs/performance.md."""
    head = (
        "| who goes on | runs | has partitions | restored | first fact | all move | MiB (most) |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    )
    return "\n".join((*head, *map(_row, readings), *_verdicts(readings)))


def alone_table(alone: Sequence[Alone]) -> str:
    """Restore and refold by themselves."""
    head = (
        "| alone | records | s | CPU s | records/s | per core and s |",
        "| --- |" + " --- |" * 5,
    )
    rows = (
        f"| {one.what} | {one.records:,} | {one.seconds} | {one.cpu_s} "
        f"| {one.per_s:,} | {one.per_cpu_s:,} |"
        for one in alone
    )
    return "\n".join((*head, *rows))


def _verdicts(readings: Sequence[Standstill]) -> Iterator[str]:
    for who, goal in GOALS_S.items():
        own = [one for one in readings if one.who == who]
        if own:
            first, every = max(one.first_s for one in own), max(one.all_s for one in own)
            kept = "met" if first <= goal else "NOT met"
            yield (
                f"\n{who}: work moves again after {first} s at most, goal {goal} s: {kept}; "
                f"all six partitions move after {every} s"
            )


def _row(one: Standstill) -> str:
    return (
        f"| {one.who} | {one.started_s:.2f} | {one.gained_s:.2f} | {one.restored_s:.2f} "
        f"| {one.first_s:.2f} | {one.all_s:.2f} | {one.rss_mib:.0f} ({one.rss_max_mib:.0f}) |"
    )
