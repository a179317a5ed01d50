"""Whatever the order holds (long names, odd scripts, one finding, no competitor): one promise."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.content import WriteContent
from contracts.goal import BrandVoice, Channel
from contracts.research import Finding, FindingKind
from services.analyst.engines.embedded import letter, posts
from services.analyst.ports import CannotWrite, Written
from services.analyst.strategy import HEADLINE_CHARS_MAX, NothingToSay, build
from tests.analyst.builders import (
    ALL,
    GRIND,
    HEAT,
    NOW,
    coffee,
    finding,
    heat_pumps,
    strategy_command,
)
from tests.analyst.reading import cited_quotes, numbers, seen, written

QUICK = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
POOL = (*coffee(), *heat_pumps())
letters = st.characters(exclude_categories=["Cs", "Cc", "Nd", "No", "Nl"])
names = st.text(letters, min_size=1, max_size=300).filter(lambda text: bool(text.strip()))
wild = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400)


@st.composite
def some_findings(draw: st.DrawFn) -> tuple[Finding, ...]:
    known = draw(st.lists(st.sampled_from(POOL), min_size=0, max_size=12, unique=True))
    strange = draw(st.lists(wild, min_size=0 if known else 1, max_size=3))
    kinds = st.sampled_from(list(FindingKind))
    made = [
        finding(1, draw(kinds), text, draw(st.sampled_from([GRIND, HEAT])), draw(st.floats(0, 1)))
        for text in strange
    ]
    return tuple(
        f.model_copy(update={"id": f"F{n}"}) for n, f in enumerate([*known, *made], start=1)
    )


@st.composite
def orders(draw: st.DrawFn) -> WriteContent | None:
    findings = draw(some_findings())
    command = strategy_command(
        business_name=draw(names),
        industry=draw(names),
        target_audience=draw(names),
        call_to_action=draw(st.sampled_from(["", "Start now", "Book [a] demo"])),
        findings=findings,
    )
    try:
        brief = build(command, (), NOW).brief
    except NothingToSay:
        return None
    assert len(brief.headline) <= HEADLINE_CHARS_MAX
    return WriteContent(
        business_name=command.business_name,
        target_audience=command.target_audience,
        brief=brief,
        findings=findings,
        channels=ALL,
        brand_voice=BrandVoice(
            tone=draw(st.sampled_from(["warm", "formal", "clear"])),
            audience_address=draw(st.text(letters, max_size=60)),
            banned_words=draw(
                st.lists(
                    st.sampled_from(["cheap", "roast", "heat", "now", "next"]), max_size=3
                ).map(tuple)
            ),
        ),
        call_to_action=command.call_to_action,
        website=draw(st.sampled_from(["", "https://shop.example/a", "not a link"])),
        postal_address=draw(st.sampled_from(["", "Hafen 1, Hamburg"])),
    )


def attempted(command: WriteContent, *feedback: str) -> tuple[Written | None, str]:
    try:
        return written(command, *feedback), ""
    except CannotWrite as refusal:
        return None, str(refusal)


@QUICK
@given(orders(), st.sampled_from([(), ("shorter",), ("no figures",), ("shorter", "shorter")]))
def test_any_order_gives_honest_texts_within_their_limits_or_a_clear_refusal(
    command: WriteContent | None, feedback: tuple[str, ...]
) -> None:
    if command is None:
        return
    result, reason = attempted(command, *feedback)
    if result is None:
        assert re.match(r"findings:|brand_voice\.banned_words:", reason)
        return
    for item in result.items:
        assert all(c.claim in item.body_markdown for c in item.citations)
        assert item.citations
        assert numbers(seen(item, command)) <= numbers(cited_quotes(item, command.findings))
        assert "⟦" not in item.body_markdown
        said = f"{item.title} {item.preheader} {item.body_markdown}"
        for word in command.brand_voice.banned_words:
            assert not re.search(rf"(?<!\w){word}(s|es)?(?!\w)", said, re.IGNORECASE)
        if item.channel is Channel.EMAIL:
            assert len(item.title) <= letter.SUBJECT_CHARS_MAX
        if item.channel is Channel.TWITTER:
            assert posts.weight(item.body_markdown) <= posts.TWITTER_CHARS_MAX
        if item.channel is Channel.LINKEDIN:
            assert len(item.body_markdown) <= posts.LINKEDIN_CHARS_MAX


@QUICK
@given(orders(), st.lists(st.sampled_from(["shorter", "no figures", "rewrite", "bla"]), max_size=3))
def test_the_same_order_and_feedback_give_the_same_texts(
    command: WriteContent | None, feedback: list[str]
) -> None:
    if command is None:
        return
    try:
        first = written(command, *feedback)
    except CannotWrite:
        return
    assert first == written(command, *feedback)
