"""From leads to numbered findings: near-duplicates merged, the best kept, the order fixed."""

import re
from collections.abc import Iterable, Mapping, Sequence

from contracts.message import Digest
from contracts.research import Finding
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


def chosen(leads: Iterable[Lead]) -> list[Lead]:
    """The best leads of each agent, best first; of near-duplicates only the best."""
    kept: list[Lead] = []
    counts: dict[Agent, int] = {}
    for lead in sorted(leads, key=by_score):
        if counts.get(lead.agent, 0) >= FINDINGS_PER_AGENT_MAX:
            continue
        if any(is_same(lead.sentence.text, other.sentence.text) for other in kept):
            continue
        kept.append(lead)
        counts[lead.agent] = counts.get(lead.agent, 0) + 1
    return kept


def is_same(left: str, right: str) -> bool:
    """True where two claims say the same in nearly the same words.

    Other figures make another claim, however alike the words are.
    """
    figures, more_figures = sorted(
        (frozenset(_FIGURE.findall(left)), frozenset(_FIGURE.findall(right))), key=len
    )
    if not figures <= more_figures:
        return False
    words, more_words = frozenset(terms(left)), frozenset(terms(right))
    shared = len(words & more_words)
    smaller = min(len(words), len(more_words))
    if not smaller:
        return False
    enough = CONTAINED_SHARE if len(figures) < 2 else CONTAINED_SHARE_WITH_FIGURES
    return shared / smaller >= enough or shared / len(words | more_words) >= SAME_WORDS_SHARE


def numbered(
    leads: Sequence[Lead], sources: Sequence[ReadSource], digests: Mapping[int, Digest]
) -> tuple[Finding, ...]:
    """The findings F1, F2, … in the order of the leads."""
    return tuple(
        Finding(
            id=f"F{number}",
            kind=lead.agent.kind,
            claim=" ".join(lead.sentence.text.split()),
            quote=lead.sentence.text,
            span_start=lead.sentence.start,
            span_end=lead.sentence.end,
            source_url=sources[lead.source].location,
            source_title=lead.passage.title or sources[lead.source].content.title,
            source_digest=digests[lead.source],
            published_at=lead.passage.published_at,
            score=lead.score,
            agent=lead.agent.name,
        )
        for number, lead in enumerate(leads, start=1)
    )
