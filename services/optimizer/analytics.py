"""The analytics role: which links of a campaign are counted, and where they lead.

It counts nothing itself: the edge resolves a link and records who followed it.
"""

import hashlib
import json
from collections.abc import Iterable

from chassis.service import Answer, Job, Role
from contracts.analytics import (
    AnalyticsReady,
    CleanUpAnalytics,
    SetUpAnalytics,
    TrackedLink,
    link_id,
    link_path,
)
from contracts.envelope import AppName, ArtefactRef, StepOutcome
from contracts.plan import Phase
from contracts.publish import Publication
from contracts.saga import StepUndone
from services.optimizer.settings import OptimizerSettings

LINKS_NAME = "analytics.json"
"""The artefact that the edge resolves links with: campaign, view path, links, KPIs."""

WEB_ADDRESSES = ("https://", "http://", "/")


def analytics_role(settings: OptimizerSettings) -> Role:
    """The worker that takes `SetUpAnalytics` and its undo."""
    return Role(
        name=Phase.ANALYTICS,
        app=AppName.OPTIMIZER,
        handlers={SetUpAnalytics: set_up_analytics, CleanUpAnalytics: clean_up_analytics},
        max_in_flight=settings.max_in_flight,
    )


async def set_up_analytics(command: SetUpAnalytics, job: Job) -> Answer:
    """One tracked link per publication, stored for the edge; SKIPPED where nothing was published.

    A link leads to its publication's location, or to where its text leads. One that is no web
    address cannot be followed in a browser: it is named in the notes, and still counts what is
    recorded under its id.
    """
    view_path = f"/campaigns/{job.campaign_id}/figures"
    links = tracked_links(job.campaign_id, command.publications)
    ready = AnalyticsReady(links=links, view_path=view_path)
    if not links:
        await job.artefacts.release()
        note = "nothing was published, so there is nothing to count; publish on a channel first"
        return Answer(body=ready, outcome=StepOutcome.SKIPPED, notes=(note,))
    document = {
        "campaign_id": job.campaign_id,
        "campaign_name": command.campaign_name,
        "view_path": view_path,
        "kpis": list(command.kpis),
        "links": [link.model_dump(mode="json") for link in links],
    }
    ref = await _store(job, json.dumps(document, sort_keys=True, ensure_ascii=False).encode())
    job.log.info("analytics_ready", links=len(links))
    return Answer(body=ready, artefacts=(ref,), notes=_not_followed(links))


async def clean_up_analytics(command: CleanUpAnalytics, job: Job) -> Answer:
    """Forget which links are counted; a no-op where nothing was set up."""
    released = await job.artefacts.release()
    detail = f"stopped counting: {LINKS_NAME} released" if released else "nothing was being counted"
    job.log.info("analytics_cleaned_up", released=released)
    return Answer(body=StepUndone(detail=detail))


def tracked_links(campaign_id: str, publications: Iterable[Publication]) -> tuple[TrackedLink, ...]:
    """A link per publication, by channel and item; the same publications give the same ids."""
    ordered = sorted(
        publications, key=lambda made: (made.channel.value, made.item_id, made.effect_key)
    )
    links: dict[str, TrackedLink] = {}
    for made in ordered:
        own = link_id(campaign_id, made.channel, made.item_id, made.effect_key)
        links[own] = TrackedLink(
            id=own,
            channel=made.channel,
            path=link_path(campaign_id, own),
            target=made.leads_to or made.location,
            item_id=made.item_id,
        )
    return tuple(links.values())


async def _store(job: Job, data: bytes) -> ArtefactRef:
    """Store the links as the step's only artefact; an earlier round's are let go of first."""
    digest = hashlib.sha256(data).hexdigest()
    if any(ref.digest != digest for ref in await job.artefacts.references()):
        await job.artefacts.release()
    return await job.artefacts.put(data, name=LINKS_NAME, media_type="application/json")


def _not_followed(links: tuple[TrackedLink, ...]) -> tuple[str, ...]:
    return tuple(
        f"{link.channel.value}: {link.target} is no web address; its clicks cannot be counted"
        for link in links
        if not link.target.startswith(WEB_ADDRESSES)
    )
