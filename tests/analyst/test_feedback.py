"""Feedback changes the next text, or is reported as not acted on; it is never swallowed."""

import re

import pytest

from contracts.content import ContentItem
from contracts.goal import Channel
from services.analyst.engines.embedded.writer import write
from services.analyst.feedback import not_understood, read, wishes_for
from services.analyst.ports import Order
from services.analyst.sentences import words
from tests.analyst.builders import CAMPAIGN, content_command
from tests.analyst.reading import cited_quotes, item_of, numbers, seen, written


def text_of(item: ContentItem) -> str:
    return f"{item.title} {item.preheader} {item.body_markdown}"


def test_a_word_banned_in_feedback_is_gone_from_the_named_text_only() -> None:
    command = content_command("coffee")
    result = written(command, "email-a: banned word 'bag' (brand voice)")
    assert not re.search(r"\bbags?\b", text_of(item_of(result, "email-a")), re.IGNORECASE)
    assert item_of(result, "blog-a") == item_of(written(command), "blog-a")


@pytest.mark.parametrize("line", ["email: too long", "shorter, please", "email-a: too many words"])
def test_too_long_makes_the_text_shorter(line: str) -> None:
    command = content_command("heat", channels=(Channel.EMAIL,))
    before = item_of(written(command), "email-a").body_markdown
    after = item_of(written(command, line), "email-a").body_markdown
    assert words(after) < words(before)
    assert "{{unsubscribe_url}}" in after


@pytest.mark.parametrize("which", ["coffee", "heat"])
def test_every_channel_can_be_shortened_and_keeps_its_citations(which: str) -> None:
    command = content_command(which, variants=4)
    before, after = written(command), written(command, "shorter")
    for long, short in zip(before.items, after.items, strict=True):
        assert len(short.body_markdown) < len(long.body_markdown), long.id
        assert all(c.claim in short.body_markdown for c in short.citations)
        assert numbers(seen(short, command)) <= numbers(cited_quotes(short, command.findings))
    assert after.short_of == ()


def test_an_ungrounded_figure_is_left_out() -> None:
    command = content_command("coffee", channels=(Channel.EMAIL,))
    assert "64%" in text_of(item_of(written(command), "email-a"))
    result = written(command, "email-a: figure '64 %' is not in any cited finding")
    assert "64" not in seen(item_of(result, "email-a"), command)


def test_a_named_finding_is_left_out() -> None:
    result = written(content_command("coffee"), "blog-a: F2 is out of date")
    assert all(c.finding_id != "F2" for c in item_of(result, "blog-a").citations)


def test_no_figures_means_no_figures() -> None:
    command = content_command("heat", channels=(Channel.EMAIL, Channel.LINKEDIN))
    for item in written(command, "No figures please").items:
        assert not numbers(seen(item, command)), item.id


def test_no_competitors_means_none_is_cited() -> None:
    command = content_command("heat")
    rivals = {f.id for f in command.findings if f.kind == "COMPETITOR"}
    assert any(c.finding_id in rivals for c in item_of(written(command), "blog-a").citations)
    for item in written(command, "please do not mention competitors").items:
        assert not rivals & {c.finding_id for c in item.citations}


def test_another_opening_is_another_text() -> None:
    command = content_command("coffee")
    before = item_of(written(command), "email-a")
    after = item_of(written(command, "email-a: different opening"), "email-a")
    assert before.title != after.title
    assert before.body_markdown.split("\n\n")[1] != after.body_markdown.split("\n\n")[1]


def test_a_tone_asked_for_is_used() -> None:
    after = written(content_command("coffee"), "email-b: more formal")
    assert item_of(after, "email-b").body_markdown.startswith("Dear coffee friends,")
    assert item_of(after, "email-a").body_markdown.startswith("Hello coffee friends,")


def test_a_missing_footer_is_always_there_and_a_missing_address_is_named() -> None:
    result = written(content_command("coffee", postal_address=""), "email-a: footer lacks address")
    assert "{{unsubscribe_url}}" in item_of(result, "email-a").body_markdown
    assert any("postal address" in note for note in result.notes)


def test_the_audits_own_words_are_understood() -> None:
    command = content_command("coffee", call_to_action="Save 20% on your first box")
    lines = (
        "email-a: the body uses the banned “conclusion”; say it in other words",
        "email-a: the figure “64%” stands in no quote of the findings cited here; leave it out",
        "email-a: the call to action promises “20%”, which no cited quote holds; leave it out",
        "blog-b: the text is nearly that of blog-a (91% of it); tell it from another angle",
        "linkedin-a: the post is too long: 1400 characters, 1300 fit; cut at least 100",
    )
    before, after = written(command), written(command, *lines)
    assert not [note for note in after.notes if "not acted on" in note]
    assert any("call_to_action replaced" in note for note in after.notes)
    assert "20" not in item_of(after, "email-a").call_to_action
    assert "64" not in text_of(item_of(after, "email-a"))
    for item_id in ("email-a", "blog-b", "linkedin-a"):
        assert item_of(before, item_id) != item_of(after, item_id)
    assert item_of(before, "blog-a") == item_of(after, "blog-a")


def test_easier_words_are_not_mistaken_for_fewer() -> None:
    line = "linkedin-a: the text reads hard; use shorter words and sentences"
    assert wishes_for("linkedin-a", read([line])).shorter == 0
    assert not_understood(read([line]))


def test_what_cannot_be_acted_on_is_said() -> None:
    line = "blog-a: add a photo of the founder's dog"
    result = written(content_command("coffee"), line)
    assert any("founder's dog" in note for note in result.notes)
    assert not_understood(read(["shorter"])) == ()


def test_feedback_for_one_place_does_not_concern_another() -> None:
    readings = read(["email-a: too long", "linkedin: too long", "too long"])
    assert wishes_for("email-a", readings).shorter == 2
    assert wishes_for("linkedin-b", readings).shorter == 2
    assert wishes_for("twitter-a", readings).shorter == 1


def test_the_same_feedback_gives_the_same_bytes() -> None:
    order = Order(content_command("heat"), CAMPAIGN, "en", ("shorter", "no figures"))
    assert write(order) == write(order)
