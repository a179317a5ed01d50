"""The goals beside what was reached (`make figures`): the ledger of runs, and benchmarks/results.

A goal of runs is reached by the sum over all recorded runs of its kind, and only without any
anomaly among them; one of a benchmark by its newest result.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import goals
from benchmarks.ledger import RUNS, Run, recorded, standing, told
from benchmarks.results import FOLDER, newest

_VERDICTS = {True: "met", False: "NOT MET"}


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
    """One goal's line of the table."""

    says: str
    goal: str
    figure: float
    source: str
    anomalies: int
    met: bool


def lines(runs: Sequence[Run], results: Path = FOLDER) -> list[Line]:
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
    """What the newest results of benchmarks hold of their goals."""
    for row in goals.rows(newest(results)):
        if row.reached is not None:
            goal = row.goal
            figure = goal.judged(row.reached)
            yield Line(goal.says, goal.asked, figure, row.source, 0, goal.met(row.reached))


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
