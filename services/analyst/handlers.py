"""The analyst's handlers: a brief from findings, texts from the brief, and taking texts back."""

from dataclasses import dataclass

from chassis.clock import Clock
from chassis.errors import StepError
from chassis.recall import Recall
from chassis.service import Answer, Job
from contracts.content import ContentWritten, DeleteContentDrafts, WriteContent
from contracts.envelope import ArtefactRef, FailureReason, StepOutcome
from contracts.learn import LESSONS_NAMESPACE
from contracts.research import Finding
from contracts.saga import StepUndone
from contracts.strategy import BuildStrategy, Lesson, StrategyBuilt
from services.analyst.engines.llm.strategist import Asked, Strategist
from services.analyst.ports import CannotWrite, Order, Writer
from services.analyst.strategy import NothingToSay, build

TEXT_MEDIA_TYPE = "text/markdown"
QUERY_CHARS_MAX = 500
NOTE_CHARS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Memory:
    """Where earlier lessons are recalled from, and how many of them at most."""

    recall: Recall
    lessons_limit: int


async def build_strategy(
    command: BuildStrategy,
    job: Job,
    *,
    memory: Memory,
    clock: Clock,
    strategist: Strategist,
) -> Answer:
    """The StrategyBrief: every message cites findings, earlier lessons are weighed.

    Fails with INVALID_INPUT where there is no finding to build on. DEGRADED where lessons could
    not be compared by their meaning, and where models were to plan and none kept the rules; notes
    say why.
    """
    _refuse_no_findings(command.findings)
    remembered = await memory.recall.recall(
        job.tenant_id,
        LESSONS_NAMESPACE,
        query=f"{command.target_audience} {command.industry}"[:QUERY_CHARS_MAX],
        limit=memory.lessons_limit,
    )
    lessons = tuple(
        Lesson(id=item.item_id, text=item.text, evidence=item.evidence)
        for item, _ in remembered.hits
    )
    try:
        plan = build(command, lessons, clock.now(), job.call.language)
    except NothingToSay:
        raise StepError(
            FailureReason.INVALID_INPUT,
            "findings: none holds a sentence that can be used, or its figures are not in its "
            "quote; add sources and run the research again",
        ) from None
    key = f"{job.campaign_id}/strategy/{job.call.round}"
    planned = await strategist.plan(Asked(command, plan, job.call.language, key, job.call.feedback))
    job.log.info(
        "strategy.built",
        findings=len(command.findings),
        lessons=len(lessons),
        recalled_by=remembered.by,
        by=str(planned.model or "embedded"),
    )
    shortfall = (*planned.short_of, *_recall_shortfall(remembered.shortfall))
    unused = _unused_feedback(job.call.feedback) if planned.model is None else ()
    notes = (*plan.notes, *unused, *planned.notes, *shortfall)
    return Answer(
        body=StrategyBuilt(brief=planned.brief),
        outcome=StepOutcome.DEGRADED if shortfall else StepOutcome.SUCCEEDED,
        usage=planned.usage,
        agents=planned.agents,
        notes=tuple(note[:NOTE_CHARS_MAX] for note in notes),
    )


async def write_content(command: WriteContent, job: Job, *, writer: Writer) -> Answer:
    """One text per channel and variant, each also kept as an artefact under its item's id.

    Fails with INVALID_INPUT where there is no finding, no channel, or no such language.
    DEGRADED where the findings do not carry what was asked; the notes say where.
    """
    _refuse_no_findings(command.findings)
    _refuse_channels_and_language(command, job, writer)
    order = Order(command, job.campaign_id, job.call.language, job.call.feedback)
    try:
        written = await writer.write(order)
    except CannotWrite as error:
        raise StepError(FailureReason.INVALID_INPUT, str(error)) from error
    refs: list[ArtefactRef] = []
    for item in written.items:
        data = item.body_markdown.encode()
        refs.append(await job.artefacts.put(data, name=item.id, media_type=TEXT_MEDIA_TYPE))
    job.log.info("content.written", items=len(written.items), short_of=len(written.short_of))
    return Answer(
        body=ContentWritten(items=written.items),
        outcome=StepOutcome.DEGRADED if written.short_of else StepOutcome.SUCCEEDED,
        usage=written.usage,
        artefacts=tuple(refs),
        agents=written.agents,
        notes=tuple(note[:NOTE_CHARS_MAX] for note in (*written.short_of, *written.notes)),
    )


async def delete_content_drafts(command: DeleteContentDrafts, job: Job) -> Answer:
    """Drop the campaign's references to its drafts; bytes that others share stay for them."""
    released = await job.artefacts.release()
    job.log.info("content.drafts_released", released=released)
    detail = f"{released} draft(s) released" if released else "there were no drafts to release"
    return Answer(body=StepUndone(detail=detail))


def _refuse_no_findings(findings: tuple[Finding, ...]) -> None:
    if not findings:
        raise StepError(
            FailureReason.INVALID_INPUT,
            "findings: there is none, and nothing may be said without one; add sources that can "
            "be read and run the research again",
        )


def _refuse_channels_and_language(command: WriteContent, job: Job, writer: Writer) -> None:
    if not command.channels:
        raise StepError(
            FailureReason.INVALID_INPUT, "channels: there is none to write for; name at least one"
        )
    if job.call.language not in writer.languages:
        known = ", ".join(sorted(writer.languages))
        raise StepError(
            FailureReason.INVALID_INPUT,
            f"language: this writer cannot write “{job.call.language}”; it can write: {known}",
        )


def _unused_feedback(feedback: tuple[str, ...]) -> tuple[str, ...]:
    """The brief follows from findings and lessons; feedback on it is for whoever adds sources."""
    return tuple(f"Feedback not acted on by the embedded strategist: {f[:300]}" for f in feedback)


def _recall_shortfall(reason: str) -> tuple[str, ...]:
    if not reason:
        return ()
    said = f"Earlier lessons were looked for by their words, not all by their meaning: {reason}"
    return (said[:NOTE_CHARS_MAX],)
