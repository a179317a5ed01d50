"""Chaos on a real Kafka: `python -m tests.chaos.storm`, or `make chaos`; exits 1 on an anomaly."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from benchmarks.ledger import EXIT_REFUSED, Entry, RecordRefused, flat
from benchmarks.machine import Machine, described
from tests.chaos.storm import late_ends, storm, transient, zombies

USUAL = "storm"
"""What is run where no kind is named."""


def main() -> int:
    """Run what the arguments ask for, and print what came of it."""
    words = sys.argv[1:]
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help")):
        words = [USUAL, *words]
    asked = _parser().parse_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        entry = Entry(_named(asked), range(asked.seed, asked.seed + 1)) if asked.record else None
    except RecordRefused as refused:
        print(refused, file=sys.stderr)
        return EXIT_REFUSED
    if asked.keep is not None:
        asked.keep.mkdir(parents=True)
        report = asked.run(asked, asked.keep)
    else:
        with tempfile.TemporaryDirectory(prefix="sagaline-chaos-") as home:
            report = asked.run(asked, Path(home))
    print(table(report))
    if asked.json is not None:
        asked.json.write_text(report.model_dump_json(indent=2) + "\n")
    if entry is not None:
        entry.write(report.machine, flat(report), report.anomalies)
    return 1 if report.anomalies else 0


def _named(asked: argparse.Namespace) -> str:
    """What the ledger calls the kind that is asked for."""
    kind: str = asked.kind
    if kind == USUAL and asked.brokers > 1:
        return f"{kind}, {asked.brokers} brokers"
    return f"{kind} {asked.rate:g}" if kind == "transient" else kind


def _storm(asked: argparse.Namespace, home: Path) -> BaseModel:
    wish = storm.Wish(
        minutes=asked.minutes,
        publications=asked.publications,
        seed=asked.seed,
        open_max=asked.open,
        session_s=asked.session,
        brokers=asked.brokers,
    )
    return storm.storm(wish, home)


def _zombies(asked: argparse.Namespace, home: Path) -> BaseModel:
    wish = zombies.Wish(asked.pauses, asked.groups, asked.seed, asked.minutes)
    return zombies.zombies(wish, home)


def _late_ends(asked: argparse.Namespace, home: Path) -> BaseModel:
    wish = late_ends.Wish(asked.ends, asked.groups, asked.seed, asked.minutes)
    return late_ends.late_ends(wish, home)


def _transient(asked: argparse.Namespace, home: Path) -> BaseModel:
    wish = transient.Wish(asked.campaigns, asked.rate, asked.seed, asked.open, asked.minutes)
    return transient.transient(wish, home)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make chaos")
    kinds = parser.add_subparsers(title="what happens", required=True)
    usual, pauses, ends = storm.Wish(), zombies.Wish(), late_ends.Wish()
    passing = transient.Wish()
    one = _kind(kinds, USUAL, "kills and pauses under load, counted from outside", _storm)
    _option(one, "--minutes", usual.minutes, "at most so long")
    _option(one, "--publications", usual.publications, "at most so many")
    _option(one, "--open", usual.open_max, "sagas open at a time")
    _option(one, "--session", usual.session_s, "session timeout in seconds")
    _option(one, "--brokers", usual.brokers, "nodes; three of them replicate")
    one = _kind(kinds, "zombies", "owners that sleep with a tick in hand, and wake", _zombies)
    _option(one, "--minutes", pauses.minutes, "at most so long")
    _option(one, "--pauses", pauses.pauses, "at most so many")
    _option(one, "--groups", pauses.groups, "groups at a time")
    one = _kind(kinds, "late-ends", "EndTxn requests that arrive a transaction late", _late_ends)
    _option(one, "--minutes", ends.minutes, "at most so long")
    _option(one, "--ends", ends.ends, "at most so many")
    _option(one, "--groups", ends.groups, "groups at a time")
    one = _kind(kinds, "transient", "real campaigns whose commands fail now and then", _transient)
    _option(one, "--minutes", passing.minutes, "at most so long")
    _option(one, "--campaigns", passing.campaigns, "so many")
    _option(one, "--rate", passing.rate, "share of executions that fail for the moment")
    _option(one, "--open", passing.open_max, "campaigns open at a time")
    return parser


def _kind(
    kinds: Any,
    name: str,
    told: str,
    run: Callable[[argparse.Namespace, Path], BaseModel],
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(name, help=told, description=told)
    parser.set_defaults(run=run, kind=name)
    _option(parser, "--seed", 1, "of faults and load")
    parser.add_argument("--json", type=Path, help="write the report there as well")
    parser.add_argument("--keep", type=Path, help="keep logs and records in this new folder")
    parser.add_argument("--record", action="store_true", help="enter the run in the ledger")
    return parser


def _option(parser: argparse.ArgumentParser, name: str, usual: float, told: str) -> None:
    parser.add_argument(name, type=type(usual), default=usual, help=f"{told} ({usual:g})")


def table(report: BaseModel) -> str:
    """The report for people: one figure a line, the anomalies last."""
    lines = [""]
    for name, value in report:
        if isinstance(value, Machine):
            lines.append(described(value))
        elif isinstance(value, dict):
            lines += [f"{name:10}{what:50}{number:>12,}" for what, number in value.items()]
        elif name != "anomalies":
            lines.append(f"{name:60}{value:>12,}")
    anomalies: list[str] = getattr(report, "anomalies", [])
    return "\n".join([*lines, "", *(anomalies or ["no anomaly"])])


if __name__ == "__main__":
    raise SystemExit(main())
