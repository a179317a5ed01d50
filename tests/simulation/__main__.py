"""`make simulate SEEDS=n`: so many seeded lives of the whole system; `SEED=k` lives one, aloud."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from benchmarks.ledger import EXIT_REFUSED, Entry, RecordRefused
from benchmarks.machine import machine
from tests.simulation.seeded.life import Report, live

KIND: Final = "simulate"
TOLD_EVERY_S: Final = 10.0
LIVES_PER_TASK: Final = 20
ENDS: Final = ("COMPLETED", "FAILED", "REJECTED", "CANCELLED")


def main(argv: Sequence[str] | None = None) -> int:
    """0 where every life kept every promise, 1 where one did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many lives")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", help="live this one only, and say what happens")
    parser.add_argument("--record", action="store_true", help="enter the run in the ledger")
    parser.add_argument("--jobs", type=int, default=1, help="processes at once")
    asked = parser.parse_args(argv)
    if asked.seed:
        return _aloud(asked.seed)
    seeds = range(asked.first, asked.first + asked.seeds)
    try:
        entry = Entry(KIND, seeds) if asked.record else None
    except RecordRefused as refused:
        print(refused, file=sys.stderr)
        return EXIT_REFUSED
    return _many(seeds, asked.jobs, entry)


def _aloud(seed: str) -> int:
    report = live(seed, aloud=True)
    print(f"seed {seed}: {report.facts} facts, {report.steps} steps, {report.seconds:.0f} s lived")
    print("strikes:", dict(sorted(report.struck.items())), "and", dict(report.tally))
    print("SHA-256 of every topic's bytes:", report.digest)
    for problem in report.problems:
        print("BROKEN", problem)
    return bool(report.problems)


def _many(seeds: range, jobs: int, entry: Entry | None) -> int:
    began = told = time.monotonic()
    about = machine()
    reports: list[Report] = []
    failed: list[Report] = []
    for report in _lived([str(seed) for seed in seeds], jobs):
        reports.append(report)
        if report.problems:
            failed.append(report)
            _tell_failure(report)
        if time.monotonic() - told > TOLD_EVERY_S:
            told = time.monotonic()
            print(f"{len(reports)} of {len(seeds)} lives, {len(failed)} failed", file=sys.stderr)
    seconds = time.monotonic() - began
    _tell(reports, failed, seconds)
    if entry is not None:
        problems = [f"seed {report.seed}: {one}" for report in failed for one in report.problems]
        entry.write(about, _figures(reports, seconds), problems)
    return bool(failed)


def _figures(reports: Sequence[Report], seconds: float) -> dict[str, float]:
    """What the ledger is to know of these lives."""
    struck = _sum(report.struck for report in reports)
    return {
        "lives": len(reports),
        "seconds": round(seconds, 1),
        "hours lived": round(sum(report.seconds for report in reports) / 3_600, 1),
        "facts": sum(report.facts for report in reports),
        **{f"at {step}": number for step, number in sorted(struck.items())},
        **dict(sorted(_sum(report.tally for report in reports).items())),
    }


def _lived(seeds: list[str], jobs: int) -> Iterator[Report]:
    if jobs < 2:
        yield from map(live, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(live, seeds, chunksize=LIVES_PER_TASK)


def _tell_failure(report: Report) -> None:
    print(f"seed {report.seed} failed; to see it again: make simulate SEED={report.seed}")
    for problem in report.problems:
        print("   ", problem)


def _tell(reports: Sequence[Report], failed: Sequence[Report], seconds: float) -> None:
    tally = _sum(report.tally for report in reports)
    struck = _sum(report.struck for report in reports)
    lived_h = sum(report.seconds for report in reports) / 3_600
    ends = ", ".join(f"{tally[end]} {end}" for end in ENDS)
    others = ", ".join(f"{n} {what}" for what, n in sorted(tally.items()) if what not in ENDS)
    print(f"{len(reports)} lives, {len(failed)} failed, in {seconds:.1f} s ({lived_h:.1f} h lived)")
    print(f"{sum(report.facts for report in reports)} facts; campaigns: {ends}")
    print(f"weather: {others}")
    print("struck at: " + ", ".join(f"{step} {n}" for step, n in sorted(struck.items())))
    if failed:
        print(f"the first failing seed: make simulate SEED={failed[0].seed}")


def _sum(counts: Iterable[dict[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return total


if __name__ == "__main__":
    sys.exit(main())
