"""`python -m tests.histories.record` keeps whole lives of sagas, as this release writes them.

A release's folder is written once and never again: it stands for the logs that this release has
left on somebody's brokers. Each life is a file of JSON lines, in the order in which they came to
be: what the saga role took in and when, what it wrote, and where the saga then stood.
"""

import asyncio
import json
import sys
import tomllib
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from chassis.broker import Incoming, Outgoing
from chassis.codec import Decoded
from contracts import topics
from contracts.envelope import FailureReason, StepOutcome
from contracts.requests import CancelCampaign, RetryCampaign, ReviewDecision, StartCampaign
from services.orchestrator.saga.restore import Restored
from services.orchestrator.saga.state import Saga
from tests.orchestrator.saga.desk import CODEC, PARTITION, Desk, campaign_request, result_of
from tests.specification import CAMPAIGN_ID

FOLDER = Path(__file__).resolve().parent
RETRY_WAIT = timedelta(minutes=1)
KEPT = (topics.REQUESTS, topics.RESULTS)


def standing(saga: Saga) -> dict[str, Any]:
    """Where the saga stands, in words that mean the same in every release."""
    return {
        "life": saga.life.value,
        "state": saga.campaign_state.value,
        "sequence": saga.sequence,
        "progress": saga.progress,
        "retries": saga.retries,
        "definition": [saga.definition, saga.definition_version],
        "steps": {
            name: [step.status.value, step.undo.value, step.attempt, step.round]
            for name, step in saga.steps.items()
        },
        "awaited": sorted(
            step.undo_command_id if step.undo.value == "CALLED" else step.command_id
            for step in saga.steps.values()
            if "CALLED" in (step.undo.value, step.status.value)
        ),
        "deadlines": sorted(
            [deadline.at.isoformat(), deadline.kind.value, deadline.step]
            for deadline in saga.deadlines
        ),
        "left_behind": list(saga.left_behind),
    }


class Recorder(Desk):
    """A saga role that keeps everything it takes in and writes."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []
        self._offsets = count()
        self._fold = Restored(CODEC, PARTITION)
        self._folded = 0

    def give(self, *records: Incoming) -> list[Decoded]:
        given = [replace(one, offset=next(self._offsets)) for one in records]
        for record in given:
            place = {"topic": record.topic, "offset": record.offset, "key": _text(record.key)}
            self._line("input", at=self.now.isoformat(), **place, value=_text(record.value))
        return super().give(*given)

    def keep(self, outgoing: Sequence[Outgoing]) -> list[Decoded]:
        written = super().keep(outgoing)
        for made in outgoing:
            if made.topic == topics.LOG:
                self._fold.fact(self.shelf.of(topics.LOG)[self._folded])
                self._folded += 1
                self._line("fact", value=_text(made.value))
            elif made.topic.endswith(".commands"):
                self._line("command", topic=made.topic, value=_text(made.value))
        self._line("stands", **standing(self._fold.sagas[CAMPAIGN_ID].saga))
        return written

    async def wait(self, duration: timedelta) -> list[Decoded]:
        self.now += duration
        written: list[Decoded] = []
        while (partition := self.processor.due(self.now)) is not None:
            made = await self.processor.think_of_time(partition, self.now)
            if any(one.topic == topics.LOG for one in made):
                self._line("time", at=self.now.isoformat())
                written += self.keep(made)
            else:  # a checkpoint: nothing happened to the saga
                self.processor.merge()
        return written

    def run_short(self, *, until: str = "") -> None:
        """As `run`, with results that say as little as they may."""
        while called := [name for name, one in self.saga.steps.items() if one.status == "CALLED"]:
            if until in called or self.saga.life != "RUNNING":
                return
            self.answer(called[0], result_of(called[0], sparse=True))

    def undo_all(self) -> None:
        while open_ := [name for name, one in self.saga.steps.items() if one.undo == "CALLED"]:
            self.undone(open_[0])

    async def fail_for_good(self, step: str) -> None:
        while self.saga.life == "RUNNING":
            self.fail(step, FailureReason.TIMEOUT)
            await self.wait(RETRY_WAIT)

    def _line(self, kind: str, **fields: Any) -> None:
        self.lines.append({"kind": kind, **fields})


async def completed(desk: Recorder) -> None:
    """Every step answered, one of them at its second try; approved by a person."""
    desk.ask(campaign_request())
    desk.fail("research", FailureReason.UNAVAILABLE)
    await desk.wait(RETRY_WAIT)
    desk.run_short()
    desk.decide(ReviewDecision.APPROVE)
    desk.run_short()
    assert desk.saga.life == "COMPLETED"


async def failed(desk: Recorder) -> None:
    """A step fails for good; what was done is taken back, last first."""
    desk.ask(campaign_request())
    desk.run_short(until="design")
    await desk.fail_for_good("design")
    desk.undo_all()
    assert desk.saga.life == "FAILED"


async def rejected(desk: Recorder) -> None:
    """The audit sends the work back once; then nobody decides in time."""
    desk.ask(campaign_request(start=False))
    desk.ask(StartCampaign())
    desk.run_short(until="audit")
    blocked = result_of("audit", sparse=True)
    desk.answer("audit", blocked, outcome=StepOutcome.BLOCKED, notes=("no proof",))
    desk.run_short()
    await desk.wait(timedelta(hours=25))
    desk.undo_all()
    assert desk.saga.life == "REJECTED"


async def cancelled(desk: Recorder) -> None:
    """Stopped while one channel is published and the other in flight; an undo fails once."""
    desk.ask(campaign_request())
    desk.run_short()
    desk.decide(ReviewDecision.APPROVE)
    desk.answer("publish.email", result_of("publish.email", sparse=True))
    desk.ask(CancelCampaign(reason="too early"))
    first = next(name for name, one in desk.saga.steps.items() if one.undo == "CALLED")
    desk.fail(first, FailureReason.UNAVAILABLE, undo=True)
    await desk.wait(RETRY_WAIT)
    desk.undo_all()
    assert desk.saga.life == "CANCELLED"


async def retried(desk: Recorder) -> None:
    """Failed and undone, then taken up again where it failed, and completed."""
    await failed(desk)
    desk.ask(RetryCampaign(failed_sequence=desk.saga.failed_sequence))
    desk.run_short()
    desk.decide(ReviewDecision.APPROVE)
    desk.run_short()
    assert desk.saga.life == "COMPLETED"


LIVES: tuple[Callable[[Recorder], Awaitable[None]], ...] = (
    completed,
    failed,
    rejected,
    cancelled,
    retried,
)


async def lines_of(live: Callable[[Recorder], Awaitable[None]]) -> list[str]:
    """The life, line by line."""
    desk = Recorder()
    await desk.open()
    await live(desk)
    return [json.dumps(line, separators=(",", ":")) for line in desk.lines]


def record_lives(folder: Path) -> list[Path]:
    """Write each life into a file of its own. Raises FileExistsError where the folder is there."""
    folder.mkdir(parents=True)
    files = []
    for live in LIVES:
        path = folder / f"{live.__name__}.jsonl"
        told = asyncio.run(lines_of(live))
        path.write_text("".join(f"{line}\n" for line in told), "ascii")
        files.append(path)
    return files


def version_here() -> str:
    """The release that this tree is, or is going to be."""
    project = tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])


def _text(value: bytes | None) -> str:
    return b64encode(value or b"").decode()


if __name__ == "__main__":
    for path in record_lives(FOLDER / version_here()):
        sys.stdout.write(f"recorded: {path.name}, {path.stat().st_size} bytes\n")
