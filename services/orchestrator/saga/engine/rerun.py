"""Which steps run once more, and what such a step forgets. Pure; it tells no facts."""

from typing import Any

from contracts.envelope import StepOutcome
from services.orchestrator.saga.state import Saga, StepState, StepStatus, UndoStatus


def affected_by(saga: Saga, step: str) -> tuple[str, ...]:
    """`step` and every step that comes after it, in plan order."""
    found = {step}
    for planned in saga.plan:  # the plan is in topological order
        if found.intersection(planned.after):
            found.add(planned.name)
    return tuple(planned.name for planned in saga.plan if planned.name in found)


def to_rerun(saga: Saga, gate: str) -> tuple[str, ...]:
    """What an edit at the gate runs again: what it names, what stood on that, and the gate."""
    named = saga.planned(gate).reruns
    begun = {
        after
        for name in named
        for after in affected_by(saga, name)
        if saga.steps[after].status is not StepStatus.PENDING
    }
    return tuple(dict.fromkeys((*named, gate, *sorted(begun))))


def again(state: StepState, **changes: object) -> StepState:
    """A step that is to run once more in a new round: what it answered is void."""
    fresh: dict[str, Any] = {
        "status": StepStatus.PENDING,
        "tries": 0,
        "silent": 0,
        "try_until": None,
        "round": state.round + 1,
        "command_id": "",
        "deadline": None,
        "outcome": None,
        "body": b"",
        "notes": (),
        "shown_digest": "",
        "votes": (),
        "reminded_at": None,
        "taken_over": False,
        "skipped_because": "",
    }
    return state.model_copy(update={**fresh, **changes})


def not_to_be_kept(saga: Saga) -> tuple[str, ...]:
    """What a retry runs again: failed, blocked, cut off or undone steps and all that follow."""
    first: set[str] = set()
    for name, state in saga.steps.items():
        cut_off = not state.settled and state.status is not StepStatus.PENDING
        if cut_off or state.undo is not UndoStatus.NONE:
            first.add(name)
        if state.outcome is StepOutcome.BLOCKED and saga.planned(name).sends_back_to:
            first.add(saga.planned(name).sends_back_to)
    found = {name for one in first for name in affected_by(saga, one)}
    return tuple(planned.name for planned in saga.plan if planned.name in found)
