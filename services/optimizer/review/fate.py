"""How an announcement reads once its review was decided, superseded or taken back. Pure.

Reasons and names come from outside: nothing in them may call people or become markup.
"""

from dataclasses import dataclass
from datetime import UTC

from chassis.reviewlink import WHOEVER
from services.optimizer.review.story import Decision, Verdict
from services.optimizer.review.wording import Block, escaped, plain, safe, section

REASON_CHARS_MAX = 1_000

RENEWED = "changed since; a message below shows the new version"
WITHDRAWN = "the review is over, nobody is to decide any more"
NEW_BELOW = "A message below shows the new version."
TAKEN_BACK = "The campaign was taken back."

_SAID = {
    Decision.APPROVED: "Approved",
    Decision.REJECTED: "Rejected",
    Decision.EDITED: "Edited",
    Decision.CHANGES_REQUESTED: "Changes requested",
    Decision.EXPIRED: "Nobody decided in time",
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an announcement: each of these may be known before or after the others."""

    verdict: Verdict | None = None
    renewed: bool = False
    withdrawn: bool = False


def message(title: str, fate: Fate) -> tuple[str, tuple[Block, ...]]:
    """What the message in Slack says from now on, its text and its blocks: it asks nobody."""
    if fate.verdict is None:
        why = WITHDRAWN if fate.withdrawn else RENEWED
        return escaped(f"{title}: {why}"), (section(f"~{escaped(title)}~ {escaped(why)}"),)
    head, rest = _SAID[fate.verdict.decision], _circumstances(fate.verdict)
    after = " ".join(_after(fate))
    blocks = [section(f"*{escaped(title)}*"), section(f"*{head}* {escaped(rest)}. {after}")]
    if reason := _reason(fate.verdict):
        quoted = "\n".join(f">{escaped(line)}" for line in reason.splitlines())
        blocks.append(section(quoted))
    return escaped(f"{title}: {head} {rest}"), tuple(blocks)


def comment(verdict: Verdict, became: str) -> str:
    """What is said below the pull request; `became` is what was done with it."""
    lines = [f"**{_SAID[verdict.decision]}** {plain(_circumstances(verdict))}.", ""]
    if reason := _reason(verdict):
        lines += [*(f"> {line}".rstrip() for line in safe(reason).splitlines()), ""]
    return "\n".join([*lines, became]).strip()


def _after(fate: Fate) -> list[str]:
    told = [NEW_BELOW] if fate.renewed and not fate.withdrawn else []
    return [*told, TAKEN_BACK] if fate.withdrawn else told


def _circumstances(verdict: Verdict) -> str:
    at = verdict.at.astimezone(UTC)
    names = " and ".join(_named(who) for who in verdict.by)
    by = f"by {names} on" if names else "until"
    return f"{by} {at.day} {at:%B %Y, %H:%M} UTC"


def _named(account: str) -> str:
    return "whoever had the reviewer link" if account == WHOEVER else account


def _reason(verdict: Verdict) -> str:
    reason = verdict.reason.strip()
    return reason if len(reason) <= REASON_CHARS_MAX else f"{reason[:REASON_CHARS_MAX]}…"
