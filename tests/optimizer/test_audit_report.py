"""The report as a whole: its verdict, its digest, its answer; also over texts nobody planned."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import StepError
from contracts.audit import AuditContent, ContentAudited, QualityReport, QualityVerdict, verdict_of
from contracts.envelope import FailureReason, Severity, StepOutcome
from services.optimizer.audit.checks import CHECKS, content_digest, failing, report_of
from services.optimizer.audit_handlers import audit_content
from tests.optimizer.builders import CLEAN, FINDINGS, ITEMS, finding, item, job, with_line

LINES = st.sampled_from(
    [
        "Good bread takes its time.",
        "64% of home bakers buy flour online at least once a month.",
        "We sold 999 bags.",
        "It is cheap.",
        "Write to jane@mail.example.",
        "Hello {{name}}.",
        "Card 4111 1111 1111 1111.",
        "**Bold** and [a link](https://x.example/2020).",
        "El pan es para todos y la harina es de la mejor.",
    ]
)


def campaign(bodies: list[str], channel: str) -> AuditContent:
    items = tuple(
        item(f"{channel}-{variant}", body, ())
        for variant, body in zip("abcd", bodies, strict=False)
    )
    return CLEAN.model_copy(update={"items": items})


def holds_together(subject: AuditContent) -> QualityReport:
    """The report, after checking what must be true of every report."""
    report = report_of(subject)
    critical = [check for check in failing(report) if check.severity is Severity.CRITICAL]
    assert report.verdict is verdict_of(report.checks)
    assert (report.verdict is QualityVerdict.BLOCK) == bool(critical)
    assert (report.verdict is QualityVerdict.PASS) == (not failing(report))
    for check in report.checks:
        passed = check.verdict is QualityVerdict.PASS
        assert passed == (check.reason == "")
        blocks = check.severity is Severity.CRITICAL
        assert passed or check.verdict is (QualityVerdict.BLOCK if blocks else QualityVerdict.WARN)
    assert report == report_of(subject)
    return report


@settings(max_examples=60, deadline=None)
@given(
    bodies=st.lists(st.lists(LINES, min_size=1, max_size=6).map("\n".join), min_size=1, max_size=3),
    channel=st.sampled_from(["email", "blog", "linkedin", "twitter", "webhook"]),
)
def test_a_report_blocks_exactly_when_a_critical_check_failed(
    bodies: list[str], channel: str
) -> None:
    holds_together(campaign(bodies, channel))


@settings(max_examples=60, deadline=None)
@given(
    body=st.text(min_size=1, max_size=400), channel=st.sampled_from(["email", "blog", "twitter"])
)
def test_no_text_is_too_strange_to_be_audited(body: str, channel: str) -> None:
    holds_together(campaign([body], channel))


@settings(max_examples=60, deadline=None)
@given(number=st.integers(10, 10**9), quoted=st.booleans())
def test_a_figure_passes_exactly_when_a_cited_quote_holds_it(number: int, quoted: bool) -> None:
    claim = f"We counted {number:,} loaves"
    quote = f"They counted {number if quoted else number + 1} loaves in all."
    found = FINDINGS[0].model_copy(update={"quote": quote})
    text = item(
        "webhook-a", f"{claim}.", (ITEMS[0].citations[0].model_copy(update={"claim": claim}),)
    )
    subject = CLEAN.model_copy(update={"items": (text,), "assets": (), "findings": (found,)})
    names = {check.name for check in failing(report_of(subject))}
    assert ("figure_stands_in_a_quote" in names) == (not quoted)


def test_a_figure_that_stands_only_in_a_quote_nobody_cites_here_blocks() -> None:
    claim = "We counted 4,711 loaves"
    cited = FINDINGS[0].model_copy(update={"quote": "They counted many loaves."})
    other = FINDINGS[1].model_copy(update={"quote": "They counted 4,711 loaves in all."})
    citation = ITEMS[0].citations[0].model_copy(update={"claim": claim})
    text = item("webhook-a", f"{claim}.", (citation,))
    subject = CLEAN.model_copy(update={"items": (text,), "assets": (), "findings": (cited, other)})
    assert "figure_stands_in_a_quote" in {check.name for check in failing(report_of(subject))}


def test_a_realistic_clean_campaign_passes_every_check() -> None:
    report = holds_together(CLEAN)
    assert report.verdict is QualityVerdict.PASS
    assert failing(report) == ()
    assert len({check.name for check in report.checks}) >= len(CHECKS) * 2


def test_the_digest_names_the_items_and_nothing_else() -> None:
    assert report_of(CLEAN).content_digest == content_digest(CLEAN.items)
    other = CLEAN.model_copy(update={"postal_address": "elsewhere"})
    assert content_digest(other.items) == content_digest(CLEAN.items)
    assert content_digest(CLEAN.items[1:]) != content_digest(CLEAN.items)
    assert content_digest(CLEAN.items) == (
        content_digest(tuple(type(text).model_validate(text.model_dump()) for text in CLEAN.items))
    )


async def test_a_clean_campaign_is_answered_without_notes(tmp_path: Path) -> None:
    answer = await audit_content(CLEAN, job(tmp_path))
    assert answer.outcome is StepOutcome.SUCCEEDED
    assert answer.notes == ()
    assert answer == await audit_content(CLEAN, job(tmp_path))


async def test_a_blocked_campaign_tells_the_writer_what_to_change(tmp_path: Path) -> None:
    bad = item("twitter-a", "Cheap flour for 99 % of you, TODO.", ITEMS[-1].citations)
    answer = await audit_content(
        CLEAN.model_copy(update={"items": (*ITEMS[:-1], bad)}), job(tmp_path)
    )
    assert isinstance(answer.body, ContentAudited)
    assert answer.outcome is StepOutcome.BLOCKED
    assert answer.body.report.verdict is QualityVerdict.BLOCK
    assert len(answer.notes) == len(failing(answer.body.report))
    assert all(note.startswith("twitter-a: ") and "\n" not in note for note in answer.notes)
    together = "\n".join(answer.notes)
    assert all(word in together for word in ("“99 %”", "“cheap”", "“TODO”", "Searches for"))


async def test_a_campaign_with_warnings_only_goes_on_and_says_so(tmp_path: Path) -> None:
    long_title = ITEMS[0].model_copy(update={"title": "Flour " * 11})
    answer = await audit_content(
        CLEAN.model_copy(update={"items": (long_title, *ITEMS[1:])}), job(tmp_path)
    )
    assert isinstance(answer.body, ContentAudited)
    assert answer.outcome is StepOutcome.SUCCEEDED
    assert answer.body.report.verdict is QualityVerdict.WARN
    assert answer.notes == (
        "email-a: the subject is too long: 66 characters, 60 fit; cut at least 6",
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"items": ()}, "items:"),
        ({"items": (*ITEMS, ITEMS[0])}, "items.id: email-a"),
        ({"findings": (*FINDINGS, FINDINGS[0])}, "findings.id: F1"),
    ],
)
async def test_what_cannot_be_audited_is_refused_with_its_field(
    fields: dict[str, object], says: str, tmp_path: Path
) -> None:
    with pytest.raises(StepError, match=says) as refused:
        await audit_content(CLEAN.model_copy(update=fields), job(tmp_path))
    assert refused.value.reason is FailureReason.INVALID_INPUT


@pytest.mark.parametrize(
    "piece",
    ["[", "a", "1,", "1 ", "(", "{", "{{", "<a ", "_", "*", "a@", "\n", " \n", "![](", "- "],
)
def test_a_hostile_text_is_audited_in_bounded_time(piece: str) -> None:
    body = (piece * 20_000)[:20_000]
    began = time.perf_counter()
    report_of(campaign([body], "email"))
    assert time.perf_counter() - began < 5


def test_without_a_postal_address_in_the_brief_no_email_passes() -> None:
    report = report_of(CLEAN.model_copy(update={"postal_address": ""}))
    assert report.verdict is QualityVerdict.BLOCK
    reasons = {c.place: c.reason for c in failing(report) if c.name == "email_postal_address"}
    assert set(reasons) == {"email-a", "email-b"}
    assert "add postal_address" in reasons["email-a"]


def test_quotes_may_write_a_figure_in_words() -> None:
    spelled = finding("F3", quote="Delivery takes seven days, said the owner of the mill.")
    subject = with_line("email-b", "Some wait 7 days for a bag.")
    found = failing(report_of(subject.model_copy(update={"findings": (*FINDINGS[:2], spelled)})))
    assert not any("“7" in check.reason for check in found)
