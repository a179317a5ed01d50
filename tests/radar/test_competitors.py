"""The table of competitors: every cell is a quote of the stored text, and nothing is made up."""

from pathlib import Path

import pytest

from contracts.research import Competitor, Quoted, ResearchCompleted
from services.radar.competitors import row
from services.radar.extraction import ExtractionPool
from services.radar.handlers import run_research
from services.radar.ports import Extracted, Passage, ReadSource
from tests.radar.builders import command, example_site, job, library

DIGEST = "0" * 64


def told(text: str, title: str = "Plans | Harbour Club") -> Competitor:
    content = Extracted(title, text, (Passage(0, len(text), title),))
    page = ReadSource("https://harbour.example/plans", b"", "text/html", content, competitor=True)
    return row(page, DIGEST)


def cells(competitor: Competitor) -> list[Quoted]:
    prices = [price.said for price in competitor.prices]
    return [*competitor.named, *competitor.messages, *competitor.offers, *prices]


@pytest.mark.parametrize(
    ("sentence", "prices"),
    [
        ("The Explorer plan costs £19 a month.", [("19", "GBP", "month")]),
        ("£10.50 / month", [("10.50", "GBP", "month")]),
        ("From £10.50 for one bag a month to £34 for a kilogram.", [
            ("10.50", "GBP", "month"), ("34", "GBP", "kilogram"),
        ]),
        ("Basic at €7,900, Complete at €19,800 a year for each heat pump.", [
            ("7900", "EUR", ""), ("19800", "EUR", "year"),
        ]),
        ("Der Plan kostet 1.250,50 € per month.", [("1250.50", "EUR", "month")]),
        ("A plant survey costs 4800 euros for a plant survey.", [("4800", "EUR", "")]),
        ("The heat costs €44 per megawatt hour.", [("44", "EUR", "megawatt hour")]),
        ("Teams pay 12 USD per seat, billed yearly.", [("12", "USD", "seat")]),
        ("It has raised £3 million since 2024.", []),
        ("More than 400 people came.", []),
        (f"It costs £{'9' * 400} a month.", []),
        ("Support costs $99, billed yearly.", [("99", "USD", "year")]),
    ],
)  # fmt: skip
def test_a_price_is_its_amount_its_currency_and_what_it_is_paid_for(
    sentence: str, prices: list[tuple[str, str, str]]
) -> None:
    found = told(sentence).prices
    assert [(price.amount, price.currency, price.per) for price in found] == prices
    assert all(price.said.quote == sentence for price in found)


def test_a_name_is_the_part_of_the_title_that_the_page_calls_itself() -> None:
    named = told("# Plans\nHarbour Club ships every Thursday. Harbour Club replaces stale bags.")
    assert named.name == "Harbour Club"
    assert [one.quote for one in named.named] == ["Harbour Club"]
    only_titled = told("Delivery is free above £15.")
    assert only_titled.name == "Harbour Club"
    assert only_titled.named == ()
    assert told("Delivery is free above £15.", title="").name == "harbour.example"


def test_headings_are_messages_and_notices_are_no_offers() -> None:
    competitor = told(
        "# Fresh by the date\nThis shop stores cookies for free delivery of offers.\n"
        "Delivery is free for every order above £15.\nThe sea is blue today.\n"
    )
    assert [one.quote for one in competitor.messages] == ["Fresh by the date"]
    assert [one.quote for one in competitor.offers] == [
        "Delivery is free for every order above £15."
    ]


def test_a_page_that_says_nothing_of_it_leaves_the_cells_empty() -> None:
    competitor = told("The sea is blue today.")
    assert cells(competitor) == []


@pytest.mark.parametrize("slug", ["coffee", "heatpumps"])
async def test_each_competitors_page_is_a_row_and_each_cell_stands_in_the_stored_text(
    slug: str, tmp_path: Path, pool: ExtractionPool
) -> None:
    work = job(tmp_path)
    with example_site() as site:
        wanted = command(slug, site)
        answer = await run_research(wanted, work, library=library(pool, site))
    assert isinstance(answer.body, ResearchCompleted)
    table = answer.body.competitors
    assert tuple(one.source_url for one in table) == wanted.competitor_urls
    for competitor in table:
        text = (await work.artefacts.get(competitor.source_digest)).decode()
        assert all(text[c.span_start : c.span_end] == c.quote for c in cells(competitor))
        assert competitor.named
        assert competitor.messages
        assert competitor.offers
        assert competitor.prices


async def test_the_headline_above_the_main_text_is_the_first_message(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    with example_site() as site:
        answer = await run_research(
            command("coffee", site), job(tmp_path), library=library(pool, site)
        )
    assert isinstance(answer.body, ResearchCompleted)
    first = answer.body.competitors[0]
    assert first.name == "Harbourlight Coffee Club"
    assert first.messages[0].quote == "Coffee plans that follow the tide"
