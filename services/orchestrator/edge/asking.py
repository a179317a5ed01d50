"""Bringing a request into the log, and waiting for what the log says about it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import uuid4

from chassis.messages import Conversation, Speaker, record
from contracts import identity, topics
from contracts.catalog import CATALOG
from contracts.envelope import AppName
from contracts.message import Request
from contracts.saga import RequestRefused
from services.orchestrator.edge.context import Caller, Edge
from services.orchestrator.edge.problems import Problem, not_found
from services.orchestrator.view.database import ViewUnavailable
from services.orchestrator.view.following import LogEntry
from services.orchestrator.view.queries import EVENTS_MAX, CampaignView

LOOK_S = 0.05
LOOK_S_MAX = 0.25


@dataclass(frozen=True, slots=True)
class Ask:
    """One request about one campaign. A repeated `request_id` changes nothing in the saga."""

    campaign_id: str
    request_id: str
    correlation_id: str
    body: Request


def request_id_of(campaign_id: str, action: str, key: str | None) -> str:
    """The same key gives the same id, so that the saga drops the repeat; no key, a new id."""
    return identity.derived(identity.FORWARDS, campaign_id, action, key) if key else str(uuid4())


async def send(edge: Edge, caller: Caller, ask: Ask, *, partition: int | None = None) -> None:
    """Return once the request is in the log. Raises LogUnavailable, or SendUncertain.

    After it nothing may fail as if the request had not been taken: whoever obeys would ask twice.
    """
    entry = CATALOG.entry_of(type(ask.body))
    within = Conversation(caller.tenant_id, ask.campaign_id, ask.correlation_id, caller.traceparent)
    speaker = Speaker(AppName.EDGE, caller.actor)
    envelope = speaker.first(entry, ask.request_id, within, at=edge.clock.now())
    value = edge.codec.encode(envelope, None, ask.body)
    await edge.log.send(replace(record(topics.REQUESTS, envelope, value), partition=partition))


async def answer_to(edge: Edge, caller: Caller, ask: Ask) -> LogEntry | None:
    """The fact that the request brought about; None where the view does not show it in time.

    A process that is about to end waits no longer: its callers would be cut off without a word.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + edge.settings.read_wait_s
    pause = LOOK_S
    found = None
    while True:
        with suppress(ViewUnavailable):
            found = await edge.view.answer(caller.tenant_id, ask.campaign_id, ask.request_id)
        if found is not None or loop.time() >= until or edge.closing.is_set():
            return found
        await asyncio.sleep(min(pause, max(0.0, until - loop.time())))
        pause = min(LOOK_S_MAX, pause * 1.5)


async def shown(edge: Edge, tenant_id: str, campaign_id: str) -> CampaignView | None:
    """The campaign after something was sent; None also where the view does not answer."""
    with suppress(ViewUnavailable):
        return await edge.view.campaign(tenant_id, campaign_id)
    return None


async def known(edge: Edge, tenant_id: str, campaign_id: str) -> CampaignView:
    """The tenant's campaign. Raises Problem where the view has none of that id."""
    found = await edge.view.campaign(tenant_id, campaign_id)
    if found is None:
        raise not_found("campaign", campaign_id)
    return found


async def facts(edge: Edge, tenant_id: str, campaign_id: str) -> tuple[LogEntry, ...]:
    """All facts of the tenant's campaign that the view has. Raises Problem for an unknown one."""
    await known(edge, tenant_id, campaign_id)
    found: list[LogEntry] = []
    while True:
        page = await edge.view.events(tenant_id, campaign_id, after=len(found))
        found += page
        if len(page) < EVENTS_MAX:
            return tuple(found)


def taken(fact: LogEntry | None) -> bool:
    """True where the log shows the request taken. Raises Problem where it was refused."""
    if fact is not None and is_refusal(fact):
        raise Problem("refused", 409, str(fact.data["reason"]))
    return fact is not None


def is_refusal(fact: LogEntry) -> bool:
    """True where the log answered the request with a no."""
    return fact.type == RequestRefused.__name__
