"""The examples are what the engine writes today, from what research found on the example sites."""

import re

import pytest

from contracts.goal import Channel
from services.analyst.engines.embedded.phrasebook import BOOKS
from tests.analyst.examples.pages import made, rendered
from tests.analyst.examples.recorded import BRIEFS
from tests.analyst.reading import jaccard


def test_the_example_pages_are_what_the_engine_writes() -> None:
    """Where this fails: `python -m tests.analyst.examples`, and read what changed."""
    assert [str(path) for path, text in rendered().items() if path.read_text("utf-8") != text] == []


@pytest.mark.parametrize("slug", BRIEFS)
def test_an_example_is_complete_and_its_variants_have_their_own_shape(slug: str) -> None:
    wishes, strategy, written = made(slug)
    assert written.short_of == ()
    assert len(written.items) == 2 * len(wishes.channels)
    assert len(strategy.key_messages) >= 4
    letters = [item.body_markdown for item in written.items if item.channel is Channel.EMAIL]
    assert [("\n- " in letter) for letter in letters] == [False, True]
    for channel in (Channel.EMAIL, Channel.BLOG):
        one, other = (item for item in written.items if item.channel is channel)
        assert jaccard(one, other) < 0.6


@pytest.mark.parametrize("slug", BRIEFS)
def test_no_article_leads_into_every_finding_with_a_phrase(slug: str) -> None:
    phrases = {
        phrase for book in BOOKS.values() for options in book.ties.values() for phrase in options
    }
    for item in made(slug)[2].items:
        if item.channel is Channel.BLOG:
            cited = len(re.findall(r"\(\[\d+\]", item.body_markdown))
            led = sum(phrase in item.body_markdown for phrase in phrases)
            assert led * 2 <= cited
