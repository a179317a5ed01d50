"""Sagas a second, latency and CPU of the engine, beside a bare Kafka loop, by turns (A B A B A)."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from pydantic import BaseModel

from benchmarks import engine, road
from benchmarks.inmemory import Shape, shape
from benchmarks.outcome import Spread
from benchmarks.processes import Child, Spent, spent
from contracts import topics
from deploy.kafka.broker import LocalBroker

ENGINE, BARE = "engine", "bare"
WARM_UP_SAGAS = 60
BROKER_WARM_UP_SAGAS = 1_500
"""Java compiles while it runs: a broker's first minute says nothing about its second."""

RATE, BUSY_RATE = 10.0, 50.0
SYNCED = {"flush.messages": "1"}
"""Kafka's own fsync for each record, as engines with a write-ahead log of their own do it."""


class Variant(NamedTuple):
    """What is measured: a subject, and what is other than usual.

    Phases that remember each result, the projector beside them, or every record synced.
    """

    subject: str
    remembering: bool = False
    projector: bool = False
    synced: bool = False

    @property
    def title(self) -> str:
        """How tables call it."""
        told = {
            ", remembering": self.remembering,
            " + projector": self.projector,
            ", synced": self.synced,
        }
        return self.subject + "".join(more for more, so in told.items() if so)


class Plan(NamedTuple):
    """How much is measured: sagas at once, at 10/s and at 50/s, and the variants by turns."""

    sagas: int
    slow_sagas: int
    busy_sagas: int
    variants: tuple[Variant, ...]


TURN = (
    *(Variant(BARE), Variant(ENGINE), Variant(ENGINE, projector=True)),
    *(Variant(BARE, synced=True), Variant(ENGINE, synced=True)),
    *(Variant(ENGINE, projector=True, synced=True), Variant(ENGINE, remembering=True)),
)
ROUNDS = 3
FULL = Plan(2_000, 200, 500, TURN * ROUNDS)
QUICK = Plan(300, 50, 100, (Variant(ENGINE), Variant(BARE), Variant(ENGINE)))


class Latency(BaseModel):
    """Milliseconds from handing a request over to its end, at a rate."""

    sagas: int
    p50_ms: float
    p99_ms: float


class Reading(BaseModel):
    """One variant, measured once. `cpu_ms` is CPU per saga by process, `rss_mib` memory at most.

    `p50_ms` and `p99_ms` are at 10/s; `busy` is at 50/s, where that was read.
    """

    variant: str
    sagas: int
    seconds: float
    sagas_per_s: float
    p50_ms: float
    p99_ms: float
    latency_sagas: int
    busy: Latency | None = None
    cpu_ms: dict[str, float]
    rss_mib: dict[str, float]


class Ground(NamedTuple):
    """Where a reading takes place: a broker, a prefix for its topics, a folder for logs."""

    node: LocalBroker
    prefix: str
    folder: Path


def measure(plan: Plan) -> list[Reading]:
    """Every reading of the plan, one after another, on a broker of its own that is then gone."""
    made = shape()
    readings = []
    with (
        tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home,
        LocalBroker(Path(home) / "kafka") as node,
    ):
        warm_up(node, Path(home), made)
        for number, variant in enumerate(plan.variants):
            ground = Ground(node, f"r{number}.", Path(home))
            readings.append(read(variant, ground, plan, made))
            print(f"{number + 1} of {len(plan.variants)} {row(readings[-1])}", flush=True)
    return readings


def warm_up(node: LocalBroker, folder: Path, made: Shape) -> None:
    """Let a broker that just started compile what the readings make it run."""
    cold = Plan(BROKER_WARM_UP_SAGAS, 10, 50, ())
    read(Variant(BARE), Ground(node, "cold.", folder), cold, made)


def read(variant: Variant, ground: Ground, plan: Plan, made: Shape) -> Reading:
    """One variant's reading, with topics and processes of its own."""
    with own_topics(ground, synced=variant.synced), system(variant, ground, made) as children:
        load = (variant.subject, ground)
        loaded(*load, ("warm", WARM_UP_SAGAS, 0.0), children)
        fast, cpu = loaded(*load, ("fast", plan.sagas, 0.0), children)
        slow, _ = loaded(*load, ("slow", plan.slow_sagas, RATE), children)
        busy, _ = loaded(*load, ("busy", plan.busy_sagas, BUSY_RATE), children)
        memory = {name: round(one.rss_max_mib, 1) for name, one in _spent(children).items()}
    ended = int(fast["ended"])
    return Reading(
        variant=variant.title,
        sagas=ended,
        seconds=fast["seconds"],
        sagas_per_s=round(ended / fast["seconds"], 1),
        p50_ms=slow["p50_ms"],
        p99_ms=slow["p99_ms"],
        latency_sagas=int(slow["ended"]),
        busy=Latency(sagas=int(busy["ended"]), p50_ms=busy["p50_ms"], p99_ms=busy["p99_ms"]),
        cpu_ms={name: round(used * 1_000 / max(1, ended), 2) for name, used in cpu.items()},
        rss_mib=memory,
    )


@contextmanager
def own_topics(ground: Ground, *, synced: bool) -> Iterator[None]:
    """The topics of one reading, gone afterwards."""
    admin = AdminClient({"bootstrap.servers": ground.node.bootstrap, "log_level": 0})
    names = [ground.prefix + topic for topic in road.USED_TOPICS]
    config = SYNCED if synced else {}
    new = [NewTopic(name, topics.PARTITIONS, 1, config=config) for name in names]
    for future in admin.create_topics(new).values():
        future.result()
    yield
    for future in admin.delete_topics(names).values():
        future.result()


@contextmanager
def system(variant: Variant, ground: Ground, made: Shape) -> Iterator[dict[str, int]]:
    """The variant's processes, by name; the broker is among them."""
    address: tuple[str, ...] = (ground.node.bootstrap, ground.prefix)
    phases = engine.REMEMBERING if variant.remembering else engine.PHASES
    roles: tuple[str, ...] = (engine.SAGA, phases)
    module = "benchmarks.engine"
    if variant.subject == BARE:
        module, address = "benchmarks.bare_loop", (*address, json.dumps(made))
    if variant.projector:
        roles = (*roles, engine.PROJECTOR)
    with ExitStack() as running:
        children = {"broker": ground.node.pid or 0}
        for role in roles:
            log = ground.folder / f"{ground.prefix}{role}.log"
            child = running.enter_context(Child(module, (role, *address), log))
            children[engine.PHASES if role == phases else role] = child.pid
        yield children


def loaded(
    subject: str, ground: Ground, what: tuple[str, int, float], children: dict[str, int]
) -> tuple[dict[str, float], dict[str, float]]:
    """What the load saw, and the CPU seconds that each process used meanwhile."""
    name, count, rate = what
    arguments = (
        *(subject, ground.node.bootstrap, ground.prefix, ground.prefix + name),
        *(str(count), str(rate)),
    )
    log = ground.folder / f"{ground.prefix}load.log"
    with Child("benchmarks.load", arguments, log) as load:
        watched = {**children, "load": load.pid}
        lines = load.lines()
        assert next(lines) == "begin"
        before = _spent(watched)
        told = json.loads(next(lines))
        after = _spent(watched)
    if not told["ended"]:
        raise RuntimeError(f"{subject}: no saga ended; its logs are in {ground.folder}")
    return told, {one: after[one].cpu_s - before[one].cpu_s for one in watched}


def _spent(children: dict[str, int]) -> dict[str, Spent]:
    return {name: spent(pid) for name, pid in children.items()}


def ratio(readings: Sequence[Reading]) -> float:
    """How fast the engine is, as a share of the bare loop, by their medians of the plain runs."""
    own, bare = (spread(readings, subject) for subject in (ENGINE, BARE))
    assert own is not None
    assert bare is not None
    return round(own.over(bare).middle, 3)


def spread(readings: Sequence[Reading], variant: str) -> Spread | None:
    """A variant's sagas a second."""
    return Spread.of([one.sagas_per_s for one in readings if one.variant == variant])


def summary(readings: Sequence[Reading]) -> str:
    """Each variant's readings as min / median / max."""
    head = (
        "| variant | readings | sagas/s | p50 ms at 10/s | p99 | p50 ms at 50/s | p99 |",
        "|" + " --- |" * 7,
    )
    names = dict.fromkeys(one.variant for one in readings)
    groups = ([one for one in readings if one.variant == name] for name in names)
    return "\n".join((*head, *map(_summed, groups)))


def _summed(own: Sequence[Reading]) -> str:
    busy = [one.busy for one in own if one.busy]
    figures = (
        [one.sagas_per_s for one in own],
        [one.p50_ms for one in own],
        [one.p99_ms for one in own],
        [one.p50_ms for one in busy],
        [one.p99_ms for one in busy],
    )
    cells = (Spread.of(values) for values in figures)
    told = " | ".join(one.told() if one else "not read" for one in cells)
    return f"| {own[0].variant} | {len(own)} | {told} |"


def table(readings: Sequence[Reading]) -> str:
    """The readings as a table for docs/performance.md."""
    head = (
        "| variant | sagas/s | p50 / p99 ms at 10/s | at 50/s | CPU ms a saga | memory MiB |",
        "|" + " --- |" * 6,
    )
    return "\n".join((*head, *map(row, readings)))


def row(one: Reading) -> str:
    """A reading as a line of the table."""
    cpu = ", ".join(f"{name} {used:.1f}" for name, used in one.cpu_ms.items())
    memory = ", ".join(f"{name} {used:.0f}" for name, used in one.rss_mib.items())
    busy = f"{one.busy.p50_ms:.0f} / {one.busy.p99_ms:.0f}" if one.busy else "not read"
    return (
        f"| {one.variant} | {one.sagas_per_s:.0f} ({one.sagas} in {one.seconds:.1f} s) "
        f"| {one.p50_ms:.0f} / {one.p99_ms:.0f} ({one.latency_sagas}) | {busy} "
        f"| {cpu} | {memory} |"
    )
