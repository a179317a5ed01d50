"""Campaigns' progress as a person sees it: live bars in a terminal, else a line per change."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from contracts.envelope import StepOutcome
from deploy.cli.edge import Event
from deploy.cli.talk import err, plain, say

TITLE_CHARS_MAX = 26
DOING_CHARS_MAX = 60
LINE_CHARS_MAX = 300
ENDED = frozenset({"COMPLETED", "FAILED", "REJECTED", "CANCELLED"})


class Board:
    """Shows campaigns while they run; a context manager."""

    def __init__(self) -> None:
        self._live = err.is_terminal
        self._began = time.monotonic()
        self._titles: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[state]:<12}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[doing]}", markup=False),
            console=err,
            refresh_per_second=4,
        )

    def __enter__(self) -> Self:
        if self._live:
            self._progress.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live:
            self._progress.stop()

    def add(self, campaign_id: str, title: str) -> None:
        """Show this campaign, too."""
        self._titles[campaign_id] = title[:TITLE_CHARS_MAX]
        self._tasks[campaign_id] = self._progress.add_task(
            title[:TITLE_CHARS_MAX].ljust(TITLE_CHARS_MAX), total=100, state="", doing="waiting"
        )

    def show(self, campaign_id: str, event: Event) -> None:
        """A fact has come."""
        told = plain(words(event))
        state = str(event.data.get("state", ""))
        percent = int(event.data.get("progress_percentage", 0))
        if self._live:
            self._update(campaign_id, state, percent, told)
        elif told and self._shown.get(campaign_id) != told:
            self._shown[campaign_id] = told
            elapsed = time.monotonic() - self._began
            title = self._titles[campaign_id]
            line = (
                f"{elapsed:6.1f} s  {title:<{TITLE_CHARS_MAX}} {percent:3d} %  {state:<12} {told}"
            )
            say(line[:LINE_CHARS_MAX])

    def note(self, campaign_id: str, what: str) -> None:
        """Something about the campaign that is no fact, for example a lost connection."""
        if self._live:
            self._progress.update(self._tasks[campaign_id], doing=plain(what)[:DOING_CHARS_MAX])
        else:
            say(f"{self._titles[campaign_id]}: {what}")

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Hold the bars still while something is asked."""
        if self._live:
            self._progress.stop()
        try:
            yield
        finally:
            if self._live:
                self._progress.start()

    def _update(self, campaign_id: str, state: str, percent: int, told: str) -> None:
        update: dict[str, Any] = {"completed": percent, "state": state}
        if told:
            update["doing"] = told[:DOING_CHARS_MAX]
        self._progress.update(self._tasks[campaign_id], **update)
        if state in ENDED:
            self._progress.stop_task(self._tasks[campaign_id])


def words(event: Event) -> str:
    """What a fact means to somebody who watches; empty for facts that say nothing new."""
    data = event.data
    attempt = int(data.get("attempt", 1))
    outcome = str(data.get("outcome", StepOutcome.SUCCEEDED))
    told = {name: str(value) for name, value in data.items()} | {
        "again": f" (attempt {attempt})" if attempt > 1 else "",
        "less": "" if outcome == StepOutcome.SUCCEEDED else f" ({outcome.lower()})",
        "word": str(data.get("decision", "")).lower().replace("_", " "),
    }
    return _WORDS.get(event.type, "").format_map(_Told(told)).strip()


class _Told(dict[str, str]):
    """A fact's fields as text; one it does not have is empty."""

    def __missing__(self, name: str) -> str:
        return ""


_WORDS = {
    "ToolCallRequested": "{step} is at work{again}",
    "ToolResultReceived": "{step} is done{less}",
    "ToolCallFailed": "{step} failed{again}: {reason} {message}",
    "StepSkipped": "{step} is left out: {reason}",
    "WorkSentBack": "{step} is sent back by {by}",
    "ReviewRequested": "waits for approval",
    "ReviewVoted": "review: approved by {voter}, {votes} of {needed}",
    "ReviewReminded": "still waits for approval, until {deadline}",
    "ReviewDecided": "review: {word}",
    "CampaignForked": "is a fork of {origin_campaign_id} at {origin_sequence}",
    "ResultTakenOver": "{step} is taken over",
    "CompensationStarted": "is being undone: {reason} {message}",
    "CampaignPaused": "is paused by {by} ({scope}): {reason}",
    "CampaignResumed": "goes on ({scope})",
    "CompensationParked": "the undo of {step} waits for a person: {message}",
    "CompensationResumed": "the undo of {step} is tried again",
    "CompensationSkipped": "the undo of {step} is skipped: {reason}",
    "RequestRefused": "request refused: {reason}",
    "WorkflowCompleted": "completed",
    "WorkflowFailed": "failed: {reason} {message}",
    "WorkflowRejected": "rejected: {reason}",
    "WorkflowCancelled": "cancelled: {reason}",
}
