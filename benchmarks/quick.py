"""The main figures in a few minutes, as ratios alone: `python -m benchmarks.quick [--to FILE]`.

Each ratio is a cost of ours over the cost of a yardstick, read one right after the other, in
several rounds: what slows the machine down slows both, so a ratio says something on a busy machine
and beside another machine's. Higher is slower.
"""

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from benchmarks import bare_loop, engine, growth, phase_rate, road, saga_rate
from benchmarks.inmemory import Size, log_of, shape
from benchmarks.machine import Machine, machine
from benchmarks.outcome import number
from benchmarks.saga_rate import BARE, ENGINE
from benchmarks.settings import commit
from chassis.telemetry import configure_logs
from contracts import topics
from deploy.kafka.broker import LocalBroker
from services.orchestrator.saga.restore import Restored

ROUNDS = 9
"""More than the five that a comparison needs at least."""

TURNS = 6
LOGGED_SAGAS, SAGAS, COMMANDS = 20, 600, 4_000
ROLES = (engine.SAGA, engine.PHASES)


class Ratios(BaseModel):
    """The readings: each ratio's rounds, what was measured and on what."""

    machine: Machine
    commit: str
    ratios: dict[str, list[float]]


class Pair(NamedTuple):
    """One round of one ratio."""

    name: str
    ours: float
    yardstick: float


def measure(pairs: Iterator[Pair]) -> Ratios:
    """The ratios of these pairs, as they are read."""
    ground = machine()
    found: dict[str, list[float]] = defaultdict(list)
    for pair in pairs:
        found[pair.name].append(round(pair.ours / pair.yardstick, 4))
    return Ratios(machine=ground, commit=commit(), ratios=dict(found))


def everything() -> Iterator[Pair]:
    """Every pair: those of one thread in memory, then those on a broker of its own."""
    yield from records()
    yield from _growth()
    with (
        tempfile.TemporaryDirectory(prefix="sagaline-bench-") as home,
        LocalBroker(Path(home) / "kafka") as node,
    ):
        saga_rate.warm_up(node, Path(home), shape())
        yield from _sagas(node, Path(home))
        yield from _commands(node, Path(home))


def records() -> Iterator[Pair]:
    """A log record refolded and encoded, beside a bare Avro record of its size."""
    speech, log = road.codec(), log_of(LOGGED_SAGAS)
    facts = [speech.decode(record.value) for record in log]
    sizes = [Size(topics.LOG, len(record.value or b""), 0) for record in log]
    bare = [bare_loop.written(size, road.TENANT, road.TENANT)[1] for size in sizes]

    def encode() -> None:
        for fact in facts:
            speech.encode(fact.envelope, fact.header, fact.body)

    def write() -> None:
        for size in sizes:
            bare_loop.written(size, road.TENANT, road.TENANT)

    def refold() -> None:
        partitions = {number: Restored(speech, number) for number in {r.partition for r in log}}
        for record in log:
            partitions[record.partition].fact(record)

    def read() -> None:
        for value in bare:
            bare_loop.decoded(value)

    for number_ in range(ROUNDS + 1):
        pairs = [
            Pair("CPU: a record refolded / a bare one decoded", *_least(refold, read)),
            Pair("CPU: a record encoded / a bare one written", *_least(encode, write)),
        ]
        yield from pairs if number_ else ()  # the first one warms up


def _least(ours: Callable[[], None], yardstick: Callable[[], None]) -> tuple[float, float]:
    """The least CPU time of each in several turns: other work only ever adds to it."""
    turns = [(_cpu(ours), _cpu(yardstick)) for _ in range(TURNS)]
    return min(own for own, _ in turns), min(bare for _, bare in turns)


def _cpu(run: Callable[[], None]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def _growth() -> Iterator[Pair]:
    """What an event costs at the larger sizes, beside what it costs at the smallest."""
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for one in growth.readings(quick=True):
        found[one.what, one.size].append(one.us)
    for what in (growth.INPUT, growth.ANSWER):
        sizes = sorted(size for name, size in found if name == what)
        least, most = found[what, sizes[0]], found[what, sizes[-1]]
        for small, large in zip(least, most, strict=True):
            yield Pair(f"CPU: {what} at {sizes[-1]:,} / at {sizes[0]:,}", large, small)


def _sagas(node: LocalBroker, home: Path) -> Iterator[Pair]:
    """Whole sagas of the engine beside the bare loop's; both run all the time, one is asked."""
    made = shape()
    grounds = {name: saga_rate.Ground(node, f"{name}.", home) for name in (ENGINE, BARE)}
    with ExitStack() as running:
        children: dict[str, dict[str, int]] = {}
        for name, ground in grounds.items():
            running.enter_context(saga_rate.own_topics(ground, synced=False))
            variant = saga_rate.Variant(name)
            children[name] = running.enter_context(saga_rate.system(variant, ground, made))
        for number_ in range(ROUNDS + 1):
            seconds: dict[str, float] = {}
            used: dict[str, float] = {}
            for name, ground in grounds.items():
                asked = (f"quick-{number_}", SAGAS, 0.0)
                told, cpu = saga_rate.loaded(name, ground, asked, children[name])
                seconds[name] = told["seconds"] / told["ended"]
                used[name] = sum(cpu[role] for role in ROLES) / told["ended"]
            if number_:
                yield Pair("a saga / a bare loop's", seconds[ENGINE], seconds[BARE])
                yield Pair("CPU: a saga / a bare loop's", used[ENGINE], used[BARE])


def _commands(node: LocalBroker, home: Path) -> Iterator[Pair]:
    """Commands through one phase process beside the bare loop's; both run all the time."""
    made = shape()
    subjects = (phase_rate.ENGINE, phase_rate.BARE)
    with ExitStack() as running:
        desks: dict[str, phase_rate.Desk] = {}
        for subject in subjects:
            ground = phase_rate.Ground(node, f"phase-{subject.replace(' ', '-')}.", home)
            running.enter_context(phase_rate.own_topics(ground))
            running.enter_context(phase_rate.running(subject, engine.PHASE, 1, ground, made))
            phase_rate.together(ground, 1)
            desks[subject] = phase_rate.Desk(ground, subject)
        for number_ in range(ROUNDS + 1):
            seconds = {name: _rush(desk, f"quick-{number_}") for name, desk in desks.items()}
            if number_:
                ours, bare = (seconds[subject] for subject in subjects)
                yield Pair("a command / a bare loop's", ours, bare)
        for desk in desks.values():
            desk.close()


def _rush(desk: phase_rate.Desk, name: str) -> float:
    began = time.monotonic()
    desk.rush(name, COMMANDS)
    return time.monotonic() - began


def table(ratios: Mapping[str, Sequence[float]]) -> str:
    """Each ratio's least, median and most."""
    rows = []
    for name, rounds in ratios.items():
        low, middle, high = (sorted(rounds)[n] for n in (0, len(rounds) // 2, -1))
        rows.append(f"{name:55} {number(low):>6} {number(middle):>6} {number(high):>6}")
    return "\n".join(rows)


def main() -> int:
    """Measure, and print the readings as one JSON document; the table is for whoever waits."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quick")
    parser.add_argument("--to", type=Path, help="also write the JSON into this file")
    asked = parser.parse_args()
    configure_logs("ERROR", "benchmarks")
    began = time.monotonic()
    found = measure(everything())
    text = found.model_dump_json(indent=2)
    print(text, flush=True)
    print(f"\n{table(found.ratios)}\n\n{time.monotonic() - began:.0f} s", file=sys.stderr)
    if asked.to:
        asked.to.write_text(text + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
