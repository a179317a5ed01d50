"""Reading the sources of a command: several at once, each stored or reported with its reason."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chassis.guard import SourceRefused, SourceTrouble
from chassis.service import Job
from contracts.envelope import ArtefactRef, Usage
from contracts.goal import Source, SourceKind
from contracts.message import Digest
from contracts.research import RunResearch, SourceReport, SourceStatus
from services.radar.ports import FREE, Asking, Library, Reading, ReadSource
from services.radar.scouting import candidates
from services.radar.sentences import Sentence

DOCUMENTS_MAX = 200
"""Of one research: each is reported and stored, and all reports have to fit into one record."""

OF_SEVERAL = frozenset(
    {SourceKind.SITEMAP, SourceKind.NOTION, SourceKind.SEARCH, SourceKind.MEMORY}
)
"""Sources that name several pages."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source to read, and whether it is a competitor's page."""

    source: Source
    competitor: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """What could be read, where its texts are stored, and what became of every source.

    `spoken` holds each text's sentences that can stand alone. `competitors` says for each report
    whether it is of a competitor's page.
    """

    texts: tuple[ReadSource, ...]
    spoken: tuple[list[Sentence], ...]
    digests: dict[int, Digest]
    reports: tuple[SourceReport, ...]
    competitors: tuple[bool, ...]
    artefacts: tuple[ArtefactRef, ...]
    usage: Usage


def wanted_of(command: RunResearch) -> list[Wanted]:
    """Every source once, in the brief's order; a competitor's page is that and nothing else.

    Together they may name `DOCUMENTS_MAX` pages; the last ones to ask for several get fewer.
    """
    competitors = [Source(location=location) for location in command.competitor_urls]
    wanted = dict.fromkeys(command.sources, False) | dict.fromkeys(competitors, True)
    left = DOCUMENTS_MAX - len(wanted)
    found = []
    for source, competitor in wanted.items():
        more = min(source.pages_max - 1, left) if source.kind in OF_SEVERAL else 0
        left -= more
        pages = source.model_copy(update={"pages_max": 1 + more})
        found.append(Wanted(pages if source.kind in OF_SEVERAL else source, competitor))
    return found


async def shelve(
    wanted: Sequence[Wanted], asking: Asking, job: Job, library: Library, at_once: int
) -> Shelf:
    """Read the sources, at most `at_once` at a time, and store what they say, each text once."""
    places = asyncio.Semaphore(at_once)

    async def read(item: Wanted) -> Reading:
        async with places:
            try:
                return await library.read(item.source, asking)
            except SourceTrouble as trouble:
                return Reading(troubles=((item.source.location, trouble),))

    readings = await asyncio.gather(*(read(item) for item in wanted))
    texts: list[ReadSource] = []
    spoken: list[list[Sentence]] = []
    reports: list[SourceReport] = []
    competitors: list[bool] = []
    artefacts: list[ArtefactRef] = []
    digests: dict[int, Digest] = {}
    for location, competitor, outcome in _outcomes(wanted, readings):
        competitors.append(competitor)
        if isinstance(outcome, SourceTrouble):
            job.log.warning("research.source_unread", source=location, reason=str(outcome))
            reports.append(_trouble_report(location, outcome))
            continue
        said = await asyncio.to_thread(candidates, outcome.content.text) if outcome else []
        if outcome is None or not (said or outcome.remembered):
            reports.append(_empty_report(location, outcome))
        else:
            stored = await _store(outcome, job, len(reports) + 1)
            digests[len(texts)] = stored[0].digest
            reports.append(_read_report(outcome, stored[0].digest))
            artefacts.extend(stored)
            texts.append(outcome)
            spoken.append(said)
    return Shelf(
        texts=tuple(texts),
        spoken=tuple(spoken),
        digests=digests,
        reports=tuple(reports),
        competitors=tuple(competitors),
        artefacts=tuple(artefacts),
        usage=_sum([reading.usage for reading in readings]),
    )


def _outcomes(
    wanted: Sequence[Wanted], readings: Sequence[Reading]
) -> Iterator[tuple[str, bool, ReadSource | SourceTrouble | None]]:
    """What became of each document, in the brief's order; a page that two sources name once."""
    seen: set[str] = set()
    for item, reading in zip(wanted, readings, strict=True):
        if not reading.documents and not reading.troubles:
            yield item.source.location, item.competitor, None
        for document in reading.documents:
            if document.location not in seen or document.remembered is not None:
                seen.add(document.location)
                yield (
                    document.location,
                    item.competitor,
                    replace(document, competitor=item.competitor),
                )
        for location, trouble in reading.troubles:
            if location not in seen:
                seen.add(location)
                yield location, item.competitor, trouble


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


def _empty_report(location: str, source: ReadSource | None) -> SourceReport:
    if source is None:
        told = "it was asked and names nothing to read"
        return SourceReport(location=location, status=SourceStatus.EMPTY, detail=told)
    return SourceReport(
        location=location,
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
        detail=source.shortfall,
        text_digest=digest,
        chars=len(source.content.text),
    )


def _sum(usages: Sequence[Usage]) -> Usage:
    """What all sources cost together."""
    paid = [usage for usage in usages if usage != FREE]
    if not paid:
        return FREE
    return paid[0].model_copy(
        update={
            name: sum(getattr(usage, name) for usage in paid)
            for name in ("tokens_in", "tokens_out", "cost_micros", "duration_ms")
        }
    )
