"""The audit phase: checks by somebody other than the author; one CRITICAL finding blocks."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.content import ContentItem
from contracts.design import Asset
from contracts.envelope import Severity
from contracts.goal import BrandVoice
from contracts.message import Command, Digest, Line, Message, Result
from contracts.research import Finding


class AuditContent(Command):
    """Check texts and pictures against findings, voice and channel rules."""

    business_name: Line
    items: tuple[ContentItem, ...]
    assets: tuple[Asset, ...] = ()
    findings: tuple[Finding, ...]
    brand_voice: BrandVoice = BrandVoice()
    postal_address: str = ""
    website: str = ""


class QualityVerdict(StrEnum):
    """What a check, or the whole report, concludes."""

    PASS = "PASS"
    WARN = "WARN"
    BLOCK = "BLOCK"


class QualityCheck(Message):
    """One check's word on one place, for example `email-a`; `reason` says what to change."""

    name: Line
    place: Annotated[str, Field(max_length=200)] = ""
    severity: Severity
    verdict: QualityVerdict
    reason: Annotated[str, Field(max_length=2_000)] = ""


class QualityReport(Message):
    """Every check's word, and the verdict that follows from them."""

    verdict: QualityVerdict
    checks: tuple[QualityCheck, ...]
    content_digest: Digest


def verdict_of(checks: tuple[QualityCheck, ...]) -> QualityVerdict:
    """BLOCK where a failed check is CRITICAL, WARN where any failed, else PASS."""
    failed = [check for check in checks if check.verdict is not QualityVerdict.PASS]
    if any(check.severity is Severity.CRITICAL for check in failed):
        return QualityVerdict.BLOCK
    return QualityVerdict.WARN if failed else QualityVerdict.PASS


class ContentAudited(Result):
    """The report. The step's outcome is BLOCKED exactly when the verdict is BLOCK."""

    report: QualityReport
