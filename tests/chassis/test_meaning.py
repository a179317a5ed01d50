"""Memory is found by what it means, within one tenant and namespace; by its words where not."""

import asyncio
from datetime import timedelta

import pytest

from chassis import meaning, nearest
from chassis.clock import ManualClock
from chassis.embedding import Embedder
from chassis.recall import MemoryRecall, Recalled, memory_key
from contracts.learn import MemoryItem
from tests.chassis.concepts import Concepts
from tests.chassis.test_recall import OURS, START, THEIRS, remembered


class Memory:
    """A recall by meaning over `Concepts`, and what was asked of it."""

    def __init__(self, *items: MemoryItem, tenant: str = OURS) -> None:
        self.clock = ManualClock(START)
        self.concepts = Concepts()
        self.made = 0
        self.kept = MemoryRecall(self.clock, self._make)
        self.learn(*items, tenant=tenant)

    def learn(self, *items: MemoryItem, tenant: str = OURS) -> None:
        for item in items:
            self.kept.learn(memory_key(tenant, item), tenant, item)

    async def recalled(self, query: str, *, tenant: str = OURS, limit: int = 10) -> Recalled:
        return await self.kept.recall(tenant, "lessons", query=query, limit=limit)

    async def found(self, query: str, *, tenant: str = OURS, limit: int = 10) -> list[str]:
        recalled = await self.recalled(query, tenant=tenant, limit=limit)
        return [item.item_id for item, _ in recalled.hits]

    def _make(self) -> Embedder:
        self.made += 1
        return self.concepts


BREAD = remembered("bread", "Flour sells", subject="home bakers")
BOATS = remembered("boats", "Show the harbour first", subject="sailors")
POST = remembered("post", "Short subject lines work")


async def test_an_item_is_found_by_other_words_than_its_own() -> None:
    memory = Memory(BREAD, BOATS, POST)
    recalled = await memory.recalled("yachts")
    assert [(item.item_id, score) for item, score in recalled.hits] == [("boats", 0.9)]
    assert (recalled.by, recalled.shortfall) == ("concepts", "")


async def test_what_has_nothing_to_do_with_the_query_is_not_found() -> None:
    assert await Memory(BREAD, BOATS).found("snow") == []


async def test_a_score_is_the_cosine_times_08_to_1_by_importance() -> None:
    memory = Memory(
        remembered("least", "bread", importance=0.0),
        remembered("most", "dough", importance=1.0),
        remembered("half", "bread in the inbox", importance=1.0),
    )
    hits = (await memory.recalled("flour")).hits
    told = {item.item_id: score for item, score in hits}
    assert told == {"most": 1.0, "least": 0.8, "half": 0.7071}


async def test_of_equals_the_smaller_key_comes_first_in_any_order_of_learning() -> None:
    items = [remembered(f"i{number:02}", "bread") for number in range(40)]
    for order in (items, items[::-1], items[20:] + items[:20]):
        assert await Memory(*order).found("dough", limit=3) == ["i00", "i01", "i02"]


async def test_of_equal_scores_the_more_important_comes_first() -> None:
    memory = Memory(remembered("a", "bread"), remembered("b", "bread", importance=0.50001))
    assert await memory.found("dough") == ["b", "a"]


async def test_another_tenants_and_namespaces_items_are_never_found() -> None:
    memory = Memory(BREAD, remembered("x", "dough", namespace="research"))
    memory.learn(remembered("theirs", "bread"), tenant=THEIRS)
    assert await memory.found("dough") == ["bread"]
    assert await memory.found("dough", tenant=THEIRS) == ["theirs"]
    other = await memory.kept.recall(OURS, "research", query="flour", limit=10)
    assert [item.item_id for item, _ in other.hits] == ["x"]


async def test_nothing_of_a_tenant_is_embedded_for_another() -> None:
    memory = Memory(BREAD)
    memory.learn(BOATS, tenant=THEIRS)
    await memory.found("dough")
    assert not [text for text in memory.concepts.asked if "harbour" in text]


async def test_an_expired_a_forgotten_and_a_changed_item_are_gone() -> None:
    memory = Memory(
        remembered("fading", "bread", expires_at=START + timedelta(seconds=60)),
        remembered("forgotten", "bread"),
        remembered("changed", "bread"),
        BREAD,
    )
    assert set(await memory.found("dough")) == {"fading", "forgotten", "changed", "bread"}
    memory.clock.advance(60)
    memory.kept.learn(f"{OURS}:lessons:forgotten", OURS, None)
    memory.learn(remembered("changed", "sailors"))
    assert await memory.found("dough") == ["bread"]
    assert await memory.found("yachts") == ["changed"]


async def test_each_item_is_embedded_once_and_nothing_before_it_is_looked_for() -> None:
    memory = Memory(BREAD, BOATS)
    assert (memory.made, memory.concepts.asked) == (0, [])
    await memory.found("dough")
    await memory.found("dough")
    memory.learn(POST)
    await memory.found("letters")
    assert memory.made == 1
    assert memory.concepts.asked == [
        "home bakers. Flour sells",
        "sailors. Show the harbour first",
        "dough",
        "dough",
        "Short subject lines work",
        "letters",
    ]


async def test_the_engine_is_not_made_where_there_is_nothing_to_compare() -> None:
    memory = Memory(BREAD)
    assert await memory.found("dough", tenant=THEIRS) == []
    assert await memory.found("dough", limit=0) == []
    memory.kept.learn(memory_key(OURS, BREAD), OURS, None)
    assert await memory.found("dough") == []
    assert memory.made == 0


async def test_where_nothing_can_be_embedded_words_are_compared_and_it_says_why() -> None:
    memory = Memory(BREAD, BOATS)
    memory.concepts.hindrance = "the server is down"
    recalled = await memory.recalled("flour yachts")
    assert [item.item_id for item, _ in recalled.hits] == ["bread"]
    assert (recalled.by, recalled.shortfall) == ("words", "the server is down")
    memory.concepts.hindrance = ""
    assert await memory.found("flour yachts") == ["boats", "bread"]


async def test_what_has_no_vector_in_time_is_compared_by_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory = Memory(BREAD)
    await memory.found("dough")
    memory.learn(remembered("new", "flour"), BOATS)
    monkeypatch.setattr(meaning, "WAIT_S", 0.0)
    memory.concepts.held_back = asyncio.Event()
    recalled = await memory.recalled("flour yachts")
    assert {item.item_id for item, _ in recalled.hits} == {"bread", "new"}
    assert recalled.shortfall == "the vectors of 2 remembered items are still being made"
    memory.concepts.held_back.set()
    monkeypatch.setattr(meaning, "WAIT_S", 30.0)
    assert set(await memory.found("flour yachts")) == {"bread", "new", "boats"}


async def test_many_items_are_found_by_the_index_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest.Nearest.__init__, "__defaults__", (20,))
    memory = Memory(*(remembered(f"b{n:02}", "bread") for n in range(30)), BOATS)
    assert await memory.found("yachts") == ["boats"]
    memory.learn(remembered("more", "yachts", importance=1.0))
    for _ in range(3):  # reading all rows, while the index is made, and by it
        assert await memory.found("sailors") == ["more", "boats"]
        await asyncio.sleep(0.01)
