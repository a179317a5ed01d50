"""What may happen to a saga from outside: requests, answers, and time. Pure data."""

from typing import NamedTuple

from contracts.control import (
    DecideUndo,
    PauseCampaign,
    PauseWider,
    ResumeCampaign,
    ResumeWider,
)
from contracts.envelope import FailureReason, StepDone, Usage
from contracts.parking import DropParked, RedriveParked, UnparkAction
from contracts.requests import (
    CancelCampaign,
    DecideReview,
    ForkCampaign,
    LiftSchedule,
    RetryCampaign,
)
from contracts.saga import PlanGenerated


class Create(NamedTuple):
    """A goal arrived; `goal` is its framed value. With a `plan` the saga starts at once."""

    saga: str
    name: str
    goal: bytes
    plan: PlanGenerated | None = None


class Fork(NamedTuple):
    """A campaign is to begin from a part of another one, on this plan, at once."""

    saga: str
    name: str
    plan: PlanGenerated
    request: ForkCampaign


class Start(NamedTuple):
    """Somebody starts an IDLE saga on this plan; any other has one already."""

    plan: PlanGenerated | None


class Answered(NamedTuple):
    """A phase answered a command; `body` is the framed result."""

    command_id: str
    done: StepDone
    body_schema_id: int
    body: bytes


class Failed(NamedTuple):
    """A phase could not answer a command, or its command could not be made.

    `unanswered`: nobody said so, the command's time just passed.
    """

    command_id: str
    step: str
    reason: FailureReason
    message: str
    feedback: tuple[str, ...] = ()
    usage: Usage = Usage()
    unanswered: bool = False


class Undone(NamedTuple):
    """A phase took a step's effect back."""

    command_id: str
    step: str
    detail: str
    left_behind: tuple[str, ...]


class Review(NamedTuple):
    """What account `actor` says; `edited_schema_id` is set where the decision carries an edit."""

    request: DecideReview
    edited_schema_id: int = 0
    actor: str = ""


class Pausing(NamedTuple):
    """Account `by` wants a pause, and answers for it."""

    request: PauseCampaign | PauseWider
    by: str


class Resuming(NamedTuple):
    """Account `by` ends a pause."""

    request: ResumeCampaign | ResumeWider
    by: str


class Park(NamedTuple):
    """An input that cannot be taken in: its `cause`, and whether it only came `behind` one."""

    letter_id: str
    type: str
    topic: str
    partition: int
    offset: int
    value: bytes
    cause: str
    behind: bool


class Unpark(NamedTuple):
    """A parked input is let go."""

    letter_id: str
    action: UnparkAction
    reason: str


class TimePassed(NamedTuple):
    """The clock was looked at; what fell due is to be done."""


Input = (
    Create
    | Fork
    | Start
    | Answered
    | Failed
    | Undone
    | Review
    | Pausing
    | Resuming
    | DecideUndo
    | CancelCampaign
    | RetryCampaign
    | LiftSchedule
    | Park
    | Unpark
    | RedriveParked
    | DropParked
    | TimePassed
)
