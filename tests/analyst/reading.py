"""How the tests read a text: what a reader sees of it, which figures it states, how it differs."""

import re
from collections.abc import Iterable

from contracts.content import ContentItem, WriteContent
from contracts.research import Finding
from services.analyst.engines.embedded.writer import write
from services.analyst.ports import Order, Written
from tests.analyst.builders import CAMPAIGN

_NUMBER = re.compile(r"(?<![A-Za-z0-9.,])\d+(?:[.,]\d+)*")


def written(command: WriteContent, *feedback: str, campaign: str = CAMPAIGN) -> Written:
    return write(Order(command, campaign, "en", feedback))


def item_of(result: Written, item_id: str) -> ContentItem:
    return next(item for item in result.items if item.id == item_id)


def seen(item: ContentItem, command: WriteContent) -> str:
    """Title, preheader and body without link numbers, link targets, footer and the given call."""
    text = f"{item.title}\n{item.preheader}\n{item.body_markdown}"
    text = re.sub(r"\[(\d+)\]\([^)]*\)", "", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"https?://\S+", "", text)
    for given in (command.postal_address, item.call_to_action, command.business_name):
        text = text.replace(given, "") if given else text
    return text


def numbers(text: str) -> set[str]:
    return {match.replace(",", "") for match in _NUMBER.findall(text)}


def cited_quotes(item: ContentItem, findings: Iterable[Finding]) -> str:
    cited = {citation.finding_id for citation in item.citations}
    return " ".join(finding.quote for finding in findings if finding.id in cited)


def tokens(item: ContentItem) -> set[str]:
    body = re.sub(r"\]\([^)]*\)", "]", item.body_markdown.split("\n---\n")[0])
    return set(re.findall(r"[a-z0-9%€$'.]+", body.lower()))


def jaccard(one: ContentItem, other: ContentItem) -> float:
    here, there = tokens(one), tokens(other)
    return len(here & there) / len(here | there)
