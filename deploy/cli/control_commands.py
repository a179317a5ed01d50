"""The commands that hold, release, stop and undo campaigns: one, a tenant's, a phase's, all."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from deploy.cli.campaign_commands import CampaignId, Place, Reason
from deploy.cli.edge import Edge
from deploy.cli.options import with_options
from deploy.cli.places import Json, api_url
from deploy.cli.talk import EXIT_FAILED, EXIT_INPUT, CommandFailed, can_ask, out, put_json, put_rows

REVIEW_IN = "1d"
PAUSES = "/pauses"
_LENGTH = re.compile(r"(\d{1,4})([hd])")

OneCampaign = Annotated[
    str, typer.Argument(metavar="[ID]", help="one campaign; without it, name a wider scope")
]
ReviewIn = Annotated[
    str, typer.Option("--review-in", help="when somebody must look again: 12h, 3d (at most 90d)")
]
Step = Annotated[str, typer.Argument(help="a step of the undo plan")]

undo = typer.Typer(
    name="undo",
    help="A campaign's way back: plan it, and help a step whose undo failed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """A pause that is wider than one campaign."""

    tenant_wide: Annotated[
        bool, typer.Option("--tenant-wide", help="every campaign of the tenant")
    ] = False
    phase: Annotated[str, typer.Option("--phase", help="every step of this phase")] = ""
    everything: Annotated[
        bool, typer.Option("--everything", help="every campaign of everybody")
    ] = False

    def body(self) -> dict[str, str]:
        """The scope as the API takes it; empty for one campaign."""
        if self.tenant_wide:
            return {"scope": "TENANT"}
        if self.phase:
            return {"scope": "PHASE", "target": self.phase}
        return {"scope": "GLOBAL"} if self.everything else {}


@with_options
def pause(
    scope: Scope,
    place: Place,
    campaign_id: OneCampaign = "",
    reason: Reason = "",
    review_in: ReviewIn = REVIEW_IN,
) -> None:
    """Launch nothing new in a campaign or a wider scope; deadlines stand still until resume."""
    review_at = datetime.now(UTC) + _length(review_in)
    body = {"reason": reason, "review_at": review_at.isoformat()}
    _hold_or_release("pause", campaign_id, scope, place, body)


@with_options
def resume(scope: Scope, place: Place, campaign_id: OneCampaign = "", reason: Reason = "") -> None:
    """End a campaign's pause, or a wider one: what it held goes on where it stood."""
    _hold_or_release("resume", campaign_id, scope, place, {"reason": reason})


@with_options
def pauses(place: Place, as_json: Json = False) -> None:
    """List the wider pauses that stand now, who answers for them, and when to look again."""
    found = _run(place, lambda edge: edge.look(PAUSES))["pauses"]
    if as_json:
        put_json(found)
        return
    names = ("scope", "target", "owner", "since", "review_at", "reason")
    put_rows([names, *([one[name] for name in names] for one in found)])


@with_options
def cancel(
    campaign_id: CampaignId,
    place: Place,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask again")] = False,
) -> None:
    """Stop a campaign and undo what it did; a cancel wins over every pause."""
    if not yes and can_ask() and not typer.confirm("stop it and undo what it did?", err=True):
        raise typer.Exit(EXIT_FAILED)
    _order(place, f"/campaigns/{campaign_id}/cancel", reason)


@with_options
def publish_now(
    campaign_id: CampaignId,
    place: Place,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="this step alone, as publish.email")
    ] = None,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask again")] = False,
) -> None:
    """Publish at once what waits for its date."""
    if not yes and can_ask() and not typer.confirm("publish it now?", err=True):
        raise typer.Exit(EXIT_FAILED)
    path, body = f"/campaigns/{campaign_id}/publish-now", {"steps": only or [], "reason": reason}
    out.print(str(_run(place, lambda edge: edge.order(path, body))["state"]))


@with_options
def retry(campaign_id: CampaignId, place: Place) -> None:
    """Go on with a failed campaign at the step that failed."""
    _order(place, f"/campaigns/{campaign_id}/retry", "")


@undo.command("plan")
@with_options
def undo_plan(campaign_id: CampaignId, place: Place, as_json: Json = False) -> None:
    """Show what would be undone, in its order; while the undo runs, how far it is."""
    found = _run(place, lambda edge: edge.look(f"/campaigns/{campaign_id}/undo-plan"))
    if as_json:
        put_json(found)
        return
    names = ("step", "undo", "status", "tries", "until")
    put_rows([names, *([one[name] for name in names] for one in found["steps"])])
    for left in found["left_behind"]:
        out.print(f"left behind: {left}")


@undo.command("resume")
@with_options
def undo_resume(campaign_id: CampaignId, step: Step, place: Place, reason: Reason = "") -> None:
    """Try a parked undo again, with all its tries."""
    _order(place, f"/campaigns/{campaign_id}/undo/{step}/resume", reason)


@undo.command("skip")
@with_options
def undo_skip(campaign_id: CampaignId, step: Step, place: Place, reason: Reason = "") -> None:
    """Leave what a parked undo could not take back; the campaign's end names it."""
    _order(place, f"/campaigns/{campaign_id}/undo/{step}/skip", reason)


def _hold_or_release(
    word: str, campaign_id: str, scope: Scope, place: Place, body: dict[str, str]
) -> None:
    wider = scope.body()
    chosen = [campaign_id, scope.tenant_wide, scope.phase, scope.everything]
    if sum(map(bool, chosen)) != 1:
        raise CommandFailed(
            f"name one: sagaline {word} ID, or --tenant-wide, --phase NAME, --everything",
            EXIT_INPUT,
        )
    if campaign_id:
        state = _run(place, lambda edge: edge.order(f"/campaigns/{campaign_id}/{word}", body))
        out.print(state["state"])
        return
    path = PAUSES if word == "pause" else f"{PAUSES}/resume"
    told = _run(place, lambda edge: edge.order(path, wider | body))
    out.print(f"{told['scope']} {told['target']}".strip(), f"in {told['taken']} partitions")


def _order(place: Place, path: str, reason: str) -> None:
    out.print(_run(place, lambda edge: edge.order(path, {"reason": reason}))["state"])


def _run(place: Place, act: Callable[[Edge], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    async def go() -> dict[str, Any]:
        async with Edge(api_url(place.api), place.tenant) as edge:
            return await act(edge)

    return asyncio.run(go())


def _length(text: str) -> timedelta:
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise CommandFailed(f"--review-in {text}: hours or days, for example 12h or 3d", EXIT_INPUT)
    return timedelta(**{{"h": "hours", "d": "days"}[found[2]]: int(found[1])})
