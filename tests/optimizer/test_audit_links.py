"""Links and subjects: what can be followed, where it leads, and what reads like junk mail."""

import pytest

from contracts.audit import AuditContent
from services.optimizer.audit.checks import failing, report_of
from tests.optimizer.builders import CLEAN, ITEMS, STUDY


def failed(subject: AuditContent, *rules: str) -> dict[str, str]:
    """The failing checks among `rules`, each with its reason."""
    return {
        check.name: check.reason for check in failing(report_of(subject)) if check.name in rules
    }


def linked(line: str, website: str = "https://www.molinoalto.example/shop") -> dict[str, str]:
    post = next(item for item in ITEMS if item.id == "linkedin-a")
    text = post.model_copy(update={"body_markdown": f"{line}\n\n{post.body_markdown}"})
    subject = CLEAN.model_copy(update={"items": (text,), "website": website})
    return failed(subject, "link_is_well_formed", "link_leads_to_a_known_site")


@pytest.mark.parametrize(
    "line",
    [
        f"See [the study]({STUDY}).",
        'See [the shop](https://molinoalto.example/a_(b) "Our shop").',
        "See https://shop.molinoalto.example/flour, or www.molinoalto.example.",
        "See <https://molinoalto.example:8443/x>.",
        "Go [down](#prices), or [write](mailto:hello@molinoalto.example).",
        "See [more][7].\n\n[7]: https://molinoalto.example/more",
        "1. A point (and a bracket) without any link",
    ],
)
def test_a_link_to_the_brand_or_to_a_source_is_let_be(line: str) -> None:
    assert linked(line) == {}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("See [us](https//molinoalto.example).", "https//molinoalto"),
        ("See [us](molinoalto.example/shop).", "molinoalto.example/shop"),
        ("See [us](https://molinoalto.example/our shop).", "our shop"),
        ("See [us]().", "“”"),
        ("See [us](https://).", "https://"),
        ("See [us](https://molinoalto.example:shop/).", ":shop"),
        ("See [us](javascript:alert).", "javascript"),
        ("See https:/molinoalto.example.", "https:/molinoalto"),
        ("See [us](https://molino alto.example).", "molino alto"),
    ],
)
def test_a_link_that_cannot_be_followed_is_told(line: str, says: str) -> None:
    found = linked(line)
    assert set(found) == {"link_is_well_formed"}
    assert says in found["link_is_well_formed"]


@pytest.mark.parametrize(
    "line",
    [
        "See [us](https://molinoalto.example.evil.example/).",
        "See [us](https://molinoalto.example@evil.example/).",
        "See www.evil.example.",
        "See [it][7].\n\n[7]: https://evil.example/more",
        "See [us](https://notmolinoalto.example).",
    ],
)
def test_a_link_to_a_stranger_is_told(line: str) -> None:
    assert set(linked(line)) == {"link_leads_to_a_known_site"}


def test_without_a_website_in_the_brief_nobody_is_a_stranger() -> None:
    assert linked("See www.elsewhere.example.", website="") == {}
    assert set(linked("See www.elsewhere.example.", website="molinoalto.example")) == {
        "link_leads_to_a_known_site"
    }


def subjected(title: str) -> set[str]:
    letter = ITEMS[0].model_copy(update={"title": title})
    subject = CLEAN.model_copy(update={"items": (letter,)})
    return set(failed(subject, "subject_reads_like_no_spam", "subject_is_honest"))


@pytest.mark.parametrize(
    "title",
    [
        "A free afternoon, and what to bake in it",
        "Really? Yes!",
        "UNESCO and NATO meet in Bristol",
        "Regarding your flour",
        "Guaranteed fresh by Thursday",
        "¿Pan o pastel? ¡Los dos!",
    ],
)
def test_an_ordinary_subject_is_let_be(title: str) -> None:
    assert subjected(title) == set()


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("Act now and win", "subject_reads_like_no_spam"),
        ("New flour!!!", "subject_reads_like_no_spam"),
        ("New flour! And bread! And cake!", "subject_reads_like_no_spam"),
        ("Save $$$ on flour", "subject_reads_like_no_spam"),
        ("NEW FLOUR IS HERE today", "subject_reads_like_no_spam"),
        ("Última oportunidad para tu pan", "subject_reads_like_no_spam"),
        ("RE: your order", "subject_is_honest"),
        ("Fwd: have you seen this", "subject_is_honest"),
    ],
)
def test_a_subject_that_shouts_presses_or_pretends_is_told(title: str, rule: str) -> None:
    assert subjected(title) == {rule}


def test_an_email_says_whose_it_is() -> None:
    subject = CLEAN.model_copy(update={"business_name": "Molino Bajo"})
    assert "Molino Bajo" in failed(subject, "email_names_its_sender")["email_names_its_sender"]
    assert failed(CLEAN, "email_names_its_sender") == {}
