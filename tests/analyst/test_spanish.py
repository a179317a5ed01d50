"""A Spanish brief with Spanish sources gives Spanish texts; other languages are quoted as such."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from chassis.adapters.catalogue import unconfigured
from chassis.clock import ManualClock
from contracts.content import ContentItem, WriteContent
from contracts.goal import BrandVoice, Channel
from contracts.strategy import StrategyBuilt
from services.analyst.argument import Part, Tie
from services.analyst.engines.embedded.phrasebook import BOOKS, ENGLISH, SPANISH
from services.analyst.engines.embedded.sections import Group
from services.analyst.engines.embedded.writer import write
from services.analyst.engines.llm.strategist import Strategist
from services.analyst.handlers import Memory, build_strategy
from services.analyst.languages import language_of
from services.analyst.ports import CannotWrite, Order, Written
from services.analyst.rules import faults_of
from services.analyst.strategy import build
from tests.analyst.builders import (
    CAMPAIGN,
    NOW,
    RememberedLessons,
    coffee,
    content_command,
    job,
)
from tests.analyst.reading import item_of, jaccard
from tests.analyst.spanish import invoicing, spanish_content, spanish_strategy

ENGLISH_WORDS = re.compile(
    r"\b(?:the|and|of|with|what|you|your|source|sources|unsubscribe|team|next)\b", re.IGNORECASE
)
FAMILIAR = re.compile(
    r"\b(?:tú|te|ti|tu|tus|tuy[oa]|elige|decide|tienes|quieres|ves|harías|sabes)\b", re.IGNORECASE
)


def in_spanish(command: WriteContent, *feedback: str) -> Written:
    return write(Order(command, CAMPAIGN, "es", feedback))


def without_links(item: ContentItem) -> str:
    body = re.sub(r"\]\([^)]*\)|https?://\S+|\{\{\w+\}\}", " ", item.body_markdown)
    return f"{item.title} {item.preheader} {body}"


def test_every_text_is_spanish_keeps_the_rules_and_its_limits() -> None:
    command = spanish_content(variants=4)
    result = in_spanish(command)
    assert result.short_of == ()
    for item in result.items:
        assert item.language == "es"
        assert faults_of(item, command) == (), item.id
        assert not ENGLISH_WORDS.search(without_links(item)), item.id
        assert language_of(item.body_markdown) in {"es", ""}
        assert not re.search(r"[⟦⟧|]", item.body_markdown), item.id


def test_variants_are_different_texts() -> None:
    result = in_spanish(spanish_content(variants=4))
    for channel in (Channel.EMAIL, Channel.BLOG):
        texts = [item for item in result.items if item.channel is channel]
        for one, other in combinations(texts, 2):
            assert one.title != other.title
            assert jaccard(one, other) < 0.75


def test_a_letter_greets_signs_and_ends_as_letters_in_spanish_do() -> None:
    body = item_of(in_spanish(spanish_content()), "email-a").body_markdown
    assert body.startswith("¡Hola!\n")
    assert "Un abrazo,  \nEl equipo de Folio" in body
    assert body.endswith("Darse de baja: {{unsubscribe_url}}")
    article = item_of(in_spanish(spanish_content()), "blog-a").body_markdown
    assert "## Fuentes" in article


def test_a_formal_voice_says_usted_throughout() -> None:
    voice = BrandVoice(tone="formal y preciso", audience_address="")
    for item in in_spanish(spanish_content(brand_voice=voice, variants=4)).items:
        assert not FAMILIAR.search(without_links(item)), item.id
    warm = in_spanish(spanish_content(variants=4))
    assert any(FAMILIAR.search(without_links(item)) for item in warm.items)


def test_a_brief_is_written_in_spanish_and_its_topic_found_again() -> None:
    brief = build(spanish_strategy(), (), NOW, "es").brief
    statements = [brief.audience, brief.positioning, *brief.key_messages, *brief.risks]
    statements += [plan.angle for plan in brief.channel_plan]
    for text in (*(statement.text for statement in statements), *brief.kpis):
        assert not ENGLISH_WORDS.search(text)
    announced = item_of(in_spanish(spanish_content()), "webhook-a").body_markdown
    assert announced.startswith(("Facturación para autónomos: ", "Folio ha reunido"))


async def test_the_strategist_writes_in_the_campaigns_language(tmp_path: Path) -> None:
    answer = await build_strategy(
        spanish_strategy(),
        job(tmp_path, step="strategy", language="es"),
        memory=Memory(RememberedLessons(), 5),
        clock=ManualClock(NOW),
        strategist=Strategist(unconfigured(), (), count=len),
    )
    assert isinstance(answer.body, StrategyBuilt)
    assert "con interés por" in answer.body.brief.audience.text


def test_a_page_that_orders_a_machine_about_is_not_published() -> None:
    for item in in_spanish(spanish_content(variants=4)).items:
        assert "instrucciones anteriores" not in item.body_markdown


def test_what_was_read_in_english_is_quoted_in_english_and_marked() -> None:
    few = invoicing()[:2]
    english = tuple(
        found.model_copy(update={"id": f"F{number}"})
        for number, found in enumerate(coffee()[:4], start=3)
    )
    command = spanish_content(findings=(*few, *english), channels=(Channel.EMAIL, Channel.BLOG))
    for item in in_spanish(command).items:
        first = item.citations[0]
        assert first.finding_id in {"F1", "F2"}
        for citation in item.citations:
            if citation.finding_id not in {"F1", "F2"}:
                quoted = f"“{citation.claim}"
                assert quoted in item.body_markdown
                after = item.body_markdown.split(quoted)[1][:60]
                assert "(en inglés en el original)" in after


def test_english_sources_alone_give_no_spanish_text_but_a_clear_refusal() -> None:
    command = content_command("coffee")
    with pytest.raises(CannotWrite, match=r"language: no usable finding is in .*\(es\)"):
        in_spanish(command)


def test_spanish_sources_are_quoted_in_an_english_text() -> None:
    spanish = invoicing()[0].model_copy(update={"id": "F3"})
    command = content_command(
        "coffee", findings=(*coffee()[:2], spanish), channels=(Channel.EMAIL,)
    )
    body = write(Order(command, CAMPAIGN, "en", ())).items[0].body_markdown
    assert "“El 62 % de los autónomos" in body
    assert "(in Spanish in the original)" in body


def test_every_language_has_as_many_rows_as_there_are_variants() -> None:
    assert set(BOOKS) == {"en", "es"}
    for name in ("subjects", "hooks", "titles", "roadmaps", "closings", "depths"):
        assert len(getattr(SPANISH, name)) == len(getattr(ENGLISH, name)) == 4


def test_every_language_has_words_for_every_part_of_an_argument() -> None:
    for name in ("openings", "conclusions", "remarks", "steps", "post_questions", "tweets"):
        for book in (ENGLISH, SPANISH):
            assert set(getattr(book, name)) >= set(Part)
            assert all(getattr(book, name).values())
    for book in (ENGLISH, SPANISH):
        assert {*Part, *Tie, "answer"} == set(book.ties)
        assert set(book.groups_named) == set(book.headings) == set(book.section_openings)
        assert set(book.headings) == set(Group)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("El 62 % de los autónomos cobra sus facturas con retraso.", "es"),
        ("The average coffee subscription in Germany costs €17.50 per month.", "en"),
        ("Kaffee 2024", ""),
    ],
)
def test_a_sentences_language_is_told_by_its_small_words(text: str, language: str) -> None:
    assert language_of(text) == language
