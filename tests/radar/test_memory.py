"""Memory of earlier research: recalled where a brief asks for it, and added to by that brief."""

from pathlib import Path

from chassis.clock import SystemClock
from chassis.recall import MemoryRecall, memory_key
from contracts.envelope import StepOutcome
from contracts.goal import Source, SourceKind
from contracts.learn import MemoryItem
from contracts.research import SourceStatus
from services.radar.extraction import ExtractionPool
from services.radar.memory import AGENT, NAMESPACE
from tests.radar.asked import FACT, PADDING, answered
from tests.radar.builders import UUID, article, page, scripted


def remembering(*items: MemoryItem) -> MemoryRecall:
    recall = MemoryRecall(SystemClock())
    for item in items:
        recall.learn(memory_key(UUID, item), UUID, item)
    return recall


REMEMBERED = MemoryItem(
    namespace=NAMESPACE,
    item_id="one",
    text="Coffee drinkers of Avonmere want the roasting date on the bag.",
    evidence="https://paper.example/dates",
    subject="TREND",
)


async def test_a_remembered_item_is_a_finding_with_its_score_under_its_own_address(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    source = Source(kind=SourceKind.MEMORY, location="coffee drinkers")
    recall = remembering(REMEMBERED)
    found = await recall.recall(UUID, NAMESPACE, query="coffee drinkers", limit=1)
    answer, body = await answered(tmp_path, pool, "", source, recall=recall)
    (finding,) = body.findings
    assert (finding.claim, finding.agent) == (REMEMBERED.text, AGENT)
    assert finding.score == found.hits[0][1]
    assert finding.source_url == "https://paper.example/dates"
    assert finding.kind.value == "TREND"
    assert answer.also == ()


async def test_another_tenants_memory_is_not_recalled(tmp_path: Path, pool: ExtractionPool) -> None:
    other = "3c7e3f5a-6c1d-4e2f-8a9b-1c2d3e4f5a6b"
    recall = MemoryRecall(SystemClock())
    recall.learn(memory_key(other, REMEMBERED), other, REMEMBERED)
    with scripted(a=page(article(FACT, PADDING))) as site:
        sources = (
            Source(location=f"http://{site}/a"),
            Source(kind=SourceKind.MEMORY, location="coffee drinkers"),
        )
        answer, body = await answered(tmp_path, pool, site, *sources, recall=recall)
    assert [finding.claim for finding in body.findings] == [FACT]
    assert body.sources[1].status is SourceStatus.EMPTY
    assert answer.outcome is StepOutcome.SUCCEEDED


async def test_a_brief_that_asks_memory_adds_to_it_and_the_next_one_recalls_that(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    memory = Source(kind=SourceKind.MEMORY, location="coffee subscriptions in Avonmere")
    with scripted(a=page(article(FACT, PADDING))) as site:
        first = Source(location=f"http://{site}/a")
        answer, _ = await answered(tmp_path, pool, site, first, memory)
        without, _ = await answered(tmp_path, pool, site, first)
    ((key, item),) = answer.also
    assert isinstance(item, MemoryItem)
    assert key == memory_key(UUID, item)
    assert item.text == FACT
    assert item.expires_at is not None
    assert without.also == ()
    _, body = await answered(tmp_path, pool, "", memory, recall=remembering(item))
    assert [(one.claim, one.agent, one.source_url) for one in body.findings] == [
        (FACT, AGENT, first.location)
    ]


async def test_what_is_read_again_and_remembered_is_one_finding_of_one_source(
    tmp_path: Path, pool: ExtractionPool
) -> None:
    memory = Source(kind=SourceKind.MEMORY, location="coffee subscriptions in Avonmere")
    with scripted(a=page(article(FACT, PADDING))) as site:
        first = Source(location=f"http://{site}/a")
        answer, _ = await answered(tmp_path, pool, site, first, memory)
        item = answer.also[0][1]
        assert isinstance(item, MemoryItem)
        _, body = await answered(tmp_path, pool, site, first, memory, recall=remembering(item))
    (finding,) = body.findings
    assert finding.source_count == 1
