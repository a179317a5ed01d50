"""Vectors by key, and those nearest to another one: exactly, or by an index where there are many.

It knows no text and makes no vector. One thread at a time.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from usearch.index import Index

    from chassis.embedding import Matrix

    Places = NDArray[np.int64]

INDEX_FROM = 50_000
"""From so many rows an index proposes: reading them all takes some 5 ms on one core by then."""

ROWS_A_TURN = 256
"""Rows taken into the index in one go: some 0.2 s on one core."""

PROPOSED = 800
"""Rows that the index proposes at least; the score of each is then computed exactly."""

CONNECTIVITY, EXPANSION = 16, 128
"""The M and the efConstruction of HNSW (Malkov and Yashunin, 2016)."""

SLACK = 64
"""So many rows need no order."""

TIE = 1e-4
"""Scores closer than this are equal: batches of other sizes round differently."""


class Nearest:
    """The score of a row is its inner product with the query; rows of length 1 give the cosine.

    Rows are only ever added, to the index too, whose removals are not to be relied on (USearch
    issues 355, 393, 399). Dropped ones are passed over until they are a third of all: then the
    others move together, and the index begins anew.
    """

    def __init__(self, index_from: int = INDEX_FROM) -> None:
        self._index_from = index_from
        self._rows: Matrix = np.zeros((0, 0), dtype=np.float32)
        self._keys: list[str | None] = []
        self._places: dict[str, int] = {}
        self._dead: list[int] = []
        self._indexed = 0
        self._index: Index | None = None

    def __len__(self) -> int:
        return len(self._places)

    def put(self, key: str, row: "Matrix") -> None:
        """Hold this row under the key, instead of the one before."""
        self.drop(key)
        place = len(self._keys)
        if place == len(self._rows):
            more = np.zeros((max(ROWS_A_TURN, 2 * place), row.shape[0]), dtype=np.float32)
            more[:place] = self._rows if place else 0.0
            self._rows = more
        self._rows[place] = row
        self._keys.append(key)
        self._places[key] = place

    def drop(self, key: str) -> None:
        """Forget the key's row; there may be none."""
        place = self._places.pop(key, None)
        if place is None:
            return
        self._keys[place] = None
        self._dead.append(place)
        if len(self._dead) > SLACK + len(self._places) // 2:
            self._move_together()

    def nearest(self, query: "Matrix", limit: int) -> list[tuple[str, float]]:
        """The best `limit` keys with their scores, and all that tie with the last of them.

        In no order. All of them where there are not more; what an index proposes is most of the
        best ones, not surely all.
        """
        if not self._places or limit < 1:
            return []
        places, scores = self._scored(query, max(PROPOSED, limit))
        if len(places) > limit:
            last = np.partition(scores, -limit)[-limit]
            best = np.flatnonzero(scores >= last - TIE)
            places, scores = places[best], scores[best]
        found = zip((self._keys[place] for place in places), scores.tolist(), strict=True)
        return [(key, score) for key, score in found if key is not None]

    def index_some(self) -> bool:
        """Take some rows into the index; False where none is left, or there are too few for one."""
        if self._indexed == len(self._keys) or len(self) < self._index_from:
            return False
        if self._index is None:
            self._index = self._new_index()
        places = np.arange(self._indexed, min(self._indexed + ROWS_A_TURN, len(self._keys)))
        self._index.add(places.astype(np.uint64), self._rows[places], threads=1)
        self._indexed += len(places)
        return True

    def _scored(self, query: "Matrix", proposed: int) -> "tuple[Places, Matrix]":
        """Places and their scores, the best of all among them; those dropped have the lowest."""
        if self._index is None or self._indexed < len(self._keys):
            places = np.arange(len(self._keys))
            scores = self._rows[: len(places)] @ query
            scores[self._dead] = -np.inf
            return places, scores
        places = np.asarray(self._index.search(query, proposed).keys, dtype=np.int64)
        scores = self._rows[places] @ query
        scores[[self._keys[place] is None for place in places]] = -np.inf
        return places, scores

    def _move_together(self) -> None:
        alive = list(self._places.values())
        self._rows = self._rows[alive]
        self._keys = list(self._places)
        self._places = {key: place for place, key in enumerate(self._places)}
        self._dead, self._indexed, self._index = [], 0, None

    def _new_index(self) -> "Index":
        from usearch.index import Index

        return Index(
            ndim=self._rows.shape[1],
            metric="ip",
            dtype="f16",
            connectivity=CONNECTIVITY,
            expansion_add=EXPANSION,
            expansion_search=PROPOSED,
        )
