"""What waiting for a step's own time changes, and when a saga's time is over. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.message import Millis
from contracts.saga import ScheduleLifted, StepScheduled
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


def lifted(event: ScheduleLifted, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    """The steps' date is this moment: whoever asks later for what was planned is told that."""
    steps = dict(saga.steps)
    for name in event.steps:
        changes = {"status": StepStatus.PENDING, "deadline": None}
        steps[name] = steps[name].model_copy(update=changes)
    plan = tuple(
        planned.model_copy(update={"not_before": fact.at})
        if planned.name in event.steps
        else planned
        for planned in saga.plan
    )
    return {"steps": steps, "plan": plan}


def finish_by(within_ms: Millis, begun: datetime) -> datetime | None:
    """When the time of a saga that begins at `begun` is over; None where it has no bound."""
    return begun + timedelta(milliseconds=within_ms) if within_ms else None
