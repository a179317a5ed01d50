"""What came of a campaign's links over HTTP: clicks, opens and conversions, counted."""

from typing import Any

from fastapi import APIRouter

from services.orchestrator.edge import asking
from services.orchestrator.edge.addresses import web_address
from services.orchestrator.edge.api.campaigns import CampaignId
from services.orchestrator.edge.context import Edge, EdgeNow, Tenant
from services.orchestrator.view.figures import figures
from services.orchestrator.view.queries import CampaignView
from services.orchestrator.view.reports import tracked_links

router = APIRouter(prefix="/api/v1/campaigns/{campaign_id}", tags=["campaigns"])


@router.get("/figures")
async def get_figures(campaign_id: CampaignId, edge: EdgeNow, tenant: Tenant) -> dict[str, Any]:
    """Per tracked link and per channel: clicks, opens, conversions, the first and the last.

    `address` is what to give to readers; null for a link that leads to nowhere in the web. Counts
    follow the readers within seconds, and come back with the view as far as the topic goes.
    """
    found = await asking.known(edge, tenant, campaign_id)
    return await figures_of(edge, found, edge.settings.public_url)


async def figures_of(edge: Edge, found: CampaignView, root: str) -> dict[str, Any]:
    """The campaign's figures, its links with their whole addresses below `root`."""
    saga = found.saga
    counts = await edge.view.engagement(saga.tenant_id, saga.campaign_id)
    told = figures(tracked_links(saga, edge.codec), counts)
    for link in told["links"]:
        leads_on = bool(link["path"] and web_address(link["target"]))
        link["address"] = root.rstrip("/") + link["path"] if leads_on else None
    return {"campaign_id": saga.campaign_id, **told}
