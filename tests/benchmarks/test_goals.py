"""Goals are held against the newest readings; what was not read is not taken for reached."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.catalogue import BENCHMARKS
from benchmarks.goals import GOALS, REASONS, Row, printed, rows
from benchmarks.outcome import Spread
from benchmarks.results import keep, newest

MACHINE = {
    "processor": "x",
    "cores": 2,
    "memory_gib": 1.0,
    "kernel": "1",
    "python": "3",
    "packages": {},
    "load_1_min": 0.0,
}


def reading(variant: str, per_s: float, p50_ms: float = 30.0, **more: Any) -> dict[str, Any]:
    return {"variant": variant, "sagas_per_s": per_s, "p50_ms": p50_ms, "p99_ms": 90.0, **more}


def judged(folder: Path, name: str, figures: dict[str, Any]) -> dict[str, Row]:
    keep(name, {"machine": MACHINE, **figures}, folder)
    return {row.goal.key: row for row in rows(newest(folder))}


def test_the_median_of_a_variant_s_readings_is_what_counts(tmp_path: Path) -> None:
    sagas = [reading("engine", per_s) for per_s in (440.0, 460.0, 900.0)]
    found = judged(tmp_path, "saga-rate", {"readings": [*sagas, reading("bare", 10.0)]})
    assert found["rate"].reached == Spread(440.0, 460.0, 900.0, 3)
    assert found["rate"].met
    assert found["rate"].verdict == "met"


def test_a_share_is_that_of_the_bare_loop_s_median(tmp_path: Path) -> None:
    bare = [reading("bare", per_s) for per_s in (900.0, 1_000.0, 2_000.0)]
    found = judged(
        tmp_path, "saga-rate", {"readings": [*bare, reading("engine + projector", 599.0)]}
    )
    share = found["share"].reached
    assert share is not None
    assert share.middle == pytest.approx(0.599)
    assert found["share"].met is False
    assert found["share"].verdict.startswith("missed: ")


def test_what_no_reading_holds_is_not_measured_even_where_its_benchmark_ran(
    tmp_path: Path,
) -> None:
    found = judged(tmp_path, "saga-rate", {"readings": [reading("engine", 500.0)]})
    for key in ("p50-busy", "rate-synced", "share", "start"):
        assert found[key].met is None
        assert found[key].verdict.startswith("not measured")


def test_a_latency_at_fifty_a_second_is_taken_from_where_it_was_read(tmp_path: Path) -> None:
    busy = {"sagas": 500, "p50_ms": 61.0, "p99_ms": 249.0}
    found = judged(tmp_path, "saga-rate", {"readings": [reading("engine", 500.0, busy=busy)]})
    assert (found["p50-busy"].met, found["p99-busy"].met) == (False, True)


def test_a_take_over_has_to_be_in_time_every_time(tmp_path: Path) -> None:
    own = [{"who": "same copy", "first_s": s} for s in (1.0, 1.1, 3.2)]
    found = judged(tmp_path, "take-over", {"readings": own})
    assert found["same-copy"].met is False


def test_two_copies_do_not_reach_a_goal_of_four(tmp_path: Path) -> None:
    rates = [{"subject": "chassis", "copies": n, "p50_ms": 0.0} for n in (1, 2)]
    found = judged(tmp_path, "phase-rate", {"rates": rates, "speedup": 9.0})
    assert found["scale-out"].met is None


def test_the_table_for_the_terminal_names_every_goal() -> None:
    text = printed(rows({}))
    assert len(text.splitlines()) == len(GOALS) + 1
    assert all(goal.says in text for goal in GOALS)


def test_each_goal_and_each_reason_has_a_key_of_its_own_and_a_benchmark() -> None:
    keys = [goal.key for goal in GOALS]
    assert len(set(keys)) == len(keys)
    assert yaml.safe_load(REASONS.read_text("utf-8")).keys() <= set(keys)
    assert {goal.benchmark for goal in GOALS} <= BENCHMARKS.keys()
