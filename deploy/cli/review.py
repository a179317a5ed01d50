"""The review gate at the command line: what is to be approved, and the person's word on it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from deploy.cli import gallery
from deploy.cli.board import Board
from deploy.cli.edge import Edge, EdgeRefused, Event
from deploy.cli.talk import CommandFailed, err, plain, say

FIRST_LINES_MAX = 3
LINE_CHARS_MAX = 110
CHECKS_MAX = 12
APPROVE, REJECT, CHANGE = "APPROVE", "REJECT", "REQUEST_CHANGES"
QUESTION = "Publish this? [y]es, [n]o, or [e]dit: send it back with a reason > "


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reviewer's word; the reason may be empty where it approves."""

    decision: str
    reason: str = ""


def require_waiting(found: dict[str, Any]) -> dict[str, Any]:
    """What the campaign's open review says of itself. Raises CommandFailed where there is none."""
    waiting: dict[str, Any] | None = found["review"]
    if waiting is None:
        raise CommandFailed(
            f"campaign {found['campaign_id']} waits for no decision: it is {found['state']}"
        )
    return waiting


def show(found: dict[str, Any], files: dict[str, Path]) -> None:
    """What a reviewer must know: every text's title and first lines, pictures, the audit."""
    results = found["results"]
    err.rule(plain(f"{found['name']}: to be approved"))
    for item in results.get("content", ()):
        cited = len(item["citations"])
        say(f"\n{item['id']}: {item['title']}   ({cited} citations)")
        for line in _first_lines(item["body_markdown"]):
            say(f"    {line}")
    say("")
    for name, path in files.items():
        say(f"  {name:<24} {path}")
    _show_approvals(found.get("review") or {})
    _show_audit(results.get("report"))


async def tell(edge: Edge, board: Board, campaign_id: str) -> None:
    """Say how a review that nobody is asked about here can be decided."""
    board.note(campaign_id, f"decide: sagaline approve {campaign_id}")
    with board.aside():
        await say_links(edge, campaign_id)


def ask() -> Verdict:
    """The person's word, from the terminal."""
    while True:
        answer = _input(QUESTION).lower()
        if answer in ("y", "yes"):
            return Verdict(APPROVE)
        if answer in ("n", "no"):
            return Verdict(REJECT, _input("Why not? > "))
        if answer in ("e", "edit"):
            reason = _input("What is to be changed? > ")
            if reason:
                return Verdict(CHANGE, reason)


async def say_links(edge: Edge, campaign_id: str) -> None:
    """The links that reviewers elsewhere may decide by; none where nothing waits."""
    for reviewer, url in await edge.review_links(campaign_id):
        whose = f"{reviewer}'s link" if reviewer else "link for a reviewer"
        say(f"{whose}, whoever has it may decide: {url}")


async def send(edge: Edge, found: dict[str, Any], verdict: Verdict) -> str:
    """Post the word about exactly what `found` shows; the campaign's state after it."""
    waiting = require_waiting(found)
    decision = {
        "decision": verdict.decision,
        "shown_digest": str(waiting["shown_digest"]),
        "reason": verdict.reason,
    }
    return await edge.decide(str(found["campaign_id"]), decision, key=str(uuid4()))


@dataclass(frozen=True, slots=True)
class Gate:
    """Decides the reviews of campaigns that are followed: by asking, or by `approve`."""

    edge: Edge
    board: Board
    state_dir: Path
    approve: bool
    because: str
    one_at_a_time: asyncio.Lock
    ask: Callable[[], Verdict] = ask

    async def __call__(self, campaign_id: str, event: Event) -> None:
        """A review was asked for."""
        async with self.one_at_a_time:
            found = await self.edge.campaign(campaign_id, since=event.sequence)
            if found["review"] is None:
                return  # an old fact that was told again, or decided elsewhere meanwhile
            files = await gallery.export(self.edge, found, self.state_dir)
            with self.board.aside():
                show(found, files)
                await say_links(self.edge, campaign_id)
                verdict = await self._verdict()
            try:
                await send(self.edge, found, verdict)
            except EdgeRefused as refusal:
                say(f"the decision was not taken: {refusal}")

    async def _verdict(self) -> Verdict:
        if self.approve:
            say(f"approved without asking, {self.because}\n")
            return Verdict(APPROVE, self.because)
        return await asyncio.to_thread(self.ask)


def _first_lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    cut = [line[:LINE_CHARS_MAX] + ("…" if len(line) > LINE_CHARS_MAX else "") for line in lines]
    return cut[:FIRST_LINES_MAX]


def _show_approvals(waiting: dict[str, Any]) -> None:
    """Who has approved already, where one approval is not enough."""
    needed = int(waiting.get("approvals_needed", 1))
    if needed > 1:
        names = [str(one["actor"]) for one in waiting["approvals"]]
        say(f"\napprovals: {len(names)} of {needed}" + (f", {', '.join(names)}" if names else ""))


def _show_audit(report: dict[str, Any] | None) -> None:
    if report is None:
        say("\naudit: there is no report")
        return
    failed = [check for check in report["checks"] if check["verdict"] != "PASS"]
    say(f"\naudit: {report['verdict']}, {len(report['checks'])} checks, {len(failed)} not passed")
    for check in failed[:CHECKS_MAX]:
        say(f"  {check['severity']}: {check['name']} {check['place']}: {check['reason']}")
    if len(failed) > CHECKS_MAX:
        say(f"  and {len(failed) - CHECKS_MAX} more: see the console")


def _input(question: str) -> str:
    err.print(question, end="")
    try:
        return input().strip()
    except EOFError:
        raise CommandFailed(
            "the review was not decided: the input ended; decide it with sagaline approve or reject"
        ) from None
