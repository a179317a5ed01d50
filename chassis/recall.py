"""What was learned before, by tenant and namespace: the reading side of `memory.items`."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

import structlog

from chassis import telemetry
from chassis.clock import Clock
from chassis.embedding import Embedder, NotEmbedded
from chassis.errors import Rejected
from chassis.shelf import Shelf, weight
from contracts.learn import MemoryItem

if TYPE_CHECKING:
    from chassis.meaning import Meanings

ITEMS_MAX = 100_000
"""Items kept per tenant and namespace; beyond it the least important, oldest one is let go."""

SCORE_MIN = 0.2
"""Below it an item's meaning has nothing to do with the query's (docs/performance.md, Memory)."""

SCORE_DIGITS = 4
"""Scores are told, and compared, to so many digits: vectors differ behind them."""

WORDS = "words"

log = structlog.get_logger()


class Recalled(NamedTuple):
    """The items found, best first, each with its score in 0..1.

    `by` is the model whose vectors were compared, or `words`. `shortfall` says why items were not
    compared by their meaning that should have been; it is empty where nothing is missing.
    """

    hits: tuple[tuple[MemoryItem, float], ...] = ()
    by: str = WORDS
    shortfall: str = ""


class Recall(Protocol):
    """Remembers what the log of memory holds; eventual, never another tenant's."""

    async def recall(self, tenant_id: str, namespace: str, *, query: str, limit: int) -> Recalled:
        """The `limit` items nearest to `query`."""
        ...


def memory_key(tenant_id: str, item: MemoryItem) -> str:
    """The key of an item on `memory.items`: `tenant_id:namespace:item_id`."""
    return f"{tenant_id}:{item.namespace}:{item.item_id}"


class MemoryRecall:
    """A `Recall` in this process: fed record by record, found by meaning, or by words alone.

    Where `embedder` is given it is made with the first recall that has something to compare. By
    words, case, accents and plural s do not count; texts are not understood, so a synonym finds
    nothing. An item past its `expires_at` is never returned.
    """

    def __init__(
        self,
        clock: Clock,
        embedder: Callable[[], Embedder] | None = None,
        *,
        items_max: int = ITEMS_MAX,
    ) -> None:
        self._clock = clock
        self._make_embedder = embedder
        self._embedder: Embedder | None = None
        self._items_max = items_max
        self._shelves: dict[tuple[str, str], Shelf] = {}
        self._meanings: dict[tuple[str, str], Meanings] = {}

    def learn(self, key: str, tenant_id: str, item: MemoryItem | None) -> None:
        """Take in one record of `memory.items`; None forgets what stood under `key`.

        The newest record of a key counts. Raises Rejected where the key is not this tenant's, or
        does not name the item: nobody writes into another's memory.
        """
        namespace = _namespace(key, tenant_id)
        if item is None:
            if shelf := self._shelves.get((tenant_id, namespace)):
                shelf.drop(key)
            return
        if key != memory_key(tenant_id, item):
            raise Rejected(
                f"memory key {key} does not name its item {memory_key(tenant_id, item)}; "
                "the writer must key by tenant_id:namespace:item_id"
            )
        self._shelves.setdefault((tenant_id, namespace), Shelf(self._items_max)).put(key, item)

    async def recall(self, tenant_id: str, namespace: str, *, query: str, limit: int) -> Recalled:
        """The items nearest to `query`: best score first, then most important, then by key.

        A score is nearness times the item's weight (`chassis.shelf.weight`). Nearness is the
        cosine of two meanings, at least `SCORE_MIN` when weighed; by words it is the share of what
        an item holding every word of the query many times would have. Returns nothing where
        `limit` is not positive.
        """
        shelf = self._shelves.get((tenant_id, namespace))
        if shelf is None or limit < 1:
            return Recalled()
        shelf.forget_expired(self._clock.now())
        if self._make_embedder is None or not shelf.items:
            return Recalled(_best(shelf, _by_words(shelf, query), limit))
        try:
            meanings = await self._meanings_of((tenant_id, namespace), shelf)
            found = await meanings.near(query, limit)
        except NotEmbedded as hindrance:
            log.warning("recalled_by_words", reason=str(hindrance))
            telemetry.RECALLS.labels(WORDS).inc()
            return Recalled(_best(shelf, _by_words(shelf, query), limit), WORDS, str(hindrance))
        telemetry.RECALLS.labels("meaning").inc()
        scores = {key: score for key, score in found.scores.items() if score >= SCORE_MIN}
        if not found.without:
            return Recalled(_best(shelf, scores, limit), meanings.model)
        by_words = _by_words(shelf, query)
        scores |= {key: by_words[key] for key in found.without & by_words.keys()}
        shortfall = f"the vectors of {len(found.without)} remembered items are still being made"
        return Recalled(_best(shelf, scores, limit), meanings.model, shortfall)

    async def _meanings_of(self, place: tuple[str, str], shelf: Shelf) -> "Meanings":
        if self._embedder is None:
            assert self._make_embedder is not None
            made = await asyncio.to_thread(self._make_embedder)  # it imports NumPy, and more
            if self._embedder is None:
                self._embedder = made
        from chassis.meaning import Meanings

        if place not in self._meanings:
            self._meanings[place] = Meanings(shelf, self._embedder)
        return self._meanings[place]


def _by_words(shelf: Shelf, query: str) -> dict[str, float]:
    return {key: score * weight(shelf.items[key]) for key, score in shelf.by_words(query).items()}


def _best(
    shelf: Shelf, scores: Mapping[str, float], limit: int
) -> tuple[tuple[MemoryItem, float], ...]:
    least = 10.0**-SCORE_DIGITS
    told = [
        (min(1.0, max(least, round(score, SCORE_DIGITS))), key) for key, score in scores.items()
    ]
    told.sort(key=lambda entry: (-entry[0], -shelf.items[entry[1]].importance, entry[1]))
    return tuple((shelf.items[key], score) for score, key in told[:limit])


def _namespace(key: str, tenant_id: str) -> str:
    tenant, _, rest = key.partition(":")
    if tenant != tenant_id or ":" not in rest:
        raise Rejected(
            f"memory key {key} does not belong to tenant {tenant_id}; "
            "the writer must key by tenant_id:namespace:item_id"
        )
    return rest.partition(":")[0]
