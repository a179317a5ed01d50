"""`decide`: what follows from an input. Pure: no clock, no I/O, and no campaign's name."""

from datetime import datetime
from typing import NamedTuple

from contracts.envelope import FailureReason
from contracts.requests import CancelCampaign, DecideReview, RetryCampaign, ReviewDecision
from contracts.saga import (
    CancelRequested,
    ContentEdited,
    DeadlineKind,
    DeadlinePassed,
    GoalReceived,
    RequestRefused,
    ReviewDecided,
    WorkflowRetried,
)
from services.orchestrator.saga.engine import backward, forward
from services.orchestrator.saga.engine.fact import Fact
from services.orchestrator.saga.engine.inputs import (
    Answered,
    Create,
    Failed,
    Input,
    Review,
    Start,
    TimePassed,
    Undone,
)
from services.orchestrator.saga.engine.story import Owner, Story
from services.orchestrator.saga.state import Deadline, Life, Saga, StepStatus, UndoStatus


class Decision(NamedTuple):
    """The facts, and the saga that folding them gives (None where there still is none)."""

    facts: tuple[Fact, ...]
    saga: Saga | None


def decide(saga: Saga | None, message: Input, owner: Owner, now: datetime) -> Decision:
    """The facts that `message` brings about; folding them gives the saga afterwards.

    Every `ToolCallRequested` and `CompensationRequested` among them is a command to be sent in
    the same transaction. A request that was answered before brings nothing about.
    """
    story = Story(saga, owner, now)
    if saga is None:
        if isinstance(message, Create):
            _create(story, message)
    else:
        _take_in(story, message)
    return Decision(tuple(story.facts), story.saga if story.facts else saga)


def _take_in(story: Story, message: Input) -> None:
    match message:
        case Answered():
            forward.answered(story, message)
        case Failed():
            forward.failed(story, message)
            backward.undo_failed(story, message)
        case Undone():
            backward.undone(story, message)
        case TimePassed():
            _time_passed(story)
        case _:
            _requested(story, message)


def _requested(story: Story, message: Input) -> None:
    if story.cause in story.saga.answered_requests:
        return
    match message:
        case Start():
            _start(story, message)
        case Review():
            _review(story, message)
        case CancelCampaign():
            _cancel(story, message)
        case RetryCampaign():
            _retry(story, message)
        case Create():
            _refuse(story, "CreateCampaign", "this campaign exists already")


def _create(story: Story, message: Create) -> None:
    story.tell(GoalReceived(saga=message.saga, name=message.name, goal=message.goal))
    if message.plan is not None:
        story.tell(message.plan)
        forward.advance(story)


def _start(story: Story, message: Start) -> None:
    if story.saga.life is not Life.IDLE or message.plan is None:
        _refuse(story, "StartCampaign", f"the campaign is {story.saga.life}, not IDLE")
        return
    story.tell(message.plan)
    forward.advance(story)


def _review(story: Story, message: Review) -> None:
    request = message.request
    refusal = _why_not(story.saga, request)
    if refusal:
        _refuse(story, "DecideReview", refusal)
        return
    gate = story.saga.planned(request.step)
    if request.decision is ReviewDecision.REQUEST_CHANGES:
        _decided(story, request)
        forward.send_back(story, gate, (request.reason,) if request.reason else ())
    elif request.decision is ReviewDecision.EDIT:
        _decided(story, request)
        story.tell(
            ContentEdited(
                step=gate.edits,
                by=gate.name,
                body_schema_id=message.edited_schema_id,
                body=request.edited,
            )
        )
    elif request.decision is ReviewDecision.REJECT:
        _decided(story, request)
        backward.reject(story, gate.name, request.reason or "the reviewer rejected it")
    else:
        _decided(story, request)
    forward.advance(story)


def _why_not(saga: Saga, request: DecideReview) -> str:
    state = saga.steps.get(request.step)
    if state is None or state.status is not StepStatus.WAITING or saga.life is not Life.RUNNING:
        return f"nothing waits for a decision at `{request.step}`"
    if request.shown_digest != state.shown_digest:
        return "the decision is about an older version; look at the present one and decide again"
    gate = saga.planned(request.step)
    if request.decision is ReviewDecision.EDIT and not request.edited:
        return "an edit needs the edited result"
    if request.decision is ReviewDecision.EDIT and not gate.edits:
        return f"`{request.step}` allows no edits"
    changes = request.decision is ReviewDecision.REQUEST_CHANGES
    if changes and not forward.may_send_back(saga, gate):
        return f"all {gate.rounds_max} rounds of changes are used; edit, approve or reject"
    return ""


def _decided(story: Story, request: DecideReview) -> None:
    story.tell(
        ReviewDecided(
            step=request.step,
            decision=request.decision,
            shown_digest=request.shown_digest,
            reason=request.reason,
        )
    )


def _cancel(story: Story, message: CancelCampaign) -> None:
    if story.saga.life not in (Life.IDLE, Life.RUNNING):
        _refuse(story, "CancelCampaign", f"the campaign is {story.saga.life}")
        return
    story.tell(CancelRequested(reason=message.reason))
    backward.cancel(story, message.reason)


def _retry(story: Story, message: RetryCampaign) -> None:
    saga = story.saga
    if saga.life is not Life.FAILED:
        _refuse(story, "RetryCampaign", f"the campaign is {saga.life}, not FAILED")
    elif message.failed_sequence != saga.failed_sequence:
        _refuse(story, "RetryCampaign", f"the last failure is {saga.failed_sequence}")
    elif saga.retries >= saga.max_retries:
        _refuse(story, "RetryCampaign", f"all {saga.max_retries} retries are used")
    else:
        retry = saga.retries + 1
        story.tell(WorkflowRetried(failed_sequence=message.failed_sequence, retry=retry))
        forward.advance(story)


def _refuse(story: Story, request: str, reason: str) -> None:
    story.tell(RequestRefused(request=request, reason=reason))


def _time_passed(story: Story) -> None:
    due = sorted(deadline for deadline in story.saga.deadlines if deadline.at <= story.now)
    for deadline in due:
        if deadline in story.saga.deadlines:  # an earlier one may have settled it
            _fell_due(story, deadline)


def _fell_due(story: Story, deadline: Deadline) -> None:
    story.tell(DeadlinePassed(kind=deadline.kind, step=deadline.step, deadline=deadline.at))
    match deadline.kind:
        case DeadlineKind.START:
            backward.cancel(story, "nobody started it in time")
        case DeadlineKind.RETRY:
            forward.launch(story, story.saga.planned(deadline.step))
        case DeadlineKind.REVIEW:
            backward.reject(story, deadline.step, "nobody decided in time")
        case DeadlineKind.STEP:
            forward.failed(story, _timeout(story.saga, deadline.step))
        case DeadlineKind.UNDO:
            _undo_fell_due(story, deadline.step)


def _undo_fell_due(story: Story, step: str) -> None:
    state = story.saga.steps[step]
    if state.undo is UndoStatus.RETRYING:
        backward.retry_undo(story, step)
    else:
        late = Failed(state.undo_command_id, step, FailureReason.TIMEOUT, "the undo took too long")
        backward.undo_failed(story, late)


def _timeout(saga: Saga, step: str) -> Failed:
    seconds = saga.planned(step).timeout_ms // 1000
    message = f"no answer within {seconds} s; is the {saga.planned(step).phase} service running?"
    return Failed(saga.steps[step].command_id, step, FailureReason.TIMEOUT, message)
