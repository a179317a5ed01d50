"""Control by hand: pauses of any width, and undo that needs a person. Requests and their facts."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.envelope import ArtefactRef, Usage
from contracts.message import LogEvent, Moment, Request, StepName, Uuid

Why = Annotated[str, Field(max_length=2_000)]
Target = Annotated[str, Field(max_length=100)]


class PauseScope(StrEnum):
    """How wide a pause is: one campaign, a tenant's, every step of a phase, or everything."""

    CAMPAIGN = "CAMPAIGN"
    TENANT = "TENANT"
    PHASE = "PHASE"
    GLOBAL = "GLOBAL"


class PauseCampaign(Request):
    """Launch nothing new until somebody resumes; at `review_at` somebody must look again."""

    reason: Why = ""
    review_at: Moment


class ResumeCampaign(Request):
    """End the campaign's own pause: it goes on where it stood."""

    reason: Why = ""


class PauseWider(Request):
    """Hold whatever is in the scope, now or later; one such record in every partition.

    `target` is the tenant's id or the phase's name; empty for GLOBAL. CAMPAIGN is refused here.
    """

    scope: PauseScope
    target: Target = ""
    reason: Why = ""
    review_at: Moment


class ResumeWider(Request):
    """End the pause of this scope; what was paused for another reason stays paused."""

    scope: PauseScope
    target: Target = ""
    reason: Why = ""


class UndoDecision(StrEnum):
    """What may be said about a parked undo: try it again, or leave the effect and name it."""

    RESUME = "RESUME"
    SKIP = "SKIP"


class DecideUndo(Request):
    """A person's word about a step whose undo failed as often as it may."""

    step: StepName
    decision: UndoDecision
    reason: Why = ""


class CampaignPaused(LogEvent):
    """From now on nothing new is launched; `by` answers for it and looks again at `review_at`."""

    scope: PauseScope
    target: Target
    reason: Why
    review_at: Moment
    by: str


class CampaignResumed(LogEvent):
    """This pause is over; what it alone held has its deadlines moved by the pause's length."""

    scope: PauseScope
    target: Target
    reason: Why
    by: str


class CompensationParked(LogEvent):
    """An undo failed as often as it may: a person may resume or skip it; at `until` it is left."""

    step: StepName
    attempt: Annotated[int, Field(ge=1)]
    message: str
    until: Moment


class CompensationResumed(LogEvent):
    """A parked undo is tried again, with all its tries."""

    step: StepName
    reason: Why


class CompensationSkipped(LogEvent):
    """A parked undo is given up: the effect stays, and `reason` is named among what was left."""

    step: StepName
    reason: str


class LateAnswerReceived(LogEvent):
    """A step answered while the campaign was being undone: its result counts for nothing.

    What it cost counts. The step's undo takes back whatever it did; `detail` says why it failed.
    """

    step: StepName
    attempt: Annotated[int, Field(ge=1)]
    command_id: Uuid
    succeeded: bool
    detail: str
    usage: Usage
    artefacts: tuple[ArtefactRef, ...]
    notes: tuple[str, ...]
