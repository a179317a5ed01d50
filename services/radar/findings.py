"""From leads to numbered findings: near-duplicates merged, the best kept, the order fixed.

It also says how many sources state a finding, and which findings contradict each other.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.contradictions import clash
from contracts.message import Digest
from contracts.research import ALSO_AT_MAX, Finding
from services.radar.ports import ReadSource
from services.radar.relevance import terms
from services.radar.scouting import Agent, Lead, by_score

FINDINGS_PER_AGENT_MAX = 10
SAME_WORDS_SHARE = 0.6
"""Two claims are one where they share this much of their words (Jaccard) …"""
CONTAINED_SHARE = 0.85
"""… or where the longer one holds this much of the shorter one, …"""
CONTAINED_SHARE_WITH_FIGURES = 0.6
"""… for which less is enough when they share at least two figures."""

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a sentence says, read once to be compared often: its words and its figures."""

    words: frozenset[str]
    figures: frozenset[str]


def stated(sentence: str) -> Stated:
    """The sentence's content words and its figures."""
    return Stated(frozenset(terms(sentence)), frozenset(_FIGURE.findall(sentence)))


def chosen(leads: Iterable[Lead]) -> list[Lead]:
    """The best leads of each agent, best first; of near-duplicates only the best."""
    kept: list[Lead] = []
    said: list[Stated] = []
    counts: dict[Agent, int] = {}
    for lead in sorted(leads, key=by_score):
        if counts.get(lead.agent, 0) >= FINDINGS_PER_AGENT_MAX:
            continue
        claim = stated(lead.sentence.text)
        if any(is_same(claim, other) for other in said):
            continue
        kept.append(lead)
        said.append(claim)
        counts[lead.agent] = counts.get(lead.agent, 0) + 1
    return kept


def is_same(left: Stated, right: Stated) -> bool:
    """True where two claims say the same in nearly the same words.

    Other figures make another claim, however alike the words are.
    """
    figures, more_figures = sorted((left.figures, right.figures), key=len)
    if not figures <= more_figures:
        return False
    shared = len(left.words & right.words)
    smaller = min(len(left.words), len(right.words))
    if not smaller:
        return False
    enough = CONTAINED_SHARE if len(figures) < 2 else CONTAINED_SHARE_WITH_FIGURES
    if shared / smaller >= enough:
        return True
    return shared / len(left.words | right.words) >= SAME_WORDS_SHARE


def carriers(
    leads: Sequence[Lead], sources: Sequence[ReadSource], spoken: Sequence[Sequence[Stated]]
) -> tuple[tuple[int, ...], ...]:
    """For each lead the numbers of the sources that state it, its own first.

    `spoken` holds what each source says, in the order of the sources. A source states a lead where
    it says the same and leaves none of its figures out; what memory kept of it is not another.
    """
    found = []
    for lead in leads:
        claim = stated(lead.sentence.text)
        others = (
            number
            for number, said in enumerate(spoken)
            if sources[number].location != sources[lead.source].location
            and any(claim.figures <= one.figures and is_same(claim, one) for one in said)
        )
        found.append((lead.source, *others))
    return tuple(found)


def numbered(
    leads: Sequence[Lead],
    sources: Sequence[ReadSource],
    digests: Mapping[int, Digest],
    carried: Sequence[Sequence[int]],
) -> tuple[Finding, ...]:
    """The findings F1, F2, … in the order of the leads; `carried` as `carriers` gives it."""
    contradicted = _contradicted(leads, sources)
    return tuple(
        Finding(
            id=_id(number),
            kind=lead.agent.kind,
            claim=_claim(lead),
            quote=lead.sentence.text,
            span_start=lead.sentence.start,
            span_end=lead.sentence.end,
            source_url=sources[lead.source].location,
            source_title=lead.passage.title or sources[lead.source].content.title,
            source_digest=digests[lead.source],
            published_at=lead.passage.published_at,
            score=lead.score,
            agent=lead.agent.name,
            source_count=len(carried[number]),
            also_at=tuple(sources[one].location for one in carried[number][1 : ALSO_AT_MAX + 1]),
            contradicts=tuple(map(_id, contradicted[number])),
        )
        for number, lead in enumerate(leads)
    )


def _contradicted(leads: Sequence[Lead], sources: Sequence[ReadSource]) -> list[list[int]]:
    """For each lead those of other sources that state another figure for the same thing."""
    found: list[list[int]] = [[] for _ in leads]
    for number, lead in enumerate(leads):
        for other in range(number):
            apart = sources[lead.source].location != sources[leads[other].source].location
            if apart and clash(_claim(lead), _claim(leads[other])):
                found[number].append(other)
                found[other].append(number)
    return found


def _claim(lead: Lead) -> str:
    return " ".join(lead.sentence.text.split())


def _id(number: int) -> str:
    return f"F{number + 1}"
