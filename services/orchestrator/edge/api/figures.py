"""What came of a campaign's links over HTTP: clicks, opens and conversions, counted."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from services.orchestrator.edge import asking
from services.orchestrator.edge.addresses import web_address
from services.orchestrator.edge.api.campaigns import CampaignId
from services.orchestrator.edge.context import Edge, EdgeNow, Tenant
from services.orchestrator.view.figures import Evidence, figures
from services.orchestrator.view.queries import CampaignView
from services.orchestrator.view.reports import publications, tracked_links

router = APIRouter(prefix="/api/v1/campaigns/{campaign_id}", tags=["campaigns"])


@router.get("/figures")
async def get_figures(campaign_id: CampaignId, edge: EdgeNow, tenant: Tenant) -> dict[str, Any]:
    """Per tracked link, channel and variant: clicks, opens, conversions, the first and the last.

    A channel names the `winner` of its variants and how probable it is that this one is the best,
    or says in `why` what the evidence lacks. `address` is what to give to readers; null for a link
    that leads to nowhere in the web. Counts follow the readers within seconds, and come back with
    the view as far as the topic goes.
    """
    found = await asking.known(edge, tenant, campaign_id)
    return await figures_of(edge, found, edge.settings.public_url)


@router.get("/figures/windows")
async def get_windows(
    campaign_id: CampaignId,
    edge: EdgeNow,
    tenant: Tenant,
    size_s: Annotated[Literal["60", "3600"], Query(description="a minute or an hour")] = "3600",
) -> dict[str, Any]:
    """What was done with each link by minute or by hour, the newest at the end."""
    await asking.known(edge, tenant, campaign_id)
    found = await edge.view.windows(tenant, campaign_id, int(size_s))
    return {
        "campaign_id": campaign_id,
        "size_s": int(size_s),
        "windows": [window.model_dump(mode="json", exclude={"size_s"}) for window in found],
    }


async def figures_of(edge: Edge, found: CampaignView, root: str) -> dict[str, Any]:
    """The campaign's figures, its links with their whole addresses below `root`."""
    saga = found.saga
    counts = await edge.view.engagement(saga.tenant_id, saga.campaign_id)
    compared = await edge.view.comparisons(saga.tenant_id, saga.campaign_id)
    evidence = Evidence(
        publications=publications(saga, edge.codec),
        compared={one.channel.value: one for one in compared},
    )
    told = figures(tracked_links(saga, edge.codec), counts, evidence)
    for link in told["links"]:
        leads_on = bool(link["path"] and web_address(link["target"]))
        link["address"] = root.rstrip("/") + link["path"] if leads_on else None
    return {"campaign_id": saga.campaign_id, **told}
