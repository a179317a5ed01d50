"""Figures in a text: which numbers it states, and in which unit. It knows no finding."""

import re
from dataclasses import dataclass

YEARS = range(1900, 2101)

_FIGURE = re.compile(
    r"(?<![A-Za-z0-9.,])(?P<before>[$€£]\s?)?(?P<number>\d+(?:[.,]\d+)*)"
    r"(?P<after>\s?(?:%|percent\b|per cent\b|percentage points?\b|million\b|billion\b|€|£"
    r"|por ciento\b|puntos porcentuales\b|millones\b|euros\b))?",
    re.IGNORECASE,
)
_PLURALS = frozenset(
    {"people", "women", "men", "children", "staff", "buyers", "technicians", "parents"}
)
_OF = re.compile(
    r"(?<![A-Za-z0-9.,])\d+(?:[.,]\d+)*\s?(?:%|percent|per cent|por ciento) "
    r"(?:of (?:all |the |its |their )?|de (?:los |las )?)"
    r"(?P<noun>[^\W\d_][^\W\d_'\u2019-]*(?: [^\W\d_][^\W\d_'\u2019-]*){0,4})"
)
_STOPS_LINE = (
    "a an and are as at before by for from had has have in into is it of on or over said say says "
    "than that the their them they to under was were when where which who will with would "
    "que de con en por para y o ha han es son fue se"
)
_STOPS = frozenset(_STOPS_LINE.split())


@dataclass(frozen=True, slots=True)
class Figure:
    """A stated number: `value` without grouping, `unit` as a symbol, a word, or empty."""

    value: str
    unit: str

    @property
    def is_year(self) -> bool:
        """True for a bare number that reads as a calendar year."""
        return not self.unit and self.value.isdigit() and int(self.value[:5]) in YEARS


_NARROWED = re.compile(
    r"[\s,]*(?:who|whom|whose|that|which|where|with|without|in|from|to|at|on|for|of|aged|using"
    r"|under|over|between|among|per|and|or|than|que|quienes|con|sin|de|del|en|entre|para|por|y|o)\b",
    re.IGNORECASE,
)


def figures(text: str) -> tuple[Figure, ...]:
    """Every number stated in `text`, in order. `B2B` and `CO2` state none."""
    return tuple(
        Figure(_value(match["number"]), _unit(match["before"] or match["after"] or ""))
        for match in _FIGURE.finditer(text)
    )


def values(text: str) -> frozenset[str]:
    """The numbers stated in `text`, without units and without thousands separators."""
    return frozenset(figure.value for figure in figures(text))


def share_of(text: str) -> str:
    """The first phrase like `64% of home brewers` in `text`, or nothing.

    The noun ends at its first plural, so that no verb is taken for a part of it. Where more is
    said about that noun (`people who …`, `visits to …`) the phrase alone would say too much.
    """
    for match in _OF.finditer(text):
        words: list[str] = []
        for word in match["noun"].split():
            if word.lower() in _STOPS:
                break
            words.append(word)
            if word.lower() in _PLURALS or re.search(r"[^aius']s$", word.lower()):
                phrase = text[match.start() : match.start("noun")] + " ".join(words)
                return "" if _NARROWED.match(text[match.start() + len(phrase) :]) else phrase
    return ""


def _value(number: str) -> str:
    return re.sub(r",(?=\d{3}(?:\D|$))", "", number).rstrip(".,")


def _unit(mark: str) -> str:
    word = mark.strip().lower()
    return {"percent": "%", "per cent": "%", "por ciento": "%", "euros": "€"}.get(word, word)
