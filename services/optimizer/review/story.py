"""What the log tells of a campaign's announcements and its gate, and which verdict each met. Pure.

The story is kept entry by entry beside the claims: whoever hears the log again, or takes it over,
finds it, and adds nothing to it.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from contracts.message import LogEvent, Message, Moment, StepName, Uuid
from contracts.requests import ReviewDecision
from contracts.review import AnnounceReview
from contracts.saga import (
    CompensationCompleted,
    DeadlineKind,
    DeadlinePassed,
    PlanGenerated,
    ReviewDecided,
    ReviewVoted,
    StepSkipped,
    ToolCallRequested,
    ToolResultReceived,
    WorkflowRetried,
)

KINDS: tuple[type[LogEvent], ...] = (
    PlanGenerated,
    ToolCallRequested,
    ToolResultReceived,
    StepSkipped,
    CompensationCompleted,
    ReviewVoted,
    ReviewDecided,
    DeadlinePassed,
    WorkflowRetried,
)
"""The facts that are heard."""


class Decision(StrEnum):
    """How a gate ended, or why it asks anew."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EDITED = "EDITED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    EXPIRED = "EXPIRED"

    @property
    def final(self) -> bool:
        """True where nobody is asked again."""
        return self not in (Decision.EDITED, Decision.CHANGES_REQUESTED)


_DECISIONS = {
    ReviewDecision.APPROVE: Decision.APPROVED,
    ReviewDecision.REJECT: Decision.REJECTED,
    ReviewDecision.EDIT: Decision.EDITED,
    ReviewDecision.REQUEST_CHANGES: Decision.CHANGES_REQUESTED,
}


class Verdict(Message):
    """What came of a gate: who decided (nobody: its time ran out), when, and why."""

    decision: Decision
    by: tuple[str, ...] = ()
    at: Moment
    reason: str = ""


class Kind(StrEnum):
    """What an entry says."""

    BEGUN = "BEGUN"
    TOLD = "TOLD"
    VOTED = "VOTED"
    DECIDED = "DECIDED"
    RETRIED = "RETRIED"


class Announcement(Message):
    """One round of telling reviewers, and the step's key of its effects."""

    step: StepName
    round: int
    effect_key: Uuid


class Entry(Message):
    """One line of the story, from the fact that has this number in the campaign's log."""

    sequence: int
    kind: Kind
    announcement: Announcement | None = None
    voter: str = ""
    verdict: Verdict | None = None


class Met(NamedTuple):
    """An announcement and the verdict that it met."""

    announcement: Announcement
    verdict: Verdict


def begins(event: LogEvent) -> bool:
    """True for the plan of a campaign whose reviewers are told outside: others have no story."""
    told = AnnounceReview.__name__
    return isinstance(event, PlanGenerated) and any(s.command == told for s in event.steps)


def entry_of(event: LogEvent, sequence: int, actor: str, at: Moment) -> Entry | None:
    """What the story says of a fact; None where it only moves on."""
    match event:
        case PlanGenerated() if begins(event):
            return Entry(sequence=sequence, kind=Kind.BEGUN)
        case ToolCallRequested() if event.command == AnnounceReview.__name__:
            own = Announcement(step=event.step, round=event.round, effect_key=event.effect_key)
            return Entry(sequence=sequence, kind=Kind.TOLD, announcement=own)
        case ReviewVoted():
            return Entry(sequence=sequence, kind=Kind.VOTED, voter=event.voter)
        case ReviewDecided():
            decision = _DECISIONS[event.decision]
            given = Verdict(decision=decision, by=(actor,), at=at, reason=event.reason)
            return Entry(sequence=sequence, kind=Kind.DECIDED, verdict=given)
        case DeadlinePassed(kind=DeadlineKind.REVIEW):
            ended = Verdict(decision=Decision.EXPIRED, at=event.deadline)
            return Entry(sequence=sequence, kind=Kind.DECIDED, verdict=ended)
        case WorkflowRetried():
            return Entry(sequence=sequence, kind=Kind.RETRIED)
    return None


def verdicts(story: Iterable[Entry]) -> tuple[Met, ...]:
    """Every announcement that was decided about, oldest first, with what was decided.

    A verdict is about what was told before it. A final one is also about what is told after it (an
    announcement that a pause held back), until the campaign is taken up again.
    """
    met: dict[str, Met] = {}
    open_: dict[str, Announcement] = {}
    voters: list[str] = []
    final: Verdict | None = None
    for entry in story:
        if entry.announcement is not None and entry.announcement.effect_key not in met:
            open_[entry.announcement.effect_key] = entry.announcement
        if entry.voter:
            voters.append(entry.voter)
        if entry.kind is Kind.RETRIED:
            open_, final = {}, None
        if entry.verdict is not None:
            given = _by_all(entry.verdict, voters)
            final, voters = (given if given.decision.final else None), []
            met |= {key: Met(one, given) for key, one in open_.items()}
            open_ = {}
        elif final is not None:
            met |= {key: Met(one, final) for key, one in open_.items()}
            open_ = {}
    return tuple(met.values())


def _by_all(verdict: Verdict, voters: list[str]) -> Verdict:
    """An approval that needed several names all who gave theirs."""
    if verdict.decision is not Decision.APPROVED:
        return verdict
    return verdict.model_copy(update={"by": tuple(dict.fromkeys((*voters, *verdict.by)))})
