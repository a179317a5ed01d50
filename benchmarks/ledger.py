"""The ledger of runs: which seeds were run at which commit and where, and what came of each.

Figures that no single run reaches are sums over runs. So that a sum is honest, a run is recorded
whatever came of it, from a commit that says what was run, and no seed of a kind counts twice. Where
a run had anomalies, the same seeds may be run again at another commit: that run then stands for
them, and the earlier one stays on record as what was found.
"""

import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from benchmarks.machine import Machine

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "docs" / "figures" / "runs.jsonl"
EXIT_REFUSED = 2


class RecordRefused(Exception):
    """The run would not be evidence; the text says why, and what to do."""


class Run(BaseModel):
    """One run: seeds `first_seed` to `first_seed + seeds - 1`, its figures, and what was wrong."""

    at: datetime
    commit: str
    command: str
    kind: str
    first_seed: int
    seeds: int
    machine: Machine
    figures: dict[str, float]
    anomalies: list[str]

    @property
    def range(self) -> range:
        """Its seeds."""
        return range(self.first_seed, self.first_seed + self.seeds)


def recorded(path: Path = RUNS) -> list[Run]:
    """Every run of the ledger; none where there is no ledger yet."""
    if not path.exists():
        return []
    return [Run.model_validate_json(line) for line in path.read_text().splitlines()]


def standing(runs: Sequence[Run]) -> list[Run]:
    """The runs that count: of those of the same seeds the last."""
    last = {(run.kind, run.first_seed, run.seeds): run for run in runs}
    return [run for run in runs if last[run.kind, run.first_seed, run.seeds] is run]


class Entry:
    """A run's place in the ledger: opened before it begins, written when it has ended."""

    def __init__(self, kind: str, seeds: range, path: Path = RUNS) -> None:
        """Raises RecordRefused for a dirty tree, and for seeds that this kind had before.

        Unless their run had anomalies and was of another commit: then this one takes its place.
        """
        self._kind = kind
        self._seeds = seeds
        self._path = path
        self._commit = _clean_commit(path)
        self._check_seeds()

    def write(
        self, machine: Machine, figures: Mapping[str, float], anomalies: Sequence[str]
    ) -> Run:
        """Append the run, its anomalies included. Raises RecordRefused, as when it was opened."""
        self._check_seeds()
        run = Run(
            at=datetime.now(UTC),
            commit=self._commit,
            command=_command(),
            kind=self._kind,
            first_seed=self._seeds.start,
            seeds=len(self._seeds),
            machine=machine,
            figures=dict(figures),
            anomalies=list(anomalies),
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as ledger:
            ledger.write(run.model_dump_json() + "\n")
        return run

    def _check_seeds(self) -> None:
        mine = self._seeds
        for run in standing(recorded(self._path)):
            both = range(max(mine.start, run.range.start), min(mine.stop, run.range.stop))
            mended = run.range == mine and run.anomalies and run.commit != self._commit
            if run.kind == self._kind and both and not mended:
                raise RecordRefused(
                    f"{self._kind}: seeds {told([both])} are recorded already (commit "
                    f"{run.commit[:10]}); take others, or leave --record out"
                )


def told(ranges: Sequence[range]) -> str:
    """Seeds as people write them: 1, 3-7. Ranges that meet are one."""
    joined: list[range] = []
    for one in sorted(ranges, key=lambda r: r.start):
        if joined and one.start <= joined[-1].stop:
            joined[-1] = range(joined[-1].start, max(joined[-1].stop, one.stop))
        else:
            joined.append(one)
    ends = [(one.start, one.stop - 1) for one in joined]
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)


def flat(report: BaseModel) -> dict[str, float]:
    """A report's numbers by name; those of a table behind the table's name, but for `figures`."""
    found: dict[str, float] = {}
    for name, value in report:
        if isinstance(value, int | float):
            found[name] = value
        elif isinstance(value, dict):
            prefix = "" if name == "figures" else f"{name}: "
            found |= {f"{prefix}{what}": number for what, number in value.items()}
    return found


def _clean_commit(ledger: Path) -> str:
    """The commit that is checked out, with nothing changed but the ledger."""
    changed = [
        line
        for line in _git("status", "--porcelain", "--untracked-files=all").splitlines()
        if ROOT / line[3:] != ledger
    ]
    if changed:
        raise RecordRefused(
            f"the tree differs from its commit ({changed[0].strip()}"
            f"{f' and {len(changed) - 1} more' if changed[1:] else ''}), so nobody could tell what "
            "was run; commit first, or leave --record out"
        )
    return _git("rev-parse", "HEAD").strip()


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


def _command() -> str:
    """The command of this process, to be given again."""
    module = getattr(sys.modules["__main__"], "__spec__", None)
    name = module.name.removesuffix(".__main__") if module else Path(sys.argv[0]).name
    return shlex.join(["python", "-m", name, *sys.argv[1:]])
