"""The reviewer links of a campaign's open gate, and where a question stands that one asks. Pure.

A link counts for one version: once the gate shows another, is decided, or its time is over, it
opens nothing any more. Only who sent the work back with a link is led on to the next version.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from chassis.reviewlink import WHOEVER, Question, path_of
from chassis.sealing import Keyring
from contracts.requests import ReviewDecision
from contracts.saga import Ending, ReviewDecided
from services.orchestrator.saga.state import Life, Saga, StepStatus
from services.orchestrator.view.following import LogEntry
from services.orchestrator.view.reports import gate

_SENT_BACK = (ReviewDecision.EDIT.value, ReviewDecision.REQUEST_CHANGES.value)


class Standing(StrEnum):
    """Where a link's question stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    LATE = "late"
    STOPPED = "stopped"
    SUPERSEDED = "superseded"
    IN_WORK = "in_work"
    RENEWED = "renewed"


def questions(saga: Saga) -> tuple[Question, ...]:
    """One for each named reviewer of the gate that waits; one for whoever, where none is named."""
    waiting = gate(saga)
    if waiting is None:
        return ()
    named = saga.planned(waiting.step).reviewers or ("",)
    return tuple(
        Question(saga.campaign_id, waiting.step, waiting.shown_digest, reviewer)
        for reviewer in named
    )


def links(keyring: Keyring, root: str, saga: Saga) -> list[dict[str, str | None]]:
    """The links below `root`, and whose each is (None: whoever has it)."""
    return [
        {
            "reviewer": question.reviewer or None,
            "url": root.rstrip("/") + path_of(keyring, saga.tenant_id, question),
        }
        for question in questions(saga)
    ]


def actor_of(question: Question) -> str:
    """The account that a word said by this link counts for."""
    return question.reviewer or WHOEVER


def standing(saga: Saga, question: Question, now: datetime) -> Standing:
    """Where the question stands as far as the campaign's state says it."""
    state = saga.steps.get(question.step)
    if state is None or state.shown_digest != question.shown_digest:
        return Standing.STOPPED if _undone(saga) else Standing.SUPERSEDED
    if state.status is StepStatus.ANSWERED:
        return Standing.APPROVED
    if _undone(saga):
        rejected = saga.closing is not None and saga.closing.ending is Ending.REJECTED
        return Standing.REJECTED if rejected else Standing.STOPPED
    if state.deadline is not None and state.deadline <= now:
        return Standing.LATE
    waits = state.status is StepStatus.WAITING
    return Standing.OPEN if waits else Standing.SUPERSEDED


def sent_back_by(question: Question, entries: Iterable[LogEntry]) -> bool:
    """True where it was this very link that sent the version back, or edited it."""
    return any(
        entry.type == ReviewDecided.__name__
        and entry.step == question.step
        and entry.actor_id == actor_of(question)
        and entry.data["shown_digest"] == question.shown_digest
        and entry.data["decision"] in _SENT_BACK
        for entry in entries
    )


def successor(saga: Saga, question: Question) -> Question | None:
    """The same reviewer's question about what the gate shows now; None while it shows nothing."""
    return next((one for one in questions(saga) if one.reviewer == question.reviewer), None)


def _undone(saga: Saga) -> bool:
    return saga.life not in (Life.IDLE, Life.RUNNING, Life.COMPLETED)
