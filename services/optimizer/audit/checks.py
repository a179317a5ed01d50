"""All checks in their order, and the report that follows; it does not know who asks."""

import hashlib
import json

from contracts.audit import AuditContent, QualityCheck, QualityReport, QualityVerdict, verdict_of
from contracts.content import ContentItem
from services.optimizer.audit.banned_words import banned_words
from services.optimizer.audit.brand_voice import brand_voice
from services.optimizer.audit.channel_limits import channel_limits
from services.optimizer.audit.citations import citations
from services.optimizer.audit.claims import claims
from services.optimizer.audit.duplicate_text import duplicate_text
from services.optimizer.audit.footer import footer
from services.optimizer.audit.grounding import grounding
from services.optimizer.audit.language_match import language_match
from services.optimizer.audit.links import links
from services.optimizer.audit.names import names
from services.optimizer.audit.personal_data import personal_data
from services.optimizer.audit.pictures import pictures
from services.optimizer.audit.placeholders import placeholders
from services.optimizer.audit.reading_ease import reading_ease
from services.optimizer.audit.rule import Check
from services.optimizer.audit.sense import sense
from services.optimizer.audit.subject_line import subject_line

CHECKS: tuple[Check, ...] = (
    grounding,
    citations,
    claims,
    names,
    sense,
    banned_words,
    placeholders,
    footer,
    personal_data,
    links,
    subject_line,
    channel_limits,
    pictures,
    language_match,
    duplicate_text,
    reading_ease,
    brand_voice,
)


def report_of(subject: AuditContent) -> QualityReport:
    """Every check's word on `subject`, the same for the same subject."""
    checks = tuple(word for check in CHECKS for word in check(subject))
    return QualityReport(
        verdict=verdict_of(checks), checks=checks, content_digest=content_digest(subject.items)
    )


def with_checks(report: QualityReport, added: tuple[QualityCheck, ...]) -> QualityReport:
    """The report with more checks at its end; its verdict follows from all of them."""
    checks = (*report.checks, *added)
    return report.model_copy(update={"checks": checks, "verdict": verdict_of(checks)})


def failing(report: QualityReport) -> tuple[QualityCheck, ...]:
    """The checks that did not pass, in the report's order."""
    return tuple(check for check in report.checks if check.verdict is not QualityVerdict.PASS)


def content_digest(items: tuple[ContentItem, ...]) -> str:
    """SHA-256 of the items as canonical JSON: sorted keys, no spaces, UTF-8."""
    listed = [item.model_dump(mode="json") for item in items]
    text = json.dumps(listed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
