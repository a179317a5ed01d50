"""How much a sentence has to do with a brief: weighted terms, no model, no I/O."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.research import RunResearch

TERM_CHARS_MAX = 7
"""Terms are cut here after their ending is taken off: `subscribers` meets `subscription`."""

ENOUGH_TERMS = 4
"""A sentence that holds the weight of this many of the brief's weightiest terms scores 1."""

PART_WEIGHTS = {"goals": 1.0, "industry": 0.8, "target_audience": 0.7, "feedback": 0.5}

_WORD = re.compile(r"[^\W_¹²³⁰-⁹]{2,}")
"""Without the numbers of footnotes: in `faster¹` the word is `faster`."""

_ENDING = re.compile(
    r"(?:ations?|tions?|ness|ments?|ings?|ers?|ies|ed|ly|(?:aci|ci)(?:ón|ones)|mente|es|s|y)$"
)
_STOP = frozenset(
    _WORD.findall(
        "about after all also an and any are as at be because been before book but by can care "
        "choice default do does end every for from get had has have her his how if in into is it "
        "its known made make many matter matters more most new no not now of on one only or other "
        "our out over own reach show so some such than that the their them then there these they "
        "this to too up us use was we were what when where which while who why will win with "
        "would year years you your "
        "al ante antes aquel así aunque cada como con contra cual cuando de del desde donde "
        "durante el ella ellos en entre era es esa ese eso esta este esto están está fue ha "
        "hacen hacer han hasta hay la las le les lo los mas más me mi mientras muy ni nos "
        "otra otro otros para pero poco por porque puede pueden que qué quien sea según ser "
        "si sí sin sobre son su sus también tan tiene tienen todo todos un una uno unos unas "
        "ya"
    )
)


def terms(text: str) -> list[str]:
    """The text's content words, without their endings."""
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP]


def stemmed(text: str) -> list[tuple[str, str]]:
    """Every word of the text with its term, which is empty for words that say nothing."""
    words = _WORD.findall(text)
    return [(word, "" if word.lower() in _STOP else _stem(word.lower())) for word in words]


def _stem(word: str) -> str:
    """`device` and `devices`, `file` and `files`, `price` and `pricing` are one term."""
    stem = _ENDING.sub("", word)[:TERM_CHARS_MAX] if len(word) > 4 else word
    return stem[:-1] if len(stem) > 3 and stem.endswith("e") else stem


@dataclass(frozen=True, slots=True)
class Focus:
    """What a brief asks about: its terms, each with how telling it is among the sentences read."""

    weights: Mapping[str, float]
    enough: float

    def relevance(self, sentence: str, context: str = "") -> float:
        """0..1; terms that only the context (a title) holds count a third."""
        here = set(terms(sentence))
        around = set(terms(context)) - here
        found = sum(self.weights.get(term, 0.0) for term in sorted(here))
        found += sum(self.weights.get(term, 0.0) for term in sorted(around)) / 3
        return min(1.0, found / self.enough) if self.enough else 0.0


def focus_of(command: RunResearch, feedback: Iterable[str], sentences: Iterable[str]) -> Focus:
    """The brief's terms, weighted by part and by rarity among the sentences (idf)."""
    parts = {
        "goals": " ".join(command.goals),
        "industry": command.industry,
        "target_audience": command.target_audience,
        "feedback": " ".join(feedback),
    }
    asked: dict[str, float] = {}
    for part, text in parts.items():
        for term in terms(text):
            asked[term] = max(asked.get(term, 0.0), PART_WEIGHTS[part])
    counts: Counter[str] = Counter()
    total = 0
    for sentence in sentences:
        counts.update(set(terms(sentence)))
        total += 1
    weights = {
        term: weight * (1 + math.log(1 + total / (1 + counts[term])))
        for term, weight in asked.items()
        if counts[term]
    }
    enough = sum(sorted(weights.values(), reverse=True)[:ENOUGH_TERMS])
    return Focus(weights, enough)
