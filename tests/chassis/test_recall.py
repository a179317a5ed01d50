"""Memory is found by its words, within one tenant and namespace, until it is forgotten."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.clock import ManualClock
from chassis.errors import Rejected
from chassis.recall import MemoryRecall, Recalled, memory_key
from contracts.learn import MemoryItem

OURS = "11111111-1111-4111-8111-111111111111"
THEIRS = "22222222-2222-4222-8222-222222222222"
START = datetime(2025, 5, 12, 12, 0, tzinfo=UTC)


def remembered(
    item_id: str, text: str, *, subject: str = "", namespace: str = "lessons", **more: object
) -> MemoryItem:
    fields = {"namespace": namespace, "item_id": item_id, "text": text, "subject": subject}
    return MemoryItem.model_validate(fields | more)


def memory(
    *items: MemoryItem,
    tenant: str = OURS,
    clock: ManualClock | None = None,
    items_max: int = 100,
) -> MemoryRecall:
    kept = MemoryRecall(clock or ManualClock(START), items_max=items_max)
    for item in items:
        kept.learn(memory_key(tenant, item), tenant, item)
    return kept


async def found(
    kept: MemoryRecall, query: str, *, tenant: str = OURS, namespace: str = "lessons"
) -> list[str]:
    recalled = await kept.recall(tenant, namespace, query=query, limit=10)
    return [item.item_id for item, _ in recalled.hits]


BREAD = remembered("bread", "Short subject lines work for flour", subject="home bakers | milling")
BOATS = remembered("boats", "Show the harbour first", subject="sailors | boat yards")


async def test_items_are_found_by_the_words_of_text_and_subject() -> None:
    kept = memory(BREAD, BOATS)
    assert await found(kept, "flour") == ["bread"]
    assert await found(kept, "sailors") == ["boats"]
    assert await found(kept, "dentists") == []


async def test_case_accents_and_plurals_do_not_matter() -> None:
    kept = memory(remembered("a", "Panadería y BAKERY visits"))
    for query in ("panaderia", "PANADERÍA", "bakeries", "visit"):
        assert await found(kept, query) == ["a"]


async def test_small_words_find_nothing() -> None:
    assert await found(memory(BREAD, BOATS), "the for of la de") == []


async def test_more_words_in_common_rank_higher() -> None:
    kept = memory(
        remembered("one", "bakers read at night"),
        remembered("two", "home bakers read mail at night"),
        remembered("none", "sailors sleep"),
    )
    assert await found(kept, "home bakers mail") == ["two", "one"]


async def test_a_rare_word_counts_more_than_a_common_one() -> None:
    kept = memory(
        remembered("common", "bakers like bread"),
        remembered("rare", "millers like rye"),
        *(remembered(f"other{number}", "bakers like tea") for number in range(5)),
    )
    assert (await found(kept, "bakers rye"))[0] == "rare"


async def test_of_equals_the_more_important_comes_first_then_the_smaller_key() -> None:
    kept = memory(
        remembered("b", "flour"), remembered("a", "flour"), remembered("c", "flour", importance=0.9)
    )
    assert await found(kept, "flour") == ["c", "a", "b"]


async def test_the_limit_is_kept_and_none_gives_nothing() -> None:
    kept = memory(*(remembered(f"i{number}", "flour") for number in range(5)))
    assert len((await kept.recall(OURS, "lessons", query="flour", limit=2)).hits) == 2
    assert await kept.recall(OURS, "lessons", query="flour", limit=0) == Recalled()


async def test_another_tenants_items_are_never_found() -> None:
    kept = memory(BREAD)
    kept.learn(memory_key(THEIRS, BOATS), THEIRS, BOATS)
    assert await found(kept, "sailors") == []
    assert await found(kept, "flour sailors", tenant=THEIRS) == ["boats"]


async def test_another_namespaces_items_are_never_found() -> None:
    kept = memory(BREAD, remembered("x", "flour", namespace="research"))
    assert await found(kept, "flour") == ["bread"]
    assert await found(kept, "flour", namespace="research") == ["x"]


async def test_another_tenants_words_do_not_change_the_scores() -> None:
    alone = await memory(BREAD).recall(OURS, "lessons", query="flour harbour", limit=1)
    kept = memory(BREAD)
    kept.learn(memory_key(THEIRS, BOATS), THEIRS, BOATS)
    assert await kept.recall(OURS, "lessons", query="flour harbour", limit=1) == alone


def test_nobody_writes_or_forgets_under_another_tenants_key() -> None:
    kept = memory(BREAD)
    with pytest.raises(Rejected, match="does not belong to tenant"):
        kept.learn(memory_key(OURS, BREAD), THEIRS, BREAD)
    with pytest.raises(Rejected, match="does not belong to tenant"):
        kept.learn(memory_key(OURS, BREAD), THEIRS, None)
    with pytest.raises(Rejected, match="does not name its item"):
        kept.learn(memory_key(OURS, BOATS), OURS, BREAD)


async def test_a_tombstone_forgets_and_may_come_twice_or_first() -> None:
    kept = memory(BREAD)
    kept.learn(memory_key(OURS, BOATS), OURS, None)
    for _ in range(2):
        kept.learn(memory_key(OURS, BREAD), OURS, None)
        assert await found(kept, "flour bakers") == []


async def test_the_newest_record_of_a_key_counts() -> None:
    kept = memory(BREAD, remembered("bread", "Rye sells"))
    assert await found(kept, "flour") == []
    assert await found(kept, "rye") == ["bread"]


async def test_an_item_is_found_until_it_expires() -> None:
    clock = ManualClock(START)
    fading = remembered("fading", "flour", expires_at=START + timedelta(seconds=60))
    kept = memory(BREAD, fading, clock=clock)
    clock.advance(59)
    assert set(await found(kept, "flour")) == {"bread", "fading"}
    clock.advance(1)
    assert await found(kept, "flour") == ["bread"]


async def test_an_expired_item_no_longer_weighs_on_the_scores() -> None:
    clock = ManualClock(START)
    kept = memory(
        BREAD, remembered("f", "flour", expires_at=START + timedelta(seconds=1)), clock=clock
    )
    clock.advance(2)
    after = await kept.recall(OURS, "lessons", query="flour rye", limit=9)
    assert after == await memory(BREAD).recall(OURS, "lessons", query="flour rye", limit=9)


async def test_beyond_the_limit_the_least_important_is_let_go() -> None:
    kept = memory(
        remembered("high", "flour", importance=0.9),
        remembered("low", "flour", importance=0.1),
        remembered("mid", "flour", importance=0.5),
        items_max=2,
    )
    assert await found(kept, "flour") == ["high", "mid"]


async def test_of_equally_important_ones_the_oldest_is_let_go_and_a_changed_one_is_new() -> None:
    kept = memory(
        *(remembered(f"i{number}", "flour") for number in range(3)),
        remembered("i0", "flour, again"),
        remembered("i3", "flour"),
        items_max=3,
    )
    assert await found(kept, "flour") == ["i2", "i3", "i0"]


async def test_what_changes_again_and_again_takes_no_more_room() -> None:
    clock = ManualClock(START)
    kept = memory(clock=clock, items_max=3)
    for number in range(500):
        item = remembered(
            f"i{number % 5}",
            "flour",
            importance=number % 7 / 10,
            expires_at=START + timedelta(seconds=number),
        )
        kept.learn(memory_key(OURS, item), OURS, item)
    assert len(await found(kept, "flour")) == 3
    clock.advance(499)
    assert await found(kept, "flour") == []


WORDS = st.sampled_from(["flour", "rye", "harbour", "bakers", "mail", "night"])
TEXTS = st.lists(WORDS, min_size=1, max_size=8).map(" ".join)


@settings(deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8), query=TEXTS, order=st.randoms())
async def test_scores_are_in_order_within_0_and_1_and_repeat_in_any_order_of_learning(
    texts: list[str], query: str, order: Random
) -> None:
    items = [remembered(f"i{number}", text) for number, text in enumerate(texts)]
    recalled = await memory(*items).recall(OURS, "lessons", query=query, limit=99)
    hits = recalled.hits
    scores = [score for _, score in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 < score <= 1.0 for score in scores)
    assert {item.item_id for item, _ in hits} == {
        item.item_id for item in items if set(item.text.split()) & set(query.split())
    }
    order.shuffle(items)
    assert await memory(*items).recall(OURS, "lessons", query=query, limit=99) == recalled
