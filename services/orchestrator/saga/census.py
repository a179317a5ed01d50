"""Counting sagas: what ended and how, what is open, and whether anything waits for nothing."""

import time

import structlog

from chassis import telemetry
from contracts.control import CompensationParked, PauseScope
from contracts.parking import InputParked
from contracts.saga import (
    CompensationStarted,
    DeadlineKind,
    DeadlinePassed,
    WorkflowCancelled,
    WorkflowCompleted,
    WorkflowFailed,
    WorkflowRejected,
)
from services.orchestrator.saga.engine import Fact
from services.orchestrator.saga.engine.holds import REVIEW_AGAIN
from services.orchestrator.saga.state import Life, Saga
from services.orchestrator.saga.store import Store

CENSUS_EVERY_S = 5.0

log = structlog.get_logger()

_ENDS = frozenset({WorkflowCompleted, WorkflowFailed, WorkflowRejected, WorkflowCancelled})
_ALARMING = frozenset({InputParked, CompensationParked, DeadlinePassed})


class Census:
    """Looks at every saga held, not more often than every few seconds."""

    def __init__(self) -> None:
        self._next = 0.0

    def take_now_and_then(self, store: Store) -> None:
        """Count, if the last count is old enough."""
        if time.monotonic() >= self._next:
            self.take(store)

    def take(self, store: Store) -> None:
        """Count what is open, and what is open without an obligation (always none)."""
        self._next = time.monotonic() + CENSUS_EVERY_S
        held = (held.brief for partition in store.partitions for held in store.all(partition))
        opened = [brief for brief in held if not brief.ended]
        telemetry.SAGAS_OPEN.set(len(opened))
        telemetry.SAGAS_PAUSED.set(sum(brief.paused for brief in opened))
        telemetry.INPUTS_PARKED.set(sum(brief.parked_inputs for brief in opened))
        telemetry.UNDO_PARKED.set(sum(brief.parked_undos for brief in opened))
        telemetry.SAGAS_WITHOUT_OBLIGATION.set(sum(not brief.obliged for brief in opened))


def count_fact(fact: Fact, saga: Saga) -> None:
    """Count what a fact ends, turns back, or leaves to a person; the last is an alarm."""
    kind = type(fact.event)
    if kind in _ALARMING:
        _alarm(fact, saga)
    if kind is CompensationStarted:
        telemetry.SAGA_COMPENSATIONS.labels("workflow_failure").inc()
    elif kind in _ENDS:
        seconds = (fact.at - saga.created_at).total_seconds()
        telemetry.WORKFLOW_EXECUTIONS.labels(saga.saga, saga.life.value.lower()).inc()
        telemetry.WORKFLOW_DURATION.labels(saga.saga).observe(seconds)


def _alarm(fact: Fact, saga: Saga) -> None:
    """Say what a person must look at; a wider pause is its partition's matter, not each saga's."""
    match fact.event:
        case InputParked(behind=False, type=type_, cause=cause):
            log.error(
                "input_parked",
                workflow_id=saga.campaign_id,
                type=type_,
                reason=cause,
                what_to_do="sagaline dead list, show and try it; repaired, sagaline dead redrive",
            )
        case CompensationParked(step=step, message=message, until=until):
            log.error(
                "undo_parked",
                workflow_id=saga.campaign_id,
                step=step,
                reason=message,
                until=until.isoformat(),
                what_to_do="repair the cause, then sagaline undo-resume; or undo-skip names it",
            )
        case DeadlinePassed(kind=DeadlineKind.PAUSE):
            missed = (one for one in saga.pauses if one.review_at == fact.at + REVIEW_AGAIN)
            for pause in missed:
                if pause.scope is not PauseScope.CAMPAIGN and saga.life is not Life.STANDING:
                    continue
                telemetry.PAUSE_REVIEWS_MISSED.inc()
                log.warning(
                    "pause_not_reviewed",
                    workflow_id=saga.campaign_id,
                    scope=pause.scope.value,
                    target=pause.target,
                    owner=pause.owner,
                    since=pause.since.isoformat(),
                    what_to_do="resume it, or pause it anew with a later review",
                )
