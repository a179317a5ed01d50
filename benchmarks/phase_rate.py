"""Commands a second through one phase process, beside a bare loop, and how copies scale out.

A command and its result are each one Avro record of about 600 bytes: decoded, validated, handled,
encoded, acknowledged by the broker, and only then counted as done in the group (at least once, and
a restart goes on exactly where it was). The bare loop decodes and encodes as much, and knows
neither order per campaign nor leases.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from pydantic import BaseModel

from benchmarks import bare_loop, engine, road
from benchmarks.inmemory import Shape, Size, shape
from benchmarks.outcome import percentile
from benchmarks.processes import Child, Spent, spent
from chassis.broker import Outgoing
from chassis.kafka.configuration import client_options, consumer_options, producer_options
from chassis.settings import ChassisSettings
from contracts import identity, topics
from deploy.kafka.broker import LocalBroker

ENGINE, BARE = "chassis", "bare loop"
PATIENCE_S = 120.0
SHARE_FROM, SHARE_TO = 0.1, 0.9
"""The rate is read between these shares of the results: start and end are not steady."""

RATE = 20.0
WARM_UP = 200
COMMANDS = topics.commands_of(road.FIRST)


class Plan(NamedTuple):
    """How much is measured: commands at once, commands one by one, and per copy that waits."""

    commands: int
    slow: int
    rounds: int
    per_copy: int
    copies: tuple[int, ...]


FULL = Plan(20_000, 200, 3, 1_000, (1, 2, 4))
QUICK = Plan(4_000, 60, 1, 300, (1, 2))


class Rate(BaseModel):
    """One subject, measured once: `p50_ms` is from handing the command over to its result."""

    subject: str
    copies: int
    commands: int
    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    rss_mib: float


class Ground(NamedTuple):
    """Where a reading takes place."""

    node: LocalBroker
    prefix: str
    folder: Path

    @property
    def settings(self) -> ChassisSettings:
        """Of a client of this reading."""
        return ChassisSettings(
            kafka_bootstrap=self.node.bootstrap,
            topic_prefix=self.prefix,
            use_in_memory_store=True,
        )


def measure(plan: Plan) -> list[Rate]:
    """Chassis and bare loop by turns, then copies of a phase that waits."""
    made = shape()
    rates: list[Rate] = []
    with (
        tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home,
        LocalBroker(Path(home) / "kafka") as node,
    ):

        def read(subject: str, role: str, copies: int, commands: int, slow: int) -> None:
            ground = Ground(node, f"r{len(rates)}.", Path(home))
            with own_topics(ground), running(subject, role, copies, ground, made) as pids:
                together(ground, copies)
                rates.append(_read(subject, ground, pids, commands, slow))
            print(_row(rates[-1]), flush=True)

        read(BARE, engine.PHASE, 1, plan.commands, 1)  # warms the broker up
        rates.clear()
        for _ in range(plan.rounds):
            read(ENGINE, engine.PHASE, 1, plan.commands, plan.slow)
            read(BARE, engine.PHASE, 1, plan.commands, plan.slow)
        for copies in plan.copies:
            read(ENGINE, engine.WAITING, copies, plan.per_copy * copies, 0)
    return rates


def speedup(rates: Sequence[Rate]) -> float:
    """How much faster the most copies of the waiting phase are than one."""
    waiting = [one for one in rates if one.commands != rates[0].commands]
    return round(waiting[-1].per_s / waiting[0].per_s, 2)


def share(rates: Sequence[Rate]) -> float:
    """How fast the chassis is beside the bare loop, by the medians of all but the waiting ones."""
    found = {
        subject: statistics.median(
            one.per_s for one in rates if one.subject == subject and one.p50_ms
        )
        for subject in (ENGINE, BARE)
    }
    return round(found[ENGINE] / found[BARE], 3)


def table(rates: Sequence[Rate]) -> str:
    """The rates as a table for docs/performance.md."""
    head = (
        "| subject | copies | commands/s | p50 / p99 ms at 20/s | CPU µs a command | memory MiB |",
        "| --- | --- | --- | --- | --- | --- |",
    )
    return "\n".join((*head, *map(_row, rates)))


def _row(one: Rate) -> str:
    slow = f"{one.p50_ms:.1f} / {one.p99_ms:.1f}" if one.p50_ms else "each waits 50 ms"
    return (
        f"| {one.subject} | {one.copies} | {one.per_s:,.0f} ({one.commands}) | {slow} "
        f"| {one.cpu_us:.0f} | {one.rss_mib:.0f} |"
    )


@contextmanager
def own_topics(ground: Ground) -> Iterator[None]:
    admin = AdminClient({"bootstrap.servers": ground.node.bootstrap, "log_level": 0})
    names = [ground.prefix + topic for topic in road.USED_TOPICS]
    for future in admin.create_topics([NewTopic(n, topics.PARTITIONS, 1) for n in names]).values():
        future.result()
    yield
    for future in admin.delete_topics(names).values():
        future.result()


@contextmanager
def running(
    subject: str, role: str, copies: int, ground: Ground, made: Shape
) -> Iterator[tuple[int, ...]]:
    """The subject's processes."""
    address = (role, ground.node.bootstrap, ground.prefix)
    with ExitStack() as running:
        pids = []
        for number in range(copies):
            module, words = "benchmarks.engine", (*address, str(number))
            if subject == BARE:
                module, words = "benchmarks.bare_loop", (*address, json.dumps(made))
            log = ground.folder / f"{ground.prefix}{role}-{number}.log"
            pids.append(running.enter_context(Child(module, words, log)).pid)
        yield tuple(pids)


def together(ground: Ground, copies: int) -> None:
    """Wait until so many members have partitions of the command topic between them."""
    admin = AdminClient({"bootstrap.servers": ground.node.bootstrap, "log_level": 0})
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        listed = admin.list_consumer_groups().result().valid
        groups = [one.group_id for one in listed if one.group_id.startswith(ground.prefix)]
        described = admin.describe_consumer_groups(groups) if groups else {}
        for future in described.values():
            shares = [len(one.assignment.topic_partitions) for one in future.result().members]
            if len(shares) == copies and all(shares):
                return
        time.sleep(0.2)
    raise RuntimeError(f"{copies} copies did not come together; logs are in {ground.folder}")


def _read(subject: str, ground: Ground, pids: Sequence[int], commands: int, slow: int) -> Rate:
    """One subject's reading; it runs, and has its partitions."""
    desk = Desk(ground, subject)
    desk.ask("warm", WARM_UP)
    desk.until(WARM_UP)
    before = [spent(pid) for pid in pids]
    times = desk.rush("fast", commands)
    after = [spent(pid) for pid in pids]
    first, last = (times[int(len(times) * part)] for part in (SHARE_FROM, SHARE_TO))
    latencies = desk.one_by_one("slow", slow)
    desk.close()
    used = sum(_cpu(*pair) for pair in zip(before, after, strict=True))
    return Rate(
        subject=subject,
        copies=len(pids),
        commands=commands,
        per_s=round(len(times) * (SHARE_TO - SHARE_FROM) / (last - first), 1),
        p50_ms=round(percentile(latencies, 0.5), 2),
        p99_ms=round(percentile(latencies, 0.99), 2),
        cpu_us=round(used * 1e6 / commands, 1),
        rss_mib=round(sum(one.rss_max_mib for one in after), 1),
    )


def _cpu(before: Spent, after: Spent) -> float:
    return after.cpu_s - before.cpu_s


class Desk:
    """Sends commands, and counts results as a reader of committed records sees them."""

    def __init__(self, ground: Ground, subject: str) -> None:
        options = client_options(ground.settings)
        self._prefix = ground.prefix
        self._bare = subject == BARE
        self._speech = road.codec()
        self._producer = Producer(producer_options(options))
        self._consumer = Consumer({**consumer_options(options), "group.id": uuid4().hex})
        results = self._prefix + topics.RESULTS
        starts = [TopicPartition(results, number, 0) for number in range(topics.PARTITIONS)]
        self._consumer.assign(starts)

    def ask(self, name: str, count: int) -> None:
        """Send so many commands at once."""
        self._send([self._command(f"{name}-{number}") for number in range(count)])

    def rush(self, name: str, count: int) -> list[float]:
        """Send so many at once; when each result was seen."""
        commands = [self._command(f"{name}-{number}") for number in range(count)]
        self._send(commands)
        return self.until(count)

    def one_by_one(self, name: str, count: int) -> list[float]:
        """Send at a low rate; the milliseconds until each result was seen, sorted."""
        waits = []
        for number in range(count):
            command = self._command(f"{name}-{number}")
            begun = time.monotonic()
            self._send([command])
            (seen,) = self.until(1)
            waits.append((seen - begun) * 1_000)
            time.sleep(max(0.0, 1 / RATE - (time.monotonic() - begun)))
        return sorted(waits)

    def until(self, count: int) -> list[float]:
        """When each of so many results was seen."""
        times: list[float] = []
        give_up = time.monotonic() + PATIENCE_S
        while len(times) < count:
            first = self._consumer.poll(0.05)
            more = self._consumer.consume(500, 0) if first is not None else []
            now = time.monotonic()
            found = [one for one in (first, *more) if one is not None and one.error() is None]
            times += [now] * len(found)
            if now > give_up:
                raise RuntimeError(f"only {len(times)} of {count} results came")
        return times

    def close(self) -> None:
        """Give the connections up."""
        self._consumer.close()

    def _command(self, name: str) -> Outgoing:
        if not self._bare:
            return road.command(name, self._speech)
        campaign = identity.campaign_id(road.TENANT, name)
        size = Size(COMMANDS, len(road.command(name, self._speech).value or b""), 0)
        topic, value, headers = bare_loop.written(size, campaign, campaign)
        return Outgoing(topic, campaign.encode(), value, tuple(headers))

    def _send(self, commands: Sequence[Outgoing]) -> None:
        for one in commands:
            self._producer.produce(
                self._prefix + one.topic, one.value, key=one.key, headers=[*one.headers]
            )
            self._producer.poll(0)
        self._producer.flush(PATIENCE_S)
