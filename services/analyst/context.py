"""Which findings a model's role is shown: scored by several signals, packed into its budget.

Pure: it counts tokens with what it is given, knows no model and reads no clock.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from contracts.research import FindingKind
from services.analyst.points import Point, subject_words

HALF_LIFE_DAYS = 365.0
"""A finding so much older than the newest counts half for its recency."""

OVERLAP_ENOUGH = 4
"""So many words in common with what is asked make a finding as relevant as words can."""

SAME_SITE = 0.5
"""How alike two findings of one site are, whatever they say."""

Count = Callable[[str], int]
"""Tokens of a text; of two texts joined by a line break, no more than of both apart."""


class ModelRole(StrEnum):
    """What a model is asked to be."""

    PLANNER = "planner"
    RETRIEVER = "retriever"
    SOLVER = "solver"
    CRITIC = "critic"
    VERIFIER = "verifier"
    REWRITER = "rewriter"


BUDGETS: dict[ModelRole, int] = {
    ModelRole.PLANNER: 1_536,
    ModelRole.RETRIEVER: 1_024,
    ModelRole.SOLVER: 1_024,
    ModelRole.CRITIC: 1_024,
    ModelRole.VERIFIER: 1_536,
    ModelRole.REWRITER: 768,
}
"""The most tokens of a role's whole prompt, instructions and findings."""

_PLANNERS = (FindingKind.MARKET, FindingKind.TREND, FindingKind.COMPETITOR)
_WRITERS = (FindingKind.MARKET, FindingKind.TREND)
KINDS: dict[ModelRole, tuple[FindingKind, ...]] = {
    ModelRole.PLANNER: _PLANNERS,
    ModelRole.RETRIEVER: (),
    ModelRole.SOLVER: _WRITERS,
    ModelRole.CRITIC: _PLANNERS,
    ModelRole.VERIFIER: (),
    ModelRole.REWRITER: _WRITERS,
}
"""The kinds of finding that a role wants, first those it wants most; none: all alike."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each signal counts; 0 takes it out."""

    relevance: float = 1.0
    kind: float = 0.3
    recency: float = 0.2
    diversity: float = 0.4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a prompt is about: its words, and the findings that the brief names for it."""

    words: frozenset[str] = field(default_factory=frozenset)
    named: frozenset[str] = field(default_factory=frozenset)


def ranked_for(
    role: ModelRole, points: Sequence[Point], wanted: Wanted, weights: Weights
) -> tuple[Point, ...]:
    """The points as this role should see them, most useful first; ties in their given order.

    What was chosen already makes its like less useful: that is the signal of diversity.
    """
    newest = max((d for p in points if (d := _dated(p)) is not None), default=None)
    own = [_own(role, point, wanted, weights, newest) for point in points]
    left, chosen = list(range(len(points))), list[Point]()
    while left:
        best = max(left, key=lambda at: own[at] - weights.diversity * _likeness(points[at], chosen))
        left.remove(best)
        chosen.append(points[best])
    return tuple(chosen)


def packed(
    points: Sequence[Point], tell: Callable[[Point], str], count: Count, room: int
) -> tuple[Point, ...]:
    """The points in their order as far as `room` tokens carry what is told of them.

    One that does not fit is passed over; a shorter one behind it may still come in.
    """
    kept: list[Point] = []
    for point in points:
        cost = count(tell(point))
        if cost <= room:
            kept.append(point)
            room -= cost
    return tuple(kept)


def clipped_to(text: str, count: Count, room: int) -> str:
    """The beginning of `text` that `room` tokens carry, up to a word's end where there is one."""
    if count(text) <= room:
        return text
    least, most = 0, len(text)
    while least < most:
        middle = (least + most + 1) // 2
        if count(text[:middle]) <= room:
            least = middle
        else:
            most = middle - 1
    head = text[:least]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip()


def _own(
    role: ModelRole, point: Point, wanted: Wanted, weights: Weights, newest: datetime | None
) -> float:
    common = len(wanted.words & subject_words(point.text))
    relevance = (
        point.finding.score + min(1.0, common / OVERLAP_ENOUGH) + (point.id in wanted.named)
    ) / 3
    return (
        weights.relevance * relevance
        + weights.kind * _kind(role, point)
        + weights.recency * _recency(point, newest)
    )


def _kind(role: ModelRole, point: Point) -> float:
    kinds = KINDS[role]
    return 1.0 - kinds.index(point.kind) / len(kinds) if point.kind in kinds else 0.0


def _recency(point: Point, newest: datetime | None) -> float:
    dated = _dated(point)
    if dated is None or newest is None:
        return 0.0
    return float(0.5 ** ((newest - dated).days / HALF_LIFE_DAYS))


def _dated(point: Point) -> datetime | None:
    at = point.finding.published_at
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


def _likeness(point: Point, chosen: Sequence[Point]) -> float:
    """How much of it was said already: 0 nothing, 1 all."""
    about = subject_words(point.text)
    alike = 0.0
    for other in chosen:
        both = about | subject_words(other.text)
        shared = len(about & subject_words(other.text)) / len(both) if both else 1.0
        alike = max(alike, shared, SAME_SITE if point.site == other.site else 0.0)
    return alike
