"""The way back: undoing what was done, last first, and naming what could not be undone."""

from datetime import datetime, timedelta

from contracts import identity
from contracts.envelope import FailureReason
from contracts.plan import RetryPolicy
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
from services.orchestrator.saga.engine.retry import backoff
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
UNDO_RETRY = RetryPolicy(attempts_max=5, backoff_ms=1_000, backoff_ms_max=30_000)

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
    """Take in that an effect is taken back."""
    if not _awaited(story.saga, answer.step, answer.command_id):
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
    """Take in that an undo failed: again after a while, and after the last try name it."""
    if not _awaited(story.saga, failure.step, failure.command_id):
        return
    state = story.saga.steps[failure.step]
    final = state.undo_tries >= UNDO_RETRY.attempts_max
    due = story.now + backoff(UNDO_RETRY, state.undo_tries, failure.command_id)
    story.tell(
        CompensationFailed(
            step=failure.step,
            attempt=state.undo_attempt,
            message=failure.message,
            final=final,
            due=None if final else due,
        )
    )
    retreat(story)


def retry_undo(story: Story, step: str) -> None:
    """The wait for another try at an undo is over."""
    _ask_to_undo(story, step)


def retreat(story: Story) -> None:
    """Ask for the next undo, or close the saga where none is left."""
    saga = story.saga
    assert saga.closing is not None
    for name in saga.closing.undo_plan:
        state = saga.steps[name].undo
        if state in _OPEN:
            return
        if state is UndoStatus.NONE:
            _ask_to_undo(story, name)
            return
    _end(story, saga.closing)


def _close(story: Story, ending: Ending, reason: FailureReason, step: str, message: str) -> None:
    plan = undo_plan(story.saga)
    closing = Closing(ending=ending, reason=reason, step=step, message=message, undo_plan=plan)
    if not plan:
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


def _awaited(saga: Saga, step: str, command_id: str) -> bool:
    state = saga.steps.get(step)
    return (
        saga.life is Life.COMPENSATING
        and state is not None
        and state.undo is UndoStatus.CALLED
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
            deadline=max(story.now, _lease_end(state, story.now)) + UNDO_TIMEOUT,
        )
    )


def _lease_end(state: StepState, now: datetime) -> datetime:
    """Until when the step's own command may still run; its undo waits behind it."""
    in_flight = state.status is StepStatus.CALLED and state.deadline is not None
    return state.deadline if in_flight and state.deadline else now
