"""Ours, the bare loop and the peers by turns in one run, each measured by an outside client."""

import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from benchmarks import saga_rate
from benchmarks.inmemory import shape
from benchmarks.outcome import Spread
from benchmarks.peers import started
from benchmarks.peers.environments import Unavailable
from benchmarks.peers.offered import Offer
from benchmarks.peers.started import Running
from benchmarks.processes import Child, spent_together
from benchmarks.saga_rate import BARE, BUSY_RATE, ENGINE, RATE, Ground, Latency, Reading, Variant
from deploy.kafka.broker import LocalBroker

WARM_UP_SAGAS = 30
REASON_CHARS = 300
FAILURES = (Unavailable, RuntimeError, OSError, subprocess.SubprocessError)
"""What a peer can end with that says nothing of the others' readings."""


class Peer(NamedTuple):
    """A system, what it promises, and how much of it is asked at once."""

    title: str
    guarantee: str
    sagas: int
    running: Callable[[Ground], AbstractContextManager[Running]]


class Plan(NamedTuple):
    """How much is measured; `share` of the sagas that each peer is asked for at once."""

    ours: saga_rate.Plan
    rounds: int
    share: float


OURS = (
    *(Variant(BARE), Variant(ENGINE), Variant(ENGINE, projector=True)),
    *(Variant(ENGINE, synced=True), Variant(ENGINE, projector=True, synced=True)),
)
FULL = Plan(saga_rate.Plan(2_000, 150, 500, OURS), 3, 1.0)
QUICK = Plan(saga_rate.Plan(300, 30, 60, (Variant(ENGINE),)), 1, 0.1)

KAFKAS = "transactions, read as committed; Kafka does not sync each record"
OUR_GUARANTEES = {
    BARE: f"{KAFKAS}; keeps nothing of a saga",
    ENGINE: f"each input once: {KAFKAS}; state is restored from the log",
    ", synced": "as above, each record synced before it is acknowledged",
}

PEERS = (
    Peer(
        f"DBOS {started.DBOS_VERSION}, SQLite",
        "each step once recorded is not run again; each step synced (SQLite's default)",
        400,
        started.dbos_on_sqlite,
    ),
    Peer(
        f"FastStream {started.FASTSTREAM_VERSION}",
        "each message at least once; no saga is kept",
        1_000,
        started.faststream,
    ),
    Peer(
        f"Restate {started.RESTATE_VERSION}, ctx.run",
        "each step once recorded is not run again; its log is synced",
        2_000,
        started.restate,
    ),
    Peer(
        f"Quix Streams {started.QUIX_VERSION}, commits every {started.QUIX_COMMIT_S} s",
        "each message's effect once, by transactions; no saga is kept",
        20_000,
        started.quix,
    ),
    Peer(
        f"DBOS {started.DBOS_VERSION}, PostgreSQL",
        "each step once recorded is not run again; each step synced",
        400,
        started.dbos_on_postgresql,
    ),
)


class Found(BaseModel):
    """The readings in their order, each subject's guarantee, and why a peer is not among them."""

    readings: list[Reading]
    guarantees: dict[str, str]
    skipped: dict[str, str]


def measure(plan: Plan) -> Found:
    """Every subject once a round; a peer that cannot be had is skipped, and why is kept."""
    made = shape()
    found = Found(readings=[], guarantees={}, skipped={})
    with (
        tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home,
        LocalBroker(Path(home) / "kafka") as node,
    ):
        saga_rate.warm_up(node, Path(home), made)
        for number in range(plan.rounds):
            for place, variant in enumerate(plan.ours.variants):
                ground = Ground(node, f"o{number}-{place}.", Path(home))
                _keep(found, saga_rate.read(variant, ground, plan.ours, made), _promise(variant))
            for place, peer in enumerate(PEERS):
                if peer.title not in found.skipped:
                    ground = Ground(node, f"p{number}-{place}.", Path(home))
                    _try(peer, ground, plan, found)
    return found


def _try(peer: Peer, ground: Ground, plan: Plan, found: Found) -> None:
    try:
        _keep(found, _read(peer, ground, plan), peer.guarantee)
    except FAILURES as reason:
        why = str(reason) if isinstance(reason, Unavailable) else f"it failed: {reason}"
        found.skipped[peer.title] = " ".join(why.split())[:REASON_CHARS]
        print(f"skipped: {peer.title}: {why}", flush=True)


def _keep(found: Found, reading: Reading, guarantee: str) -> None:
    found.readings.append(reading)
    found.guarantees[reading.variant] = guarantee
    print(saga_rate.row(reading), flush=True)


def _promise(variant: Variant) -> str:
    return OUR_GUARANTEES[", synced" if variant.synced else variant.subject]


def _read(peer: Peer, ground: Ground, plan: Plan) -> Reading:
    with peer.running(ground) as running:
        _told(running, ground, Offer("warm", WARM_UP_SAGAS, 0.0))
        fast, cpu, _ = _told(running, ground, Offer("fast", int(peer.sagas * plan.share), 0.0))
        slow, _, _ = _told(running, ground, Offer("slow", plan.ours.slow_sagas, RATE))
        busy, _, memory = _told(running, ground, Offer("busy", plan.ours.busy_sagas, BUSY_RATE))
    ended = int(fast["ended"])
    return Reading(
        variant=peer.title,
        sagas=ended,
        seconds=fast["seconds"],
        sagas_per_s=round(ended / fast["seconds"], 1),
        p50_ms=slow["p50_ms"],
        p99_ms=slow["p99_ms"],
        latency_sagas=int(slow["ended"]),
        busy=Latency(sagas=int(busy["ended"]), p50_ms=busy["p50_ms"], p99_ms=busy["p99_ms"]),
        cpu_ms={name: round(used * 1_000 / max(1, ended), 2) for name, used in cpu.items()},
        rss_mib={name: round(most, 1) for name, most in memory.items()},
    )


def _told(
    running: Running, ground: Ground, offer: Offer
) -> tuple[Mapping[str, float], Mapping[str, float], Mapping[str, float]]:
    """What the load saw, CPU seconds by process meanwhile, and memory at most."""
    load = running.load(offer)
    log = ground.folder / f"{ground.prefix}{offer.name}.log"
    with Child(load.module, load.words, log, load.python) as child:
        watched = {**running.processes, "load": child.pid}
        lines = child.lines()
        if next(lines, "") != "begin":
            raise RuntimeError(f"{load.module} ended before it began")
        before = {name: spent_together(pid) for name, pid in watched.items()}
        told = json.loads(next(lines))
        if load.ends:
            watched.pop("load")
        after = {name: spent_together(pid) for name, pid in watched.items()}
    if not told["ended"]:
        raise RuntimeError(f"no saga ended; the logs are in {ground.folder}")
    cpu = {name: after[name].cpu_s - before[name].cpu_s for name in after}
    return told, cpu, {name: one.rss_max_mib for name, one in after.items()}


def table(found: Found) -> str:
    """Each subject's readings, how far the engine is ahead, guarantee, memory; then the skipped."""
    ahead = saga_rate.spread(found.readings, ENGINE)
    head = "| system | readings | sagas/s | engine ahead | p50 / p99 ms at 10/s | at 50/s | MiB | |"
    rows = [_row(name, found, ahead) for name in found.guarantees]
    skipped = [f"- Skipped: {title}: {why}" for title, why in found.skipped.items()]
    return "\n".join((head, "|" + " --- |" * 8, *rows, *([""] if skipped else []), *skipped))


def _row(name: str, found: Found, ahead: Spread | None) -> str:
    own = [one for one in found.readings if one.variant == name]
    rate = saga_rate.spread(own, name)
    assert rate is not None
    times = f"{ahead.middle / rate.middle:.2g} times" if ahead else ""
    busy = [one.busy for one in own if one.busy]
    memory = ", ".join(f"{process} {mib:.0f}" for process, mib in own[-1].rss_mib.items())
    return (
        f"| {name} | {len(own)} | {rate.told()} | {times} | {_latency(own)} | {_latency(busy)} "
        f"| {memory} | {found.guarantees[name]} |"
    )


def _latency(own: Sequence[Reading | Latency]) -> str:
    cells = [Spread.of([one.p50_ms for one in own]), Spread.of([one.p99_ms for one in own])]
    return "; ".join(one.told() for one in cells if one)
