"""The commands about a campaign's past: show it as it was, compare two points, fork from one."""

import asyncio
import json
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

import typer

from deploy.cli.campaign_commands import CampaignId, Place
from deploy.cli.edge import Edge
from deploy.cli.options import with_options
from deploy.cli.places import Json, api_url
from deploy.cli.talk import EXIT_INPUT, CommandFailed, out, plain, put_json, put_rows, say

VALUE_CHARS_MAX = 60
DIGEST_CHARS = 12
COLUMNS = ("step", "status", "outcome", "attempts", "answered_at")
POINT = "a sequence, or a moment such as 2026-02-03T09:00:00Z"


@dataclass(frozen=True, slots=True)
class When:
    """Which point, or which two."""

    at: Annotated[str, typer.Option("--at", help=f"{POINT}; without it, now")] = ""
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option("--diff", metavar="A B", help=f"what changed from A to B, each {POINT}"),
    ] = None


@dataclass(frozen=True, slots=True)
class Fork:
    """Where a fork begins, and what is to be otherwise."""

    at: Annotated[int, typer.Option("--at", help="the sequence; without it, where it is now")] = 0
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="brief.FIELD, or STEP.PATH; JSON or text"),
    ] = None
    key: Annotated[str, typer.Option(help="the same key never makes a second fork")] = ""


@with_options
def show(campaign_id: CampaignId, when: When, place: Place, as_json: Json = False) -> None:
    """Show a campaign as it is, or as it was at any point of its log; or what changed between."""
    if when.at and when.diff:
        raise CommandFailed("--at is one point, --diff is two: give one of them", EXIT_INPUT)

    async def go() -> dict[str, Any]:
        async with Edge(api_url(place.api), place.tenant) as edge:
            if when.diff is not None:
                return await edge.difference(campaign_id, *when.diff)
            return await edge.history(campaign_id, when.at)

    found = asyncio.run(go())
    if as_json:
        put_json(found)
    elif when.diff is not None:
        _show_difference(found)
    else:
        _show_past(found)


@with_options
def fork(campaign_id: CampaignId, wish: Fork, place: Place, as_json: Json = False) -> None:
    """Begin a new campaign from a point of an old one; what --set does not touch is taken over.

    Gates are asked anew, and nothing that the old one published is touched.
    """
    changes = dict(_change(text) for text in wish.changes or ())

    async def go() -> dict[str, Any]:
        async with Edge(api_url(place.api), place.tenant) as edge:
            at = wish.at or int((await edge.campaign(campaign_id))["sequence"])
            wanted = {"at": at, "changes": changes}
            return await edge.fork(campaign_id, wanted, wish.key or str(uuid4()))

    made = asyncio.run(go())
    if as_json:
        put_json(made)
        return
    out.print(made["campaign_id"])
    say(f"taken over: {', '.join(made['taken_over']) or 'nothing'}")
    say(f"runs: {', '.join(made['runs'])}")
    say(f"follow it: sagaline watch {made['campaign_id']}")


def _change(text: str) -> tuple[str, Any]:
    path, sign, value = text.partition("=")
    if not sign or not path:
        raise CommandFailed(f"--set {text}: write PATH=VALUE, as in brief.name=Autumn", EXIT_INPUT)
    try:
        return path, json.loads(value)
    except ValueError:
        return path, value


def _show_past(found: dict[str, Any]) -> None:
    at = found["at"]
    out.print(plain(f"{found['name']}: {found['state']}, {found['progress_percentage']} %"))
    out.print(plain(f"after fact {at['sequence']} of {at['last']}: {at['type']}, {at['time']}"))
    if found["forked_from"]:
        origin = found["forked_from"]
        out.print(f"forked from {origin['campaign_id']} at {origin['sequence']}")
    if found["closing"]:
        closing = found["closing"]
        out.print(plain(f"{closing['ending']}: {closing['reason']} {closing['message']}"))
    put_rows([COLUMNS, *([step[name] for name in COLUMNS] for step in found["steps"])])
    for one in found["deadlines"]:
        out.print(f"waits until {one['at']}: {one['kind']} {one['step']}".rstrip())
    if found["gate"]:
        _show_gate(found["gate"])


def _show_gate(gate: dict[str, Any]) -> None:
    digest = gate["shown_digest"][:DIGEST_CHARS]
    out.print(f"{gate['step']} is {gate['status']}; shown under {digest}…:")
    for vote in gate["approvals"]:
        out.print(plain(f"  approved by {vote['actor']}, {vote['time']} {vote['reason']}"))
    for step, body in gate["shows"].items():
        for line in _lines(body or {}):
            out.print(plain(f"  {step}: {line}"))


def _lines(body: dict[str, Any]) -> list[str]:
    """What a result says, a line for each text, picture or value."""
    found = []
    for name, value in body.items():
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            title = isinstance(part, dict) and (part.get("title") or part.get("headline"))
            who = isinstance(part, dict) and (part.get("id") or part.get("channel") or name)
            found.append(f"{who}: {title}" if title else f"{name}: {_short(part)}")
    return found


def _show_difference(found: dict[str, Any]) -> None:
    before, after = found["from"], found["to"]
    ends = [f"{end['at']['sequence']} ({end['state']})" for end in (before, after)]
    out.print(f"{ends[0]} to {ends[1]}: {len(found['facts'])} facts")
    put_rows([(one["sequence"], one["type"], one["step"]) for one in found["facts"]])
    rows = [(one["path"], _short(one["before"]), _short(one["after"])) for one in found["changes"]]
    put_rows([("value", "before", "after"), *rows])


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text[:VALUE_CHARS_MAX] + ("…" if len(text) > VALUE_CHARS_MAX else "")
