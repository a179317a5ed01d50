"""Event streams over HTTP, under both of their addresses."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from services.orchestrator.edge import asking
from services.orchestrator.edge.api.campaigns import CampaignId
from services.orchestrator.edge.context import EdgeNow, Tenant
from services.orchestrator.edge.problems import fault, invalid
from services.orchestrator.edge.sse import stream

router = APIRouter(tags=["streams"])

DIGITS_MAX = 18

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/api/v1/campaigns/{campaign_id}/stream", response_class=StreamingResponse)
@router.get("/api/genesis/stream/{campaign_id}", response_class=StreamingResponse)
async def stream_campaign(
    campaign_id: CampaignId,
    edge: EdgeNow,
    tenant: Tenant,
    last_event_id: Annotated[str | None, Header()] = None,
    last_seen_sequence: Annotated[str | None, Query()] = None,
) -> Response:
    """The campaign's facts as server-sent events; `id` is the sequence.

    With Last-Event-ID (or `last_seen_sequence`) it goes on behind that event: no gap, no repeat,
    on any copy of the edge. It closes after the last event; 204 where there is nothing to come.
    """
    found = await asking.known(edge, tenant, campaign_id)
    last = _sequence(last_event_id or last_seen_sequence or "0")
    if found.saga.life.ended and last >= found.saga.sequence:
        return Response(status_code=204)
    frames = stream(edge, tenant, campaign_id, last)
    return StreamingResponse(frames, media_type="text/event-stream", headers=_HEADERS)


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_MAX):
        raise invalid(fault("Last-Event-ID", "it must be the number of the last event seen", "42"))
    return int(text)
