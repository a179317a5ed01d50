"""What a person may ask of a campaign after it was created, a reviewer's word included."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.message import Digest, Request, StepName


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
