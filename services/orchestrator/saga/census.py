"""Counting sagas: what ended and how, what is open, and whether anything waits for nothing."""

import time

from chassis import telemetry
from contracts.saga import (
    CompensationStarted,
    WorkflowCancelled,
    WorkflowCompleted,
    WorkflowFailed,
    WorkflowRejected,
)
from services.orchestrator.saga.engine import Fact
from services.orchestrator.saga.state import Saga
from services.orchestrator.saga.store import Store

CENSUS_EVERY_S = 5.0

_ENDS = (WorkflowCompleted, WorkflowFailed, WorkflowRejected, WorkflowCancelled)


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
        held = (held.saga for partition in store.partitions for held in store.all(partition))
        opened = [saga for saga in held if not saga.life.ended]
        telemetry.SAGAS_OPEN.set(len(opened))
        telemetry.SAGAS_WITHOUT_OBLIGATION.set(sum(not saga.deadlines for saga in opened))


def count_fact(fact: Fact, saga: Saga) -> None:
    """Count what a fact ends or turns back."""
    if isinstance(fact.event, CompensationStarted):
        telemetry.SAGA_COMPENSATIONS.labels("workflow_failure").inc()
    elif isinstance(fact.event, _ENDS):
        seconds = (fact.at - saga.created_at).total_seconds()
        telemetry.WORKFLOW_EXECUTIONS.labels(saga.saga, saga.life.value.lower()).inc()
        telemetry.WORKFLOW_DURATION.labels(saga.saga).observe(seconds)
