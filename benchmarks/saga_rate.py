"""Sagas a second, latency and CPU of the engine, beside a bare Kafka loop, by turns (A B A B A)."""

import json
import statistics
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
from benchmarks.processes import Child, Spent, spent
from contracts import topics
from deploy.kafka.broker import LocalBroker

ENGINE, BARE = "engine", "bare"
WARM_UP_SAGAS = 60
BROKER_WARM_UP_SAGAS = 1_500
"""Java compiles while it runs: a broker's first minute says nothing about its second."""

RATE = 10.0
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
    """How much is measured."""

    sagas: int
    latency_sagas: int
    variants: tuple[Variant, ...]


FULL = Plan(
    2_000,
    200,
    (
        *(Variant(ENGINE), Variant(BARE), Variant(ENGINE), Variant(BARE), Variant(ENGINE)),
        *(Variant(ENGINE, remembering=True), Variant(ENGINE, projector=True), Variant(BARE)),
        *(Variant(ENGINE, synced=True), Variant(BARE, synced=True)),
    ),
)
QUICK = Plan(300, 50, (Variant(ENGINE), Variant(BARE), Variant(ENGINE)))


class Reading(BaseModel):
    """One variant, measured once. `cpu_ms` is CPU per saga by process, `rss_mib` memory at most."""

    variant: str
    sagas: int
    seconds: float
    sagas_per_s: float
    p50_ms: float
    p99_ms: float
    latency_sagas: int
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
        cold = Plan(BROKER_WARM_UP_SAGAS, 10, ())
        _reading(Variant(BARE), Ground(node, "cold.", Path(home)), cold, made)
        for number, variant in enumerate(plan.variants):
            ground = Ground(node, f"r{number}.", Path(home))
            readings.append(_reading(variant, ground, plan, made))
            print(_row(readings[-1]), flush=True)
    return readings


def _reading(variant: Variant, ground: Ground, plan: Plan, made: Shape) -> Reading:
    with _topics(ground, synced=variant.synced), _system(variant, ground, made) as children:
        load = (variant.subject, ground)
        _loaded(*load, ("warm", WARM_UP_SAGAS, 0.0), children)
        fast, cpu = _loaded(*load, ("fast", plan.sagas, 0.0), children)
        slow, _ = _loaded(*load, ("slow", plan.latency_sagas, RATE), children)
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
        cpu_ms={name: round(used * 1_000 / max(1, ended), 2) for name, used in cpu.items()},
        rss_mib=memory,
    )


@contextmanager
def _topics(ground: Ground, *, synced: bool) -> Iterator[None]:
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
def _system(variant: Variant, ground: Ground, made: Shape) -> Iterator[dict[str, int]]:
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


def _loaded(
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
    rates = {
        subject: [one.sagas_per_s for one in readings if one.variant == subject]
        for subject in (ENGINE, BARE)
    }
    return round(statistics.median(rates[ENGINE]) / statistics.median(rates[BARE]), 3)


def table(readings: Sequence[Reading]) -> str:
    """The readings as a table for docs/performance.md."""
    head = (
        "| variant | sagas/s | p50 / p99 ms at 10/s | CPU ms a saga | memory MiB |",
        "| --- | --- | --- | --- | --- |",
    )
    return "\n".join((*head, *map(_row, readings)))


def _row(one: Reading) -> str:
    cpu = ", ".join(f"{name} {used:.1f}" for name, used in one.cpu_ms.items())
    memory = ", ".join(f"{name} {used:.0f}" for name, used in one.rss_mib.items())
    return (
        f"| {one.variant} | {one.sagas_per_s:.0f} ({one.sagas} in {one.seconds:.1f} s) "
        f"| {one.p50_ms:.0f} / {one.p99_ms:.0f} ({one.latency_sagas}) | {cpu} | {memory} |"
    )
