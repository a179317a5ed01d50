"""Campaigns over HTTP: bring one in, list them, look at one, follow its progress and history."""

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field

from contracts.goal import CampaignBrief
from contracts.message import UUID_PATTERN, Message, Uuid
from contracts.plan import CampaignState
from services.orchestrator.edge import asking, intake
from services.orchestrator.edge.bodies import body_of, described
from services.orchestrator.edge.context import CallerNow, EdgeNow, Tenant
from services.orchestrator.edge.log import SendUncertain
from services.orchestrator.edge.problems import Problem, fault, invalid
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.view import reports
from services.orchestrator.view.queries import EVENTS_MAX, PAGE_MAX, Wanted

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])

KEY_CHARS_MAX = 200
NOT_SHOWN_YET = (
    "accepted and safe in the log, but the view does not show it yet; ask again under `links.self`"
)

MAY_BE_ACCEPTED = (
    "{}; it may or may not have been accepted: make the same call again with the header "
    "`Idempotency-Key: {}`, then it is one campaign either way"
)

CampaignId = Annotated[str, Path(pattern=UUID_PATTERN, description="the campaign's id")]
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=KEY_CHARS_MAX, description="the same key, the same effect"),
]


class NewCampaign(Message):
    """What it takes to bring a campaign into being."""

    tenant_id: Uuid | None = None
    saga: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")] = "campaign"
    start: bool = False
    brief: CampaignBrief
    metadata: Annotated[dict[str, str], Field(max_length=50)] = Field(default_factory=dict)


class Created(BaseModel):
    """A campaign that was brought in; `note` says where something is still under way."""

    campaign_id: str
    state: str
    links: dict[str, str]
    note: str = ""


class Progress(BaseModel):
    """How far a campaign is; made for being asked every two seconds."""

    progress_percentage: Annotated[int, Field(ge=0, le=100)]
    current_phase: str
    elapsed_seconds: float


@router.post("", status_code=201, openapi_extra=described(NewCampaign))
async def create(
    request: Request,
    response: Response,
    edge: EdgeNow,
    caller: CallerNow,
    idempotency_key: IdempotencyKey = None,
) -> Created:
    """Bring a campaign into being. 201 once the view shows it, 202 where that takes longer.

    Personal fields are sealed before anything is stored. The same Idempotency-Key with the same
    body gives the same campaign; with another body 409.
    """
    new = await body_of(request, NewCampaign)
    if new.tenant_id not in (None, caller.tenant_id):
        if "x-tenant-id" in request.headers or "tenant" in request.query_params:
            raise invalid(fault("tenant_id", "X-Tenant-Id names another", caller.tenant_id))
        caller = caller._replace(tenant_id=new.tenant_id or caller.tenant_id)
    if new.saga not in DEFINITIONS:
        raise invalid(fault("saga", "there is no such saga type", ", ".join(sorted(DEFINITIONS))))
    wish = intake.Wish(idempotency_key or str(uuid4()), new.saga, new.start, new.metadata)
    try:
        accepted = await intake.accept(new.brief, wish, caller, edge)
    except SendUncertain as cause:
        raise Problem("unavailable", 503, MAY_BE_ACCEPTED.format(cause, wish.key)) from cause
    campaign_id = accepted.ask.campaign_id
    if not accepted.repeated:
        asking.taken(await asking.answer_to(edge, caller, accepted.ask))
    found = await asking.shown(edge, caller.tenant_id, campaign_id)
    links = links_of(edge.settings.public_url, campaign_id)
    response.headers["Location"] = links["self"]
    if found is None:
        response.status_code = 202
        state = CampaignState.IDLE.value
        return Created(campaign_id=campaign_id, state=state, links=links, note=NOT_SHOWN_YET)
    intake.same_wish(accepted, found.line.fingerprint)
    return Created(campaign_id=campaign_id, state=found.line.state, links=links)


@router.get("")
async def list_campaigns(
    edge: EdgeNow,
    tenant: Tenant,
    state: CampaignState | None = None,
    after: Annotated[str, Query(description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> dict[str, Any]:
    """The tenant's campaigns, the newest first, a page at a time."""
    try:
        page = await edge.view.campaigns(tenant, Wanted(state, after, limit))
    except ValueError as cause:
        raise invalid(fault("after", "it must be `next` of another page", "")) from cause
    return {
        "campaigns": [reports.listed(line) for line in page.campaigns],
        "next": page.next or None,
    }


@router.get("/{campaign_id}")
async def get_campaign(campaign_id: CampaignId, edge: EdgeNow, tenant: Tenant) -> dict[str, Any]:
    """Everything about one campaign: state, progress, trace, failure, usage, results, links."""
    found = await asking.known(edge, tenant, campaign_id)
    told = reports.detail(found, edge.codec, edge.clock.now())
    return told | {"api": links_of(edge.settings.public_url, campaign_id)}


@router.get("/{campaign_id}/progress")
async def get_progress(campaign_id: CampaignId, edge: EdgeNow, tenant: Tenant) -> Progress:
    """How far it is: the percentage never falls, and is 100 where it completed."""
    found = await asking.known(edge, tenant, campaign_id)
    return Progress(**reports.progress(found.line, edge.clock.now()))


@router.get("/{campaign_id}/events")
async def get_events(
    campaign_id: CampaignId,
    edge: EdgeNow,
    tenant: Tenant,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=EVENTS_MAX)] = EVENTS_MAX,
) -> dict[str, Any]:
    """The campaign's facts behind sequence `after`, in order, with their whole content."""
    await asking.known(edge, tenant, campaign_id)
    entries = await edge.view.events(tenant, campaign_id, after=after, limit=limit)
    told = [
        {
            "sequence": entry.sequence,
            "type": entry.type,
            "name": entry.sse_name,
            "time": entry.time.isoformat(),
            "event_id": entry.event_id,
            "causation_id": entry.causation_id,
            "data": entry.data,
        }
        for entry in entries
    ]
    return {"events": told, "last": entries[-1].sequence if entries else after}


@router.get("/{campaign_id}/trail")
async def get_trail(campaign_id: CampaignId, edge: EdgeNow, tenant: Tenant) -> dict[str, Any]:
    """The whole audit trail: every fact with time, actor, the input it answers, what it made."""
    await asking.known(edge, tenant, campaign_id)
    told: list[dict[str, Any]] = []
    while True:
        last = told[-1]["sequence"] if told else 0
        entries = await edge.view.events(tenant, campaign_id, after=last)
        told += reports.trail(entries)
        if len(entries) < EVENTS_MAX:
            return {"campaign_id": campaign_id, "trail": told}


def links_of(public_url: str, campaign_id: str) -> dict[str, str]:
    """Where everything about a campaign is found."""
    root = public_url.rstrip("/")
    own = f"{root}/api/v1/campaigns/{campaign_id}"
    return {
        "self": own,
        "start": f"{own}/start",
        "progress": f"{own}/progress",
        "stream": f"{own}/stream",
        "events": f"{own}/events",
        "trail": f"{own}/trail",
        "figures": f"{own}/figures",
        "review": f"{own}/review",
        "review_links": f"{own}/review-links",
        "publish_now": f"{own}/publish-now",
        "pause": f"{own}/pause",
        "resume": f"{own}/resume",
        "undo_plan": f"{own}/undo-plan",
        "console": f"{root}/campaigns/{campaign_id}",
    }
