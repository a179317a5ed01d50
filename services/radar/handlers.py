"""Research phase: one command in, cited findings out; what no source says is not said."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from itertools import chain

from chassis.errors import StepError
from chassis.recall import memory_key
from chassis.service import Answer, Job
from contracts.envelope import AgentRun, FailureReason, StepOutcome
from contracts.goal import SourceKind
from contracts.learn import MemoryItem
from contracts.research import Finding, ResearchCompleted, RunResearch, SourceReport, SourceStatus
from services.radar.branding import branded
from services.radar.competitor_tracker import COMPETITOR_TRACKER
from services.radar.competitors import table_of
from services.radar.findings import carriers, chosen, numbered, stated
from services.radar.market_analyst import MARKET_ANALYST
from services.radar.memory import findings_remembered, remembered_leads
from services.radar.plain_analyst import PLAIN_ANALYST
from services.radar.ports import Asking, Library
from services.radar.reading import Shelf, shelve, wanted_of
from services.radar.relevance import Focus, focus_of
from services.radar.scouting import Agent, Lead, scout
from services.radar.trend_scout import TREND_SCOUT
from services.radar.trends import trends_of

AGENTS = (TREND_SCOUT, MARKET_ANALYST, COMPETITOR_TRACKER)
SOURCES_AT_ONCE = 5
LEADS_FEW = 10
"""With fewer leads plain facts are heard too: documentation states few figures."""


async def run_research(
    command: RunResearch, job: Job, *, library: Library, at_once: int = SOURCES_AT_ONCE
) -> Answer:
    """Read the sources, at most `at_once` at a time, and answer what they say, each with its quote.

    A source that does not answer is named and the outcome is DEGRADED. Raises StepError where no
    source says anything, and where the brand's logo or photo is not to be had.
    """
    wanted = wanted_of(command)
    if not wanted:
        raise StepError(
            FailureReason.INVALID_INPUT,
            "brief has no sources: add at least one page, feed or file under sources, "
            "or a page under competitor_urls",
        )
    logo, photo = await branded(command, job, library)
    asking = Asking(job.tenant_id, command.target_audience)
    shelf = await shelve(wanted, asking, job, library, at_once)
    _require_something_read(shelf.reports)
    focus = await asyncio.to_thread(_focus, command, job.call.feedback, shelf)
    runs = await asyncio.gather(
        *(_run(agent, shelf, focus) for agent in AGENTS),
    )
    heard = [lead for found, _ in runs for lead in found]
    if len(heard) < LEADS_FEW:
        heard += await asyncio.to_thread(scout, PLAIN_ANALYST, shelf.texts, shelf.spoken, focus)
    leads = chosen(chain(remembered_leads(shelf.texts), heard))
    if not leads:
        raise StepError(
            FailureReason.INVALID_INPUT,
            "the sources were read and say nothing about the goals, the audience or the industry; "
            "give sources that do: " + ", ".join(report.location for report in shelf.reports),
        )
    concluded = await asyncio.to_thread(_concluded, leads, shelf, focus)
    body = concluded.model_copy(
        update={
            "logo_digest": logo.digest if logo else None,
            "photo_digest": photo.digest if photo else None,
        }
    )
    job.log.info("research.completed", findings=len(body.findings), sources=len(shelf.reports))
    return Answer(
        body=body,
        outcome=_outcome(shelf.reports),
        usage=shelf.usage,
        artefacts=(*shelf.artefacts, *filter(None, (logo, photo))),
        agents=tuple(run for _, run in runs),
        notes=_notes(shelf.reports),
        also=_memories(command, body.findings, job),
    )


def _focus(command: RunResearch, feedback: tuple[str, ...], shelf: Shelf) -> Focus:
    return focus_of(command, feedback, (s.text for said in shelf.spoken for s in said))


def _concluded(leads: Sequence[Lead], shelf: Shelf, focus: Focus) -> ResearchCompleted:
    """The leads as findings, and what all texts together show."""
    said = [[stated(sentence.text) for sentence in sentences] for sentences in shelf.spoken]
    carried = carriers(leads, shelf.texts, said)
    findings = numbered(leads, shelf.texts, shelf.digests, carried)
    return ResearchCompleted(
        findings=findings,
        sources=shelf.reports,
        competitors=table_of((text, shelf.digests[n]) for n, text in enumerate(shelf.texts)),
        trends=trends_of(shelf.texts, findings, focus),
    )


def _memories(
    command: RunResearch, findings: Iterable[Finding], job: Job
) -> tuple[tuple[str, MemoryItem], ...]:
    """The findings as memory, where the brief asks memory; kept from the command's deadline on."""
    if not any(source.kind is SourceKind.MEMORY for source in command.sources):
        return ()
    items = findings_remembered(findings, job.call.not_after)
    return tuple((memory_key(job.tenant_id, item), item) for item in items)


def _require_something_read(reports: Sequence[SourceReport]) -> None:
    if any(report.status is SourceStatus.READ for report in reports):
        return
    # A dead source may answer later; refused and empty ones need another brief.
    dead = any(report.status is SourceStatus.FAILED for report in reports)
    reason = FailureReason.UNAVAILABLE if dead else FailureReason.INVALID_INPUT
    told = "; ".join(f"{report.location}: {report.detail}" for report in reports)
    raise StepError(reason, f"no source could be used; correct or replace them: {told}"[:4_000])


async def _run(agent: Agent, shelf: Shelf, focus: Focus) -> tuple[list[Lead], AgentRun]:
    begun = time.perf_counter()
    leads = await asyncio.to_thread(scout, agent, shelf.texts, shelf.spoken, focus)
    asked = sum(competitor is agent.reads_competitors for competitor in shelf.competitors)
    read = sum(text.competitor is agent.reads_competitors for text in shelf.texts)
    run = AgentRun(
        agent=agent.name,
        succeeded=read > 0 or asked == 0,
        duration_ms=round((time.perf_counter() - begun) * 1_000),
        detail=f"{len(leads)} leads from {read} of {asked} sources",
    )
    return leads, run


def _outcome(reports: Sequence[SourceReport]) -> StepOutcome:
    lost = (SourceStatus.FAILED, SourceStatus.REFUSED)
    if any(report.status in lost for report in reports):
        return StepOutcome.DEGRADED
    if any(report.status is SourceStatus.READ and report.detail for report in reports):
        return StepOutcome.DEGRADED
    return StepOutcome.SUCCEEDED


def _notes(reports: Sequence[SourceReport]) -> tuple[str, ...]:
    return tuple(
        f"source {report.location} {report.status.value.lower()}: {report.detail}"
        for report in reports
        if report.detail
    )
