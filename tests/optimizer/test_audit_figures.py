"""What counts as a figure, and when two ways of writing say the same."""

import pytest

from services.optimizer.audit.figures import figures, with_words_as_digits
from services.optimizer.audit.prose import plain


def stands(text: str, quote: str, language: str = "en") -> bool:
    """True where every figure of `text` stands on one of `quote`."""
    said = figures(plain(text), language)
    assert said, f"no figure was read in {text!r}"
    held = figures(plain(quote), language)
    return all(any(figure.stands_on(other) for other in held) for figure in said)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("1000 bakers", "1,000 bakers"),
        ("1,000 bakers", "1000 bakers"),
        ("1 000 bakers", "1,000 bakers"),
        ("12 % of them", "12% of them"),
        ("12 percent", "12 %"),
        ("12.0 %", "12 per cent"),
        ("$40", "USD 40"),
        ("40 dollars", "US$40"),
        ("1.2 million", "1,200,000"),
        ("$1.2M", "$1,200,000"),
        ("€2bn", "2 billion euros"),
        ("10k readers", "10,000 readers"),
        ("30-40 %", "30 % to 40 %"),
        ("30 %", "30\u201340 %"),
        ("$30", "$30-40"),
        ("3 million", "3 to 4 million"),
        (".5 points", "0.5 points"),
        ("on 12.05.2025", "the 12th of the 5th, 2025"),
        ("up 38", "up 38 %"),
        ("1'200 francs", "1200 francs"),
        ("so they say ([Daily Grind](https://a.example)).\n- 64% of them", "64% of them"),
    ],
)
def test_two_ways_of_writing_a_figure_are_one_figure(text: str, quote: str) -> None:
    assert stands(text, quote)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("12 %", "12 bakers"),
        ("$12", "12 bakers"),
        ("$12", "€12"),
        ("1,200", "1.2"),
        ("12", "120"),
        ("12", "112"),
        ("12 million", "12 thousand"),
        ("5 million", "5"),
        ("2025", "2024"),
        (".05 points", "0.5 points"),
    ],
)
def test_different_figures_are_not_taken_for_one(text: str, quote: str) -> None:
    assert not stands(text, quote)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("1.200 panaderos", "1200 panaderos"),
        ("4,50 euros", "€4.50"),
        ("2 millones de euros", "€2,000,000"),
        ("el 38 por ciento", "el 38 %"),
        ("1.234.567,89", "1234567.89"),
    ],
)
def test_spanish_figures_are_read_as_spanish(text: str, quote: str) -> None:
    assert stands(text, quote, "es")


@pytest.mark.parametrize(
    "text",
    [
        "half of them, a dozen, one in two",
        "B2B, GPT-4, H2O, 3D and 5G",
        "v2.0 of the mill",
        "\u00a9 2024 Molino Alto",
        "Copyright 2024",
        "no digit at all",
    ],
)
def test_words_and_names_hold_no_figure(text: str) -> None:
    assert figures(plain(text), "en") == ()


def test_number_words_are_digits_but_one_stays_a_word() -> None:
    text = with_words_as_digits("One of twelve, Twenty percent, once", "en")
    assert text == "One of 12, 20 percent, once"
    assert with_words_as_digits("once panes", "es") == "11 panes"


def test_a_figure_keeps_the_words_it_was_written_in() -> None:
    texts = [figure.text for figure in figures("From US$1.5 million to 38 percent.", "en")]
    assert texts == ["US$1.5 million", "38 percent"]
