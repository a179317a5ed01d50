"""The readings that `make bench` keeps: one file for each benchmark and day."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.machine import Machine

FOLDER = Path(__file__).with_name("results")
DAY = "2026-01-01-"
"""How a file's name begins."""

Figures = Mapping[str, Any]


class Result(NamedTuple):
    """One benchmark's figures, and what they were taken on and with."""

    path: Path
    figures: Figures

    @property
    def day(self) -> str:
        """When it was measured."""
        return self.path.stem[: len(DAY) - 1]

    @property
    def machine(self) -> Machine:
        """What it was measured on."""
        return Machine.model_validate(self.figures["machine"])

    @property
    def commit(self) -> str:
        """What was measured; empty where that was not kept."""
        return str(self.figures.get("commit", ""))

    @property
    def settings(self) -> Mapping[str, str]:
        """What it was measured with; none where they were not kept, or there are none."""
        settings: Mapping[str, str] = self.figures.get("settings", {})
        return settings


Results = Mapping[str, Result]
"""The newest result of each benchmark, by its name."""


def newest(folder: Path = FOLDER) -> Results:
    """The newest result of each benchmark that has one."""
    return {
        path.stem[len(DAY) :].replace("_", "-"): Result(path, json.loads(path.read_text("utf-8")))
        for path in sorted(folder.glob("*.json"))
    }


def keep(name: str, figures: Figures, folder: Path = FOLDER) -> Path:
    """Write a benchmark's figures; another reading of the same day takes their place."""
    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"{now:%Y-%m-%d}-{name.replace('-', '_')}.json"
    kept = {"measured_at": now.isoformat(), **figures}
    path.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
    return path
