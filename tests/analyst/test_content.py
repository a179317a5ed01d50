"""What a marketing lead may rely on in every text: sources, figures, limits, voice, variety."""

import re
from itertools import combinations

import pytest

from contracts.content import ContentItem
from contracts.goal import BrandVoice, Channel
from services.analyst.engines.embedded import article, letter, posts
from services.analyst.ports import CannotWrite
from services.analyst.sentences import words
from tests.analyst.builders import (
    CAMPAIGN,
    COFFEE_VOICE,
    C,
    M,
    T,
    coffee,
    content_command,
    finding,
    heat_pumps,
)
from tests.analyst.reading import cited_quotes, item_of, jaccard, numbers, seen, written

INDUSTRIES = ("coffee", "heat")


@pytest.fixture(params=INDUSTRIES)
def industry(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_there_is_one_text_per_channel_and_variant(industry: str) -> None:
    result = written(content_command(industry, variants=3))
    assert [item.id for item in result.items] == [
        f"{channel}-{variant}" for channel in Channel for variant in "abc"
    ]
    assert result.usage.provider == "embedded"
    assert result.short_of == ()


def test_every_citation_occurs_verbatim_and_names_its_finding(industry: str) -> None:
    command = content_command(industry, variants=4)
    known = {finding.id: finding for finding in command.findings}
    for item in written(command).items:
        assert len({c.finding_id for c in item.citations}) >= (
            1 if item.channel is Channel.TWITTER else 3
        )
        for citation in item.citations:
            assert citation.claim in item.body_markdown
            assert citation.source_url == known[citation.finding_id].source_url


def test_every_figure_stands_in_a_cited_quote(industry: str) -> None:
    command = content_command(industry, variants=4)
    for item in written(command).items:
        assert numbers(seen(item, command)) <= numbers(cited_quotes(item, command.findings)), (
            item.id
        )


def test_a_changed_figure_in_a_finding_changes_the_text() -> None:
    before = content_command("coffee")
    changed = tuple(
        f.model_copy(
            update={"claim": f.claim.replace("64%", "71%"), "quote": f.quote.replace("64%", "71%")}
        )
        for f in coffee()
    )
    text = item_of(written(before), "email-a")
    other = item_of(written(content_command("coffee", findings=changed)), "email-a")
    assert "64%" in text.body_markdown
    assert "71%" not in text.body_markdown
    assert "71%" in other.body_markdown
    assert "64%" not in other.body_markdown


def test_a_claim_whose_figure_its_quote_does_not_hold_is_not_used() -> None:
    wrong = finding(1, M, "99% of home brewers want fresher beans than they get.", score=1.0)
    wrong = wrong.model_copy(
        update={"quote": "Many home brewers want fresher beans than they get."}
    )
    result = written(content_command("coffee", findings=(wrong, *coffee()[1:])))
    assert all("99" not in item.body_markdown for item in result.items)


def test_emails_keep_their_limits_and_carry_a_footer(industry: str) -> None:
    command = content_command(industry, variants=4, channels=(Channel.EMAIL,))
    for item in written(command).items:
        body = item.body_markdown.split("\n---\n")[0]
        assert len(item.title) <= letter.SUBJECT_CHARS_MAX
        assert 0 < len(item.preheader) <= letter.PREHEADER_CHARS_MAX
        assert letter.WORDS_MIN <= words(body) <= letter.WORDS_MAX
        assert command.brand_voice.signature in body
        assert command.postal_address in item.body_markdown
        assert "{{unsubscribe_url}}" in item.body_markdown
        assert f"[{command.call_to_action}]({command.website})" in body


def test_articles_have_sections_sources_and_a_readable_length(industry: str) -> None:
    command = content_command(industry, variants=4, channels=(Channel.BLOG,))
    for item in written(command).items:
        assert article.WORDS_MIN <= words(item.body_markdown) <= article.WORDS_MAX
        assert 3 <= len(re.findall(r"^## ", item.body_markdown, re.MULTILINE)) <= 5
        text, listed = item.body_markdown.split("## Sources")
        inline = set(re.findall(r"\(\[(\d+)\]\(([^)]+)\)\)", text))
        assert inline == set(re.findall(r"^- \[(\d+)\]\(([^)]+)\)", listed, re.MULTILINE))
        assert len(inline) >= 3


def test_posts_keep_their_limits(industry: str) -> None:
    command = content_command(industry, variants=4)
    result = written(command)
    for item in result.items:
        size = len(item.body_markdown)
        if item.channel is Channel.LINKEDIN:
            assert size <= posts.LINKEDIN_CHARS_MAX
            assert 2 <= len(item.hashtags) <= 4
            assert all(tag in item.body_markdown for tag in item.hashtags)
        if item.channel is Channel.TWITTER:
            assert size <= posts.TWITTER_CHARS_MAX
            assert command.website in item.body_markdown
        if item.channel is Channel.WEBHOOK:
            assert size <= posts.WEBHOOK_CHARS_MAX


def test_variants_are_different_texts_with_different_subjects(industry: str) -> None:
    result = written(content_command(industry, variants=4))
    for channel in Channel:
        texts = [item for item in result.items if item.channel is channel]
        for one, other in combinations(texts, 2):
            assert jaccard(one, other) < 0.75, (one.id, other.id)
            assert one.title != other.title
            assert opening(one) != opening(other)


def test_variants_of_the_same_three_findings_are_still_different_texts() -> None:
    only = tuple(f for f in heat_pumps() if f.id in {"F1", "F2", "F5"})
    result = written(content_command("heat", findings=only, variants=2))
    for channel in (Channel.EMAIL, Channel.BLOG):
        one, other = (item for item in result.items if item.channel is channel)
        assert jaccard(one, other) < 0.75
        assert one.title != other.title


def opening(item: ContentItem) -> str:
    paragraphs = item.body_markdown.split("\n\n")
    return paragraphs[1 if item.channel is Channel.EMAIL else 0]


def test_no_text_says_the_same_sentence_twice(industry: str) -> None:
    for item in written(content_command(industry, variants=4)).items:
        prose = item.body_markdown.split("## Sources")[0]
        sentences = [s for s in re.split(r"(?<=[.!?])\s+", prose) if len(s) > 25]
        assert len(sentences) == len(set(sentences)), item.id


def test_no_mark_and_no_empty_slot_is_left_in_a_text(industry: str) -> None:
    for item in written(content_command(industry, variants=4)).items:
        rest = item.body_markdown.replace("{{unsubscribe_url}}", "")
        assert not re.search(r"[⟦⟧{}]|\n\n\n| {3,}|\(\)|\[\]", rest), item.id
        assert not re.search(r"\b(\w+) \1\b", rest.lower()), item.id


def test_a_banned_word_never_appears_even_when_a_finding_holds_it() -> None:
    voice = BrandVoice(banned_words=("roast", "market", "fresh", "evidence", "nordhof"))
    command = content_command(
        "coffee",
        variants=4,
        brand_voice=voice,
        postal_address="Hamburg",
        website="https://shop.example",
    )
    for item in written(command).items:
        text = f"{item.title} {item.preheader} {item.body_markdown} {' '.join(item.hashtags)}"
        assert not re.search(
            r"(?<!\w)(roast|market|fresh|nordhof|evidence)(s|es)?(?!\w)", text, re.IGNORECASE
        )


def test_a_word_that_no_text_can_avoid_is_refused_by_name() -> None:
    voice = BrandVoice(banned_words=("unsubscribe",))
    with pytest.raises(CannotWrite, match="unsubscribe"):
        written(content_command("coffee", brand_voice=voice))


def test_contradictory_figures_never_meet_in_one_text() -> None:
    only = tuple(f for f in coffee() if f.id in {"F1", "F3", "F10", "F13", "F16"})
    result = written(content_command("coffee", findings=only, variants=4))
    cited = {citation.finding_id for item in result.items for citation in item.citations}
    assert cited == {"F1", "F3", "F10", "F13"}


def test_what_orders_a_machine_about_is_not_published() -> None:
    for item in written(content_command("coffee", variants=4)).items:
        assert "previous instructions" not in item.body_markdown


def test_somebody_elses_we_is_only_ever_quoted() -> None:
    boast = finding(7, C, "We roast on Monday and ship on Tuesday, so you never wait!")
    command = content_command("coffee", findings=(boast,), channels=(Channel.EMAIL, Channel.BLOG))
    for item in written(command).items:
        assert "“We roast on Monday" in item.body_markdown


def test_the_tone_changes_the_manners() -> None:
    warm = item_of(written(content_command("coffee")), "email-a").body_markdown
    formal_voice = COFFEE_VOICE.model_copy(update={"tone": "formal"})
    formal = item_of(written(content_command("coffee", brand_voice=formal_voice)), "email-a")
    assert warm.startswith("Hello coffee friends,")
    assert re.search(r"\w'(?:t|s|d|re|ll)\b", warm)
    assert formal.body_markdown.startswith("Dear coffee friends,")
    assert "n't" not in formal.body_markdown


def test_the_same_order_gives_the_same_bytes_and_another_campaign_other_words() -> None:
    command = content_command("heat", variants=4)
    assert written(command) == written(command)
    others = {
        item_of(written(command, campaign=f"{CAMPAIGN[:-1]}{n}"), "email-a").body_markdown
        for n in range(6)
    }
    assert len(others) > 2


def test_one_finding_gives_a_short_text_that_says_so() -> None:
    result = written(content_command("coffee", findings=coffee()[:1]))
    assert all(c.finding_id == "F1" for item in result.items for c in item.citations)
    assert any(line.startswith("email-a: cites 1 finding") for line in result.short_of)


def test_a_source_without_a_page_is_named_but_not_linked() -> None:
    notes = ("interviews/spring.txt", "Field interviews")
    found = tuple(finding(n, T, text, notes) for n, text in enumerate(PLAIN, start=1))
    command = content_command("coffee", findings=found)
    for item in written(command).items:
        assert "interviews/spring.txt" not in item.body_markdown
        if item.channel is not Channel.TWITTER:
            assert (
                "Field Interviews" in item.body_markdown or "Field interviews" in item.body_markdown
            )


PLAIN = (
    "Visitors stay longer when they can taste two roasts side by side.",
    "Baristas are asked for brewing advice more often than for discounts.",
    "Paper filters are slowly giving way to metal ones.",
)


def test_no_brief_topic_is_needed() -> None:
    command = content_command("heat")
    bare = command.brief.audience.model_copy(update={"text": "People."})
    brief = command.brief.model_copy(update={"audience": bare})
    result = written(content_command("heat", brief=brief, variants=4))
    assert len(result.items) == 20
    assert len(heat_pumps()) == 20


def test_a_text_opens_with_the_finding_its_brief_wants() -> None:
    command = content_command("coffee", channels=(Channel.EMAIL,))
    (plan,) = (p for p in command.brief.channel_plan if p.channel is Channel.EMAIL)
    angle = plan.angle.model_copy(update={"finding_ids": ("F20",)})
    wanted = plan.model_copy(update={"angle": angle})
    brief = command.brief.model_copy(update={"channel_plan": (wanted,)})
    edited = content_command("coffee", channels=(Channel.EMAIL,), brief=brief)
    assert item_of(written(edited), "email-a").citations[0].finding_id == "F20"
    first = item_of(written(command), "email-a").citations[0].finding_id
    assert first == plan.angle.finding_ids[0] != "F20"


def test_a_sentence_that_needs_another_one_is_left_out_where_others_stand() -> None:
    cited = {c.finding_id for i in written(content_command("coffee", variants=4)).items
             for c in i.citations}  # fmt: skip
    leaning = finding(17, M, "This makes freshness the most common reason to switch.")
    assert "F17" not in cited
    alone = written(content_command("coffee", findings=(leaning,)))
    assert "“This makes freshness" in item_of(alone, "blog-a").body_markdown
