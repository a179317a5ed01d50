"""What readers do, counted: a link that is followed, a mail that is opened, an order in a shop.

Nobody logs in here, and nobody is told apart but by the key that stands in their own mail's links;
whoever has a link can follow it as often as they like, and mail programs fetch pictures unasked.
So these counts are evidence for comparing variants, and no proof of anybody's deed.
"""

import asyncio
import re
from typing import Annotated
from uuid import uuid4

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import RedirectResponse

from chassis.messages import Conversation, Speaker, record
from contracts import topics
from contracts.analytics import EngagementKind, EngagementRecorded, TrackedLink
from contracts.catalog import CATALOG
from contracts.envelope import Actor, ActorKind, AppName
from contracts.identity import EFFECTS, derived
from contracts.message import UUID_PATTERN
from services.orchestrator.edge.addresses import web_address
from services.orchestrator.edge.context import ANONYMOUS, Edge, EdgeNow, traceparent_of
from services.orchestrator.edge.log import LogUnavailable
from services.orchestrator.edge.problems import not_found
from services.orchestrator.saga.state import Saga
from services.orchestrator.view.links import led_on, links_of

router = APIRouter(tags=["readers"])

COUNT_WAIT_S = 2.0
"""How long a reader waits until what they did is in the log; then it is lost, and logged."""

ORDER_CHARS_MAX = 100

READER = Speaker(AppName.EDGE, Actor(kind=ActorKind.PERSON, id=ANONYMOUS))
"""Says that somebody did something; nobody knows who."""

PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""A transparent GIF of one pixel."""

_UUID = re.compile(UUID_PATTERN)
_NEVER_KEPT = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_FROM_ANYWHERE = {**_NEVER_KEPT, "Access-Control-Allow-Origin": "*"}

Uuid = Annotated[str, InPath(pattern=UUID_PATTERN)]
Reader = Annotated[str, Query(max_length=64, description="the key of the reader's own mail")]
Order = Annotated[
    str, Query(max_length=ORDER_CHARS_MAX, description="counts once however often it is told")
]


async def _known(
    campaign_id: Uuid, link_id: Uuid, edge: EdgeNow
) -> tuple[Saga, TrackedLink] | None:
    """The campaign and its link; None where nobody made such a link."""
    found = await edge.view.public_campaign(campaign_id)
    link = links_of(found.saga, edge.codec).get(link_id) if found is not None else None
    return (found.saga, link) if found is not None and link is not None else None


Known = Annotated[tuple[Saga, TrackedLink] | None, Depends(_known)]


@router.get("/t/{campaign_id}/{link_id}", response_class=RedirectResponse)
async def follow_link(known: Known, request: Request, edge: EdgeNow, r: Reader = "") -> Response:
    """Count a reader's click, then lead to the link's target."""
    if known is None or not web_address(known[1].target):
        raise not_found("link", request.path_params["link_id"])
    saga, link = known
    await _count(edge, saga, _done(edge, EngagementKind.CLICK, link, r), request)
    headers = {"Cache-Control": "no-store"}
    return RedirectResponse(led_on(link, saga.campaign_id), 302, headers=headers)


@router.get("/o/{campaign_id}/{link_id}.gif", response_class=Response)
async def open_mail(known: Known, request: Request, edge: EdgeNow, r: Reader = "") -> Response:
    """Count that a text was shown; the picture comes whatever was asked for."""
    if known is not None:
        await _count(edge, known[0], _done(edge, EngagementKind.OPEN, known[1], r), request)
    return Response(PIXEL, media_type="image/gif", headers=_NEVER_KEPT)


@router.post("/collect/{campaign_id}/{link_id}", status_code=202)
async def collect(
    known: Known, request: Request, edge: EdgeNow, order: Order = "", r: Reader = ""
) -> Response:
    """Count a conversion: what a shop tells when somebody bought who came by this link.

    An `order` counts once for its link, told by a browser's beacon as well as by a server.
    """
    if known is None:
        raise not_found("link", request.path_params["link_id"])
    saga, link = known
    once = derived(EFFECTS, saga.campaign_id, link.id, "order", order) if order else ""
    done = _done(edge, EngagementKind.CONVERSION, link, r)
    await _count(edge, saga, done, request, event_id=once)
    return Response(status_code=202, headers=_FROM_ANYWHERE)


def _done(edge: Edge, kind: EngagementKind, link: TrackedLink, reader: str) -> EngagementRecorded:
    return EngagementRecorded(
        kind=kind,
        channel=link.channel,
        link_id=link.id,
        reader_id=reader if _UUID.fullmatch(reader) else "",
        happened_at=edge.clock.now(),
    )


async def _count(
    edge: Edge, saga: Saga, body: EngagementRecorded, request: Request, event_id: str = ""
) -> None:
    entry = CATALOG.entry_of(EngagementRecorded)
    trace = traceparent_of(request.headers)
    within = Conversation(saga.tenant_id, saga.campaign_id, saga.correlation_id, trace)
    envelope = READER.first(entry, event_id or str(uuid4()), within, at=body.happened_at)
    try:
        async with asyncio.timeout(COUNT_WAIT_S):
            await edge.log.send(
                record(topics.ENGAGEMENT, envelope, edge.codec.encode(envelope, None, body))
            )
    except (LogUnavailable, TimeoutError) as cause:
        structlog.get_logger("edge").warning(
            "not_counted",
            kind=body.kind,
            workflow_id=saga.campaign_id,
            link_id=body.link_id,
            why=str(cause),
        )
