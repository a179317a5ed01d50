"""The way forward: launching steps whose predecessors are settled, and what follows an answer."""

import hashlib
from datetime import timedelta

from contracts import identity
from contracts.envelope import FailureReason, StepOutcome
from contracts.message import Millis
from contracts.plan import Lane, PlannedStep, StepKind
from contracts.saga import (
    AgentCompleted,
    RetryScheduled,
    ReviewRequested,
    StepScheduled,
    StepSkipped,
    ToolCallFailed,
    ToolCallRequested,
    ToolResultReceived,
    WorkflowCompleted,
    WorkSentBack,
)
from services.orchestrator.saga.engine import backward
from services.orchestrator.saga.engine.inputs import Answered, Failed
from services.orchestrator.saga.engine.retry import Tried, again_at, stretched
from services.orchestrator.saga.engine.story import Story
from services.orchestrator.saga.state import Life, Saga, StepStatus

_LESS_THAN_ASKED = (StepOutcome.DEGRADED, StepOutcome.HELD, StepOutcome.SKIPPED)


def advance(story: Story) -> None:
    """Launch whatever may run now, and close the saga where nothing is left to do."""
    while story.saga.life is Life.RUNNING:
        ready = _next_ready(story.saga)
        if ready is None:
            break
        launch(story, ready)
    saga = story.saga
    if saga.life is not Life.RUNNING or saga.held_since() is not None:
        return
    if all(state.settled for state in saga.steps.values()):
        degraded = tuple(
            name
            for name, state in saga.steps.items()
            if state.outcome in _LESS_THAN_ASKED or (state.skipped_because and state.attempt > 0)
        )
        story.tell(WorkflowCompleted(degraded=degraded))


def launch(story: Story, planned: PlannedStep) -> None:
    """Ask the phase, or the person, that this step is for; before its time it only waits."""
    if planned.lane is Lane.BLOCKED:
        story.tell(StepSkipped(step=planned.name, reason="the policy blocks this step"))
    elif planned.not_before is not None and story.now < planned.not_before:
        story.tell(StepScheduled(step=planned.name, due=planned.not_before))
    elif planned.kind is StepKind.GATE:
        _ask_person(story, planned)
    else:
        _ask_phase(story, planned)


def answered(story: Story, answer: Answered) -> None:
    """Take in a phase's answer; one to a superseded attempt counts for nothing."""
    done = answer.done
    state = story.saga.steps.get(done.step)
    if state is None or state.status is not StepStatus.CALLED:
        return
    if state.command_id != answer.command_id or story.saga.life is not Life.RUNNING:
        return
    story.tell(
        ToolResultReceived(
            step=done.step,
            attempt=done.attempt,
            outcome=done.outcome,
            usage=done.usage,
            artefacts=done.artefacts,
            agents=done.agents,
            notes=done.notes,
            body_schema_id=answer.body_schema_id,
            body=answer.body,
        )
    )
    for agent in done.agents:
        story.tell(AgentCompleted(step=done.step, **agent.model_dump()))
    if done.outcome is StepOutcome.BLOCKED:
        _blocked(story, done.step, done.notes)
    advance(story)


def failed(story: Story, failure: Failed) -> None:
    """Take in a failure: try again, give up an optional step, or undo the saga."""
    state = story.saga.steps.get(failure.step)
    if state is None or state.status is not StepStatus.CALLED:
        return
    if state.command_id != failure.command_id or story.saga.life is not Life.RUNNING:
        return
    planned = story.saga.planned(failure.step)
    story.tell(
        ToolCallFailed(
            step=failure.step,
            attempt=state.attempt,
            reason=failure.reason,
            message=failure.message,
            feedback=failure.feedback,
            usage=failure.usage,
            unanswered=failure.unanswered and planned.retry.budget_ms > 0,
        )
    )
    tried = story.saga.steps[failure.step]
    so_far = Tried(tried.tries, tried.silent, tried.try_until)
    due = again_at(planned.retry, so_far, story.clock(failure.step), failure.command_id)
    if failure.reason.retryable and due is not None:
        story.tell(RetryScheduled(step=failure.step, attempt=tried.attempt + 1, due=due))
    elif planned.optional:
        reason = f"{failure.reason}: {failure.message}"
        story.tell(StepSkipped(step=failure.step, reason=reason))
    else:
        backward.fail(story, failure.reason, failure.step, failure.message)
    advance(story)


def send_back(story: Story, by: PlannedStep, feedback: tuple[str, ...]) -> bool:
    """Return the work to where `by` says; False where its rounds are used up."""
    state = story.saga.steps[by.name]
    if not may_send_back(story.saga, by):
        return False
    story.tell(
        WorkSentBack(
            step=by.sends_back_to, by=by.name, round=state.sent_back + 1, feedback=feedback
        )
    )
    return True


def may_send_back(saga: Saga, by: PlannedStep) -> bool:
    """True where `by` says where the work goes back to, and has rounds left."""
    return bool(by.sends_back_to) and saga.steps[by.name].sent_back < by.rounds_max


def shown(saga: Saga, gate: PlannedStep) -> tuple[str, ...]:
    """The steps whose results the gate shows; one that was not planned is left out."""
    return tuple(name for name in gate.shows if name in saga.steps)


def shown_digest(saga: Saga, gate: PlannedStep) -> str:
    """SHA-256 over the results that a reviewer is shown, in the gate's order."""
    digest = hashlib.sha256()
    for name in shown(saga, gate):
        body = saga.steps[name].body
        digest.update(len(body).to_bytes(8, "big") + body)
    return digest.hexdigest()


def _next_ready(saga: Saga) -> PlannedStep | None:
    for planned in saga.plan:
        if (
            saga.steps[planned.name].status is StepStatus.PENDING
            and all(saga.steps[before].settled for before in planned.after)
            and saga.held_since(planned.name) is None
        ):
            return planned
    return None


def _ask_phase(story: Story, planned: PlannedStep) -> None:
    saga = story.saga
    state = saga.steps[planned.name]
    attempt = state.attempt + 1
    story.tell(
        ToolCallRequested(
            step=planned.name,
            attempt=attempt,
            round=state.round,
            phase=planned.phase,
            command=planned.command,
            command_id=identity.command_id(saga.campaign_id, planned.name, attempt),
            effect_key=identity.effect_key(saga.campaign_id, planned.name, state.round),
            undo=planned.undo,
            lane=planned.lane,
            deadline=story.now + stretched(_ms(planned.timeout_ms), state.silent),
        )
    )


def _ask_person(story: Story, planned: PlannedStep) -> None:
    story.tell(
        ReviewRequested(
            step=planned.name,
            shown_digest=shown_digest(story.saga, planned),
            shows=shown(story.saga, planned),
            deadline=story.now + _ms(planned.timeout_ms),
        )
    )


def _blocked(story: Story, step: str, notes: tuple[str, ...]) -> None:
    planned = story.saga.planned(step)
    if send_back(story, planned, notes):
        return
    message = "; ".join(notes) or "the quality gate blocked it"
    if planned.optional:
        reason = f"{FailureReason.QUALITY_BLOCKED}: {message}"
        story.tell(StepSkipped(step=step, reason=reason))
    else:
        backward.fail(story, FailureReason.QUALITY_BLOCKED, step, message)


def _ms(duration: Millis) -> timedelta:
    return timedelta(milliseconds=duration)
