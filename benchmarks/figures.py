"""The goals beside what was reached (`make figures`): the ledger of runs, and benchmarks/results.

A goal of runs is reached by the sum over all recorded runs of its kind, and only without any
anomaly among them; one of a benchmark by its newest result.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.ledger import RUNS, Run, recorded, standing, told

RESULTS = Path(__file__).with_name("results")
REFOLDED = "refold one record"
REFOLDED_PER_S = 20_000
TAKEN_OVER_S = {"same copy": 3.0, "another copy": 8.0}
"""After an owner's death its sagas move again within this time, by who takes them over."""

MOVES, ALL_MOVE = "first_s", "all_s"


_VERDICTS = {True: "met", False: "NOT MET", None: "beside it"}


EMBEDDED_MS = {"a lesson of 104 characters": 30.0, "a whole recall, 100,000 items": 25.0}
"""Of memory by meaning, by the benchmark's names; the medians."""


class Goal(NamedTuple):
    """At least so much of a figure over all runs of a kind; in percent of another where named.

    A kind also stands for its variants: `storm` for `storm, 3 brokers`.
    """

    says: str
    kind: str
    figure: str
    least: float
    of: str = ""


GOALS = (
    Goal("publications under kills and pauses", "storm", "publications seen", 100_000),
    Goal("owners paused with a tick in hand", "zombies", "paused", 1_000),
    Goal("EndTxn delivered a transaction late", "late-ends", "delivered_late", 1_000),
    Goal("seeded lives", "simulate", "lives", 20_000),
    Goal("campaigns under 5 % transient faults", "transient 0.05", "campaigns", 1_000),
    Goal(
        "of them completed whole, %",
        "transient 0.05",
        "completed without a step given up",
        99.5,
        of="campaigns",
    ),
)


class Line(NamedTuple):
    """One goal's line of the table; `met` is None for a figure that only stands beside one."""

    says: str
    goal: str
    figure: float
    source: str
    anomalies: int
    met: bool | None


def lines(runs: Sequence[Run], results: Path = RESULTS) -> list[Line]:
    """Every goal, and what was reached."""
    return [*(_over_runs(goal, standing(runs)) for goal in GOALS), *_of_benchmarks(results)]


def _over_runs(goal: Goal, runs: Sequence[Run]) -> Line:
    own = [run for run in runs if run.kind.partition(",")[0] == goal.kind]
    figure = sum(run.figures[goal.figure] for run in own)
    if goal.of:
        whole = sum(run.figures[goal.of] for run in own)
        figure = round(100 * figure / whole, 2) if whole else 0.0
    anomalies = sum(len(run.anomalies) for run in own)
    by_kind = {run.kind: [r.range for r in own if r.kind == run.kind] for run in own}
    seeds = "; ".join(
        f"{kind.removeprefix(f'{goal.kind}, ')} {told(ranges)}" if "," in kind else told(ranges)
        for kind, ranges in by_kind.items()
    )
    source = f"{len(own)} runs, seeds {seeds}" if own else "no run"
    met = bool(own) and figure >= goal.least and not anomalies
    return Line(goal.says, f">= {goal.least:,g}", figure, source, anomalies, met)


def _of_benchmarks(results: Path) -> Iterator[Line]:
    """The newest result of each benchmark; the files' names begin with their day."""
    newest = {path.stem[len("2026-01-01-") :]: path for path in sorted(results.glob("*.json"))}
    if "codec" in newest:
        costs = json.loads(newest["codec"].read_text())["costs"]
        per_s = next(cost["per_s"] for cost in costs if cost["name"].startswith(REFOLDED))
        asked, met = f">= {REFOLDED_PER_S:,}", per_s >= REFOLDED_PER_S
        yield Line("records refolded, a second", asked, per_s, newest["codec"].name, 0, met)
    if "memory" in newest:
        costs_ms = {c["name"]: c["ms"] for c in json.loads(newest["memory"].read_text())["costs"]}
        for name, goal_ms in EMBEDDED_MS.items():
            ms = costs_ms[name]
            yield Line(
                f"{name}, ms", f"<= {goal_ms:g}", ms, newest["memory"].name, 0, ms <= goal_ms
            )
    if "take_over" in newest:
        readings = json.loads(newest["take_over"].read_text())["readings"]
        for who, goal_s in TAKEN_OVER_S.items():
            yield from _taken_over(readings, who, goal_s, newest["take_over"].name)


def _taken_over(
    readings: Sequence[Mapping[str, Any]], who: str, goal_s: float, source: str
) -> Iterator[Line]:
    own = [one for one in readings if one["who"] == who]
    first_s = max((one[MOVES] for one in own), default=inf)
    all_s = max((one[ALL_MOVE] for one in own), default=inf)
    says = f"work moves again by {who}, s at most"
    yield Line(says, f"<= {goal_s:g}", first_s, source, 0, first_s <= goal_s)
    yield Line(f"all partitions move again by {who}, s at most", "", all_s, source, 0, None)


def table(found: Sequence[Line]) -> str:
    """The lines for people."""
    rows = [("goal", "asked", "reached", "anomalies", "", "from")]
    rows += [
        (
            *(line.says, line.goal, f"{line.figure:,.10g}", str(line.anomalies)),
            *(_VERDICTS[line.met], line.source),
        )
        for line in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        f"{row[0]:{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  "
        f"{row[3]:>{widths[3]}}  {row[4]:{widths[4]}}  {row[5]}"
        for row in rows
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; with --check, 1 where a recorded run had an anomaly."""
    parser = argparse.ArgumentParser(prog="make figures", description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit 1 where an anomaly is recorded")
    asked = parser.parse_args(argv)
    runs = recorded()
    print(table(lines(runs)))
    print(f"\n{len(runs)} runs in {RUNS.name}")
    count = standing(runs)
    wrong = [run for run in count if run.anomalies]
    _tell("with anomalies", wrong)
    _tell(
        "with anomalies, and run again since at another commit", [r for r in runs if r not in count]
    )
    return 1 if asked.check and wrong else 0


def _tell(how: str, runs: Sequence[Run]) -> None:
    for run in runs:
        print(f"{how}: {run.kind}, seeds {told([run.range])}, commit {run.commit[:10]}")
        for anomaly in run.anomalies:
            print("   ", anomaly)


if __name__ == "__main__":
    sys.exit(main())
