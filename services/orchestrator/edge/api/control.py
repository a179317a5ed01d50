"""Control of one campaign by hand: pause, resume, and its undo before and while it runs."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field

from contracts.control import DecideUndo, PauseCampaign, ResumeCampaign, UndoDecision
from contracts.message import Message, Moment
from services.orchestrator.edge import asking
from services.orchestrator.edge.api.asked import CampaignNow, Taken, asked_campaign
from services.orchestrator.edge.api.campaigns import CampaignId
from services.orchestrator.edge.api.decisions import REASON_CHARS_MAX
from services.orchestrator.edge.bodies import body_of, described
from services.orchestrator.edge.context import CallerNow, EdgeNow, Tenant
from services.orchestrator.edge.problems import not_found
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.view.control import undo_preview

router = APIRouter(prefix="/api/v1/campaigns/{campaign_id}", tags=["control"])

REVIEW_AFTER = timedelta(days=1)
"""When somebody must look again at a pause that names no moment."""

Step = Annotated[str, Path(max_length=63, description="a step of the campaign's undo plan")]


class Pausing(Message):
    """Why a campaign is to wait, and when somebody must look again (in a day, if not said)."""

    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX)] = ""
    review_at: Moment | None = None


class Reason(Message):
    """Why; it is kept in the log."""

    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX)] = ""


@router.post("/pause", status_code=202, openapi_extra=described(Pausing))
async def pause(campaign: CampaignNow, request: Request) -> Taken:
    """Launch nothing new. Answers are taken in, deadlines stand still, nothing is lost.

    A service that has a command from before the pause may finish it. A paused or an ended
    campaign refuses (409).
    """
    wanted = await body_of(request, Pausing)
    review_at = wanted.review_at or campaign.edge.clock.now() + REVIEW_AFTER
    body = PauseCampaign(reason=wanted.reason, review_at=review_at)
    return await campaign.ask(campaign.request_id("pause"), body)


@router.post("/resume", status_code=202, openapi_extra=described(Reason))
async def resume(campaign: CampaignNow, request: Request) -> Taken:
    """Go on where the campaign stood, every deadline later by the pause's length.

    One that is not paused, or only by a wider pause, refuses (409) and names what holds it.
    """
    wanted = await body_of(request, Reason)
    body = ResumeCampaign(reason=wanted.reason)
    return await campaign.ask(campaign.request_id("resume"), body)


@router.get("/undo-plan")
async def get_undo_plan(campaign_id: CampaignId, edge: EdgeNow, tenant: Tenant) -> dict[str, Any]:
    """The way back, in its order: what a cancel would undo now, or how far the undo is."""
    saga = (await asking.known(edge, tenant, campaign_id)).saga
    plan = saga.plan
    if not plan and saga.saga in DEFINITIONS:
        goal = edge.codec.decode(saga.goal, validate=False).record["goal"]
        plan = DEFINITIONS[saga.saga].plan(goal).steps
    return undo_preview(saga, plan)


@router.post("/undo/{step}/resume", status_code=202, openapi_extra=described(Reason))
async def resume_undo(
    campaign_id: CampaignId, step: Step, request: Request, edge: EdgeNow, caller: CallerNow
) -> Taken:
    """Try a parked undo again, with all its tries; one that is not parked refuses (409)."""
    return await _decide_undo(campaign_id, (step, UndoDecision.RESUME), request, edge, caller)


@router.post("/undo/{step}/skip", status_code=202, openapi_extra=described(Reason))
async def skip_undo(
    campaign_id: CampaignId, step: Step, request: Request, edge: EdgeNow, caller: CallerNow
) -> Taken:
    """Leave the effect of a parked undo; `left_behind` names it. Not parked: refused (409)."""
    return await _decide_undo(campaign_id, (step, UndoDecision.SKIP), request, edge, caller)


async def _decide_undo(
    campaign_id: str,
    word: tuple[str, UndoDecision],
    request: Request,
    edge: EdgeNow,
    caller: CallerNow,
) -> Taken:
    key = request.headers.get("idempotency-key")
    campaign = await asked_campaign(campaign_id, edge, caller, key)
    step, decision = word
    if step not in campaign.saga.steps:
        raise not_found("step", step)
    wanted = await body_of(request, Reason)
    body = DecideUndo(step=step, decision=decision, reason=wanted.reason)
    return await campaign.ask(campaign.request_id(f"undo:{step}:{decision}"), body)
