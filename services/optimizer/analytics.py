"""The analytics role: which links of a campaign are counted, and where they lead.

It counts nothing itself: the edge resolves a link and records who followed it.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from chassis.adapters.catalogue import unconfigured
from chassis.adapters.door import Door
from chassis.clock import Clock, SystemClock
from chassis.errors import CircuitOpen, StepError
from chassis.fuse import NO_FUSE, Fuse
from chassis.service import Answer, Job, Role, Wiring
from contracts.analytics import (
    AnalyticsReady,
    CleanUpAnalytics,
    SetUpAnalytics,
    TrackedLink,
    link_id,
    link_path,
)
from contracts.envelope import AppName, ArtefactRef, FailureReason, StepOutcome
from contracts.plan import Phase
from contracts.publish import Publication
from contracts.saga import StepUndone
from services.optimizer.dashboard import NONE_MADE, TOOL, Shown, put_up, take_down
from services.optimizer.publish.effects import Effect
from services.optimizer.settings import OptimizerSettings

LINKS_NAME = "analytics.json"
"""The artefact that the edge resolves links with: campaign, view path, links, KPIs."""

WEB_ADDRESSES = ("https://", "http://", "/")


@dataclass(frozen=True, slots=True)
class Boards:
    """What dashboards are made with; without a door, none is configured."""

    door: Door = field(default_factory=unconfigured)
    clock: Clock = field(default_factory=SystemClock)
    fuse: Fuse = NO_FUSE
    public_url: str = ""
    datasource: str = ""


NO_BOARDS = Boards()


def analytics_role(settings: OptimizerSettings, wiring: Wiring) -> Role:
    """The worker that takes `SetUpAnalytics` and its undo."""
    boards = Boards(
        door=wiring.door,
        clock=wiring.clock,
        fuse=wiring.fuse,
        public_url=settings.public_url,
        datasource=settings.grafana_datasource,
    )
    return Role(
        name=Phase.ANALYTICS,
        app=AppName.OPTIMIZER,
        handlers={
            SetUpAnalytics: partial(set_up_analytics, boards=boards),
            CleanUpAnalytics: partial(clean_up_analytics, boards=boards),
        },
        max_in_flight=settings.max_in_flight,
    )


async def set_up_analytics(
    command: SetUpAnalytics, job: Job, *, boards: Boards = NO_BOARDS
) -> Answer:
    """One tracked link per publication, stored for the edge; SKIPPED where nothing was published.

    A dashboard besides, where Grafana is configured; one that cannot be made only degrades the
    step, for the figures are counted without it.

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
    outcome, note = await _with_dashboard(job, boards)
    job.log.info("analytics_ready", links=len(links), dashboard=note)
    notes = (*_not_followed(links), note)
    return Answer(body=ready, outcome=outcome, artefacts=(ref,), notes=notes)


async def clean_up_analytics(
    command: CleanUpAnalytics, job: Job, *, boards: Boards = NO_BOARDS
) -> Answer:
    """Forget which links are counted, and delete the dashboard; a no-op where nothing was set up.

    Raises StepError where Grafana does not let it be deleted: the undo is asked for again.
    """
    gone = await take_down(job.campaign_id, boards.door, Effect(job, boards.clock))
    released = await job.artefacts.release()
    detail = f"stopped counting: {LINKS_NAME} released" if released else "nothing was being counted"
    job.log.info("analytics_cleaned_up", released=released, dashboard=gone.detail)
    if gone is not NONE_MADE:
        detail = f"{detail}; {gone.detail}"
    return Answer(body=StepUndone(detail=detail, left_behind=gone.left_behind))


async def _with_dashboard(job: Job, boards: Boards) -> tuple[StepOutcome, str]:
    """How the step ends with its dashboard, and what to say of it."""
    shown = Shown(job.tenant_id, job.campaign_id, boards.public_url, boards.datasource)
    try:
        await boards.door.check(TOOL)
        placed = await put_up(shown, boards.door, Effect(job, boards.clock, boards.fuse))
    except StepError as why:
        if why.reason is FailureReason.CANCELLED:
            raise
        asked = why.reason is not FailureReason.NOT_CONFIGURED or boards.door.configured(TOOL)
        outcome = StepOutcome.DEGRADED if asked else StepOutcome.SUCCEEDED
        return outcome, f"no dashboard: {why.reason}: {why}"
    except CircuitOpen as why:
        return StepOutcome.DEGRADED, f"no dashboard: {why}"
    return StepOutcome.SUCCEEDED, f"dashboard in Grafana: {placed.url}"


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
