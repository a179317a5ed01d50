"""What one shelf's items mean: their vectors, made of them as they change, and a search among them.

The items are the truth and the vectors are made again in every process: another model means other
vectors and nothing else.
"""

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from chassis.embedding import Embedder, NotEmbedded
from chassis.nearest import Nearest
from chassis.shelf import Shelf, text_of, weight

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.learn import MemoryItem

WAIT_S = 30.0
"""So long a recall waits for vectors that are being made; what is left is compared by its words."""

ITEMS_A_BATCH = 32


class Found(NamedTuple):
    """Scores of the nearest items by key, in no order; `without` names those with no vector yet."""

    scores: dict[str, float]
    without: frozenset[str]


class Meanings:
    """The vectors of one shelf; it watches the shelf, and does nothing until it is asked."""

    def __init__(self, shelf: Shelf, embedder: Embedder) -> None:
        self._shelf = shelf
        self._embedder = embedder
        self._vectors = Nearest()
        self._stale = dict.fromkeys(shelf.items)
        self._one_at_a_time = asyncio.Lock()
        self._embedding: asyncio.Task[str] | None = None
        self._indexing: asyncio.Task[None] | None = None
        shelf.watcher = self._stale.setdefault

    @property
    def model(self) -> str:
        """What makes the vectors."""
        return self._embedder.model

    async def near(self, query: str, limit: int) -> Found:
        """The `limit` items nearest to the query, and all that tie with the last of them.

        A score is the cosine between item and query times the item's weight. Raises NotEmbedded.
        """
        if self._embedding is None or self._embedding.done():
            self._embedding = asyncio.create_task(self._embed_changed())
        await asyncio.wait({self._embedding}, timeout=WAIT_S)
        if self._embedding.done() and (hindrance := self._embedding.result()):
            raise NotEmbedded(hindrance)
        if not self._vectors:
            return Found({}, frozenset(self._stale))
        (row,) = await self._embedder.embed((query,))
        async with self._one_at_a_time:
            found = await asyncio.to_thread(self._vectors.nearest, row, limit)
        without = frozenset(self._stale)
        held = self._shelf.items
        return Found(
            {key: score for key, score in found if key in held and key not in without}, without
        )

    async def _embed_changed(self) -> str:
        """Make the vectors of what changed; the hindrance, where there is one."""
        try:
            while some := tuple(islice(self._stale, ITEMS_A_BATCH)):
                items = {key: self._shelf.items[key] for key in some if key in self._shelf.items}
                await self._take(some, items)
                for key in some:
                    if self._shelf.items.get(key) is items.get(key):
                        self._stale.pop(key, None)
        except NotEmbedded as hindrance:
            return str(hindrance)
        if self._indexing is None or self._indexing.done():
            self._indexing = asyncio.create_task(self._index())
        return ""

    async def _index(self) -> None:
        """Bring the index up to date, which nobody waits for: until then all rows are read."""
        more = True
        while more:
            async with self._one_at_a_time:
                more = await asyncio.to_thread(self._vectors.index_some)

    async def _take(self, keys: tuple[str, ...], items: "Mapping[str, MemoryItem]") -> None:
        texts = tuple(map(text_of, items.values()))
        rows = list(await self._embedder.embed(texts)) if texts else []

        def put() -> None:
            for key in keys:
                self._vectors.drop(key)
            for (key, item), row in zip(items.items(), rows, strict=True):
                self._vectors.put(key, row * weight(item))

        async with self._one_at_a_time:
            await asyncio.to_thread(put)
