"""What a person may ask of a campaign that is there: start, cancel, retry, review."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from contracts.message import Digest, Message, StepName
from contracts.plan import StepKind
from contracts.requests import (
    CancelCampaign,
    DecideReview,
    LiftSchedule,
    RetryCampaign,
    ReviewDecision,
    StartCampaign,
)
from services.orchestrator.edge.api.asked import CampaignNow, Taken
from services.orchestrator.edge.bodies import body_of, described
from services.orchestrator.edge.edits import Editing, ItemEdit, edited
from services.orchestrator.edge.problems import fault, invalid
from services.orchestrator.saga.state import Saga
from services.orchestrator.view.reports import NO_DIGEST, gate

router = APIRouter(prefix="/api/v1/campaigns/{campaign_id}", tags=["decisions"])

EDITS_MAX = 20
REASON_CHARS_MAX = 2_000
STEPS_MAX = 20
DEFAULT_GATE = "review"


class Cancelling(Message):
    """Why a campaign is to stop."""

    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX)] = ""


class PublishingNow(Message):
    """Which steps are to wait for their date no longer (none named: all), and why."""

    steps: Annotated[tuple[StepName, ...], Field(max_length=STEPS_MAX)] = ()
    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX)] = ""


class Decision(Message):
    """A reviewer's word. Without `shown_digest` it is about what is shown now."""

    decision: ReviewDecision
    shown_digest: Digest | None = None
    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX)] = ""
    edits: Annotated[tuple[ItemEdit, ...], Field(max_length=EDITS_MAX)] = ()


@router.post("/start", status_code=202)
async def start(campaign: CampaignNow) -> Taken:
    """Take an IDLE campaign on its way; one that is under way refuses (409) and runs on."""
    return await campaign.ask(campaign.request_id("start"), StartCampaign())


@router.post("/cancel", status_code=202, openapi_extra=described(Cancelling))
async def cancel(campaign: CampaignNow, request: Request) -> Taken:
    """Stop a campaign and undo what it did; an ended one refuses (409)."""
    wanted = await body_of(request, Cancelling)
    body = CancelCampaign(reason=wanted.reason)
    return await campaign.ask(campaign.request_id("cancel"), body)


@router.post("/retry", status_code=202)
async def retry(campaign: CampaignNow) -> Taken:
    """Go on with a FAILED campaign at the step that failed; any other refuses (409)."""
    failed_sequence = campaign.saga.failed_sequence or campaign.saga.sequence
    body = RetryCampaign(failed_sequence=failed_sequence)
    return await campaign.ask(campaign.request_id("retry"), body)


@router.post("/publish-now", status_code=202, openapi_extra=described(PublishingNow))
async def publish_now(campaign: CampaignNow, request: Request) -> Taken:
    """Publish at once what waits for its date. Where nothing does, 409 says so."""
    wanted = await body_of(request, PublishingNow)
    body = LiftSchedule(steps=wanted.steps, reason=wanted.reason)
    return await campaign.ask(campaign.request_id("publish-now"), body)


@router.post("/review", status_code=202, openapi_extra=described(Decision))
async def review(campaign: CampaignNow, request: Request) -> Taken:
    """Decide about what is shown. Where nothing waits, or the digest is old, 409 says so.

    EDIT replaces texts; the edited content is audited again and shown for another decision.
    """
    decision = await body_of(request, Decision)
    _fits_together(decision)
    request_id, saga, edge = campaign.request_id("review"), campaign.saga, campaign.edge
    waiting = gate(saga)
    content = b""
    if decision.edits and waiting is not None and waiting.edits:
        editing = Editing(request_id=request_id, actor=campaign.caller.actor, at=edge.clock.now())
        framed = saga.steps[waiting.edits].body
        content = edited(framed, decision.edits, editing, edge.codec)
    body = DecideReview(
        step=waiting.step if waiting else _gate_name(saga),
        decision=decision.decision,
        shown_digest=decision.shown_digest or (waiting.shown_digest if waiting else NO_DIGEST),
        reason=decision.reason,
        edited=content,
    )
    return await campaign.ask(request_id, body)


def _fits_together(decision: Decision) -> None:
    editing = decision.decision is ReviewDecision.EDIT
    if editing and not decision.edits:
        example = '[{"item_id": "email-a", "title": "A better title"}]'
        raise invalid(fault("edits", "the decision EDIT needs at least one edit", example))
    if decision.edits and not editing:
        raise invalid(fault("decision", "edits need the decision EDIT", "EDIT"))
    if decision.decision is ReviewDecision.REQUEST_CHANGES and not decision.reason.strip():
        example = "the subject line promises too much"
        raise invalid(fault("reason", "say what is to be changed", example))


def _gate_name(saga: Saga) -> str:
    """The plan's gate where none waits, so that the log refuses by its name."""
    names = [planned.name for planned in saga.plan if planned.kind is StepKind.GATE]
    return names[0] if names else DEFAULT_GATE
