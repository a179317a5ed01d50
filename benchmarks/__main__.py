"""Measures the figures of docs/performance.md: `python -m benchmarks [NAME …] [--quick]`."""

import argparse
import json
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    at_rest,
    audit,
    audit_paraphrases,
    campaigns,
    codec,
    long_saga,
    memory,
    open_circuit,
    phase_rate,
    pictures,
    research,
    saga_rate,
    take_over,
    thinking,
)
from benchmarks.audit_cases import FOLDER, HELD_OUT, cases
from benchmarks.machine import described, machine
from chassis.telemetry import configure_logs

RESULTS = Path(__file__).with_name("results")

Figures = dict[str, object]


def _at_rest(*, quick: bool, seed: int) -> tuple[Figures, str]:
    rest = at_rest.measure(quick=quick)
    return {**rest.model_dump(), "services_mib": rest.services_mib}, at_rest.table(rest)


def _audit(*, quick: bool, seed: int) -> tuple[Figures, str]:
    known, held_out = (audit.measure(cases(folder)) for folder in (FOLDER, HELD_OUT))
    retold = [audit_paraphrases.measure(held_out=half) for half in (False, True)]
    figures: Figures = {
        "known": known.model_dump(),
        "held_out": held_out.model_dump(),
        "retold": [half.model_dump() for half in retold],
    }
    tables = [audit.table(known), "held out:", audit.table(held_out)]
    return figures, "\n\n".join((*tables, *map(audit_paraphrases.told, retold)))


def _campaigns(*, quick: bool, seed: int) -> tuple[Figures, str]:
    reading = campaigns.measure(quick=quick)
    return reading.model_dump(), campaigns.table(reading)


def _saga_rate(*, quick: bool, seed: int) -> tuple[Figures, str]:
    readings = saga_rate.measure(saga_rate.QUICK if quick else saga_rate.FULL)
    share = saga_rate.ratio(readings)
    figures: Figures = {"readings": [one.model_dump() for one in readings], "ratio": share}
    return figures, f"{saga_rate.table(readings)}\n\nengine / bare loop: {share:.2f}"


def _codec(*, quick: bool, seed: int) -> tuple[Figures, str]:
    costs = codec.measure(quick=quick)
    return {"costs": [one.model_dump() for one in costs]}, codec.table(costs)


def _long_saga(*, quick: bool, seed: int) -> tuple[Figures, str]:
    found = long_saga.measure(quick=quick)
    return {"recoveries": [one.model_dump() for one in found]}, long_saga.table(found)


def _memory(*, quick: bool, seed: int) -> tuple[Figures, str]:
    reading = memory.measure(quick=quick, seed=seed)
    return {"seed": seed, **reading.model_dump()}, memory.tables(reading)


def _open_circuit(*, quick: bool, seed: int) -> tuple[Figures, str]:
    found = open_circuit.measure(quick=quick)
    return {"refusal": found.model_dump()}, open_circuit.table(found)


def _phase_rate(*, quick: bool, seed: int) -> tuple[Figures, str]:
    rates = phase_rate.measure(phase_rate.QUICK if quick else phase_rate.FULL)
    share, faster = phase_rate.share(rates), phase_rate.speedup(rates)
    figures: Figures = {
        "rates": [one.model_dump() for one in rates],
        "ratio": share,
        "speedup": faster,
    }
    told = f"chassis / bare loop: {share:.2f}; most copies / one copy: {faster:.2f}"
    return figures, f"{phase_rate.table(rates)}\n\n{told}"


def _pictures(*, quick: bool, seed: int) -> tuple[Figures, str]:
    reading = pictures.measure(quick=quick)
    return reading.model_dump(), pictures.table(reading)


def _research(*, quick: bool, seed: int) -> tuple[Figures, str]:
    reading = research.measure(quick=quick, seed=seed)
    return {"seed": seed, **reading.model_dump()}, research.table(reading)


def _take_over(*, quick: bool, seed: int) -> tuple[Figures, str]:
    plan = take_over.QUICK if quick else take_over.FULL
    readings, alone, made = take_over.measure(plan, seed)
    figures: Figures = {
        "seed": seed,
        "made": made,
        "readings": [one.model_dump() for one in readings],
        "alone": [one.model_dump() for one in alone],
    }
    return figures, f"{take_over.table(readings)}\n\n{take_over.alone_table(alone)}"


def _thinking(*, quick: bool, seed: int) -> tuple[Figures, str]:
    found = thinking.measure(quick=quick)
    return found.model_dump(), thinking.table(found)


BENCHMARKS: dict[str, Callable[..., tuple[Figures, str]]] = {
    "at-rest": _at_rest,
    "audit": _audit,
    "campaigns": _campaigns,
    "codec": _codec,
    "long-saga": _long_saga,
    "memory": _memory,
    "open-circuit": _open_circuit,
    "phase-rate": _phase_rate,
    "pictures": _pictures,
    "research": _research,
    "saga-rate": _saga_rate,
    "take-over": _take_over,
    "thinking": _thinking,
}


def main() -> int:
    """Measure what is asked for, print the tables, and keep the results beside this file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("name", nargs="*", help=f"{' or '.join(BENCHMARKS)}; without one: all")
    parser.add_argument(
        "--quick", action="store_true", help="a first look, of which no results are kept"
    )
    parser.add_argument("--seed", type=int, default=1, help="of what chance decides")
    asked = parser.parse_args()
    for name in asked.name:
        if name not in BENCHMARKS:
            parser.error(f"there is no benchmark {name!r}; there are: {', '.join(BENCHMARKS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    configure_logs("ERROR", "benchmarks")
    for name in asked.name or BENCHMARKS:
        ground = machine()
        print(f"\n{name}: {described(ground)}\n", flush=True)
        figures, text = BENCHMARKS[name](quick=asked.quick, seed=asked.seed)
        if not asked.quick:
            _write(name, {"machine": ground.model_dump(), **figures})
        print(f"\n{text}", flush=True)
    return 0


def _write(name: str, figures: Figures) -> None:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"{now:%Y-%m-%d}-{name.replace('-', '_')}.json"
    path.write_text(json.dumps({"measured_at": now.isoformat(), **figures}, indent=2) + "\n")
    print(f"written: {path}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
