"""Undo that needs a person, and answers that come too late. It tells facts."""

from contracts.control import (
    CompensationResumed,
    CompensationSkipped,
    DecideUndo,
    LateAnswerReceived,
    UndoDecision,
)
from contracts.envelope import ArtefactRef
from contracts.saga import RequestRefused
from services.orchestrator.saga.engine import backward
from services.orchestrator.saga.engine.inputs import Answered, Failed
from services.orchestrator.saga.engine.story import Story
from services.orchestrator.saga.state import Life, Saga, StepStatus, UndoStatus

NOBODY_CAME = "the undo failed"


def decide_undo(story: Story, request: DecideUndo) -> None:
    """Take in what a person says about a parked undo."""
    parked = parked_steps(story.saga)
    if request.step not in parked:
        there = f"parked: {', '.join(parked)}" if parked else "nothing is parked"
        reason = f"the undo of `{request.step}` waits for nobody; {there}"
        story.tell(RequestRefused(request="DecideUndo", reason=reason))
        return
    if request.decision is UndoDecision.RESUME:
        story.tell(CompensationResumed(step=request.step, reason=request.reason))
    else:
        left = "; ".join(part for part in (f"{NOBODY_CAME}, skipped", request.reason) if part)
        story.tell(CompensationSkipped(step=request.step, reason=left))
    backward.retreat(story)


def nobody_came(story: Story, step: str) -> None:
    """A parked undo's time is over: the effect stays, and is named."""
    story.tell(CompensationSkipped(step=step, reason=NOBODY_CAME))
    backward.retreat(story)


def parked_steps(saga: Saga) -> tuple[str, ...]:
    """The steps whose undo waits for a person, in the order of the undo."""
    if saga.life is not Life.COMPENSATING or saga.closing is None:
        return ()
    plan = saga.closing.undo_plan
    return tuple(name for name in plan if saga.steps[name].undo is UndoStatus.PARKED)


def late(story: Story, answer: Answered | Failed) -> None:
    """Log, once, an answer to a command that was in flight when the undo began."""
    step = answer.done.step if isinstance(answer, Answered) else answer.step
    state = story.saga.steps.get(step)
    if story.saga.life is not Life.COMPENSATING or state is None:
        return
    if state.status is not StepStatus.CALLED or state.command_id != answer.command_id:
        return
    if state.late_command_id == answer.command_id:
        return
    artefacts: tuple[ArtefactRef, ...] = ()
    notes: tuple[str, ...] = ()
    if isinstance(answer, Answered):
        usage, detail = answer.done.usage, answer.done.outcome.value
        artefacts, notes = answer.done.artefacts, answer.done.notes
    else:
        usage, detail = answer.usage, f"{answer.reason}: {answer.message}"
    story.tell(
        LateAnswerReceived(
            step=step,
            attempt=state.attempt,
            command_id=answer.command_id,
            succeeded=isinstance(answer, Answered),
            detail=detail,
            usage=usage,
            artefacts=artefacts,
            notes=notes,
        )
    )
