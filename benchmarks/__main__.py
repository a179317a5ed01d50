"""Measures the figures of docs/performance.md: `python -m benchmarks [NAME …] [--quick]`."""

import argparse
import signal
import sys

from benchmarks import goals, results
from benchmarks.catalogue import BENCHMARKS
from benchmarks.machine import described, machine
from benchmarks.settings import commit, on_kafka
from chassis.telemetry import configure_logs


def main() -> int:
    """Measure what is asked for, print the tables, keep the results, and hold them against goals.

    `goals` among the names stands for no measurement: only the last table is printed.
    """
    known = (*BENCHMARKS, "goals")
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("name", nargs="*", help=f"{' or '.join(known)}; without one: all")
    parser.add_argument(
        "--quick", action="store_true", help="a first look, of which no results are kept"
    )
    parser.add_argument("--seed", type=int, default=1, help="of what chance decides")
    asked = parser.parse_args()
    for name in asked.name:
        if name not in known:
            parser.error(f"there is no benchmark {name!r}; there are: {', '.join(known)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    configure_logs("ERROR", "benchmarks")
    names = [name for name in asked.name or BENCHMARKS if name in BENCHMARKS]
    for number, name in enumerate(names, start=1):
        print(f"\n[{number} of {len(names)}] {name}:", end=" ", flush=True)
        _measure(name, quick=asked.quick, seed=asked.seed)
    if not asked.quick:
        print(f"\n{goals.printed(goals.rows(results.newest()))}", flush=True)
    return 0


def _measure(name: str, *, quick: bool, seed: int) -> None:
    ground, benchmark = machine(), BENCHMARKS[name]
    print(f"{described(ground)}\n", flush=True)
    figures = benchmark.measure(quick, seed)
    if not quick:
        about = {"machine": ground.model_dump(), "commit": commit()}
        settings = {"settings": on_kafka()} if benchmark.on_kafka else {}
        path = results.keep(name, {**about, **settings, **figures})
        print(f"written: {path}", file=sys.stderr)
    print(f"\n{benchmark.told(figures)}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
