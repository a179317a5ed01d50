"""Which sentences a brief's readers want to hear: by its words, by what a page is about."""

import pytest

from services.radar.market_analyst import MARKET_ANALYST
from services.radar.ports import Extracted, Passage, ReadSource
from services.radar.relevance import Focus, terms
from services.radar.scouting import candidates, scout

FASTER = (
    "The library writes small pictures 35% faster¹ than the same pictures go into single files."
)
SMALLER = "A single database of pictures takes about 20% less space than the same in single files."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("device", "devices"),
        ("file", "files"),
        ("price", "pricing"),
        ("service", "services"),
        ("faster", "faster¹"),
        ("clave", "claves"),
    ],
)
def test_a_word_is_heard_in_its_other_forms(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


def scores(title: str, *said: str) -> dict[str, float]:
    """What the market analyst makes of a page's sentences, for a brief about files."""
    text = " ".join(said)
    content = Extracted(text=text, title=title, passages=(Passage(0, len(text), title),))
    page = ReadSource("https://page.example/", text.encode(), "text/plain", content)
    focus = Focus({"fil": 1.0, "picture": 1.0}, 4.0)
    found = scout(MARKET_ANALYST, [page], [candidates(text)], focus)
    return {lead.sentence.text: lead.score for lead in found}


def test_the_figure_that_is_a_pages_title_is_what_the_page_tells() -> None:
    found = scores("35% Faster Than Single Files", FASTER, SMALLER)
    assert found[FASTER] > found[SMALLER]
    elsewhere = scores("Pictures and where to keep them", FASTER, SMALLER)
    assert found[FASTER] > elsewhere[FASTER]
    in_a_year = scores("2026: single files", FASTER.replace("35%", "2026 times"))
    assert max(in_a_year.values(), default=0.0) < found[FASTER]


@pytest.mark.parametrize(
    "title",
    ["Release History Of The Library", "Changelog", "What\u2019s new", "Notas de la versión 4"],
)
def test_a_list_of_releases_is_heard_where_little_else_is_said(title: str) -> None:
    assert scores(title, SMALLER).get(SMALLER, 0.0) < scores("The Library", SMALLER)[SMALLER]
