"""The audit role: one command in, one report out. It corrects nothing."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from chassis.errors import StepError
from chassis.service import Answer, Job, Role
from contracts.audit import AuditContent, ContentAudited, QualityVerdict
from contracts.envelope import AppName, FailureReason, StepOutcome
from contracts.plan import Phase
from services.optimizer.audit.checks import failing, report_of
from services.optimizer.settings import OptimizerSettings


def audit_role(settings: OptimizerSettings) -> Role:
    """The worker that takes `AuditContent`."""
    return Role(
        name=Phase.AUDIT,
        app=AppName.OPTIMIZER,
        handlers={AuditContent: audit_content},
        max_in_flight=settings.max_in_flight,
    )


async def audit_content(command: AuditContent, job: Job) -> Answer:
    """Check every text and picture; BLOCKED exactly when the verdict is BLOCK.

    `notes` are the writer's feedback, one line per failing check: place, words, what to change.
    Raises StepError where there is nothing to audit, or where places cannot be told apart.
    """
    _refuse_unclear(command)
    report = await asyncio.to_thread(report_of, command)
    wrong = failing(report)
    blocked = report.verdict is QualityVerdict.BLOCK
    job.log.info(
        "content_audited",
        verdict=report.verdict.value,
        checks=len(report.checks),
        failing=[check.name for check in wrong],
    )
    return Answer(
        body=ContentAudited(report=report),
        outcome=StepOutcome.BLOCKED if blocked else StepOutcome.SUCCEEDED,
        notes=tuple(f"{check.place}: {check.reason}" for check in wrong),
    )


def _refuse_unclear(command: AuditContent) -> None:
    if not command.items:
        raise StepError(
            FailureReason.INVALID_INPUT, "items: there is no text to audit; run the content step"
        )
    _refuse_twice("items.id", (item.id for item in command.items))
    _refuse_twice("findings.id", (finding.id for finding in command.findings))


def _refuse_twice(field: str, ids: Iterable[str]) -> None:
    twice = sorted(name for name, count in Counter(ids).items() if count > 1)
    if twice:
        raise StepError(
            FailureReason.INVALID_INPUT,
            f"{field}: {', '.join(twice)} occurs more than once; give each its own id",
        )
