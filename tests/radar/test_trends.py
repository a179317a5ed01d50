"""Trends: counted over dated passages, and silent where there are too few of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from contracts.message import Moment
from contracts.research import Direction, Finding, FindingKind, RunResearch, Trend
from services.radar.ports import Extracted, Passage, ReadSource
from services.radar.relevance import focus_of
from services.radar.trends import direction_of, named_in, trends_of

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
CLAIM = "Oat milk coffee is named in 12 percent of all orders."


def entry(day: int, said: str, title: str = "") -> tuple[str, str, Moment]:
    return title or f"Entry of day {day}", said, FIRST + timedelta(days=day)


def feed(*entries: tuple[str, str, Moment | None], competitor: bool = False) -> ReadSource:
    text, passages = "", []
    for title, said, at in entries:
        passages.append(Passage(len(text), len(text) + len(said) + 1, title, at))
        text += said + "\n"
    content = Extracted("Feed", text, tuple(passages))
    return ReadSource("https://paper.example/rss", b"", "text/xml", content, competitor)


def finding(claim: str = CLAIM) -> Finding:
    return Finding(
        id="F3",
        kind=FindingKind.TREND,
        claim=claim,
        quote=claim,
        span_start=0,
        span_end=len(claim),
        source_url="https://paper.example/rss",
        source_title="Feed",
        source_digest="0" * 64,
        score=0.5,
        agent="trend_scout",
    )


def trends(*sources: ReadSource, claims: Sequence[str] = (CLAIM,)) -> tuple[Trend, ...]:
    wanted = RunResearch(
        business_name="Northfold",
        industry="oat milk coffee",
        target_audience="home drinkers",
        goals=("Sell oat milk",),
    )
    sentences = [source.content.text for source in sources]
    return trends_of(sources, [finding(claim) for claim in claims], focus_of(wanted, (), sentences))


OAT, TEA = "People order oat milk now.", "People order tea now."
DAYS = (0, 5, 10, 40, 45, 50)


def said_on_days(*said: str) -> tuple[tuple[str, str, Moment], ...]:
    return tuple(entry(day, text) for day, text in zip(DAYS, said, strict=True))


RISING = said_on_days(TEA, TEA, OAT, OAT, OAT, OAT)


def test_a_term_that_more_passages_name_than_before_is_rising() -> None:
    (trend,) = trends(feed(*RISING))
    assert (trend.term, trend.passages, trend.direction) == ("oat milk", 4, Direction.RISING)
    assert (trend.first_at, trend.last_at) == (FIRST + timedelta(10), FIRST + timedelta(50))
    assert trend.finding_ids == ("F3",)


def test_the_other_way_round_it_is_falling() -> None:
    (trend,) = trends(feed(*said_on_days(OAT, OAT, OAT, OAT, TEA, TEA)))
    assert trend.direction is Direction.FALLING


@pytest.mark.parametrize(
    ("early", "late", "direction"),
    [
        ((1, 3), (3, 3), Direction.RISING),
        ((3, 3), (1, 3), Direction.FALLING),
        ((2, 4), (4, 8), Direction.STEADY),
        ((1, 2), (2, 2), Direction.STEADY),
        ((0, 2), (2, 9), Direction.RISING),
        ((4, 4), (5, 20), Direction.STEADY),
    ],
)
def test_the_direction_follows_from_shares_and_needs_two_passages_more(
    early: tuple[int, int], late: tuple[int, int], direction: Direction
) -> None:
    assert direction_of(early, late) is direction


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(RISING[:5], id="five passages"),
        pytest.param(tuple(entry(day, OAT) for day in range(7)), id="within a week"),
        pytest.param(
            (*(entry(day, OAT) for day in range(6)), entry(90, OAT)), id="one passage in a half"
        ),
        pytest.param(tuple((title, said, None) for title, said, _ in RISING), id="no dates"),
    ],
)
def test_with_too_few_dates_nothing_is_said(
    entries: tuple[tuple[str, str, Moment | None], ...],
) -> None:
    assert trends(feed(*entries)) == ()


def test_a_term_that_no_finding_says_or_nobody_asked_for_is_no_trend() -> None:
    assert trends(feed(*RISING), claims=("Tea is named in 12 percent of all orders.",)) == ()
    sailing = [(title, said.replace("oat milk", "red sails"), at) for title, said, at in RISING]
    assert trends(feed(*sailing), claims=("Red sails are named by 12 percent.",)) == ()


def test_competitors_do_not_make_a_trend_and_a_page_and_its_entry_count_once() -> None:
    assert trends(feed(*RISING, competitor=True)) == ()
    (trend,) = trends(feed(*RISING), feed(*RISING))
    assert trend.passages == 4


def test_terms_are_words_and_pairs_within_a_sentence() -> None:
    named = named_in("Roasting dates matter. Oat milk, the guild says, is in 12 cups")
    assert named["oat milk"] == "oat milk"
    assert "milk guild" not in named
    assert not any("12" in term for term in named)
    assert named_in("a" * 400) == {}
