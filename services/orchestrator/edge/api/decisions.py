"""What a person may ask of a campaign that is there: start, cancel, retry, review."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from contracts.message import Digest, Message
from contracts.message import Request as Wanted
from contracts.plan import StepKind
from contracts.requests import (
    CancelCampaign,
    DecideReview,
    RetryCampaign,
    ReviewDecision,
    StartCampaign,
)
from services.orchestrator.edge import asking
from services.orchestrator.edge.api.campaigns import CampaignId, IdempotencyKey, links_of
from services.orchestrator.edge.bodies import body_of, described
from services.orchestrator.edge.context import Caller, CallerNow, Edge, EdgeNow
from services.orchestrator.edge.edits import Editing, ItemEdit, edited
from services.orchestrator.edge.problems import fault, invalid
from services.orchestrator.saga.state import Saga
from services.orchestrator.view.queries import CampaignView
from services.orchestrator.view.reports import NO_DIGEST, gate

router = APIRouter(prefix="/api/v1/campaigns/{campaign_id}", tags=["decisions"])

EDITS_MAX = 20
REASON_CHARS_MAX = 2_000
DEFAULT_GATE = "review"
NOT_SHOWN_YET = "safe in the log; the view does not show yet what came of it: ask `links.self`"


class Taken(BaseModel):
    """A request that is in the log, and the campaign's state after it."""

    campaign_id: str
    request_id: str
    state: str
    links: dict[str, str]
    note: str = ""


class Cancelling(Message):
    """Why a campaign is to stop."""

    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX)] = ""


class Decision(Message):
    """A reviewer's word. Without `shown_digest` it is about what is shown now."""

    decision: ReviewDecision
    shown_digest: Digest | None = None
    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX)] = ""
    edits: Annotated[tuple[ItemEdit, ...], Field(max_length=EDITS_MAX)] = ()


@router.post("/start", status_code=202)
async def start(
    campaign_id: CampaignId,
    edge: EdgeNow,
    caller: CallerNow,
    idempotency_key: IdempotencyKey = None,
) -> Taken:
    """Take an IDLE campaign on its way; one that is under way refuses (409) and runs on."""
    found = await asking.known(edge, caller.tenant_id, campaign_id)
    request_id = asking.request_id_of(campaign_id, "start", idempotency_key)
    return await ask(edge, caller, found, request_id, StartCampaign())


@router.post("/cancel", status_code=202, openapi_extra=described(Cancelling))
async def cancel(
    campaign_id: CampaignId,
    request: Request,
    edge: EdgeNow,
    caller: CallerNow,
    idempotency_key: IdempotencyKey = None,
) -> Taken:
    """Stop a campaign and undo what it did; an ended one refuses (409)."""
    found = await asking.known(edge, caller.tenant_id, campaign_id)
    wanted = await body_of(request, Cancelling)
    request_id = asking.request_id_of(campaign_id, "cancel", idempotency_key)
    return await ask(edge, caller, found, request_id, CancelCampaign(reason=wanted.reason))


@router.post("/retry", status_code=202)
async def retry(
    campaign_id: CampaignId,
    edge: EdgeNow,
    caller: CallerNow,
    idempotency_key: IdempotencyKey = None,
) -> Taken:
    """Go on with a FAILED campaign at the step that failed; any other refuses (409)."""
    found = await asking.known(edge, caller.tenant_id, campaign_id)
    request_id = asking.request_id_of(campaign_id, "retry", idempotency_key)
    failed_sequence = found.saga.failed_sequence or found.saga.sequence
    body = RetryCampaign(failed_sequence=failed_sequence)
    return await ask(edge, caller, found, request_id, body)


@router.post("/review", status_code=202, openapi_extra=described(Decision))
async def review(
    campaign_id: CampaignId,
    request: Request,
    edge: EdgeNow,
    caller: CallerNow,
    idempotency_key: IdempotencyKey = None,
) -> Taken:
    """Decide about what is shown. Where nothing waits, or the digest is old, 409 says so.

    EDIT replaces texts; the edited content is audited again and shown for another decision.
    """
    found = await asking.known(edge, caller.tenant_id, campaign_id)
    decision = await body_of(request, Decision)
    _fits_together(decision)
    request_id = asking.request_id_of(campaign_id, "review", idempotency_key)
    waiting = gate(found.saga)
    content = b""
    if decision.edits and waiting is not None and waiting.edits:
        editing = Editing(request_id=request_id, actor=caller.actor, at=edge.clock.now())
        framed = found.saga.steps[waiting.edits].body
        content = edited(framed, decision.edits, editing, edge.codec)
    body = DecideReview(
        step=waiting.step if waiting else _gate_name(found.saga),
        decision=decision.decision,
        shown_digest=decision.shown_digest or (waiting.shown_digest if waiting else NO_DIGEST),
        reason=decision.reason,
        edited=content,
    )
    return await ask(edge, caller, found, request_id, body)


async def ask(
    edge: Edge, caller: Caller, found: CampaignView, request_id: str, body: Wanted
) -> Taken:
    """Bring the request into the log and tell what came of it. Raises Problem (409)."""
    saga = found.saga
    asked = asking.Ask(saga.campaign_id, request_id, saga.correlation_id, body)
    await asking.send(edge, caller, asked)
    seen = asking.taken(await asking.answer_to(edge, caller, asked))
    after = await asking.shown(edge, caller.tenant_id, saga.campaign_id) or found
    return Taken(
        campaign_id=saga.campaign_id,
        request_id=request_id,
        state=after.line.state,
        links=links_of(edge.settings.public_url, saga.campaign_id),
        note="" if seen else NOT_SHOWN_YET,
    )


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
