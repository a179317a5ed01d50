"""The gate and the embedded writer fit together: clean work passes, and notes are understood."""

import pytest

from contracts import identity
from contracts.audit import AuditContent, QualityVerdict
from contracts.goal import Channel
from services.analyst.engines.embedded.writer import write
from services.analyst.feedback import Wishes, read, wishes_for
from services.analyst.ports import Order
from services.optimizer.audit.checks import failing, report_of
from tests.analyst.builders import TENANT, content_command
from tests.analyst.llm.model_server import by_models, good, models
from tests.analyst.spanish import spanish_content
from tests.optimizer.builders import CLEAN, ITEMS, asset

ORDERS = {
    "coffee": (content_command("coffee", variants=4), "en"),
    "heat": (content_command("heat", variants=4), "en"),
    "invoices": (spanish_content(variants=4), "es"),
}


@pytest.mark.parametrize("industry", ORDERS)
@pytest.mark.parametrize("key", ["one", "two", "three"])
def test_what_our_writer_composes_from_findings_is_not_blocked(industry: str, key: str) -> None:
    command, language = ORDERS[industry]
    order = Order(command=command, campaign_id=identity.campaign_id(TENANT, key), language=language)
    report = report_of(
        AuditContent(
            business_name=command.business_name,
            items=write(order).items,
            assets=tuple(asset(channel, headline=command.brief.headline) for channel in Channel),
            findings=command.findings,
            brand_voice=command.brand_voice,
            postal_address=command.postal_address,
        )
    )
    assert [c for c in failing(report) if c.verdict is QualityVerdict.BLOCK] == []


async def test_what_a_model_writes_within_the_writers_rules_is_not_blocked() -> None:
    command = content_command("coffee")
    with models(good) as served:
        written = await by_models(served, Order(command, identity.campaign_id(TENANT, "m"), "en"))
    report = report_of(
        AuditContent(
            business_name=command.business_name,
            items=written.items,
            assets=tuple(asset(channel, headline=command.brief.headline) for channel in Channel),
            findings=command.findings,
            brand_voice=command.brand_voice,
            postal_address=command.postal_address,
        )
    )
    assert [c for c in failing(report) if c.verdict is QualityVerdict.BLOCK] == []


def wishes_after(line: str, **fields: object) -> Wishes:
    """What our writer makes of the audit's notes on `linkedin-a` with a line put before it."""
    text = next(text for text in ITEMS if text.id == "linkedin-a")
    changed = text.model_copy(update={"body_markdown": f"{line}\n{text.body_markdown}", **fields})
    report = report_of(CLEAN.model_copy(update={"items": (changed,)}))
    notes = [f"{check.place}: {check.reason}" for check in failing(report)]
    return wishes_for("linkedin-a", read(notes))


def test_our_writer_takes_an_invented_figure_out_and_keeps_its_findings() -> None:
    wishes = wishes_after("It is 87 % better.")
    assert wishes.figures_out == {"87"}
    assert wishes.findings_out == frozenset()


def test_our_writer_takes_a_banned_word_out() -> None:
    assert wishes_after("Never was flour so cheap.").banned == ("cheap",)


def test_our_writer_shortens_what_is_too_long() -> None:
    assert wishes_after("Bread takes its time. " * 50).shorter > 0


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("searches for stone-milled flour rose", "searches for stone-milled flour fell"),
        ("searches for stone-milled flour rose", "searches for Bath's flour rose"),
        ("searches for stone-milled flour rose", "searches for stone-milled flour never rose"),
    ],
)
def test_our_writer_leaves_a_finding_out_whose_claim_was_turned(said: str, instead: str) -> None:
    text = next(text for text in ITEMS if text.id == "linkedin-a")
    citations = tuple(
        citation.model_copy(update={"claim": citation.claim.replace(said, instead)})
        for citation in text.citations
    )
    wishes = wishes_after(
        "Well.", body_markdown=text.body_markdown.replace(said, instead), citations=citations
    )
    assert wishes.findings_out == {"F2"}


def test_our_writer_takes_a_form_of_a_banned_word_out() -> None:
    assert wishes_after("Never was flour cheaper.").banned == ("cheaper",)
