"""What was learned before, by tenant and namespace: the reading side of `memory.items`."""

import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from chassis.clock import Clock
from chassis.errors import Rejected
from contracts.learn import MemoryItem

ITEMS_MAX = 10_000
"""Items kept per tenant and namespace; beyond it the least important, oldest one is let go."""

SATURATION = 1.2
LENGTH_WEIGHT = 0.75
"""The usual k1 and b of BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework)."""

_WORD = re.compile(r"\w+")
_SMALL_WORDS_TEXT = (
    "a an and are as at be but by can do for from has have how if in into is it its more not of on "
    "or our than that the their them these they this to was we were what when which who will with "
    "you your al como con de del el en entre es esta este la las lo los mas para pero por que se "
    "sin sobre su sus un una y"
)
_SMALL_WORDS = frozenset(_SMALL_WORDS_TEXT.split())


class Recall(Protocol):
    """Remembers what the log of memory holds; eventual, never another tenant's."""

    async def recall(
        self, tenant_id: str, namespace: str, *, query: str, limit: int
    ) -> tuple[tuple[MemoryItem, float], ...]:
        """The items nearest to `query`, best first, each with its score in 0..1."""
        ...


def memory_key(tenant_id: str, item: MemoryItem) -> str:
    """The key of an item on `memory.items`: `tenant_id:namespace:item_id`."""
    return f"{tenant_id}:{item.namespace}:{item.item_id}"


@dataclass(slots=True)
class _Shelf:
    """One tenant's items of one namespace, and which words stand in which of them."""

    items: dict[str, MemoryItem] = field(default_factory=dict)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    holders: dict[str, set[str]] = field(default_factory=dict)
    words_total: int = 0

    def put(self, key: str, item: MemoryItem) -> None:
        self.drop(key)
        counts = Counter(_terms(f"{item.subject} {item.text}"))
        self.items[key], self.counts[key] = item, counts
        self.words_total += counts.total()
        for term in counts:
            self.holders.setdefault(term, set()).add(key)
        if len(self.items) > ITEMS_MAX:
            self.drop(min(self.items, key=lambda held: self.items[held].importance))

    def drop(self, key: str) -> None:
        if self.items.pop(key, None) is None:
            return
        counts = self.counts.pop(key)
        self.words_total -= counts.total()
        for term in counts:
            self.holders[term].discard(key)
            if not self.holders[term]:
                del self.holders[term]

    def scores(self, terms: list[str]) -> dict[str, float]:
        """BM25 of the items that hold a term, as a share of what a perfect item would score."""
        weights = {term: self._weight(term) for term in dict.fromkeys(terms)}
        best = sum(weights.values()) * (SATURATION + 1)
        mean = self.words_total / len(self.items) if self.items else 1.0
        found: dict[str, float] = {}
        for term, weight in weights.items():
            for key in self.holders.get(term, ()):
                count, length = self.counts[key][term], self.counts[key].total()
                damped = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length / mean)
                gain = weight * count * (SATURATION + 1) / (count + damped)
                found[key] = found.get(key, 0.0) + gain / best
        return found

    def _weight(self, term: str) -> float:
        held = len(self.holders.get(term, ()))
        return math.log(1 + (len(self.items) - held + 0.5) / (held + 0.5))


class MemoryRecall:
    """A `Recall` in this process: fed record by record, found by the words of text and subject.

    Words are compared without case, accents and plural s; texts are not understood, so a
    synonym finds nothing. An item past its `expires_at` is never returned.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shelves: dict[tuple[str, str], _Shelf] = {}

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
        self._shelves.setdefault((tenant_id, namespace), _Shelf()).put(key, item)

    async def recall(
        self, tenant_id: str, namespace: str, *, query: str, limit: int
    ) -> tuple[tuple[MemoryItem, float], ...]:
        """The items that share words with `query`: best score first, then most important.

        A score is the share of what an item holding every word of the query many times would
        have: 0 < score <= 1. Returns nothing where `limit` is not positive.
        """
        shelf = self._shelves.get((tenant_id, namespace))
        if shelf is None or limit < 1:
            return ()
        self._forget_expired(shelf)
        scores = shelf.scores(_terms(query))
        ranked = sorted(
            scores.items(), key=lambda entry: (-entry[1], -shelf.items[entry[0]].importance, entry)
        )
        return tuple((shelf.items[key], min(1.0, score)) for key, score in ranked[:limit])

    def _forget_expired(self, shelf: _Shelf) -> None:
        now = self._clock.now()
        expired = [
            key
            for key, item in shelf.items.items()
            if item.expires_at is not None and item.expires_at <= now
        ]
        for key in expired:
            shelf.drop(key)


def _namespace(key: str, tenant_id: str) -> str:
    tenant, _, rest = key.partition(":")
    if tenant != tenant_id or ":" not in rest:
        raise Rejected(
            f"memory key {key} does not belong to tenant {tenant_id}; "
            "the writer must key by tenant_id:namespace:item_id"
        )
    return rest.partition(":")[0]


def _terms(text: str) -> list[str]:
    """The words that count, folded: `Bakeries` and `bakery` are one."""
    split = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in split if not unicodedata.combining(char))
    return [_singular(word) for word in _WORD.findall(bare) if word not in _SMALL_WORDS]


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    plural = len(word) > 3 and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if plural else word
