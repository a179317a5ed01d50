"""Earlier research: recalled as findings with their score, and added to by briefs that ask it.

A remembered finding is a quote of an outside source, and stays that: data, cited under the address
it was once read at. Nothing here reads it for instructions.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from chassis.recall import Recall
from contracts.goal import LOCATION_CHARS_MAX, Source
from contracts.identity import FACTS, derived
from contracts.learn import MemoryItem
from contracts.research import QUOTE_CHARS_MAX, Finding, FindingKind
from services.radar.ports import Asking, Extracted, Passage, Reading, ReadSource, Remembered
from services.radar.scouting import Agent, Lead
from services.radar.sentences import Sentence

NAMESPACE = "research"
KEPT_DAYS = 90
"""How long a finding is remembered; a source that is read again says it anew."""

AGENT = "memory"
TITLE = "remembered from earlier research"


async def read_memory(source: Source, asking: Asking, *, recall: Recall) -> Reading:
    """What the tenant's earlier research found about the source's words, a document each."""
    found = await recall.recall(
        asking.tenant_id, NAMESPACE, query=source.location, limit=source.pages_max
    )
    documents = [_document(item, score) for item, score in found.hits]
    if documents and found.shortfall:
        short = f"memory was asked by words, not all by meaning: {found.shortfall}"
        documents[0] = _document(*found.hits[0], shortfall=short)
    return Reading(documents=tuple(documents))


def remembered_leads(sources: Sequence[ReadSource]) -> Iterator[Lead]:
    """A lead for each remembered finding, with the score that memory gave it."""
    for number, source in enumerate(sources):
        text = source.content.text[:QUOTE_CHARS_MAX].rstrip()
        if source.remembered is None or not text:
            continue
        agent = Agent(name=AGENT, kind=source.remembered.kind, signal=_silent)
        sentence = Sentence(text, 0, len(text))
        yield Lead(agent, number, sentence, source.content.passages[0], source.remembered.score)


def findings_remembered(findings: Iterable[Finding], read_at: datetime) -> tuple[MemoryItem, ...]:
    """The new findings as memory: the same claim of the same source always under the same id."""
    return tuple(
        MemoryItem(
            namespace=NAMESPACE,
            item_id=derived(FACTS, "research", finding.source_url, finding.claim),
            text=finding.quote,
            evidence=finding.source_url,
            subject=finding.kind.value,
            importance=finding.score,
            expires_at=read_at + timedelta(days=KEPT_DAYS),
        )
        for finding in findings
        if finding.agent != AGENT
    )


def _document(item: MemoryItem, score: float, shortfall: str = "") -> ReadSource:
    content = Extracted(TITLE, item.text, (Passage(0, len(item.text), TITLE),))
    known = item.subject in FindingKind.__members__
    return ReadSource(
        location=item.evidence[:LOCATION_CHARS_MAX] or f"memory:{item.item_id}",
        raw=item.text.encode(),
        media_type="text/plain",
        content=content,
        shortfall=shortfall,
        remembered=Remembered(score, FindingKind(item.subject) if known else FindingKind.MARKET),
    )


def _silent(_: str) -> float:
    return 0.0
