"""What may happen to a saga from outside: requests, answers, and time. Pure data."""

from typing import NamedTuple

from contracts.envelope import FailureReason, StepDone, Usage
from contracts.requests import CancelCampaign, DecideReview, RetryCampaign
from contracts.saga import PlanGenerated


class Create(NamedTuple):
    """A goal arrived; `goal` is its framed value. With a `plan` the saga starts at once."""

    saga: str
    name: str
    goal: bytes
    plan: PlanGenerated | None = None


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
    """A phase could not answer a command, or its command could not be made."""

    command_id: str
    step: str
    reason: FailureReason
    message: str
    feedback: tuple[str, ...] = ()
    usage: Usage = Usage()


class Undone(NamedTuple):
    """A phase took a step's effect back."""

    command_id: str
    step: str
    detail: str
    left_behind: tuple[str, ...]


class Review(NamedTuple):
    """A reviewer's word; `edited_schema_id` is set where the decision carries an edit."""

    request: DecideReview
    edited_schema_id: int = 0


class TimePassed(NamedTuple):
    """The clock was looked at; what fell due is to be done."""


Input = (
    Create
    | Start
    | Answered
    | Failed
    | Undone
    | Review
    | CancelCampaign
    | RetryCampaign
    | TimePassed
)
