"""What may be wrong with the evidence: too little, too old, one-sided or contradictory."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations

from contracts.research import FindingKind
from contracts.strategy import CitedStatement
from services.analyst.points import Point, disagree

POINTS_ENOUGH = 3
OLD_AFTER = timedelta(days=730)
CONTRADICTIONS_SHOWN_MAX = 3


def risks_of(points: Sequence[Point], now: datetime) -> tuple[CitedStatement, ...]:
    """Every risk found in `points`, each naming the findings it is about."""
    return (
        *_thin(points),
        *_one_source(points),
        *_old(points, now),
        *_undated(points),
        *_contradictory(points),
        *_no_competitor(points),
    )


def _thin(points: Sequence[Point]) -> tuple[CitedStatement, ...]:
    if len(points) >= POINTS_ENOUGH:
        return ()
    text = f"Thin evidence: only {len(points)} usable finding(s). Add sources before publishing."
    return (_risk(text, points),)


def _one_source(points: Sequence[Point]) -> tuple[CitedStatement, ...]:
    if len({point.site for point in points}) > 1:
        return ()
    text = f"Everything rests on one source ({points[0].site[:200]}). Look for a second one."
    return (_risk(text, points),)


def _old(points: Sequence[Point], now: datetime) -> tuple[CitedStatement, ...]:
    old = [p for p in points if _dated(p) is not None and now - _moment(p) > OLD_AFTER]
    if not old:
        return ()
    text = f"Older than two years: {_names(old)}. Check that they still hold."
    return (_risk(text, old),)


def _undated(points: Sequence[Point]) -> tuple[CitedStatement, ...]:
    undated = [point for point in points if _dated(point) is None]
    if len(undated) * 2 <= len(points):
        return ()
    text = f"Most findings carry no date ({_names(undated)}): their age is unknown."
    return (_risk(text, undated),)


def _contradictory(points: Sequence[Point]) -> tuple[CitedStatement, ...]:
    pairs = [(a, b) for a, b in combinations(points, 2) if disagree(a, b)]
    return tuple(
        _risk(
            f"Contradictory figures in {a.id} and {b.id}: “{a.text}” against “{b.text}”. "
            "Find out which one holds; no text uses both.",
            (a, b),
        )
        for a, b in pairs[:CONTRADICTIONS_SHOWN_MAX]
    )


def _no_competitor(points: Sequence[Point]) -> tuple[CitedStatement, ...]:
    if any(point.kind is FindingKind.COMPETITOR for point in points):
        return ()
    return (_risk("No finding about a competitor: the position is untested.", ()),)


def _risk(text: str, points: Sequence[Point]) -> CitedStatement:
    return CitedStatement(text=text, finding_ids=tuple(point.id for point in points))


def _names(points: Sequence[Point]) -> str:
    return ", ".join(point.id for point in points)


def _dated(point: Point) -> datetime | None:
    return point.finding.published_at


def _moment(point: Point) -> datetime:
    published = point.finding.published_at
    assert published is not None
    return published if published.tzinfo else published.replace(tzinfo=UTC)
