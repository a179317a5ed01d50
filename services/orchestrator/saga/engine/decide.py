"""`decide`: what follows from an input. Pure: no clock, no I/O, and no campaign's name."""

from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.control import DecideUndo
from contracts.envelope import FailureReason, StepOutcome
from contracts.parking import DropParked, RedriveParked
from contracts.requests import CancelCampaign, LiftSchedule, RetryCampaign
from contracts.saga import (
    CampaignForked,
    CancelRequested,
    DeadlineKind,
    DeadlinePassed,
    GoalReceived,
    RequestRefused,
    ResultTakenOver,
    WorkflowRetried,
)
from services.orchestrator.saga.engine import (
    backward,
    forward,
    gate,
    lifting,
    parking,
    pausing,
    unparking,
)
from services.orchestrator.saga.engine.fact import Fact
from services.orchestrator.saga.engine.forking import may_take_over
from services.orchestrator.saga.engine.inputs import (
    Answered,
    Create,
    Failed,
    Fork,
    Input,
    Park,
    Pausing,
    Resuming,
    Review,
    Start,
    TimePassed,
    Undone,
    Unpark,
)
from services.orchestrator.saga.engine.retry import stretched
from services.orchestrator.saga.engine.story import Owner, Story
from services.orchestrator.saga.state import Deadline, Life, Pause, Saga, UndoStatus

_BEGINS = {Create: "CreateCampaign", Fork: "ForkCampaign"}
"""What can only be said before there is a saga, and is refused of one that is there."""


class Decision(NamedTuple):
    """The facts, and the saga that folding them gives (None where there still is none)."""

    facts: tuple[Fact, ...]
    saga: Saga | None


def decide(
    saga: Saga | None, message: Input, owner: Owner, now: datetime, wider: tuple[Pause, ...] = ()
) -> Decision:
    """The facts that `message` brings about; folding them gives the saga afterwards.

    Every `ToolCallRequested` and `CompensationRequested` among them is a command to be sent in
    the same transaction. A request that was answered before brings nothing about. `wider` are the
    pauses that stand over the saga's partition: one that sets off is held by them, and the look at
    the clock makes it conform to them.
    """
    story = Story(saga, owner, now, wider)
    if saga is None:
        if isinstance(message, Create):
            _create(story, message)
        elif isinstance(message, Fork):
            _fork(story, message)
        elif isinstance(message, Pausing | Resuming):
            pausing.stand(story, message)
    else:
        _take_in(story, message)
    return Decision(tuple(story.facts), story.saga if story.facts else saga)


def _take_in(story: Story, message: Input) -> None:
    match message:
        case Answered():
            forward.answered(story, message)
            parking.late(story, message)
        case Failed():
            forward.failed(story, message)
            backward.undo_failed(story, message)
            parking.late(story, message)
        case Undone():
            backward.undone(story, message)
        case TimePassed():
            pausing.conform(story)
            _time_passed(story)
        case Park() | Unpark() | RedriveParked() | DropParked():
            unparking.take_in(story, message)
        case _:
            _requested(story, message)


def _requested(story: Story, message: Input) -> None:
    if story.cause in story.saga.answered_requests:
        return
    match message:
        case Start():
            _start(story, message)
        case Review():
            gate.review(story, message)
        case Pausing():
            pausing.pause(story, message)
        case Resuming():
            pausing.resume(story, message)
        case DecideUndo():
            parking.decide_undo(story, message)
        case CancelCampaign():
            _cancel(story, message)
        case RetryCampaign():
            _retry(story, message)
        case LiftSchedule():
            lifting.lift(story, message)
        case _:
            _refuse(story, _BEGINS[type(message)], "this campaign exists already")


def _create(story: Story, message: Create) -> None:
    story.tell(GoalReceived(saga=message.saga, name=message.name, goal=message.goal))
    if message.plan is not None:
        story.tell(message.plan)
    _set_off(story)


def _fork(story: Story, message: Fork) -> None:
    """Begin with the origin's results where they may count; everything else runs here."""
    good = (one for one in message.request.results if one.outcome is not StepOutcome.BLOCKED)
    offered = {result.step: result for result in good}
    names = may_take_over(message.plan.steps, offered)
    story.tell(GoalReceived(saga=message.saga, name=message.name, goal=message.request.created))
    story.tell(
        CampaignForked(
            origin_campaign_id=message.request.origin_campaign_id,
            origin_sequence=message.request.origin_sequence,
            wish=message.request.wish,
            taken_over=names,
        )
    )
    story.tell(message.plan)
    for name in names:
        story.tell(ResultTakenOver(**dict(offered[name])))
    _set_off(story)


def _start(story: Story, message: Start) -> None:
    if story.saga.life is not Life.IDLE or message.plan is None:
        _refuse(story, "StartCampaign", f"the campaign is {story.saga.life}, not IDLE")
        return
    story.tell(message.plan)
    _set_off(story)


def _set_off(story: Story) -> None:
    """Go, as far as no wider pause holds."""
    pausing.conform(story)
    forward.advance(story)


def _cancel(story: Story, message: CancelCampaign) -> None:
    held_back = pausing.may_cancel_the_undo(story.saga)
    if story.saga.life not in (Life.IDLE, Life.RUNNING) and not held_back:
        _refuse(story, "CancelCampaign", f"the campaign is {story.saga.life}")
        return
    story.tell(CancelRequested(reason=message.reason))
    unparking.drop_all(story, "the campaign is cancelled")
    pausing.lift(story)
    if held_back:
        backward.retreat(story)
    else:
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
        _set_off(story)


def _refuse(story: Story, request: str, reason: str) -> None:
    story.tell(RequestRefused(request=request, reason=reason))


def _time_passed(story: Story) -> None:
    due = sorted(deadline for deadline in story.saga.deadlines if deadline.at <= story.now)
    for deadline in due:
        if deadline in story.saga.deadlines:  # an earlier one may have settled it
            _fell_due(story, deadline)


def _fell_due(story: Story, deadline: Deadline) -> None:
    if deadline.kind is DeadlineKind.REMINDER:
        gate.remind(story, deadline)
        return
    story.tell(DeadlinePassed(kind=deadline.kind, step=deadline.step, deadline=deadline.at))
    match deadline.kind:
        case DeadlineKind.START:
            backward.cancel(story, "nobody started it in time")
        case DeadlineKind.RETRY | DeadlineKind.SCHEDULE:
            forward.launch(story, story.saga.planned(deadline.step))
        case DeadlineKind.REVIEW:
            backward.reject(story, deadline.step, "nobody decided in time")
        case DeadlineKind.STEP:
            forward.failed(story, _timeout(story.saga, deadline.step))
        case DeadlineKind.UNDO:
            _undo_fell_due(story, deadline.step)
        case DeadlineKind.SAGA:
            late = f"it had to end by {deadline.at:%Y-%m-%d %H:%M} UTC"
            backward.fail(story, FailureReason.TIMEOUT, "", late)


def _undo_fell_due(story: Story, step: str) -> None:
    state = story.saga.steps[step]
    if state.undo is UndoStatus.RETRYING:
        backward.retry_undo(story, step)
    elif state.undo is UndoStatus.PARKED:
        parking.nobody_came(story, step)
    else:
        late = Failed(
            state.undo_command_id,
            step,
            FailureReason.TIMEOUT,
            "the undo took too long",
            unanswered=True,
        )
        backward.undo_failed(story, late)


def _timeout(saga: Saga, step: str) -> Failed:
    planned, state = saga.planned(step), saga.steps[step]
    lease = stretched(timedelta(milliseconds=planned.timeout_ms), state.silent)
    waited = f"no answer within {lease // timedelta(seconds=1)} s"
    message = f"{waited}; is the {planned.phase} service running?"
    return Failed(state.command_id, step, FailureReason.TIMEOUT, message, unanswered=True)
