"""Every value of the shared enumerations leads somewhere; none of them is dead."""

from datetime import timedelta

import pytest

from contracts.audit import ContentAudited, QualityCheck, QualityReport, QualityVerdict, verdict_of
from contracts.envelope import FailureReason, Severity, StepOutcome
from contracts.saga import ToolCallFailed
from services.orchestrator.saga.state import Life, StepStatus
from tests.orchestrator.saga.desk import CODEC, Desk, campaign


async def _worked_at(desk: Desk, step: str, reason: FailureReason) -> None:
    """Fail the step as often as it is asked for."""
    while desk.saga.steps[step].status is StepStatus.CALLED:
        desk.fail(step, reason)
        await desk.wait(timedelta(minutes=2))


@pytest.mark.parametrize("reason", FailureReason)
async def test_a_step_that_fails_for_any_reason_ends_with_that_reason(
    reason: FailureReason,
) -> None:
    desk = await campaign(until="strategy")
    await _worked_at(desk, "strategy", reason)
    assert desk.saga.life is Life.FAILED
    assert desk.saga.closing is not None
    assert desk.saga.closing.reason is reason
    failures = [
        fact.body
        for fact in (CODEC.decode(r.value) for r in desk.shelf.of("campaign.log"))
        if isinstance(fact.body, ToolCallFailed)
    ]
    assert {failure.reason for failure in failures} == {reason}
    assert len(failures) == (3 if reason.retryable else 1)


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("verdict", QualityVerdict)
async def test_what_an_audit_concludes_decides_whether_a_person_is_asked(
    verdict: QualityVerdict, severity: Severity
) -> None:
    checks = (QualityCheck(name="a check", severity=severity, verdict=verdict),)
    report = QualityReport(verdict=verdict_of(checks), checks=checks, content_digest="0" * 64)
    blocks = report.verdict is QualityVerdict.BLOCK
    assert blocks == (severity is Severity.CRITICAL and verdict is not QualityVerdict.PASS)
    desk = await campaign(until="audit")
    outcome = StepOutcome.BLOCKED if blocks else StepOutcome.SUCCEEDED
    desk.answer("audit", ContentAudited(report=report), outcome=outcome)
    gate = desk.saga.steps["review"].status
    assert gate is (StepStatus.PENDING if blocks else StepStatus.WAITING)
    assert desk.saga.campaign_state.value == ("CONTENT_PROD" if blocks else "REVIEW")
