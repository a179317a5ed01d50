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


@dataclass(frozen=True, slots=True)
class Figure:
    """A stated number: `value` without grouping, `unit` as a symbol, a word, or empty."""

    value: str
    unit: str

    @property
    def is_year(self) -> bool:
        """True for a bare number that reads as a calendar year."""
        return not self.unit and self.value.isdigit() and int(self.value[:5]) in YEARS


def figures(text: str) -> tuple[Figure, ...]:
    """Every number stated in `text`, in order. `B2B` and `CO2` state none."""
    return tuple(
        Figure(_value(match["number"]), _unit(match["before"] or match["after"] or ""))
        for match in _FIGURE.finditer(text)
    )


def values(text: str) -> frozenset[str]:
    """The numbers stated in `text`, without units and without thousands separators."""
    return frozenset(figure.value for figure in figures(text))


def _value(number: str) -> str:
    return re.sub(r",(?=\d{3}(?:\D|$))", "", number).rstrip(".,")


def _unit(mark: str) -> str:
    word = mark.strip().lower()
    return {"percent": "%", "per cent": "%", "por ciento": "%", "euros": "€"}.get(word, word)
