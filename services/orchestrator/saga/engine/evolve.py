"""`evolve`: the saga once a fact is known. Pure: the state changes in no other way."""

from collections.abc import Mapping
from functools import singledispatch
from typing import Any, cast

from contracts.control import (
    CampaignPaused,
    CampaignResumed,
    CompensationResumed,
    CompensationSkipped,
    PauseScope,
)
from contracts.envelope import StepOutcome
from contracts.message import LogEvent
from contracts.parking import InputParked, InputUnparked
from contracts.requests import ReviewDecision
from contracts.saga import (
    CampaignForked,
    CancelRequested,
    CompensationCompleted,
    CompensationFailed,
    CompensationRequested,
    CompensationStarted,
    ContentEdited,
    Ending,
    GoalReceived,
    PlanGenerated,
    RequestRefused,
    ResultTakenOver,
    RetryScheduled,
    ReviewDecided,
    ReviewReminded,
    ReviewRequested,
    ReviewVoted,
    ScheduleLifted,
    StepScheduled,
    StepSkipped,
    ToolCallFailed,
    ToolCallRequested,
    ToolResultReceived,
    WorkflowCancelled,
    WorkflowCompleted,
    WorkflowFailed,
    WorkflowRejected,
    WorkflowRetried,
    WorkSentBack,
)
from services.orchestrator.saga.engine import forking, holds, parked_inputs, scheduling, voting
from services.orchestrator.saga.engine.fact import Fact
from services.orchestrator.saga.engine.rerun import affected_by, again, not_to_be_kept, to_rerun
from services.orchestrator.saga.engine.retry import until
from services.orchestrator.saga.engine.scheduling import finish_by
from services.orchestrator.saga.engine.steps import with_step
from services.orchestrator.saga.engine.tally import added, joined, may_progress, progress
from services.orchestrator.saga.state import (
    ANSWERED_REQUESTS_MAX,
    Closing,
    Life,
    Saga,
    StepState,
    StepStatus,
    UndoStatus,
)

_ANSWER_REQUESTS = frozenset(
    {
        GoalReceived,
        PlanGenerated,
        ReviewDecided,
        CancelRequested,
        WorkflowRetried,
        RequestRefused,
        ReviewVoted,
        CompensationResumed,
        CompensationSkipped,
        InputUnparked,
        ScheduleLifted,
    }
)
_PAUSES = frozenset({CampaignPaused, CampaignResumed})
CONTROL = "control"
"""The saga type of a partition's wider pauses; it has no plan."""


def evolve(saga: Saga | None, fact: Fact) -> Saga:
    """The saga after `fact`; only a GoalReceived brings one into being."""
    if saga is None:
        saga = _born(fact)
    changes = dict(_changes(fact.event, saga, fact))
    changes["sequence"] = saga.sequence + 1
    changes["updated_at"] = fact.at
    if _answers(fact.event, saga) and fact.cause not in saga.answered_requests:
        remembered = (*saga.answered_requests, fact.cause)
        changes["answered_requests"] = remembered[-ANSWERED_REQUESTS_MAX:]
    if "steps" in changes and may_progress(saga.steps, changes["steps"]):
        share = progress(changes.get("plan", saga.plan), changes["steps"])
        changes["progress"] = max(saga.progress, share)
    if saga.pauses and "life" in changes and changes["life"].ended:
        changes |= {"pauses": (), "parked": ()}
    return saga.model_copy(update=changes)


def _born(fact: Fact) -> Saga:
    if not isinstance(fact.event, GoalReceived):
        raise ValueError(f"a log begins with GoalReceived, not {type(fact.event).__name__}")
    return Saga(
        campaign_id=fact.campaign_id,
        tenant_id=fact.tenant_id,
        correlation_id=fact.correlation_id,
        saga=fact.event.saga,
        name=fact.event.name,
        goal=fact.event.goal,
        life=Life.STANDING if fact.event.saga == CONTROL else Life.IDLE,
        created_at=fact.at,
        updated_at=fact.at,
    )


def _answers(event: LogEvent, saga: Saga) -> bool:
    """True where the fact's cause is a request, so that its repeat is to be known again."""
    kind = type(event)
    if kind in _PAUSES:
        scope = cast("CampaignPaused | CampaignResumed", event).scope
        return scope is PauseScope.CAMPAIGN or saga.life is Life.STANDING
    return kind in _ANSWER_REQUESTS


@singledispatch
def _changes(event: LogEvent, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    """Which fields change; facts that only tell a story change none."""
    return holds.changes(event, saga, fact.at)


@_changes.register
def _(event: PlanGenerated, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    return {
        "life": Life.RUNNING,
        "definition": event.definition,
        "definition_version": event.definition_version,
        "max_retries": event.max_retries,
        "plan": event.steps,
        "steps": {planned.name: StepState() for planned in event.steps},
        "finish_within_ms": event.finish_within_ms,
        "finish_by": finish_by(event.finish_within_ms, fact.at),
    }


@_changes.register
def _(event: StepSkipped, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    return with_step(
        saga,
        event.step,
        status=StepStatus.SKIPPED,
        deadline=None,
        body=b"",
        answered_at=fact.at,
        skipped_because=event.reason,
    )


@_changes.register
def _(event: ToolCallRequested, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    state, policy = saga.steps[event.step], saga.planned(event.step).retry
    return with_step(
        saga,
        event.step,
        status=StepStatus.CALLED,
        attempt=event.attempt,
        tries=state.tries + 1,
        try_until=state.try_until or until(policy, fact.at),
        command_id=event.command_id,
        effect_key=event.effect_key,
        called_at=fact.at,
        called_order=saga.sequence + 1,
        deadline=event.deadline,
        undo=UndoStatus.NONE,
    )


@_changes.register
def _(event: ToolResultReceived, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    changed = with_step(
        saga,
        event.step,
        status=StepStatus.ANSWERED,
        answered_at=fact.at,
        deadline=None,
        outcome=event.outcome,
        usage=added(saga.steps[event.step].usage, event.usage),
        notes=event.notes,
        body=event.body,
    )
    return {**changed, "usage": added(saga.usage, event.usage)}


@_changes.register
def _(event: ToolCallFailed, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    state = saga.steps[event.step]
    changed = with_step(
        saga,
        event.step,
        status=StepStatus.FAILED,
        tries=state.tries - event.unanswered,
        silent=state.silent + event.unanswered,
        deadline=None,
        usage=added(state.usage, event.usage),
        feedback=(*state.feedback, f"{event.reason}: {event.message}", *event.feedback),
    )
    return {**changed, "usage": added(saga.usage, event.usage)}


@_changes.register
def _(event: RetryScheduled, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    return with_step(saga, event.step, status=StepStatus.RETRYING, deadline=event.due)


@_changes.register
def _(event: WorkSentBack, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    steps = dict(saga.steps)
    for name in affected_by(saga, event.step):
        steps[name] = again(steps[name])
    steps[event.step] = steps[event.step].model_copy(
        update={"feedback": (*steps[event.step].feedback, *event.feedback)}
    )
    steps[event.by] = steps[event.by].model_copy(
        update={"sent_back": saga.steps[event.by].sent_back + 1}
    )
    return {"steps": steps}


@_changes.register
def _(event: ReviewRequested, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    return with_step(
        saga,
        event.step,
        status=StepStatus.WAITING,
        called_at=fact.at,
        deadline=event.deadline,
        shown_digest=event.shown_digest,
    )


@_changes.register
def _(event: ReviewDecided, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    if event.decision is not ReviewDecision.APPROVE:
        return with_step(saga, event.step, notes=(event.reason,) if event.reason else ())
    return with_step(
        saga, event.step, status=StepStatus.ANSWERED, answered_at=fact.at, deadline=None
    )


@_changes.register
def _(event: ContentEdited, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    steps = dict(saga.steps)
    steps[event.step] = steps[event.step].model_copy(update={"body": event.body})
    for name in to_rerun(saga, event.by):
        steps[name] = again(steps[name])
    return {"steps": steps}


@_changes.register
def _(event: CompensationStarted, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    closing = Closing(
        ending=event.ending,
        reason=event.reason,
        step=event.step,
        message=event.message,
        undo_plan=event.undo_plan,
    )
    return {"life": Life.COMPENSATING, "closing": closing}


@_changes.register
def _(event: CompensationRequested, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    state, policy = saga.steps[event.step], saga.planned(event.step).undo_retry
    return with_step(
        saga,
        event.step,
        undo=UndoStatus.CALLED,
        undo_attempt=event.attempt,
        undo_tries=state.undo_tries + 1,
        undo_until=state.undo_until or until(policy, fact.at),
        undo_command_id=event.command_id,
        undo_deadline=event.deadline,
    )


@_changes.register
def _(event: CompensationCompleted, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    return with_step(
        saga,
        event.step,
        undo=UndoStatus.UNDONE,
        undo_deadline=None,
        left_behind=joined(saga.steps[event.step].left_behind, event.left_behind),
    )


@_changes.register
def _(event: CompensationFailed, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    if not event.final:
        state = saga.steps[event.step]
        return with_step(
            saga,
            event.step,
            undo=UndoStatus.RETRYING,
            undo_deadline=event.due,
            undo_tries=state.undo_tries - event.unanswered,
            undo_silent=state.undo_silent + event.unanswered,
        )
    left = joined(saga.steps[event.step].left_behind, ("the undo failed",))
    return with_step(saga, event.step, undo=UndoStatus.LEFT, undo_deadline=None, left_behind=left)


@_changes.register
def _(event: WorkflowCompleted, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    return {"life": Life.COMPLETED, "progress": 100}


@_changes.register
def _(event: WorkflowFailed, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    closing = saga.closing or Closing(
        ending=Ending.FAILED,
        reason=event.reason,
        step=event.step,
        message=event.message,
        undo_plan=(),
    )
    return {"life": Life.FAILED, "closing": closing, "failed_sequence": saga.sequence + 1}


@_changes.register
def _(event: WorkflowRejected, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    return {"life": Life.REJECTED}


@_changes.register
def _(event: WorkflowCancelled, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    return {"life": Life.CANCELLED}


@_changes.register
def _(event: WorkflowRetried, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    blocked = [name for name, state in saga.steps.items() if state.outcome is StepOutcome.BLOCKED]
    feedback = {saga.planned(name).sends_back_to: saga.steps[name].notes for name in blocked}
    steps = dict(saga.steps)
    for name in not_to_be_kept(saga):
        state = steps[name]
        steps[name] = again(
            state,
            undo=UndoStatus.NONE,
            undo_tries=0,
            undo_silent=0,
            undo_until=None,
            sent_back=0,
            called_order=0 if state.undo is UndoStatus.UNDONE else state.called_order,
            feedback=(*state.feedback, *feedback.get(name, ())),
        )
    return {
        "life": Life.RUNNING,
        "closing": None,
        "retries": event.retry,
        "steps": steps,
        "finish_by": finish_by(saga.finish_within_ms, fact.at),
    }


_changes.register(ReviewVoted, voting.voted)
_changes.register(ReviewReminded, voting.reminded)
_changes.register(StepScheduled, scheduling.scheduled)
_changes.register(ScheduleLifted, scheduling.lifted)
_changes.register(CampaignForked, forking.forked)
_changes.register(ResultTakenOver, forking.taken_over)


@_changes.register
def _(event: InputParked, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    return parked_inputs.parked(saga, fact)


@_changes.register
def _(event: InputUnparked, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    return parked_inputs.unparked(saga, fact)
