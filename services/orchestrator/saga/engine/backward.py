"""The way back: undoing what was done, last first, and naming what could not be undone."""

from datetime import datetime, timedelta

from contracts import identity
from contracts.control import CompensationParked
from contracts.envelope import FailureReason
from contracts.saga import (
    CompensationCompleted,
    CompensationFailed,
    CompensationRequested,
    CompensationStarted,
    Ending,
    WorkflowCancelled,
    WorkflowFailed,
    WorkflowRejected,
)
from services.orchestrator.saga.engine.inputs import Failed, Undone
from services.orchestrator.saga.engine.retry import Tried, again_at, stretched
from services.orchestrator.saga.engine.story import Story
from services.orchestrator.saga.state import (
    Closing,
    Life,
    Saga,
    StepState,
    StepStatus,
    UndoStatus,
)

UNDO_TIMEOUT = timedelta(minutes=2)
PARKED_FOR = timedelta(hours=24)
"""How long a parked undo waits for a person; then it is left, named, and the saga ends."""

_OPEN = (UndoStatus.CALLED, UndoStatus.RETRYING)


def undo_plan(saga: Saga) -> tuple[str, ...]:
    """Every step that was called, is not undone since and has an undo; the last called first.

    Steps whose outcome is unknown are in it: undoing what never happened is a no-op.
    """
    called = [
        planned.name
        for planned in saga.plan
        if planned.undo and saga.steps[planned.name].called_order > 0
    ]
    return tuple(sorted(called, key=lambda name: -saga.steps[name].called_order))


def fail(story: Story, reason: FailureReason, step: str, message: str) -> None:
    """Undo the saga because `step` failed for good."""
    _close(story, Ending.FAILED, reason, step, message)


def reject(story: Story, step: str, message: str) -> None:
    """Undo the saga because a reviewer, or the review's deadline, said no."""
    _close(story, Ending.REJECTED, FailureReason.REJECTED, step, message)


def cancel(story: Story, message: str) -> None:
    """Undo the saga because somebody wants it stopped."""
    _close(story, Ending.CANCELLED, FailureReason.CANCELLED, "", message)


def undone(story: Story, answer: Undone) -> None:
    """Take in that an effect is taken back; the last try's word counts for a parked undo, too."""
    if not _awaited(story.saga, answer.step, answer.command_id, UndoStatus.PARKED):
        return
    story.tell(
        CompensationCompleted(
            step=answer.step,
            attempt=story.saga.steps[answer.step].undo_attempt,
            detail=answer.detail,
            left_behind=answer.left_behind,
        )
    )
    retreat(story)


def undo_failed(story: Story, failure: Failed) -> None:
    """Take in that an undo failed: again after a while; after the last try a person is needed."""
    if not _awaited(story.saga, failure.step, failure.command_id):
        return
    state = story.saga.steps[failure.step]
    policy = story.saga.planned(failure.step).undo_retry
    silent = failure.unanswered and policy.budget_ms > 0
    tried = Tried(state.undo_tries - silent, state.undo_silent + silent, state.undo_until)
    now = story.clock(failure.step)
    due = again_at(policy, tried, now, failure.command_id)
    story.tell(
        CompensationFailed(
            step=failure.step,
            attempt=state.undo_attempt,
            message=failure.message,
            final=False,
            due=due,
            unanswered=silent,
        )
    )
    if due is None:
        story.tell(
            CompensationParked(
                step=failure.step,
                attempt=state.undo_attempt,
                message=failure.message,
                until=now + PARKED_FOR,
            )
        )
    retreat(story)


def retry_undo(story: Story, step: str) -> None:
    """The wait for another try at an undo is over."""
    _ask_to_undo(story, step)


def retreat(story: Story) -> None:
    """Ask for the next undo, or close the saga where none is left; a parked one lets others by."""
    saga = story.saga
    assert saga.closing is not None
    if saga.held_since() is not None:
        return
    states = {name: saga.steps[name].undo for name in saga.closing.undo_plan}
    if any(state in _OPEN for state in states.values()):
        return
    following = next((name for name, state in states.items() if state is UndoStatus.NONE), None)
    if following is None:
        if UndoStatus.PARKED not in states.values():
            _end(story, saga.closing)
    elif saga.held_since(following) is None:
        _ask_to_undo(story, following)


def _close(story: Story, ending: Ending, reason: FailureReason, step: str, message: str) -> None:
    plan = undo_plan(story.saga)
    closing = Closing(ending=ending, reason=reason, step=step, message=message, undo_plan=plan)
    if not plan and story.saga.held_since() is None:
        _end(story, closing)
        return
    story.tell(CompensationStarted(**dict(closing)))
    retreat(story)


def _end(story: Story, closing: Closing) -> None:
    left = story.saga.left_behind
    match closing.ending:
        case Ending.FAILED:
            story.tell(
                WorkflowFailed(
                    reason=closing.reason,
                    step=closing.step,
                    message=closing.message,
                    left_behind=left,
                )
            )
        case Ending.REJECTED:
            story.tell(WorkflowRejected(reason=closing.message, left_behind=left))
        case Ending.CANCELLED:
            story.tell(WorkflowCancelled(reason=closing.message, left_behind=left))


def _awaited(saga: Saga, step: str, command_id: str, *also: UndoStatus) -> bool:
    state = saga.steps.get(step)
    return (
        saga.life is Life.COMPENSATING
        and state is not None
        and state.undo in (UndoStatus.CALLED, *also)
        and state.undo_command_id == command_id
    )


def _ask_to_undo(story: Story, step: str) -> None:
    saga = story.saga
    state = saga.steps[step]
    attempt = state.undo_attempt + 1
    planned = saga.planned(step)
    story.tell(
        CompensationRequested(
            step=step,
            attempt=attempt,
            phase=planned.phase,
            command=planned.undo,
            command_id=identity.command_id(saga.campaign_id, f"undo:{step}", attempt),
            effect_key=state.effect_key,
            deadline=max(story.now, _lease_end(state, story.now))
            + stretched(UNDO_TIMEOUT, state.undo_silent),
        )
    )


def _lease_end(state: StepState, now: datetime) -> datetime:
    """Until when the step's own command may still run; its undo waits behind it."""
    in_flight = state.status is StepStatus.CALLED and state.deadline is not None
    return state.deadline if in_flight and state.deadline else now
