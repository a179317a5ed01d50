"""The console: pages rendered here; the browser's own EventSource keeps a campaign's up to date."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from contracts.plan import CampaignState
from services.orchestrator.edge import asking
from services.orchestrator.edge.api.campaigns import CampaignId
from services.orchestrator.edge.api.figures import figures_of
from services.orchestrator.edge.context import Edge, EdgeNow, Tenant
from services.orchestrator.edge.pages import STATIC, html
from services.orchestrator.edge.problems import not_found
from services.orchestrator.edge.review_links import links
from services.orchestrator.view import reports
from services.orchestrator.view.following import stream_names
from services.orchestrator.view.queries import Wanted

router = APIRouter(tags=["console"], include_in_schema=False)

ASSETS = {"console.css": "text/css", "review.css": "text/css", "console.js": "text/javascript"}
STAGES = (
    CampaignState.RADAR,
    CampaignState.STRATEGY,
    CampaignState.CONTENT_PROD,
    CampaignState.AUDIT,
    CampaignState.REVIEW,
    CampaignState.PUBLISH,
    CampaignState.LEARN,
)
LISTED_MAX = 50


@router.get("/", response_class=HTMLResponse)
async def campaigns_page(edge: EdgeNow, tenant: Tenant, after: str = "") -> Response:
    """The tenant's campaigns."""
    page = await edge.view.campaigns(tenant, Wanted(after=after, limit=LISTED_MAX))
    lines = [reports.listed(line) for line in page.campaigns]
    return _page("campaigns.html", edge, tenant, {"campaigns": lines, "next": page.next})


@router.get("/campaigns/{campaign_id}", response_class=HTMLResponse)
async def campaign_page(
    campaign_id: CampaignId, request: Request, edge: EdgeNow, tenant: Tenant
) -> Response:
    """One campaign, live."""
    found = await asking.known(edge, tenant, campaign_id)
    root = edge.settings.public_url or str(request.base_url)
    told = reports.detail(found, edge.codec, edge.clock.now())
    more = {
        "c": told,
        "r": told["results"],
        "stages": _stages(told),
        "sources": {f["id"]: f for f in told["results"].get("findings", ())},
        "ended": found.saga.life.ended,
        "review_links": links(edge.keyring, root, found.saga),
        "stream_names": " ".join(stream_names()),
    }
    return _page("campaign.html", edge, tenant, more)


@router.get("/campaigns/{campaign_id}/figures", response_class=HTMLResponse)
async def figures_page(
    campaign_id: CampaignId, request: Request, edge: EdgeNow, tenant: Tenant
) -> Response:
    """What readers did with one campaign's links."""
    found = await asking.known(edge, tenant, campaign_id)
    root = edge.settings.public_url or str(request.base_url)
    told = await figures_of(edge, found, root)
    return _page("figures.html", edge, tenant, {"c": reports.listed(found.line), "f": told})


@router.get("/console/{name}")
async def asset(name: str, request: Request) -> Response:
    """The console's style and script."""
    if name not in ASSETS:
        raise not_found("console file", name)
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(STATIC / name, media_type=ASSETS[name], headers=headers)


def _page(template: str, edge: Edge, tenant: str, values: dict[str, Any]) -> Response:
    default = tenant == edge.settings.default_tenant
    query = "" if default else "?" + urlencode({"tenant": tenant})
    return html(template, {"tenant": tenant, "query": query, **values})


def _stages(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The road as people see it: each state with its steps and how far they are."""
    road = []
    for stage in STAGES:
        steps = [step for step in told["trace"] if step["stage"] == stage.value]
        if not steps:
            continue
        statuses = {step["status"] for step in steps}
        if statuses <= {"ANSWERED", "SKIPPED"}:
            look = "done"
        elif "FAILED" in statuses:
            look = "failed"
        elif statuses == {"PENDING"}:
            look = "pending"
        else:
            look = "active"
        if told["state"] in ("FAILED", "REJECTED", "CANCELLED") and look == "active":
            look = "failed"
        road.append({"name": stage.value, "look": look, "steps": steps})
    return road
