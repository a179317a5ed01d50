"""What people ask about control by hand: what holds a campaign, what its undo would do. Pure."""

from collections.abc import Iterable
from typing import Any

from contracts.plan import PlannedStep
from services.orchestrator.saga.engine.backward import undo_plan
from services.orchestrator.saga.engine.parking import parked_steps
from services.orchestrator.saga.state import Life, Pause, Saga, StepState, UndoStatus

WOULD_RUN, NOT_CALLED, WAITS = "WOULD_RUN", "NOT_CALLED", "WAITS"


def pauses(saga: Saga) -> list[dict[str, Any]]:
    """Everything that holds the campaign, and who answers for it."""
    return [told(one) for one in saga.pauses]


def told(pause: Pause) -> dict[str, Any]:
    """One pause as people see it."""
    return {
        "scope": pause.scope.value,
        "target": pause.target,
        "owner": pause.owner,
        "reason": pause.reason,
        "since": pause.since.isoformat(),
        "review_at": pause.review_at.isoformat(),
    }


def parked(saga: Saga) -> list[dict[str, Any]]:
    """The undo steps that wait for a person, and until when."""
    return [
        {"step": name, "tries": state.undo_tries, "until": _moment(state)}
        for name in parked_steps(saga)
        for state in (saga.steps[name],)
    ]


def parked_inputs(saga: Saga) -> list[dict[str, Any]]:
    """The inputs that the campaign could not take in, in their order; what they say is not here."""
    return [
        {
            "letter_id": one.letter_id,
            "type": one.type,
            "place": f"{one.topic}[{one.partition}]@{one.offset}",
            "cause": one.cause,
            "attempts": one.attempts,
            "since": one.since.isoformat(),
        }
        for one in saga.parked
    ]


def undo_preview(saga: Saga, plan: tuple[PlannedStep, ...]) -> dict[str, Any]:
    """The way back, in its order: while it runs, what came of it; before, what a cancel would do.

    `plan` is the saga's own, or the one that it would start on. A step without an undo leaves
    nothing outside, or nothing that can be taken back, and is not named.
    """
    undoable = {planned.name: planned for planned in plan if planned.undo}
    if saga.closing is not None:
        names: Iterable[str] = saga.closing.undo_plan
        words = {name: _word(saga.steps[name]) for name in saga.closing.undo_plan}
    elif saga.life is Life.COMPLETED:
        names, words = (), {}
    else:
        called = undo_plan(saga) if saga.plan else ()
        names = (*called, *(name for name in reversed(undoable) if name not in called))
        words = dict.fromkeys(undoable, NOT_CALLED) | dict.fromkeys(called, WOULD_RUN)
    return {
        "campaign_id": saga.campaign_id,
        "state": saga.campaign_state.value,
        "ending": saga.closing.ending.value if saga.closing else None,
        "steps": [_entry(saga, undoable[name], words[name]) for name in names if name in undoable],
        "left_behind": list(saga.left_behind),
    }


def _word(state: StepState) -> str:
    return WAITS if state.undo is UndoStatus.NONE else state.undo.value


def _entry(saga: Saga, planned: PlannedStep, status: str) -> dict[str, Any]:
    state = saga.steps.get(planned.name, StepState())
    return {
        "step": planned.name,
        "phase": planned.phase,
        "undo": planned.undo,
        "status": status,
        "tries": state.undo_tries,
        "until": _moment(state),
        "left_behind": list(state.left_behind),
    }


def _moment(state: StepState) -> str | None:
    return state.undo_deadline.isoformat() if state.undo_deadline else None
