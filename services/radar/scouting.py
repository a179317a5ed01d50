"""What the three research agents have in common: from read sources to scored leads, purely."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.research import QUOTE_CHARS_MAX, FindingKind
from services.radar.ports import Passage, ReadSource
from services.radar.relevance import Focus, terms
from services.radar.sentences import Sentence, sentences, stands_alone

SIGNAL_MIN = 0.35
SCORE_MIN = 0.3
LEADS_PER_SOURCE_MAX = 6
LEADS_MAX = 14
SIGNAL_SHARE = 0.4
NAMED_BONUS = 0.1
"""For a sentence on a competitor's page that names whom the page is about."""
SUBJECT_WORDS = 4
"""So many first words name what a sentence is about."""
EARLY_BONUS = 0.1
EARLY_CHARS = 1_500
"""What a page begins with sums it up."""
HEADLINE_BONUS = 0.15
HEADLINE_TERMS = 2
"""For a sentence that repeats so many of its page's title's terms: it is what the page tells; and
once more where a figure, which is no year, is among them.
"""
YEAR_DIGITS = 4
RELEASES_MALUS = 0.15
"""For a sentence of a list of releases: it tells users what is new, and others little."""

_RELEASES = re.compile(
    r"\bchange ?log\b|\brelease (?:history|notes)\b|\bwhat['\u2019]s new\b|"
    r"\b(?:historial|notas) de (?:cambios|versiones|la versión)\b",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(r"(?<=[^\W\d_]{3})[¹⁰⁴-⁹]+")
"""A footnote's mark behind a word: `35% faster¹ than`."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One research question: its name, its kind, and how strongly a sentence answers it (0..1)."""

    name: str
    kind: FindingKind
    signal: Callable[[str], float]
    reads_competitors: bool = False
    names_its_page: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """A sentence that an agent thinks worth keeping; `source` counts the read sources from 0."""

    agent: Agent
    source: int
    sentence: Sentence
    passage: Passage
    score: float


def candidates(text: str) -> list[Sentence]:
    """The sentences of a text that can stand alone."""
    return [
        sentence
        for sentence in sentences(text)
        if len(sentence.text) <= QUOTE_CHARS_MAX and stands_alone(sentence.text)
    ]


def scout(
    agent: Agent, sources: Sequence[ReadSource], spoken: Sequence[Sequence[Sentence]], focus: Focus
) -> list[Lead]:
    """The agent's leads, best first; not too many of one source, so that several are heard.

    `spoken` holds the candidates of each source.
    """
    leads: list[Lead] = []
    for number, source in enumerate(sources):
        if source.competitor is not agent.reads_competitors or source.remembered is not None:
            continue
        found = [
            lead
            for sentence in spoken[number]
            if (lead := _lead(agent, number, source, sentence, focus)) is not None
        ]
        leads.extend(sorted(found, key=by_score)[:LEADS_PER_SOURCE_MAX])
    return sorted(leads, key=by_score)[:LEADS_MAX]


def _lead(
    agent: Agent, number: int, source: ReadSource, sentence: Sentence, focus: Focus
) -> Lead | None:
    signal = agent.signal(_FOOTNOTE.sub("", sentence.text))
    passage = passage_at(source, sentence.start)
    relevance = focus.relevance(sentence.text, passage.title)
    score = SIGNAL_SHARE * signal + (1 - SIGNAL_SHARE) * relevance
    if agent.reads_competitors and set(terms(sentence.text)) & set(terms(passage.title)):
        score += NAMED_BONUS
    if agent.names_its_page:
        score += _opening(sentence, passage)
    elif not agent.reads_competitors:
        told = set(terms(sentence.text)) & set(terms(passage.title))
        figure = any(term.isdigit() and len(term) < YEAR_DIGITS for term in told)
        score += HEADLINE_BONUS * ((len(told) >= HEADLINE_TERMS) + figure)
    if _RELEASES.search(passage.title):
        score -= RELEASES_MALUS
    score = round(min(1.0, score), 4)
    if signal < SIGNAL_MIN or score < SCORE_MIN:
        return None
    return Lead(agent, number, sentence, passage, score)


def _opening(sentence: Sentence, passage: Passage) -> float:
    """More for a sentence about the page's own subject, and for one that opens the page."""
    subject = " ".join(sentence.text.split()[:SUBJECT_WORDS])
    names = bool(set(terms(subject)) & set(terms(passage.title)))
    early = sentence.start - passage.start < EARLY_CHARS
    return NAMED_BONUS * names + EARLY_BONUS * early


def passage_at(source: ReadSource, position: int) -> Passage:
    """The passage that holds a position of the source's text."""
    for passage in source.content.passages:
        if passage.start <= position < passage.end:
            return passage
    return Passage(0, len(source.content.text), source.content.title)


def by_score(lead: Lead) -> tuple[float, int, int]:
    """Best first; equals in the order of the brief and of the text."""
    return (-lead.score, lead.source, lead.sentence.start)
