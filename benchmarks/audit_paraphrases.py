"""True claims in other words: how often the rules that compare claims with quotes cry wolf."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from benchmarks.audit_cases import Found
from contracts.audit import AuditContent
from contracts.content import Citation, ContentItem
from contracts.envelope import Severity
from contracts.goal import Channel
from contracts.research import FindingKind
from services.optimizer.audit.checks import failing, report_of

FILE = Path(__file__).parents[1] / "tests" / "optimizer" / "paraphrases.yaml"
RULES = frozenset(
    {
        "claim_follows_its_quote",
        "claim_keeps_its_direction",
        "claim_keeps_its_negation",
        "figure_stands_in_a_quote",
        "names_stand_in_the_quote",
    }
)
SOURCE = "https://source.example/report"


class Retold(BaseModel):
    """A quote, and true claims in other words; `held_out` ones were never tuned on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quote: str
    claims: tuple[str, ...]
    language: str = "en"
    held_out: bool


class Alarm(BaseModel):
    """A true claim, the rules that took it for untrue, and whether one of them blocks."""

    claim: str
    rules: list[str]
    blocks: bool


class Alarms(BaseModel):
    """How many claims were read, and which of them raised an alarm."""

    claims: int
    alarms: list[Alarm]


def measure(*, held_out: bool) -> Alarms:
    """Audit every claim of that half beside its quote."""
    listed = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    retold = [one for one in map(Retold.model_validate, listed) if one.held_out is held_out]
    asked = [(one, claim) for one in retold for claim in one.claims]
    found = [_alarm(one, claim) for one, claim in asked]
    return Alarms(claims=len(asked), alarms=[alarm for alarm in found if alarm.rules])


def told(alarms: Alarms) -> str:
    """One line, and one for each alarm."""
    blocking = sum(alarm.blocks for alarm in alarms.alarms)
    head = (
        f"{alarms.claims} true claims in other words, alarms on {len(alarms.alarms)}, "
        f"{blocking} would block:\n"
    )
    lines = (
        f"- {one.claim} ({', '.join(one.rules)}{'; blocks' if one.blocks else ''})"
        for one in alarms.alarms
    )
    return "\n".join((head, *lines))


def _alarm(retold: Retold, claim: str) -> Alarm:
    finding = Found(
        kind=FindingKind.MARKET, url=SOURCE, title="A report", quote=retold.quote
    ).finding("F1")
    item = ContentItem(
        id="webhook-a",
        channel=Channel.WEBHOOK,
        variant="a",
        language=retold.language,
        title="A report",
        body_markdown=f"{claim}.",
        call_to_action="Read it",
        citations=(Citation(finding_id="F1", claim=claim, source_url=SOURCE),),
    )
    subject = AuditContent(business_name="Somebody", items=(item,), findings=(finding,))
    raised = [check for check in failing(report_of(subject)) if check.name in RULES]
    return Alarm(
        claim=claim,
        rules=sorted({check.name for check in raised}),
        blocks=any(check.severity is Severity.CRITICAL for check in raised),
    )
