"""What is named more and more, or less and less: counted over dated passages, never guessed."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.research import Direction, Finding, Trend
from services.radar.ports import ReadSource
from services.radar.relevance import Focus, stemmed

PASSAGES_MIN = 6
"""With fewer dated passages, …"""
DAYS_MIN = 14
"""… or a shorter time between the first and the last, …"""
WINDOW_PASSAGES_MIN = 2
"""… or fewer in one half of that time, nothing is said about trends at all."""

NAMED_MIN = 3
"""A term is looked at where so many passages name it."""
FACTOR = 1.5
COUNT_CHANGE_MIN = 2
TRENDS_MAX = 8
WORD_CHARS_MAX = 40

_BREAK = re.compile(r"[.!?;:,|()\n]+(?:\s|$)")


@dataclass(frozen=True, slots=True)
class _Dated:
    """A passage with a date, and the terms it names, each as it is written there."""

    at: datetime
    terms: dict[str, str]


def trends_of(
    sources: Sequence[ReadSource], findings: Sequence[Finding], focus: Focus
) -> tuple[Trend, ...]:
    """The brief's terms that dated passages name, the most named first; empty where dates are few.

    Passages are pages and entries of feeds with a date of their own; of those that share title and
    day (a page and its entry) one counts, and competitors' pages do not. The time from the first
    to the last passage is cut in two halves. A term's share is the passages of a half that name it
    over all passages of that half. The direction is RISING where the later share is at least 1.5
    times the earlier one and at least 2 passages more name the term; FALLING where it is the other
    way round; else STEADY. Only terms that at least 3 passages and a finding name are told.
    """
    passages = _dated(sources)
    if len(passages) < PASSAGES_MIN:
        return ()
    first, last = passages[0].at, passages[-1].at
    middle = first + (last - first) / 2
    halves = [one.at <= middle for one in passages]
    fewest = min(sum(halves), len(halves) - sum(halves))
    if last - first < timedelta(days=DAYS_MIN) or fewest < WINDOW_PASSAGES_MIN:
        return ()
    carried = [(finding.id, frozenset(named_in(finding.claim))) for finding in findings]
    found = []
    for term in _terms(passages, focus):
        ids = tuple(finding_id for finding_id, named in carried if term in named)
        if ids:
            found.append(_trend(term, passages, middle, ids))
    return tuple(found[:TRENDS_MAX])


def direction_of(early: tuple[int, int], late: tuple[int, int]) -> Direction:
    """The direction, from (passages that name the term, all passages) of both halves."""
    before, after = early[0] / early[1], late[0] / late[1]
    if after >= FACTOR * before and late[0] - early[0] >= COUNT_CHANGE_MIN:
        return Direction.RISING
    if before >= FACTOR * after and early[0] - late[0] >= COUNT_CHANGE_MIN:
        return Direction.FALLING
    return Direction.STEADY


def named_in(text: str) -> dict[str, str]:
    """The terms that a text names: content words and pairs of them, each as first written."""
    found: dict[str, str] = {}
    for piece in _BREAK.split(text):
        before: tuple[str, str] | None = None
        for word, stem in stemmed(piece):
            if not stem or not word.isalpha() or len(word) > WORD_CHARS_MAX:
                before = None
                continue
            found.setdefault(stem, word.lower())
            if before is not None:
                found.setdefault(f"{before[1]} {stem}", f"{before[0]} {word}".lower())
            before = word, stem
    return found


def _dated(sources: Sequence[ReadSource]) -> list[_Dated]:
    """Every dated passage once, in the order of their dates."""
    seen: set[tuple[str, str]] = set()
    found = []
    for source in (one for one in sources if not one.competitor):
        for passage in source.content.passages:
            if passage.published_at is None:
                continue
            key = (passage.title.casefold(), passage.published_at.date().isoformat())
            if not passage.title or key not in seen:
                seen.add(key)
                text = f"{passage.title}\n{source.content.text[passage.start : passage.end]}"
                found.append(_Dated(passage.published_at, named_in(text)))
    return sorted(found, key=lambda one: one.at)


def _terms(passages: Sequence[_Dated], focus: Focus) -> Iterator[str]:
    """The brief's terms that enough passages name, the most named first.

    A word is left out where a pair that holds it is named as often.
    """
    counts = Counter(term for one in passages for term in one.terms)
    asked = {
        term: count
        for term, count in counts.items()
        if count >= NAMED_MIN and any(part in focus.weights for part in term.split())
    }
    pairs = [(term.split(), count) for term, count in asked.items() if " " in term]
    for term, count in sorted(asked.items(), key=lambda item: (-item[1], item[0])):
        if not any(term in parts and count == other for parts, other in pairs):
            yield term


def _trend(
    term: str, passages: Sequence[_Dated], middle: datetime, finding_ids: tuple[str, ...]
) -> Trend:
    naming = [one for one in passages if term in one.terms]
    early = sum(one.at <= middle for one in naming), sum(one.at <= middle for one in passages)
    late = len(naming) - early[0], len(passages) - early[1]
    spelled = Counter(one.terms[term] for one in naming)
    return Trend(
        term=max(sorted(spelled), key=spelled.__getitem__),
        passages=len(naming),
        first_at=naming[0].at,
        last_at=naming[-1].at,
        direction=direction_of(early, late),
        finding_ids=finding_ids,
    )
