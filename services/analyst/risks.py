"""What may be wrong with the evidence: too little, too old, one-sided or contradictory."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations

from contracts.research import FindingKind
from contracts.strategy import CitedStatement
from services.analyst.points import Point, disagree
from services.analyst.strategy_words import RiskWords

POINTS_ENOUGH = 3
OLD_AFTER = timedelta(days=730)
CONTRADICTIONS_SHOWN_MAX = 3


def risks_of(
    points: Sequence[Point], now: datetime, words: RiskWords
) -> tuple[CitedStatement, ...]:
    """Every risk found in `points`, each naming the findings it is about."""
    return (
        *_thin(points, words),
        *_one_source(points, words),
        *_old(points, now, words),
        *_undated(points, words),
        *_contradictory(points, words),
        *_no_competitor(points, words),
    )


def _thin(points: Sequence[Point], words: RiskWords) -> tuple[CitedStatement, ...]:
    if len(points) >= POINTS_ENOUGH:
        return ()
    text = words.thin.format(count=len(points))
    return (_risk(text, points),)


def _one_source(points: Sequence[Point], words: RiskWords) -> tuple[CitedStatement, ...]:
    if len({point.site for point in points}) > 1:
        return ()
    text = words.one_source.format(site=points[0].site[:200])
    return (_risk(text, points),)


def _old(points: Sequence[Point], now: datetime, words: RiskWords) -> tuple[CitedStatement, ...]:
    old = [p for p in points if _dated(p) is not None and now - _moment(p) > OLD_AFTER]
    if not old:
        return ()
    text = words.old.format(names=_names(old))
    return (_risk(text, old),)


def _undated(points: Sequence[Point], words: RiskWords) -> tuple[CitedStatement, ...]:
    undated = [point for point in points if _dated(point) is None]
    if len(undated) * 2 <= len(points):
        return ()
    text = words.undated.format(names=_names(undated))
    return (_risk(text, undated),)


def _contradictory(points: Sequence[Point], words: RiskWords) -> tuple[CitedStatement, ...]:
    pairs = [(a, b) for a, b in combinations(points, 2) if disagree(a, b)]
    return tuple(
        _risk(
            words.contradictory.format(one=a.id, other=b.id, text=a.text, against=b.text),
            (a, b),
        )
        for a, b in pairs[:CONTRADICTIONS_SHOWN_MAX]
    )


def _no_competitor(points: Sequence[Point], words: RiskWords) -> tuple[CitedStatement, ...]:
    if any(point.kind is FindingKind.COMPETITOR for point in points):
        return ()
    return (_risk(words.no_competitor, ()),)


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
