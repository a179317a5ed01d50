"""Sentences are trimmed without changing what they say; figures are read as people read them."""

import pytest

from contracts.figures import values
from contracts.goal import BrandVoice
from contracts.research import FindingKind
from services.analyst.brand_voice import voice_of
from services.analyst.natures import Nature, nature_of, thing_of
from services.analyst.points import disagree, points_of
from services.analyst.sentences import clipped, shortened, split, statement, tidy
from services.analyst.shares import share_of
from tests.analyst.builders import GRIND, TRADE, M, finding


def test_figures_are_read_with_separators_and_without_model_numbers() -> None:
    assert values("1,200 people, 3.5% of B2B sales and €17.50 for R290") == {"1200", "3.5", "17.50"}


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("64% of home brewers check the date", "64% of home brewers"),
        ("52% of people who moved to beans", ""),
        ("45% of service visits to heat pumps end", ""),
        ("Sales rose by 5%", ""),
    ],
)
def test_a_share_is_taken_only_where_it_stands_alone(text: str, share: str) -> None:
    assert share_of(text) == share


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Sales fell by 9%, which surprised the trade press a little", "Sales fell by 9%"),
        ("Visits end early because the fault has gone away again", "Visits end early"),
        ("Prices rise by 5% everywhere, but only for new customers", ""),
        ("Prices rise by 5% everywhere unless you sign for two years", ""),
    ],
)
def test_what_limits_a_statement_is_never_trimmed(text: str, short: str) -> None:
    assert shortened(text, 35) == short


def test_markup_links_and_template_braces_do_not_survive() -> None:
    dirty = "<b>Fresh</b> [beans](http://x.example) {{name}} win [3] https://y.example today"
    assert tidy(dirty) == "Fresh beans name win today"
    assert tidy("Roasts 35% faster¹ on 12 m² and 9 km³") == "Roasts 35% faster on 12 m² and 9 km³"
    assert tidy("_Fresh_ beans in `page_size` __win__") == "Fresh beans in page_size win"


def test_abbreviations_do_not_end_a_sentence() -> None:
    assert split("Dr. Ott sold approx. 40 bags. They were gone.") == (
        "Dr. Ott sold approx. 40 bags.",
        "They were gone.",
    )


def test_a_leading_connective_goes() -> None:
    assert statement("However, beans age.") == "Beans age"
    assert clipped("one two three", 8) == "one two"


def test_a_sentence_is_told_by_its_nature() -> None:
    assert nature_of("A visit costs €190") is Nature.PRICE
    assert nature_of("Demand rose by 4%") is Nature.CHANGE
    assert nature_of("27% of subscribers said no") is Nature.ANSWER
    assert nature_of("Beans need rest") is Nature.FACT
    assert thing_of("Refrigerant leaks account for 11%") == "Refrigerant leaks"
    assert thing_of("According to them, sales are up") == ""


def test_two_figures_for_one_thing_disagree() -> None:
    texts = (
        "64% of home brewers check the roast date.",
        "51% of home brewers check the roast date.",
        "51% of tenants lower the heating curve.",
    )
    sources = (GRIND, TRADE, TRADE)
    rows = enumerate(zip(texts, sources, strict=True), 1)
    one, same, other = points_of((finding(n, M, t, s) for n, (t, s) in rows), bool_true)
    assert disagree(one, same)
    assert not disagree(one, other)


def bool_true(_: str) -> bool:
    return True


def test_a_label_with_a_foreign_figure_gives_way_to_the_host() -> None:
    source = ("https://www.a.example/x", "Top 10 trends | Report 2024")
    (point,) = points_of((finding(1, M, "Beans need a rest after roasting.", source),), bool_true)
    assert point.kind is FindingKind.MARKET
    assert point.label(bool_true) == "a.example"


def test_a_file_is_named_by_its_titles_first_words() -> None:
    source = ("file:acme/notes.md", "Notes from service visits, January to September 2026")
    (point,) = points_of((finding(1, M, "Beans need a rest after roasting.", source),), bool_true)
    assert point.label(bool_true) == "Notes from service visits"
    assert point.label(bool_true, title=True) == "Notes from service visits"


def test_banned_words_are_whole_words_in_any_case_with_their_plural() -> None:
    voice = voice_of("Acme", BrandVoice(banned_words=("cheap", "low cost", "box")))
    assert voice.offences("CHEAP") == ("cheap",)
    assert voice.offences("two boxes") == ("box",)
    assert voice.offences("low  cost") == ("low cost",)
    assert voice.offences("cheapest boxer") == ()


def test_a_signature_with_a_banned_word_is_replaced() -> None:
    voice = voice_of("Acme", BrandVoice(banned_words=("cheap",), signature="The cheap guys"))
    assert voice.signature == "The team at Acme"
