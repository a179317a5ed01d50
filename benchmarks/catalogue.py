"""Every benchmark by name: how it is measured, and how its figures are told, also later on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from benchmarks import (
    at_rest,
    audit,
    audit_paraphrases,
    campaigns,
    codec,
    growth,
    long_saga,
    memory,
    open_circuit,
    phase_rate,
    pictures,
    research,
    saga_rate,
    shipped,
    side_by_side,
    take_over,
    thinking,
)
from benchmarks.audit_cases import FOLDER, HELD_OUT, cases
from benchmarks.peers import run as peers

Figures = Mapping[str, Any]
"""What a benchmark found, as JSON keeps it."""

Model = TypeVar("Model", bound=BaseModel)


class Benchmark(NamedTuple):
    """`measure(quick, seed)` takes the figures, `told` makes tables of them."""

    measure: Callable[[bool, int], Figures]
    told: Callable[[Figures], str]
    on_kafka: bool = False


def _dumped(found: Sequence[BaseModel]) -> list[dict[str, Any]]:
    return [one.model_dump() for one in found]


def _read(model: type[Model], found: Sequence[Any]) -> list[Model]:
    return [model.model_validate(one) for one in found]


def _at_rest(quick: bool, seed: int) -> Figures:
    rest = at_rest.measure(quick=quick)
    return {**rest.model_dump(), "services_mib": rest.services_mib}


def _audit(quick: bool, seed: int) -> Figures:
    known, held_out = (audit.measure(cases(folder)) for folder in (FOLDER, HELD_OUT))
    retold = [audit_paraphrases.measure(held_out=half) for half in (False, True)]
    return {
        "known": known.model_dump(),
        "held_out": held_out.model_dump(),
        "retold": _dumped(retold),
    }


def _audit_told(figures: Figures) -> str:
    known, held_out = (audit.Reading.model_validate(figures[n]) for n in ("known", "held_out"))
    retold = _read(audit_paraphrases.Alarms, figures.get("retold", ()))
    tables = (audit.table(known), "Held out:", audit.table(held_out))
    return "\n\n".join((*tables, *map(audit_paraphrases.told, retold)))


def _saga_rate(quick: bool, seed: int) -> Figures:
    readings = saga_rate.measure(saga_rate.QUICK if quick else saga_rate.FULL)
    return {"readings": _dumped(readings), "ratio": saga_rate.ratio(readings)}


def _saga_rate_told(figures: Figures) -> str:
    readings = _read(saga_rate.Reading, figures["readings"])
    return f"{saga_rate.summary(readings)}\n\n{saga_rate.table(readings)}"


def _phase_rate(quick: bool, seed: int) -> Figures:
    rates = phase_rate.measure(phase_rate.QUICK if quick else phase_rate.FULL)
    return {
        "rates": _dumped(rates),
        "ratio": phase_rate.share(rates),
        "speedup": phase_rate.speedup(rates),
    }


def _phase_rate_told(figures: Figures) -> str:
    told = f"chassis / bare loop: {figures['ratio']:.2f}"
    more = f"most copies / one copy: {figures['speedup']:.2f}"
    return f"{phase_rate.table(_read(phase_rate.Rate, figures['rates']))}\n\n{told}; {more}"


def _take_over(quick: bool, seed: int) -> Figures:
    plan = take_over.QUICK if quick else take_over.FULL
    readings, alone, made = take_over.measure(plan, seed)
    return {"seed": seed, "made": made, "readings": _dumped(readings), "alone": _dumped(alone)}


def _take_over_told(figures: Figures) -> str:
    readings = take_over.table(_read(take_over.Standstill, figures["readings"]))
    return f"{readings}\n\n{take_over.alone_table(_read(take_over.Alone, figures['alone']))}"


BENCHMARKS: Mapping[str, Benchmark] = {
    "at-rest": Benchmark(_at_rest, lambda f: at_rest.table(at_rest.Rest.model_validate(f))),
    "audit": Benchmark(_audit, _audit_told),
    "campaigns": Benchmark(
        lambda quick, _: campaigns.measure(quick=quick).model_dump(),
        lambda f: campaigns.table(campaigns.Reading.model_validate(f)),
        on_kafka=True,
    ),
    "codec": Benchmark(
        lambda quick, _: {"costs": _dumped(codec.measure(quick=quick))},
        lambda f: codec.table(_read(codec.Cost, f["costs"])),
    ),
    "growth": Benchmark(
        lambda quick, _: {"costs": _dumped(growth.measure(quick=quick))},
        lambda f: growth.table(_read(growth.Cost, f["costs"])),
    ),
    "long-saga": Benchmark(
        lambda quick, _: {"recoveries": _dumped(long_saga.measure(quick=quick))},
        lambda f: long_saga.table(_read(long_saga.Recovery, f["recoveries"])),
    ),
    "memory": Benchmark(
        lambda quick, seed: {"seed": seed, **memory.measure(quick=quick, seed=seed).model_dump()},
        lambda f: memory.tables(memory.Reading.model_validate(f)),
    ),
    "open-circuit": Benchmark(
        lambda quick, _: {"refusal": open_circuit.measure(quick=quick).model_dump()},
        lambda f: open_circuit.table(open_circuit.Refusal.model_validate(f["refusal"])),
    ),
    "peers": Benchmark(
        lambda quick, _: peers.measure(peers.QUICK if quick else peers.FULL).model_dump(),
        lambda f: peers.table(peers.Found.model_validate(f)),
        on_kafka=True,
    ),
    "phase-rate": Benchmark(_phase_rate, _phase_rate_told, on_kafka=True),
    "pictures": Benchmark(
        lambda quick, _: pictures.measure(quick=quick).model_dump(),
        lambda f: pictures.table(pictures.Reading.model_validate(f)),
    ),
    "research": Benchmark(
        lambda quick, seed: {"seed": seed, **research.measure(quick=quick, seed=seed).model_dump()},
        lambda f: research.table(research.Reading.model_validate(f)),
    ),
    "saga-rate": Benchmark(_saga_rate, _saga_rate_told, on_kafka=True),
    "shipped": Benchmark(
        lambda quick, _: shipped.measure(quick=quick).model_dump(),
        lambda f: shipped.table(shipped.Reading.model_validate(f)),
        on_kafka=True,
    ),
    "side-by-side": Benchmark(
        lambda quick, seed: {
            "seed": seed,
            **side_by_side.measure(quick=quick, seed=seed).model_dump(),
        },
        lambda f: side_by_side.table(side_by_side.Reading.model_validate(f)),
        on_kafka=True,
    ),
    "take-over": Benchmark(_take_over, _take_over_told, on_kafka=True),
    "thinking": Benchmark(
        lambda quick, _: thinking.measure(quick=quick).model_dump(),
        lambda f: thinking.table(thinking.Thought.model_validate(f)),
    ),
}
"""By the names that `make bench` takes, in its order."""
