"""Memory by meaning: ms a sentence, what is found of a labelled set, recalls over many items.

The labelled set (memory_set.json) is ours, in English: lessons under subjects that a query names in
the same or in other words, single pieces of advice asked for in other words, and names.
"""

import asyncio
import gc
import json
import os
import re
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pydantic import BaseModel

from benchmarks.processes import spent
from chassis.clock import SystemClock
from chassis.embedding.minilm import DIMENSIONS, MiniLm
from chassis.nearest import Nearest
from chassis.recall import MemoryRecall, memory_key
from contracts.learn import MemoryItem

if TYPE_CHECKING:
    from chassis.embedding import Matrix

SET = Path(__file__).with_name("memory_set.json")
TENANT = "11111111-1111-4111-8111-111111111111"
LESSONS = "lessons"
PLACES = 10
ITEMS, ITEMS_QUICK = 100_000, 2_000
SENTENCES = 50
QUERIES = 100
SPREAD = 0.5
"""How far the vectors of many items lie round real ones: the length of the noise added."""

NEVER = 10**9
NUMBERED = re.compile(r" #(\d+)$")


class Cost(BaseModel):
    """One operation in milliseconds: the median of its rounds, 95 of 100, the slowest."""

    name: str
    ms: float
    ms_p95: float
    ms_max: float


class Quality(BaseModel):
    """Of a kind of queries, by one way to search: shares found, averaged over the queries.

    `precision` is that of as many places as there are relevant items.
    """

    kind: str
    by: str
    queries: int
    recall_at_10: float
    precision: float
    unrelated: float


class Reading(BaseModel):
    """All of it. `index_recall_at_10` is against the exact answer."""

    costs: list[Cost]
    qualities: list[Quality]
    load_s: float
    load_mib: float
    items: int
    learn_s: float
    items_mib: float
    rows_mib: float
    index_s: float
    index_mib: float
    index_recall_at_10: float


class Query(NamedTuple):
    """What is asked, and which items answer it."""

    kind: str
    text: str
    relevant: frozenset[str]


def measure(*, quick: bool, seed: int) -> Reading:
    """Everything, with one model; the big shelf has 2,000 items where it is to be quick."""
    before, start = _rss_mib(), time.perf_counter()
    model = MiniLm()
    model.rows(("warm",))
    load_s, load_mib = time.perf_counter() - start, _rss_mib() - before
    count = ITEMS_QUICK if quick else ITEMS
    rows, asked = _drawn(model, count, seed)
    learn_s, items_mib, whole = asyncio.run(_whole(model, rows))
    indexed, index_s, index_mib, searches = _searches(rows, asked)
    return Reading(
        costs=[*_sentences(model), *searches, *whole],
        qualities=asyncio.run(_qualities(model)),
        load_s=round(load_s, 2),
        load_mib=round(load_mib),
        items=count,
        learn_s=round(learn_s, 1),
        items_mib=round(items_mib),
        rows_mib=round(rows.nbytes / 2**20),
        index_s=round(index_s, 1),
        index_mib=round(index_mib),
        index_recall_at_10=round(indexed, 4),
    )


def tables(one: Reading) -> str:
    """The reading as tables for docs/performance.md."""
    costs = [
        f"| {cost.name} | {cost.ms:.1f} | {cost.ms_p95:.1f} | {cost.ms_max:.1f} |"
        for cost in one.costs
    ]
    found = [
        f"| {made.kind} ({made.queries}) | {made.by} | {made.recall_at_10:.2f} "
        f"| {made.precision:.2f} | {made.unrelated:.1f} |"
        for made in one.qualities
    ]
    return "\n".join(
        (
            "| what | ms | p95 | max |",
            "| --- | --- | --- | --- |",
            *costs,
            "",
            "| queries | by | recall@10 | precision | unrelated found |",
            "| --- | --- | --- | --- | --- |",
            *found,
            "",
            _sized(one),
        )
    )


def _sized(one: Reading) -> str:
    return (
        f"Model: read in {one.load_s} s, {one.load_mib} MiB. {one.items:,} items: learned in "
        f"{one.learn_s} s, {one.items_mib} MiB and {one.rows_mib} MiB of vectors; the index "
        f"took {one.index_s} s and {one.index_mib} MiB, its recall@10 against the exact answer "
        f"is {one.index_recall_at_10:.3f}."
    )


def labelled() -> tuple[list[MemoryItem], list[Query]]:
    """The set's items, and what is asked of them."""
    told = json.loads(SET.read_text("utf-8"))
    items: list[MemoryItem] = []
    queries: list[Query] = []
    for number, about in enumerate(told["subjects"]):
        subject = f"{about['audience']} | {about['industry']}"
        texts = [text.format(slug=about["industry"].split()[0]) for text in told["texts"]]
        made = [_item(f"s{number}-{place}", text, subject) for place, text in enumerate(texts)]
        items += made
        relevant = frozenset(item.item_id for item in made)
        queries += (
            Query("same words", f"{about['audience']} {about['industry']}", relevant),
            Query("other words", f"{about['audience_again']} {about['industry_again']}", relevant),
        )
    for kind in ("advice", "names"):
        for number, about in enumerate(told[kind]):
            item = _item(f"{kind}{number}", about["text"])
            items.append(item)
            queries.append(Query(kind, about["query"], frozenset({item.item_id})))
    return items, queries


async def _qualities(model: MiniLm) -> list[Quality]:
    items, queries = labelled()
    made: list[tuple[str, MemoryRecall]] = [
        ("words", MemoryRecall(SystemClock())),
        ("meaning", MemoryRecall(SystemClock(), lambda: model)),
    ]
    found = []
    for kind in dict.fromkeys(query.kind for query in queries):
        of_kind = [query for query in queries if query.kind == kind]
        for by, memory in made:
            _learn(memory, items)
            await _ready(memory)
            found.append(await _quality(memory, kind, by, of_kind))
    return found


async def _quality(memory: MemoryRecall, kind: str, by: str, queries: Sequence[Query]) -> Quality:
    recalls, precisions, unrelated = [], [], []
    for query in queries:
        recalled = await memory.recall(TENANT, LESSONS, query=query.text, limit=PLACES)
        found = [item.item_id for item, _ in recalled.hits]
        first = found[: len(query.relevant)]
        recalls.append(len(query.relevant.intersection(found)) / len(query.relevant))
        precisions.append(len(query.relevant.intersection(first)) / len(query.relevant))
        unrelated.append(len(set(found) - query.relevant))
    return Quality(
        kind=kind,
        by=by,
        queries=len(queries),
        recall_at_10=round(statistics.mean(recalls), 3),
        precision=round(statistics.mean(precisions), 3),
        unrelated=round(statistics.mean(unrelated), 1),
    )


def _sentences(model: MiniLm) -> Iterator[Cost]:
    short, lesson = "That is a very happy person", _lesson_text()
    yield _cost("a sentence of 27 characters", SENTENCES, lambda: model.rows((short,)))
    yield _cost("a lesson of 104 characters", SENTENCES, lambda: model.rows((lesson,)))
    batch = (lesson,) * 16
    one = _cost("the same in batches of 16, each", 10, lambda: model.rows(batch))
    shares = {name: round(getattr(one, name) / 16, 2) for name in ("ms", "ms_p95", "ms_max")}
    yield one.model_copy(update=shares)


def _searches(rows: "Matrix", asked: "Matrix") -> tuple[float, float, float, list[Cost]]:
    """The index's recall@10, seconds and MiB to build it, and what searches cost."""
    exact, indexed = Nearest(NEVER), Nearest(1)
    for number, row in enumerate(rows):
        exact.put(str(number), row)
        indexed.put(str(number), row)
    before, start = _rss_mib(), time.perf_counter()
    while indexed.index_some():
        pass
    index_s, index_mib = time.perf_counter() - start, _rss_mib() - before
    shared = sum(len(_first(exact, query) & _first(indexed, query)) / PLACES for query in asked)
    costs = [
        _cost(f"{name}, {len(rows):,} vectors", QUERIES, _turns(vectors, asked))
        for name, vectors in (("exact search", exact), ("search by the index", indexed))
    ]
    return shared / len(asked), index_s, index_mib, costs


async def _whole(model: MiniLm, rows: "Matrix") -> tuple[float, float, list[Cost]]:
    """Seconds and MiB to learn so many items, and what whole recalls over them cost."""
    gc.collect()
    before, start = _rss_mib(), time.perf_counter()
    by_meaning = MemoryRecall(SystemClock(), lambda: _Given(model, rows))
    _learn(by_meaning, _many(len(rows)))
    learn_s, items_mib = time.perf_counter() - start, _rss_mib() - before
    by_words = MemoryRecall(SystemClock())
    _learn(by_words, _many(len(rows)))
    await _ready(by_meaning)
    turns = [(" while its index is made", by_meaning), ("", by_meaning), (" by words", by_words)]
    costs = []
    for how, memory in turns:
        costs.append(_told(f"a whole recall{how}, {len(rows):,} items", await _recalls(memory)))
        await _idle()
    return learn_s, items_mib, costs


async def _idle() -> None:
    """Return when nothing goes on beside: what does is the index that is made."""
    beside = asyncio.all_tasks() - {asyncio.current_task()}
    if beside:
        await asyncio.wait(beside)


async def _ready(memory: MemoryRecall) -> None:
    """Return when each item has its vector, where there are to be any."""
    while (await memory.recall(TENANT, LESSONS, query="all", limit=1)).shortfall:
        pass


async def _recalls(memory: MemoryRecall) -> list[float]:
    """Seconds of recalls, one after another, each with a query of the set."""
    queries = [query.text for query in labelled()[1]]
    took = []
    for number in range(QUERIES):
        start = time.perf_counter()
        text = queries[number % len(queries)]
        await memory.recall(TENANT, LESSONS, query=text, limit=5)
        took.append(time.perf_counter() - start)
    return took


def _many(count: int) -> Iterator[MemoryItem]:
    """So many lessons under the set's subjects, each with its number."""
    subjects = [item.subject for item in labelled()[0] if item.subject]
    for number in range(count):
        subject = subjects[number % len(subjects)]
        yield _item(f"i{number}", f"{_lesson_text()} #{number}", subject)


class _Given:
    """Hands out the row whose number a text ends with; a query is embedded."""

    model = "given"

    def __init__(self, model: MiniLm, rows: "Matrix") -> None:
        self._model = model
        self._rows = rows

    async def embed(self, texts: tuple[str, ...]) -> "Matrix":
        numbers = [int(end[1]) for text in texts if (end := NUMBERED.search(text))]
        return self._rows[numbers] if numbers else await self._model.embed(texts)


def _drawn(model: MiniLm, count: int, seed: int) -> "tuple[Matrix, Matrix]":
    """So many vectors round those of the labelled set's items, and those of its queries."""
    items, queries = labelled()
    real = model.rows([f"{item.subject}. {item.text}" for item in items])
    chance = np.random.default_rng(seed)
    noise = chance.standard_normal((count, DIMENSIONS)).astype(np.float32)
    noise *= np.float32(SPREAD) / np.linalg.norm(noise, axis=1, keepdims=True)
    rows = real[chance.integers(0, len(real), count)] + noise
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows, model.rows([query.text for query in queries])


def _item(item_id: str, text: str, subject: str = "") -> MemoryItem:
    return MemoryItem(namespace=LESSONS, item_id=item_id, text=text, subject=subject)


def _learn(memory: MemoryRecall, items: Iterable[MemoryItem]) -> None:
    for item in items:
        memory.learn(memory_key(TENANT, item), TENANT, item)


def _lesson_text() -> str:
    return (
        "For email: keep subject lines within 60 characters; the audit found fault with it. "
        "home bakers, milling"
    )


def _first(vectors: Nearest, query: "Matrix") -> set[str]:
    found = sorted(vectors.nearest(query, PLACES), key=lambda one: (-one[1], one[0]))
    return {key for key, _ in found[:PLACES]}


def _turns(vectors: Nearest, asked: "Matrix") -> Callable[[], object]:
    turns = iter(list(asked) * (QUERIES // len(asked) + 1))
    return lambda: vectors.nearest(next(turns), PLACES)


def _cost(name: str, rounds: int, run: Callable[[], object]) -> Cost:
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        took.append(time.perf_counter() - start)
    return _told(name, took)


def _rss_mib() -> float:
    return spent(os.getpid()).rss_mib


def _told(name: str, took: Sequence[float]) -> Cost:
    ms = sorted(1_000 * one for one in took)
    return Cost(
        name=name,
        ms=round(statistics.median(ms), 2),
        ms_p95=round(ms[int(0.95 * (len(ms) - 1))], 2),
        ms_max=round(ms[-1], 2),
    )
