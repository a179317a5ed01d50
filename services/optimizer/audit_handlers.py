"""The audit role: one command in, one report out. It corrects nothing."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from functools import partial

from chassis.errors import StepError
from chassis.guard import AllowList, Guard
from chassis.recall import Recall
from chassis.service import Answer, Job, Role, Wiring
from contracts.audit import AuditContent, ContentAudited, QualityCheck, QualityVerdict
from contracts.envelope import AppName, FailureReason, StepOutcome
from contracts.learn import PUBLICATIONS_NAMESPACE
from contracts.plan import Phase
from services.optimizer.audit.checks import failing, report_of, with_checks
from services.optimizer.audit.earlier_texts import Earlier, earlier_texts, told_text
from services.optimizer.critic import Critic, Heard
from services.optimizer.link_probe import LinkProbe
from services.optimizer.settings import OptimizerSettings

QUERY_CHARS_MAX = 500
EARLIER_MAX = 5
"""Earlier texts that each text is compared with: those nearest to it."""


def audit_role(settings: OptimizerSettings, wiring: Wiring) -> Role:
    """The worker that takes `AuditContent`."""
    critic = Critic(wiring.door, settings.critic_model)
    probe = LinkProbe(
        Guard(AllowList.parse(settings.fetch_allow)),
        on=settings.audit_links == "on",
        seconds=settings.audit_link_seconds_max,
    )
    return Role(
        name=Phase.AUDIT,
        app=AppName.OPTIMIZER,
        handlers={
            AuditContent: partial(audit_content, critic=critic, probe=probe, recall=wiring.recall)
        },
        max_in_flight=settings.max_in_flight,
        recalls=True,
    )


async def audit_content(
    command: AuditContent,
    job: Job,
    *,
    critic: Critic | None = None,
    probe: LinkProbe | None = None,
    recall: Recall | None = None,
) -> Answer:
    """Check every text and picture; BLOCKED exactly when the verdict is BLOCK.

    `notes` are the writer's feedback, one line per failing check: place, words, what to change.
    Links are called by `probe`, earlier publications of the tenant come from `recall`; the words of
    both only add to the report: none of them blocks.
    The `critic` is asked only where nothing blocks: a blocked text is written anew first. Where it
    should have been heard and was not, the outcome is DEGRADED.
    Raises StepError where there is nothing to audit, or where places cannot be told apart.
    """
    _refuse_unclear(command)
    report = await asyncio.to_thread(report_of, command)
    blocked = report.verdict is QualityVerdict.BLOCK
    if recall is not None:
        report = with_checks(report, await _against_earlier(command, job, recall))
    if probe is not None:
        report = with_checks(report, await probe.checks(command))
    heard = Heard()
    if critic is not None and not blocked:
        heard = await critic.read(command, report.content_digest)
        report = with_checks(report, heard.checks)
    wrong = failing(report)
    job.log.info(
        "content_audited",
        verdict=report.verdict.value,
        checks=len(report.checks),
        failing=[check.name for check in wrong],
    )
    return Answer(
        body=ContentAudited(report=report),
        outcome=StepOutcome.BLOCKED if blocked else heard.outcome,
        usage=heard.usage,
        notes=(*(f"{check.place}: {check.reason}" for check in wrong), *heard.notes),
    )


async def _against_earlier(
    command: AuditContent, job: Job, recall: Recall
) -> tuple[QualityCheck, ...]:
    """Each text beside those of the tenant's earlier campaigns that are nearest to it."""
    found: dict[str, list[Earlier]] = {}
    for item in command.items:
        remembered = await recall.recall(
            job.tenant_id,
            PUBLICATIONS_NAMESPACE,
            query=told_text(item, command.postal_address)[:QUERY_CHARS_MAX],
            limit=EARLIER_MAX,
        )
        found[item.id] = [
            Earlier(held.evidence, held.text)
            for held, _ in remembered.hits
            if held.evidence != job.campaign_id
        ]
    return await asyncio.to_thread(earlier_texts, command, found)


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
