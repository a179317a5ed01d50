"""The page of figures: every kind of reading is told, and its plots are well formed."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from benchmarks.catalogue import BENCHMARKS
from benchmarks.outcome import Spread
from benchmarks.page.page import PAGE, generated, page
from benchmarks.page.plots import PLOTS, plots
from benchmarks.page.svg import CUT, WIDTH, Bar, Goal, chart
from benchmarks.results import Result, Results, newest
from tests.benchmarks.test_goals import MACHINE

COST = {"us_min": 9.0, "us": 10.0, "us_max": 12.0}
LATENCY = {"sagas": 5, "p50_ms": 20.0, "p99_ms": 40.0}
SAGAS = {
    "sagas": 10,
    "seconds": 1.0,
    "sagas_per_s": 10.0,
    "p50_ms": 9.0,
    "p99_ms": 11.0,
    "latency_sagas": 5,
    "busy": LATENCY,
    "cpu_ms": {"saga": 1.0},
    "rss_mib": {"saga": 50.0},
}
RATE = {
    "commands": 10,
    "per_s": 99.0,
    "p50_ms": 0.0,
    "p99_ms": 0.0,
    "cpu_us": 1.0,
    "rss_mib": 60.0,
}
FIGURES: dict[str, dict[str, Any]] = {
    "peers": {
        "readings": [{"variant": name, **SAGAS} for name in ("bare", "engine", "A <peer>")],
        "guarantees": {"bare": "none", "engine": "once", "A <peer>": "each step once"},
        "skipped": {"Another": "its server cannot be had"},
    },
    "phase-rate": {
        "rates": [{"subject": "chassis", "copies": n, **RATE} for n in (1, 2, 4)],
        "ratio": 0.5,
        "speedup": 3.6,
    },
    "growth": {
        "costs": [
            {"what": what, "size": size, **COST}
            for what in ("one input", "one answer")
            for size in (10, 100, 1_000, 10_000)
        ]
    },
    "campaigns": {
        "campaigns": 2,
        "ends": {"WorkflowCompleted": 2},
        "accepted_s": 1.0,
        "all_s": 5.0,
        "p50_s": 3.0,
        "p95_s": 4.0,
        "cost_micros": 0,
        "services": [{"name": "radar", "cpu_ms": 1.0, "rss_max_mib": 90.0}],
    },
    "shipped": {
        "projects": 1_500,
        "per_s": [40.0, 41.0, 42.0],
        "p50_ms": 60.0,
        "p99_ms": 90.0,
        "records": 40,
        "kib": 700.0,
        "services": [{"name": "orchestrator", "cpu_ms": 20.0, "rss_max_mib": 150.0}],
    },
    "side-by-side": {
        "research": {"alone_s": [9.0, 9.5, 10.0], "together_s": [2.0, 2.1, 2.2]},
        "campaign": {"alone_s": [16.0], "together_s": [8.0]},
        "crowd": 20,
        "minutes_p95": 14.0,
    },
    "pictures": {
        "pictures": [
            {
                "design": "waves",
                "photo": False,
                "width": 1200,
                "height": 600,
                "cpu_ms": 90.0,
                "png_kib": 80,
            }
        ],
        "process_ms": 120.0,
        "films": [],
    },
    "thinking": {"records": 28, "us": 2_000.0, "us_min": 1_900.0, "us_max": 2_200.0},
    "at-rest": {
        "first_s": 9.0,
        "warm_s": [5.0, 6.0, 7.0],
        "held": [{"name": "radar", "rss_mib": 80.0, "pss_mib": 60.0}],
        "services_mib": 80.0,
    },
}


def results() -> Results:
    """The readings that are kept, and one of each benchmark that has none so far."""
    made = {
        name: Result(Path(f"2026-01-01-{name}.json"), {"machine": MACHINE, **figures})
        for name, figures in FIGURES.items()
    }
    return {**newest(), **made}


def test_every_benchmark_is_on_the_page_with_what_it_was_read_on() -> None:
    told = page(results())
    for name in BENCHMARKS:
        assert results()[name].path.name in told, name
    assert "Skipped: Another: its server cannot be had" in told
    assert "3.6" in told


def test_a_page_without_any_reading_says_how_to_take_them() -> None:
    told = page({})
    for name in BENCHMARKS:
        assert f'make bench ARGS="{name}"' in told
    assert not any(f"figures/{name}.svg" in told for name in PLOTS)
    assert list(generated({})) == [PAGE]


def test_every_plot_is_well_formed_and_the_same_each_time() -> None:
    drawn = plots(results())
    assert drawn.keys() == PLOTS.keys()
    for text in drawn.values():
        ET.fromstring(text)
    assert drawn == plots(results())
    assert "A &lt;peer&gt;" in drawn["throughput"]


@pytest.mark.parametrize("high", [11.0, 100_000.0])
def test_no_bar_leaves_the_picture_and_its_value_is_told_whole(high: float) -> None:
    bars = [Bar("one", Spread(10, 10, high, 2)), Bar("two", Spread(10, 10, 10, 1))]
    far = Bar("far", Spread(10 * CUT, 20 * CUT, 30 * CUT, 3))
    text = chart("A", "b", [*bars, far], Goal(12, "goal"))
    for line in ET.fromstring(text).iter():
        ends = [float(line.get(name, "0")) for name in ("x", "x1", "x2")]
        assert max(ends) + float(line.get("width", "0").rstrip("%")) <= WIDTH
    assert f">{20 * CUT}<" in text
    assert text.count("stroke-width") == 1, "one bar is cut, and shows it"


@pytest.mark.parametrize("words", ["one", "a peer of the longest name, with its settings, p50"])
def test_labels_and_what_it_is_about_fit_into_the_picture(words: str) -> None:
    text = chart("A", "b\nc", [Bar(words, Spread(1, 1, 1, 1))])
    found = {line.text: line for line in ET.fromstring(text).iter() if line.text}
    assert float(found[words].get("x", "0")) >= len(words) * 6
    assert float(found["b"].get("y", "0")) < float(found["c"].get("y", "0"))


def test_a_kept_result_is_found_again(tmp_path: Path) -> None:
    for day, value in (("2026-01-01", 1), ("2026-01-02", 2)):
        (tmp_path / f"{day}-saga_rate.json").write_text(json.dumps({"x": value}))
    (found,) = newest(tmp_path).items()
    assert (found[0], found[1].day, found[1].figures) == ("saga-rate", "2026-01-02", {"x": 2})
