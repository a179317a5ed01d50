"""The commands about campaigns: run, watch, approve, reject."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from contracts.message import UUID_PATTERN
from deploy.cli import gallery, outcome, review
from deploy.cli.board import Board
from deploy.cli.briefs import read_brief
from deploy.cli.edge import Edge, Event
from deploy.cli.following import follow
from deploy.cli.options import with_options
from deploy.cli.places import Api, Json, Tenant, api_url, stack_here, state_dir
from deploy.cli.talk import EXIT_FAILED, can_ask, out, put_json, say

COMPLETED = "COMPLETED"
BY_FLAG = "because of --approve"


def _campaign_id(text: str) -> str:
    if not re.fullmatch(UUID_PATTERN, text.strip().lower()):
        raise typer.BadParameter("it must be a campaign's id, as sagaline status lists them")
    return text.strip().lower()


CampaignId = Annotated[str, typer.Argument(callback=_campaign_id, help="the campaign's id")]
Reason = Annotated[str, typer.Option("--reason", help="why; it is kept in the log")]


@dataclass(frozen=True, slots=True)
class Wish:
    """How a brief is to be brought in."""

    start: Annotated[bool, typer.Option("--start/--no-start", help="set it going")] = True
    saga: Annotated[str, typer.Option(help="the road: campaign or research-only")] = "campaign"
    key: Annotated[str, typer.Option(help="the same key never makes a second campaign")] = ""
    site: Annotated[str, typer.Option(help="host:port in place of {site} in the brief")] = ""


@dataclass(frozen=True, slots=True)
class Company:
    """Whether the command stays with the campaign."""

    watch: Annotated[bool, typer.Option("--watch", help="follow it to its end")] = False
    approve: Annotated[
        bool, typer.Option("--approve", help="follow it, and approve what is shown unasked")
    ] = False


@dataclass(frozen=True, slots=True)
class Place:
    """Whom to ask, and for whom."""

    api: Api = ""
    tenant: Tenant = ""


@with_options
def run(
    brief: Annotated[Path, typer.Argument(help="the brief, a YAML or JSON file")],
    wish: Wish,
    company: Company,
    place: Place,
    as_json: Json = False,
) -> None:
    """Check a brief and bring it in; a brief that breaks a rule exits with 2, nothing produced."""
    record = stack_here()
    checked = read_brief(brief, wish.site or (record.site if record else ""))

    async def go() -> int:
        async with Edge(api_url(place.api), place.tenant) as edge:
            key = wish.key or str(uuid4())
            campaign_id = await edge.create(checked, start=wish.start, saga=wish.saga, key=key)
            if not (company.watch or company.approve) or not wish.start:
                _say_created(campaign_id, edge.url, as_json=as_json)
                return 0
            return await _followed(edge, campaign_id, approve=company.approve, as_json=as_json)

    raise typer.Exit(asyncio.run(go()))


def watch(
    campaign_id: CampaignId, api: Api = "", tenant: Tenant = "", as_json: Json = False
) -> None:
    """Follow a campaign to its end; exits with 0 where it completed. A review is left to others."""

    async def go() -> int:
        async with Edge(api_url(api), tenant) as edge:
            with Board() as board:
                board.add(campaign_id, (await edge.campaign(campaign_id))["name"])

                async def tell(_: str, event: Event) -> None:
                    await review.tell(edge, board, campaign_id)

                state = await follow(edge, campaign_id, board, tell)
            await _show_end(edge, campaign_id, as_json=as_json)
            return 0 if state == COMPLETED else EXIT_FAILED

    raise typer.Exit(asyncio.run(go()))


def approve(
    campaign_id: CampaignId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask again")] = False,
    reason: Reason = "",
    api: Api = "",
    tenant: Tenant = "",
) -> None:
    """Show what waits for approval, and approve exactly that."""
    _decide(campaign_id, (api, tenant), review.Verdict(review.APPROVE, reason), ask=not yes)


def reject(
    campaign_id: CampaignId,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask again")] = False,
    api: Api = "",
    tenant: Tenant = "",
) -> None:
    """Show what waits for approval, and reject it: nothing is published, the work is undone."""
    _decide(campaign_id, (api, tenant), review.Verdict(review.REJECT, reason), ask=not yes)


def _decide(
    campaign_id: str, place: tuple[str, str], verdict: review.Verdict, *, ask: bool
) -> None:
    async def go() -> str:
        api, tenant = place
        async with Edge(api_url(api), tenant) as edge:
            found = await edge.campaign(campaign_id)
            review.require_waiting(found)
            review.show(found, await gallery.export(edge, found, state_dir()))
            word = verdict.decision.lower()
            if ask and can_ask() and not typer.confirm(f"{word} this?", err=True):
                say("nothing was decided")
                raise typer.Exit(EXIT_FAILED)
            return await review.send(edge, found, verdict)

    out.print(asyncio.run(go()))


async def _followed(edge: Edge, campaign_id: str, *, approve: bool, as_json: bool) -> int:
    found = await edge.campaign(campaign_id)
    with Board() as board:
        board.add(campaign_id, found["name"])
        gate = review.Gate(edge, board, state_dir(), approve, BY_FLAG, asyncio.Lock())

        async def wait(campaign_id: str, event: Event) -> None:
            await review.tell(edge, board, campaign_id)

        on_review = gate if approve or can_ask() else wait
        state = await follow(edge, campaign_id, board, on_review)
    await _show_end(edge, campaign_id, as_json=as_json)
    return 0 if state == COMPLETED else EXIT_FAILED


async def _show_end(edge: Edge, campaign_id: str, *, as_json: bool) -> None:
    places = await outcome.places_of(edge, campaign_id, state_dir())
    if as_json:
        put_json(places)
    else:
        outcome.show(places)


def _say_created(campaign_id: str, url: str, *, as_json: bool) -> None:
    if as_json:
        put_json({"campaign_id": campaign_id, "console": f"{url}/campaigns/{campaign_id}"})
        return
    out.print(campaign_id)
    say(f"follow it: sagaline watch {campaign_id}   or {url}/campaigns/{campaign_id}")
