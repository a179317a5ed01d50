"""What control by hand changes in a saga's state: frozen clocks, parked and late steps. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.control import (
    CampaignPaused,
    CampaignResumed,
    CompensationParked,
    CompensationResumed,
    CompensationSkipped,
    LateAnswerReceived,
)
from contracts.envelope import FailureReason
from contracts.message import LogEvent
from contracts.saga import CancelRequested, DeadlineKind, DeadlinePassed, Ending
from services.orchestrator.saga.engine.steps import with_step
from services.orchestrator.saga.engine.tally import added, joined
from services.orchestrator.saga.state import (
    START_TIMEOUT,
    Closing,
    Life,
    Pause,
    Saga,
    StepState,
    StepStatus,
    UndoStatus,
)

REVIEW_AGAIN = timedelta(days=1)
"""How far a pause's review moves on each time that nobody looked."""

_DEADLINES = ("deadline", "undo_deadline", "try_until", "undo_until")
"""Every moment of a step that stands still while the step is held; a date it waits for does not."""

Changes = Mapping[str, Any]


def changes(event: LogEvent, saga: Saga, at: datetime) -> Changes:
    """Which fields change by a fact of control by hand; none by any other fact."""
    match event:
        case CampaignPaused():
            return _paused(saga, event, at)
        case CampaignResumed():
            return _resumed(saga, event, at)
        case DeadlinePassed(kind=DeadlineKind.PAUSE):
            return _looked_for(saga, event.deadline, at)
        case CancelRequested():
            return _cancelled(saga, event)
        case CompensationParked():
            return with_step(saga, event.step, undo=UndoStatus.PARKED, undo_deadline=event.until)
        case CompensationResumed():
            fresh = {"undo_tries": 0, "undo_silent": 0, "undo_deadline": None, "undo_until": None}
            return with_step(saga, event.step, undo=UndoStatus.NONE, **fresh)
        case CompensationSkipped():
            left = joined(saga.steps[event.step].left_behind, (event.reason,))
            skipped = {"undo": UndoStatus.LEFT, "undo_deadline": None, "left_behind": left}
            return with_step(saga, event.step, **skipped)
        case LateAnswerReceived():
            usage = added(saga.steps[event.step].usage, event.usage)
            late = {"late_command_id": event.command_id, "deadline": None, "usage": usage}
            return {**with_step(saga, event.step, **late), "usage": added(saga.usage, event.usage)}
        case _:
            return {}


def _paused(saga: Saga, event: CampaignPaused, at: datetime) -> Changes:
    """The saga is held, from now on, by this pause as well."""
    pause = Pause(
        scope=event.scope,
        target=event.target,
        owner=event.by,
        reason=event.reason,
        since=at,
        review_at=event.review_at,
    )
    return {"pauses": (*saga.pauses, pause)}


def _resumed(saga: Saga, event: CampaignResumed, at: datetime) -> Changes:
    """The pause is over; a deadline that was frozen is as far away as when it froze.

    Pauses may overlap: what another one still holds is moved only as far as that one began later.
    """
    key = (event.scope, event.target)
    left = tuple(one for one in saga.pauses if (one.scope, one.target) != key)
    after = saga.model_copy(update={"pauses": left})
    changed: dict[str, Any] = {"pauses": left}
    steps = {
        name: _moved(state, _thawed(saga, after, name, at)) for name, state in saga.steps.items()
    }
    if steps != saga.steps:
        changed["steps"] = steps
    if saga.life is Life.IDLE and (length := _thawed(saga, after, "", at)):
        changed["start_by"] = (saga.start_by or saga.created_at + START_TIMEOUT) + length
    if saga.finish_by is not None and (length := _thawed(saga, after, "", at)):
        changed["finish_by"] = saga.finish_by + length
    return changed


def _looked_for(saga: Saga, deadline: datetime, at: datetime) -> Changes:
    """A pause's review passed and nobody had ended it: it stays, and is asked about again."""
    moved = tuple(
        one.model_copy(update={"review_at": at + REVIEW_AGAIN})
        if one.review_at == deadline
        else one
        for one in saga.pauses
    )
    return {"pauses": moved}


def _cancelled(saga: Saga, event: CancelRequested) -> Changes:
    """A cancel of a saga that is being undone changes how it ends; before that, nothing yet."""
    if saga.life is not Life.COMPENSATING or saga.closing is None:
        return {}
    closing = Closing(
        ending=Ending.CANCELLED,
        reason=FailureReason.CANCELLED,
        step="",
        message=event.reason,
        undo_plan=saga.closing.undo_plan,
    )
    return {"closing": closing}


def _thawed(before: Saga, after: Saga, step: str, at: datetime) -> timedelta:
    since = before.held_since(step)
    return (after.held_since(step) or at) - since if since is not None else timedelta()


def _moved(state: StepState, length: timedelta) -> StepState:
    if not length:
        return state
    due = {name: getattr(state, name) for name in _DEADLINES}
    if state.status is StepStatus.SCHEDULED:
        del due["deadline"]
    return state.model_copy(update={name: at + length for name, at in due.items() if at})
