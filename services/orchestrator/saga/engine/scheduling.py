"""What waiting for a step's own time changes, and when a saga's time is over. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.message import Millis
from contracts.saga import StepScheduled
from services.orchestrator.saga.engine.fact import Fact
from services.orchestrator.saga.engine.steps import with_step
from services.orchestrator.saga.state import Saga, StepStatus


def scheduled(event: StepScheduled, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    """The step waits until it is due; from then on the saga has its whole time again."""
    changed = with_step(saga, event.step, status=StepStatus.SCHEDULED, deadline=event.due)
    later = finish_by(saga.finish_within_ms, event.due)
    if later is not None and saga.finish_by is not None and later > saga.finish_by:
        changed["finish_by"] = later
    return changed


def finish_by(within_ms: Millis, begun: datetime) -> datetime | None:
    """When the time of a saga that begins at `begun` is over; None where it has no bound."""
    return begun + timedelta(milliseconds=within_ms) if within_ms else None
