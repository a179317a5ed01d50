"""What a person may ask of a campaign after it was created, a reviewer's word included."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.envelope import ArtefactRef, StepOutcome
from contracts.message import Digest, Message, Request, StepName, Uuid


class StartCampaign(Request):
    """Take an IDLE campaign on its way; a second one changes nothing."""


class ReviewDecision(StrEnum):
    """What a reviewer may say."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"
    EDIT = "EDIT"
    REQUEST_CHANGES = "REQUEST_CHANGES"


class DecideReview(Request):
    """A reviewer's word about exactly what was shown, named by `shown_digest`.

    EDIT carries the whole new result (framed value bytes) of the step that the gate edits.
    """

    step: StepName
    decision: ReviewDecision
    shown_digest: Digest
    reason: Annotated[str, Field(max_length=2_000)] = ""
    edited: bytes = b""


class CancelCampaign(Request):
    """Stop, and undo what was done."""

    reason: Annotated[str, Field(max_length=2_000)] = ""


class RetryCampaign(Request):
    """Resume a FAILED campaign at the failed step; names the failure that it answers."""

    failed_sequence: Annotated[int, Field(ge=1)]


class LiftSchedule(Request):
    """Begin what waits for its date now: these steps, or all that wait where none is named."""

    steps: tuple[StepName, ...] = ()
    reason: Annotated[str, Field(max_length=2_000)] = ""


class TakenOver(Message):
    """One step's result in another campaign, as a fork is to take it over.

    `body` is the framed value of the typed result; `edited` where a person changed it.
    """

    step: StepName
    outcome: StepOutcome
    notes: tuple[str, ...]
    artefacts: tuple[ArtefactRef, ...]
    body_schema_id: int
    body: bytes
    edited: bool


class ForkCampaign(Request):
    """Begin a campaign from where another one was after `origin_sequence`.

    `created` is the framed CreateCampaign of the new one. `wish` is the digest of all that was
    asked for: the same key with another wish is a conflict. `results` are offered; what the new
    plan may not take over runs again.
    """

    origin_campaign_id: Uuid
    origin_sequence: Annotated[int, Field(ge=1)]
    wish: Digest
    created: bytes
    results: tuple[TakenOver, ...]
