"""The measures behind the checks: a tweet's weight, reading ease, likeness, what a reader sees."""

import pytest

from services.optimizer.audit.channel_limits import tweet_weight
from services.optimizer.audit.checks import failing, report_of
from services.optimizer.audit.prose import plain, sentences, without_phrase
from services.optimizer.audit.reading_ease import flesch
from tests.optimizer.builders import CLEAN, ITEMS


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("bread", 5),
        ("a https://molinoalto.example/a/very/long/address?with=much", 25),
        ("https://a.example", 23),
        ("\u65e5\u672c", 4),
        ("\u201cpan\u201d", 5),
        ("e\u0301", 1),
    ],
)
def test_a_tweet_weighs_what_the_channel_says(text: str, weight: int) -> None:
    assert tweet_weight(text) == weight


def test_short_words_in_short_sentences_read_more_easily() -> None:
    easy = flesch("The cat sat on the mat. The dog ran to the door.")
    hard = flesch("Institutional accountability necessitates interoperability considerations.")
    assert easy > 90 > 30 > hard


def test_hashtags_that_do_not_fit_a_tweet_are_a_warning_and_a_long_preheader_too() -> None:
    tweet = ITEMS[-1].model_copy(update={"hashtags": tuple(f"#Bread{'x' * 60}{n}" for n in "abcd")})
    letter = ITEMS[0].model_copy(update={"preheader": "Milled on Monday " * 9})
    items = (letter, *ITEMS[1:-1], tweet)
    found = failing(report_of(CLEAN.model_copy(update={"items": items})))
    assert [(check.place, check.name) for check in found] == [
        ("email-a", "email_preheader_length"),
        ("twitter-a", "tweet_length_with_hashtags"),
    ]


def test_a_reader_sees_words_and_no_markup() -> None:
    text = "# Big *news*\n\n- see [the **study**](https://x.example/1)[^1]\n\n---\n> it `works`"
    assert plain(text).split() == ["Big", "news", "see", "the", "study", "it", "works"]
    assert sentences(plain("# One\n\nTwo. Three!\n- Four")) == ["One", "Two", " Three", "Four"]


def test_a_phrase_is_taken_out_whole_but_figures_alone_are_not() -> None:
    address = "24 Harbour Street, Bristol"
    assert "24" not in without_phrase("at 24 Harbour\nStreet; Bristol now", address)
    assert "124 Harbour Street" in without_phrase("at 124 Harbour Street, Bristol", address)
    assert without_phrase("in 2024 we", "2024") == "in 2024 we"
