"""A headline is a whole statement of its finding; figures clash only over the same thing."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.contradictions import clash
from contracts.strategy import CitedStatement
from services.analyst.clauses import clause_of, is_clause
from services.analyst.strategy import HEADLINE_CHARS_MAX, build
from tests.analyst.builders import NOW, M, content_command, finding, strategy_command
from tests.analyst.example_findings import ROWS, example_command
from tests.analyst.reading import numbers, written

TEXTS = tuple(row["text"].rstrip(".") for rows in ROWS.values() for row in rows)


def contradictions(which: str, *more: str) -> list[CitedStatement]:
    command = example_command(which)
    added = tuple(
        finding(90 + n, M, text, ("https://other.example/", "Other")) for n, text in enumerate(more)
    )
    command = command.model_copy(update={"findings": (*command.findings, *added)})
    return [r for r in build(command, (), NOW).brief.risks if "Contradictory" in r.text]


@pytest.mark.parametrize(
    ("which", "headline"),
    [
        (
            "heatpumps",
            "A plant survey typically finds waste heat worth 18% of the process energy cost",
        ),
        ("coffee", "Freshness is the most important need for 46 percent of home coffee drinkers"),
    ],
)
def test_the_example_campaigns_open_with_a_whole_statement(which: str, headline: str) -> None:
    assert build(example_command(which), (), NOW).brief.headline == headline


@pytest.mark.parametrize(
    "fragment",
    [
        "58 percent of all industrial heat pumps",
        "58 percent of all industrial heat pumps: the figure to start from",
        "46 percent of home coffee drinkers",
        "Home coffee drinkers noticed",
        "Plants with a maintenance contract that includes remote monitoring",
        "The price of electricity for heat pumps in food plants",
        "Maintenance costs in food plants",
        "The contract that plants are",
        "When prices for heat pumps fall",
        "Service plans for heat pumps",
    ],
)
def test_a_noun_phrase_is_no_clause(fragment: str) -> None:
    assert not is_clause(fragment)
    assert clause_of(fragment, HEADLINE_CHARS_MAX) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Plants pay €5 for heat unless they sign a contract of twelve years in the Kestrel Valley",
        "Plants pay €5 for heat, but only where they sign a contract of twelve years with a city",
        "A survey takes two to three days and nights in every plant of the valley that asks for it",
        ROWS["heatpumps"][3]["text"].rstrip("."),
        "A food plant pays €5 for a unit of heat and saves €9 for a unit of gas if it signs",
    ],
)
def test_what_limits_a_statement_stays_or_there_is_no_headline(text: str) -> None:
    assert clause_of(text, HEADLINE_CHARS_MAX) == ""


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(TEXTS), st.integers(30, 120))
def test_a_clause_adds_no_word_keeps_a_figure_and_fits(text: str, chars_max: int) -> None:
    short = clause_of(text, chars_max)
    if not short:
        return
    assert len(short) <= chars_max
    assert numbers(short) <= numbers(text)
    assert bool(numbers(short)) == bool(numbers(text))
    rest = iter(re.sub(r" percent\b", "%", text).split())
    assert all(
        any(word.strip(",;:") == other.strip(",;:") for other in rest)
        for word in re.sub(r" percent\b", "%", short).split()
    )


def test_without_a_finding_to_state_the_headline_is_an_invitation() -> None:
    long = "Decaf is growing in every part of the country where people drink coffee at home " * 2
    command = strategy_command("coffee", findings=(finding(1, M, f"{long.strip()}."),))
    headline = build(command, (), NOW).brief.headline
    assert headline == "See what the sources say about specialty coffee subscriptions"


@pytest.mark.parametrize("which", ["heatpumps", "coffee"])
def test_findings_on_different_things_raise_no_alarm(which: str) -> None:
    assert contradictions(which) == []


@pytest.mark.parametrize(
    ("which", "planted", "other"),
    [
        (
            "heatpumps",
            (
                "Food and beverage plants account for 41 percent of all industrial heat pumps "
                "installed since 2022."
            ),
            "F4",
        ),
        (
            "coffee",
            (
                "Freshness is the most important need for 29 percent of home coffee drinkers, "
                "followed by taste that stays the same from bag to bag with 31 percent."
            ),
            "F7",
        ),
        ("coffee", "The Explorer plan costs £23 a month and includes two 250 gram bags.", ""),
    ],
)
def test_a_true_contradiction_is_found(which: str, planted: str, other: str) -> None:
    assert [r.finding_ids for r in contradictions(which, planted)] == (
        [(other, "F90")] if other else []
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Basic plan costs €7,900 a year per pump", "The Plus plan costs €12,400 a year"),
        ("Sales of heat pumps rose by 5% in 2024", "Sales of heat pumps rose by 9% in 2025"),
        ("Sales of heat pumps rose by 5% in March", "Sales of heat pumps rose by 9% in June"),
        ("The heat pump saves 5% of energy cost", "The heat pump saves €900 of energy cost"),
        (
            "64% of home brewers check the roast date",
            "36% of home brewers do not check the roast date",
        ),
        (
            "In a survey of 900 brewers 64% check the roast date",
            "In a survey of 400 brewers 64% check the roast date",
        ),
    ],
)
def test_another_thing_time_or_unit_is_no_contradiction(one: str, other: str) -> None:
    assert not clash(one, other)
    assert not clash(other, one)


def test_a_few_words_more_do_not_hide_a_contradiction() -> None:
    one = "64% of home brewers check the roast date before they buy a new bag"
    other = "51 percent of home brewers check the roast date before they buy a bag"
    assert clash(one, other)
    assert clash(other, one)


def test_titles_of_the_examples_are_no_fragments_of_a_finding() -> None:
    for which in ROWS:
        command = example_command(which)
        items = written(
            content_command(
                brief=build(command, (), NOW).brief, findings=command.findings, variants=4
            )
        ).items
        for item in items:
            assert not re.match(r"\d+ percent of [^:]*(?::|, in context)", item.title)
            assert item.title != "Home coffee drinkers noticed"
