"""A claim says what its quote says: the same words, the same figures beside them, no more."""

import re

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from services.optimizer.audit.cited import Pair, judged
from services.optimizer.audit.figures import figures, with_words_as_digits
from services.optimizer.audit.rule import Rule, shortened
from services.optimizer.audit.wording import clauses, content

ALIKE_MIN = 0.25
"""Share of a claim's words and figures that its quote must hold; a paraphrase keeps about half."""
WORDS_MIN = 4
"""A shorter claim is not judged by that share."""
PART_WORDS_MIN = 2
"""A part of a claim with so many words of content, none of them in the quote, is an addition."""

FOLLOWS = Rule("claim_follows_its_quote", Severity.HIGH)

_FROM_TO = re.compile(
    r"\b(?:from|between|de|desde|entre)\s+(\S+(?:\s?%)?)\s+(?:to|and|a|hasta|y)\s+(\S+(?:\s?%)?)",
    re.IGNORECASE,
)

_PERIOD = re.compile(
    r"(?:\b(?:an?|per|every|each|al|por|cada)|\d|\b(?:two|three|four|five|six|ten|twelve))[ -]"
    r"(hour|day|week|month|year|hora|día|semana|mes|año)(?:e?s)?\b",
    re.IGNORECASE,
)


def claims(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """One word on each text whose claims can be compared with their quotes."""
    return judged(FOLLOWS, subject, _departures)


def _departures(pair: Pair) -> list[str]:
    held = _held(pair)
    if not held:
        return []
    said = [*content(pair.claim, pair.language), *_figures(pair.claim, pair.language)]
    common = held | _figures(pair.quote, pair.language)
    if len(said) >= WORDS_MIN and sum(word in common for word in said) < ALIKE_MIN * len(said):
        return [f"{pair.told} has little in common with its quote; {pair.advice}"]
    for part in clauses(pair.claim, joined=False):
        words = content(part, pair.language)
        if len(words) >= PART_WORDS_MIN and not held & set(words) and not figures(part, "en"):
            told = shortened(" ".join(part.split()), 80)
            return [f"{pair.told} adds “{told}”, which its quote does not say; {pair.advice}"]
    said_per, held_per = (_periods(text) for text in (pair.claim, pair.quote))
    if held_per and said_per - held_per:
        return [f"{pair.told} counts by another time than its quote; {pair.advice}"]
    if _turned(pair.claim, pair.quote) or _moved(pair):
        return [f"{pair.told} puts together what its quote says of others; {pair.advice}"]
    return []


def _periods(text: str) -> set[str]:
    """The stretches of time that a text counts by: `a month`, `11 weeks`, `cada año`."""
    return {match.group(1).casefold() for match in _PERIOD.finditer(text)}


def _held(pair: Pair) -> set[str]:
    source = f"{pair.quote} {pair.finding.source_title}"
    return set(content(source, pair.language))


def _turned(claim: str, quote: str) -> bool:
    """True where the one goes from A to B, and the other from B to A."""
    ways = {_way(match) for match in _FROM_TO.finditer(quote)}
    return any(_way(match)[::-1] in ways - {_way(match)} for match in _FROM_TO.finditer(claim))


def _way(match: re.Match[str]) -> tuple[str, str]:
    start, end = (re.sub(r"[.,;:\s]+$|\s", "", part).casefold() for part in match.groups())
    return start, end


def _moved(pair: Pair) -> bool:
    """True where a figure stands among the words that the quote puts beside another figure."""
    beside = [
        (_figures(part, pair.language), set(content(part, pair.language)))
        for part in clauses(pair.quote)
    ]
    for part in clauses(pair.claim):
        said, words = _figures(part, pair.language), set(content(part, pair.language))
        if len(said) != 1:
            continue
        own = max((len(words & near) for found, near in beside if said & found), default=None)
        others = max((len(words & near) for found, near in beside if found - said), default=0)
        if own is not None and others > own and 2 * own <= len(words):
            return True
    return False


def _figures(text: str, language: str) -> frozenset[object]:
    spelled = with_words_as_digits(text, language)
    return frozenset(value for figure in figures(spelled, language) for value in figure.values)
