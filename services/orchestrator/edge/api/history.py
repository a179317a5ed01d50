"""Time travel over HTTP: a campaign as it was, what changed between two points, and a fork."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.orchestrator.edge import asking, forks
from services.orchestrator.edge.api.campaigns import (
    NOT_SHOWN_YET,
    CampaignId,
    IdempotencyKey,
    links_of,
)
from services.orchestrator.edge.bodies import body_of, described
from services.orchestrator.edge.context import CallerNow, Edge, EdgeNow, Tenant
from services.orchestrator.edge.problems import fault, invalid
from services.orchestrator.view import history
from services.orchestrator.view.following import LogEntry

router = APIRouter(prefix="/api/v1/campaigns/{campaign_id}", tags=["history"])

POINT_CHARS_MAX = 40
POINT = "a sequence, or a moment in ISO 8601 with its zone"

Point = Annotated[str, Query(max_length=POINT_CHARS_MAX, description=POINT)]
From = Annotated[str, Query(alias="from", max_length=POINT_CHARS_MAX, description=POINT)]
To = Annotated[str, Query(alias="to", max_length=POINT_CHARS_MAX, description=POINT)]


class Forked(BaseModel):
    """A campaign that began from another one; `note` says where something is still under way."""

    campaign_id: str
    state: str
    forked_from: dict[str, Any]
    taken_over: list[str]
    runs: list[str]
    links: dict[str, str]
    note: str = ""


@router.get("/history")
async def get_history(
    campaign_id: CampaignId, edge: EdgeNow, tenant: Tenant, at: Point = ""
) -> dict[str, Any]:
    """The campaign as it was after a sequence or at a moment; without `at`, as it is now.

    It is folded from the log: no fact after that point is read. Out of range is 422.
    """
    entries = await asking.facts(edge, tenant, campaign_id)
    found = _past(edge, entries, at or str(len(entries)), "at")
    return history.told(found, edge.codec)


@router.get("/history/diff")
async def get_difference(
    campaign_id: CampaignId, edge: EdgeNow, tenant: Tenant, before: From, after: To
) -> dict[str, Any]:
    """What changed from one point to another: every value, and the facts between them."""
    entries = await asking.facts(edge, tenant, campaign_id)
    ends = (_past(edge, entries, before, "from"), _past(edge, entries, after, "to"))
    return history.difference(*ends, entries, edge.codec)


@router.post(
    "/fork", status_code=201, response_model=Forked, openapi_extra=described(forks.Forking)
)
async def fork(
    campaign_id: CampaignId,
    request: Request,
    edge: EdgeNow,
    caller: CallerNow,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Begin a new campaign from where this one was after sequence `at`, with `changes`.

    What the changes do not touch is taken over; the rest runs again, gates are asked anew, and
    nothing that was published is touched. The same Idempotency-Key gives the same campaign.
    """
    wanted = await body_of(request, forks.Forking)
    entries = await asking.facts(edge, caller.tenant_id, campaign_id)
    origin = _past(edge, entries, str(wanted.at), "at")
    made = await forks.make(origin, wanted, caller, edge, idempotency_key)
    if not made.repeated:
        asking.taken(await asking.answer_to(edge, caller, made.ask))
    new_id = made.ask.campaign_id
    found = await asking.shown(edge, caller.tenant_id, new_id)
    links = links_of(edge.settings.public_url, new_id)
    if found is not None:
        forks.same_wish(made.wish, found.saga)
    told = Forked(
        campaign_id=new_id,
        state=found.line.state if found else "IDLE",
        forked_from={"campaign_id": campaign_id, "sequence": wanted.at},
        taken_over=list(made.taken_over),
        runs=list(made.runs),
        links=links,
        note="" if found else NOT_SHOWN_YET,
    )
    return JSONResponse(
        told.model_dump(), 201 if found else 202, headers={"Location": links["self"]}
    )


def _past(edge: Edge, entries: Sequence[LogEntry], point: str, field: str) -> history.Past:
    """The campaign at that point. Raises Problem (422) where it was not there."""
    try:
        return history.past(entries, history.point_of(point), edge.clock.now(), edge.codec)
    except history.OutOfRange as cause:
        raise invalid(fault(field, str(cause), str(len(entries)))) from cause
