"""What reviewers are told: a pull request's Markdown and a chat message's blocks. Pure.

Texts come from outside: nothing in them may call people, begin a tag, or become a command.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.audit import QualityCheck, QualityVerdict
from contracts.content import ContentItem
from contracts.design import Asset
from contracts.review import AnnounceReview
from services.optimizer.publish.prose import without_title
from services.optimizer.publish.selection import clean, one_line

BODY_CHARS_MAX = 60_000
"""GitHub takes 65,536 characters."""

TITLE_CHARS_MAX = 250
"""GitHub takes 256."""

HEADER_CHARS_MAX = 150
SECTION_CHARS_MAX = 2_900
BUTTON_CHARS_MAX = 75
"""Slack's limits for a header, a section and a button (docs.slack.dev/reference/block-kit)."""

TEXTS_TOLD_MAX = 8
CHECKS_TOLD_MAX = 20
OPENING_CHARS_MAX = 180
CUT = "\n\n_The rest is too long for this place: read it behind the link above._\n"

_CALLS = re.compile(r"([@#])(?=[\w-])")
_WIDTHLESS = "\u200b"

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wording:
    """A review to be told of. `link` leads to the decision, `files` is where pictures are."""

    command: AnnounceReview
    link: str
    files: str
    tenant: str

    @property
    def title(self) -> str:
        """The pull request's title, and the message's head."""
        return title_of(self.command.campaign_name)

    @property
    def pull_request(self) -> str:
        """The pull request's text, the reviewer link in it."""
        command = self.command
        lines = [
            f"**[Review and decide]({self.link})** · {_named(command)}",
            "",
            f"{plain(command.business_name)}: {_audited(command)}.",
            "",
            self.document,
        ]
        text = "\n".join(lines)
        return text if len(text) <= BODY_CHARS_MAX else text[: BODY_CHARS_MAX - len(CUT)] + CUT

    @property
    def document(self) -> str:
        """What is to be approved, for the repository: it holds no link that decides anything."""
        command = self.command
        parts = ["## Audit", *(_check(check) for check in _open(command)[:CHECKS_TOLD_MAX])]
        if len(parts) == 1:
            parts.append("Every check passed.")
        parts.append("## Texts")
        parts += [_text(item) for item in command.items]
        if command.assets:
            parts += ["## Pictures", *(self._picture(asset) for asset in command.assets)]
        return "\n\n".join(parts) + "\n"

    @property
    def notification(self) -> str:
        """What a phone shows."""
        return f"{self.title} waits for review: {self.link}"

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The message in Slack's Block Kit."""
        command = self.command
        texts = [
            f"*{escaped(item.id)}* {escaped(one_line(item.title))}\n>{escaped(_opening(item))}"
            for item in command.items[:TEXTS_TOLD_MAX]
        ]
        return (
            {"type": "header", "text": _plain_text(self.title, HEADER_CHARS_MAX)},
            section(f"{escaped(command.business_name)}: {escaped(_audited(command))}."),
            *(section(text) for text in texts),
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "text": _plain_text("Review and decide", BUTTON_CHARS_MAX),
                        "url": self.link,
                        "style": "primary",
                    }
                ],
            },
            {"type": "context", "elements": [{"type": "mrkdwn", "text": escaped(_named(command))}]},
        )

    def _picture(self, asset: Asset) -> str:
        told = f"{asset.channel} {asset.purpose}, {asset.width} x {asset.height}"
        address = f"{self.files}/artefacts/{asset.digest}?tenant={self.tenant}"
        return f"- [{told}]({address}): {plain(asset.alt_text)}"


def title_of(campaign_name: str) -> str:
    """How a campaign's review is called everywhere."""
    title = f"Campaign: {one_line(campaign_name)}"
    return title if len(title) <= TITLE_CHARS_MAX else f"{title[:TITLE_CHARS_MAX]}…"


def _named(command: AnnounceReview) -> str:
    if command.reviewers:
        names = ", ".join(command.reviewers)
        return f"Reviewers: {names}. Each has a link of their own, beside the review in the console"
    return "Whoever has this link may decide, until the review is over"


def _audited(command: AnnounceReview) -> str:
    report, left = command.report, len(_open(command))
    looks = f"{left} to look at" if left else "all passed"
    return f"audit {report.verdict.lower()}, {len(report.checks)} checks, {looks}"


def _open(command: AnnounceReview) -> list[QualityCheck]:
    return [one for one in command.report.checks if one.verdict is not QualityVerdict.PASS]


def _check(check: QualityCheck) -> str:
    where = f" in `{check.place}`" if check.place else ""
    return f"- **{check.severity.lower()}** {plain(check.name)}{where}: {plain(check.reason)}"


def _text(item: ContentItem) -> str:
    quoted = "\n".join(f"> {line}".rstrip() for line in safe(_words(item)).splitlines())
    head = f"### `{item.id}` {plain(item.title)}"
    preheader = f"\n\n_{plain(item.preheader)}_" if item.preheader.strip() else ""
    return f"{head}{preheader}\n\n{quoted}"


def _words(item: ContentItem) -> str:
    return without_title(item.body_markdown, item.title)


def _opening(item: ContentItem) -> str:
    words = one_line(re.sub(r"\]\([^)]*\)", "]", _words(item))).replace("[", "")
    words = re.sub(r"[\]*_#>`]", "", words)
    if len(words) <= OPENING_CHARS_MAX:
        return words
    return words[:OPENING_CHARS_MAX].rsplit(" ", 1)[0] + "…"


def plain(text: str) -> str:
    """One line of Markdown that is text and nothing else."""
    return re.sub(r"([\\`*_\[\]])", r"\\\1", safe(one_line(text)))


def safe(text: str) -> str:
    """Markdown that calls nobody, refers to no other pull request, and holds no HTML."""
    return _CALLS.sub(rf"\1{_WIDTHLESS}", clean(text)).replace("<", "&lt;")


def escaped(text: str) -> str:
    """Text as Slack wants it escaped: so nothing in it is a mention or a link."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def section(text: str) -> Block:
    """A block of Slack's own Markdown, cut to what Slack takes."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:SECTION_CHARS_MAX]}}


def _plain_text(text: str, chars_max: int) -> Mapping[str, str]:
    return {"type": "plain_text", "text": text[:chars_max]}
