"""Research phase: one command in, cited findings out; what no source says is not said."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from chassis.errors import StepError
from chassis.service import Answer, Job
from contracts.envelope import AgentRun, ArtefactRef, FailureReason, StepOutcome
from contracts.goal import Source
from contracts.message import Digest
from contracts.research import ResearchCompleted, RunResearch, SourceReport, SourceStatus
from services.radar.competitor_tracker import COMPETITOR_TRACKER
from services.radar.competitors import table_of
from services.radar.findings import carriers, chosen, numbered, stated
from services.radar.market_analyst import MARKET_ANALYST
from services.radar.ports import Library, ReadSource, SourceRefused, SourceTrouble
from services.radar.relevance import Focus, focus_of
from services.radar.scouting import Agent, Lead, candidates, scout
from services.radar.trend_scout import TREND_SCOUT
from services.radar.trends import trends_of

AGENTS = (TREND_SCOUT, MARKET_ANALYST, COMPETITOR_TRACKER)
SOURCES_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class _Wanted:
    source: Source
    competitor: bool


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What could be read, where its texts are stored, and what became of every source."""

    texts: tuple[ReadSource, ...]
    digests: dict[int, Digest]
    reports: tuple[SourceReport, ...]
    artefacts: tuple[ArtefactRef, ...]


async def run_research(
    command: RunResearch, job: Job, *, library: Library, at_once: int = SOURCES_AT_ONCE
) -> Answer:
    """Read the sources, at most `at_once` at a time, and answer what they say, each with its quote.

    A source that does not answer is named and the outcome is DEGRADED. Raises StepError where no
    source says anything.
    """
    wanted = _wanted(command)
    if not wanted:
        raise StepError(
            FailureReason.INVALID_INPUT,
            "brief has no sources: add at least one page, feed or file under sources, "
            "or a page under competitor_urls",
        )
    shelf = await _shelve(wanted, job, library, at_once)
    _require_something_read(shelf.reports)
    spoken = [[s.text for s in candidates(text.content.text)] for text in shelf.texts]
    focus = focus_of(command, job.call.feedback, chain.from_iterable(spoken))
    runs = await asyncio.gather(
        *(_run(agent, shelf.texts, focus, wanted) for agent in AGENTS),
    )
    leads = chosen(lead for found, _ in runs for lead in found)
    if not leads:
        raise StepError(
            FailureReason.INVALID_INPUT,
            "the sources were read and say nothing about the goals, the audience or the industry; "
            "give sources that do: " + ", ".join(report.location for report in shelf.reports),
        )
    said = [[stated(sentence) for sentence in sentences] for sentences in spoken]
    findings = numbered(leads, shelf.texts, shelf.digests, carriers(leads, said))
    job.log.info("research.completed", findings=len(findings), sources=len(shelf.reports))
    return Answer(
        body=ResearchCompleted(
            findings=findings,
            sources=shelf.reports,
            competitors=table_of((text, shelf.digests[n]) for n, text in enumerate(shelf.texts)),
            trends=trends_of(shelf.texts, findings, focus),
        ),
        outcome=_outcome(shelf.reports),
        artefacts=shelf.artefacts,
        agents=tuple(run for _, run in runs),
        notes=_notes(shelf.reports),
    )


def _wanted(command: RunResearch) -> list[_Wanted]:
    """Every source once, in the brief's order; a competitor's page is that and nothing else."""
    pages = [Source(location=location) for location in command.competitor_urls]
    wanted = dict.fromkeys(command.sources, False) | dict.fromkeys(pages, True)
    return [_Wanted(source, competitor) for source, competitor in wanted.items()]


async def _shelve(wanted: Sequence[_Wanted], job: Job, library: Library, at_once: int) -> _Shelf:
    places = asyncio.Semaphore(at_once)

    async def read(item: _Wanted) -> ReadSource | SourceTrouble:
        async with places:
            try:
                return replace(await library.read(item.source), competitor=item.competitor)
            except SourceTrouble as trouble:
                job.log.warning(
                    "research.source_unread", source=item.source.location, reason=str(trouble)
                )
                return trouble

    outcomes = await asyncio.gather(*(read(item) for item in wanted))
    texts: list[ReadSource] = []
    reports: list[SourceReport] = []
    artefacts: list[ArtefactRef] = []
    digests: dict[int, Digest] = {}
    for number, (item, outcome) in enumerate(zip(wanted, outcomes, strict=True), start=1):
        if isinstance(outcome, SourceTrouble):
            reports.append(_trouble_report(item.source.location, outcome))
            continue
        if not candidates(outcome.content.text):
            reports.append(_empty_report(outcome))
            continue
        stored = await _store(outcome, job, number)
        digests[len(texts)] = stored[0].digest
        reports.append(_read_report(outcome, stored[0].digest))
        artefacts.extend(stored)
        texts.append(outcome)
    return _Shelf(tuple(texts), digests, tuple(reports), tuple(artefacts))


async def _store(source: ReadSource, job: Job, number: int) -> tuple[ArtefactRef, ArtefactRef]:
    """Store the text that quotes are spans of, and the bytes it was extracted from."""
    text = await job.artefacts.put(
        source.content.text.encode(), name=f"source-{number:02}.txt", media_type="text/plain"
    )
    raw = await job.artefacts.put(
        source.raw, name=f"source-{number:02}.raw", media_type=source.media_type
    )
    return text, raw


def _trouble_report(location: str, trouble: SourceTrouble) -> SourceReport:
    refused = isinstance(trouble, SourceRefused)
    return SourceReport(
        location=location,
        status=SourceStatus.REFUSED if refused else SourceStatus.FAILED,
        detail=str(trouble),
    )


def _empty_report(source: ReadSource) -> SourceReport:
    return SourceReport(
        location=source.location,
        status=SourceStatus.EMPTY,
        title=source.content.title,
        detail="it was read and holds no full sentence that can stand alone",
        chars=len(source.content.text),
    )


def _read_report(source: ReadSource, digest: Digest) -> SourceReport:
    return SourceReport(
        location=source.location,
        status=SourceStatus.READ,
        title=source.content.title,
        text_digest=digest,
        chars=len(source.content.text),
    )


def _require_something_read(reports: Sequence[SourceReport]) -> None:
    if any(report.status is SourceStatus.READ for report in reports):
        return
    # A dead source may answer later; refused and empty ones need another brief.
    dead = any(report.status is SourceStatus.FAILED for report in reports)
    reason = FailureReason.UNAVAILABLE if dead else FailureReason.INVALID_INPUT
    told = "; ".join(f"{report.location}: {report.detail}" for report in reports)
    raise StepError(reason, f"no source could be used; correct or replace them: {told}"[:4_000])


async def _run(
    agent: Agent, texts: Sequence[ReadSource], focus: Focus, wanted: Sequence[_Wanted]
) -> tuple[list[Lead], AgentRun]:
    begun = time.perf_counter()
    leads = await asyncio.to_thread(scout, agent, texts, focus)
    asked = sum(item.competitor is agent.reads_competitors for item in wanted)
    read = sum(text.competitor is agent.reads_competitors for text in texts)
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
    return StepOutcome.SUCCEEDED


def _notes(reports: Sequence[SourceReport]) -> tuple[str, ...]:
    return tuple(
        f"source {report.location} {report.status.value.lower()}: {report.detail}"
        for report in reports
        if report.status is not SourceStatus.READ
    )
