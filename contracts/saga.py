"""Every fact of the saga log, and the two answers that any phase may give."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.envelope import AgentRun, ArtefactRef, FailureReason, StepOutcome, Usage
from contracts.message import Digest, Line, LogEvent, Micros, Millis, Moment, Result, StepName, Uuid
from contracts.plan import Lane, PlannedStep
from contracts.requests import ReviewDecision


class StepFailed(Result):
    """The step has no result; `feedback` tells the next try what to do better.

    On the wire its `StepDone` says DEGRADED and carries the usage spent in vain.
    """

    reason: FailureReason
    message: Annotated[str, Field(max_length=4_000)]
    feedback: tuple[str, ...] = ()


class StepUndone(Result):
    """The undo is done; `detail` names what was removed and what could not be."""

    detail: Annotated[str, Field(max_length=4_000)] = ""
    left_behind: tuple[str, ...] = ()


class GoalReceived(LogEvent):
    """A campaign exists. `goal` is the framed value of the request that brought it."""

    saga: str
    name: Line
    goal: bytes


class PlanGenerated(LogEvent):
    """The whole instantiated graph with its undo plan; running sagas keep it under any build.

    A saga that has not ended `finish_within_ms` after it began (0: no bound) fails, and is undone.
    """

    definition: str
    definition_version: Annotated[int, Field(ge=1)]
    max_retries: Annotated[int, Field(ge=0)]
    steps: tuple[PlannedStep, ...]
    finish_within_ms: Millis = 0


class StepSkipped(LogEvent):
    """The step will not run, and why."""

    step: StepName
    reason: str


class ToolCallRequested(LogEvent):
    """A step's command was sent, in the same transaction as this record; its undo is registered."""

    step: StepName
    attempt: Annotated[int, Field(ge=1)]
    round: Annotated[int, Field(ge=0)]
    phase: str
    command: str
    command_id: Uuid
    effect_key: Uuid
    undo: str
    lane: Lane
    deadline: Moment


class ToolResultReceived(LogEvent):
    """A step was answered. `body` is the framed value of the phase's typed result, unchanged."""

    step: StepName
    attempt: Annotated[int, Field(ge=1)]
    outcome: StepOutcome
    usage: Usage
    artefacts: tuple[ArtefactRef, ...]
    agents: tuple[AgentRun, ...]
    notes: tuple[str, ...]
    body_schema_id: int
    body: bytes


class AgentCompleted(LogEvent):
    """One agent's share of a step that was answered."""

    step: StepName
    agent: Line
    succeeded: bool
    duration_ms: Millis
    cost_micros: Micros
    detail: str


class ToolCallFailed(LogEvent):
    """An attempt failed; what happens next is another fact.

    `unanswered`: nobody said so. Its lease passed in silence, which counts as no attempt.
    """

    step: StepName
    attempt: Annotated[int, Field(ge=1)]
    reason: FailureReason
    message: str
    feedback: tuple[str, ...]
    usage: Usage
    unanswered: bool = False


class RetryScheduled(LogEvent):
    """The step will be tried again when `due` has passed."""

    step: StepName
    attempt: Annotated[int, Field(ge=1)]
    due: Moment


class StepScheduled(LogEvent):
    """The step's turn has come before its time: it begins when `due` has passed.

    The campaign's own time begins anew then, so that a late date fails nobody.
    """

    step: StepName
    due: Moment


class ScheduleLifted(LogEvent):
    """Somebody wants these steps begun now: from here on they wait for no date."""

    steps: tuple[StepName, ...]
    reason: str


class WorkSentBack(LogEvent):
    """A gate or an audit wants it better: `step` and what follows it run again with `feedback`."""

    step: StepName
    by: StepName
    round: Annotated[int, Field(ge=1)]
    feedback: tuple[str, ...]


class ReviewRequested(LogEvent):
    """A person is asked to decide about `shown_digest` until `deadline`."""

    step: StepName
    shown_digest: Digest
    shows: tuple[StepName, ...]
    deadline: Moment


class ReviewDecided(LogEvent):
    """The gate is answered; who decided is the envelope's actor."""

    step: StepName
    decision: ReviewDecision
    shown_digest: Digest
    reason: str


class ContentEdited(LogEvent):
    """A reviewer replaced a step's result; approval of what was shown before is void."""

    step: StepName
    by: StepName
    body_schema_id: int
    body: bytes


class DeadlineKind(StrEnum):
    """Which of a saga's deadlines passed."""

    STEP = "STEP"
    RETRY = "RETRY"
    REVIEW = "REVIEW"
    UNDO = "UNDO"
    START = "START"
    REMINDER = "REMINDER"
    PAUSE = "PAUSE"
    SAGA = "SAGA"
    SCHEDULE = "SCHEDULE"


class DeadlinePassed(LogEvent):
    """Time entered the saga: this deadline was in the past when it was looked at."""

    kind: DeadlineKind
    step: str
    deadline: Moment


class CancelRequested(LogEvent):
    """Somebody wants the campaign stopped; everything done is undone."""

    reason: str


class Ending(StrEnum):
    """How a campaign that is being undone will be closed."""

    FAILED = "FAILED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


class CompensationStarted(LogEvent):
    """What was done is taken back, in this order (last done first), and then the campaign ends."""

    ending: Ending
    reason: FailureReason
    step: str
    message: str
    undo_plan: tuple[StepName, ...]


class CompensationRequested(LogEvent):
    """An undo was sent, in the same transaction as this record."""

    step: StepName
    attempt: Annotated[int, Field(ge=1)]
    phase: str
    command: str
    command_id: Uuid
    effect_key: Uuid
    deadline: Moment


class CompensationCompleted(LogEvent):
    """The step's effect is taken back, except what `left_behind` names."""

    step: StepName
    attempt: Annotated[int, Field(ge=1)]
    detail: str
    left_behind: tuple[str, ...]


class CompensationFailed(LogEvent):
    """An undo attempt failed and is tried again when `due`; after the last one it is parked.

    `final` stands in old logs only: there the effect stayed and was named at once. `unanswered`:
    its time passed in silence, which counts as no attempt.
    """

    step: StepName
    attempt: Annotated[int, Field(ge=1)]
    message: str
    final: bool
    due: Moment | None = None
    unanswered: bool = False


class WorkflowCompleted(LogEvent):
    """The road's end. `degraded` names steps that answered less than asked or were given up."""

    degraded: tuple[StepName, ...]


class WorkflowFailed(LogEvent):
    """The campaign failed and is undone, except what `left_behind` names."""

    reason: FailureReason
    step: str
    message: str
    left_behind: tuple[str, ...]


class WorkflowRejected(LogEvent):
    """A reviewer said no (or nobody answered in time) and what was done is undone."""

    reason: str
    left_behind: tuple[str, ...]


class WorkflowCancelled(LogEvent):
    """The cancel is confirmed: nothing is published after this."""

    reason: str
    left_behind: tuple[str, ...]


class WorkflowRetried(LogEvent):
    """A failed campaign goes on at its failed step; steps that were undone run again."""

    failed_sequence: Annotated[int, Field(ge=1)]
    retry: Annotated[int, Field(ge=1)]


class RequestRefused(LogEvent):
    """A request was read and changes nothing; `reason` says why and what would work."""

    request: str
    reason: str


class ReviewVoted(LogEvent):
    """One of several approvals that a gate needs; `votes` counts this one, too."""

    step: StepName
    voter: str
    shown_digest: Digest
    reason: str
    votes: Annotated[int, Field(ge=1)]
    needed: Annotated[int, Field(ge=1)]


class ReviewReminded(LogEvent):
    """A gate still waits, and its time is soon over: nobody deciding until `deadline` rejects."""

    step: StepName
    shown_digest: Digest
    votes: Annotated[int, Field(ge=0)]
    needed: Annotated[int, Field(ge=1)]
    deadline: Moment


class CampaignForked(LogEvent):
    """This campaign begins where another one was after `origin_sequence`; the origin goes its way.

    Results of `taken_over` follow as facts; every other step runs here.
    """

    origin_campaign_id: Uuid
    origin_sequence: Annotated[int, Field(ge=1)]
    wish: Digest
    taken_over: tuple[StepName, ...]


class ResultTakenOver(LogEvent):
    """The origin's answer counts here as well; whatever it did outside stays the origin's."""

    step: StepName
    outcome: StepOutcome
    notes: tuple[str, ...]
    artefacts: tuple[ArtefactRef, ...]
    edited: bool
    body_schema_id: int
    body: bytes
