"""One tenant's remembered items of one namespace, and which words stand in which of them.

It holds so many items at most, lets go of what has expired, and understands no text.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heapify, heappop, heappush

from contracts.learn import MemoryItem

SATURATION = 1.2
LENGTH_WEIGHT = 0.75
"""The usual k1 and b of BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework)."""

IMPORTANCE_SHARE = 0.2
"""How much of a score importance decides; the rest is how near the item is."""

SLACK = 64
"""A line is made anew when more than half of it, and more than this, is out of date."""

_WORD = re.compile(r"\w+")
_SMALL_WORDS_TEXT = (
    "a an and are as at be but by can do for from has have how if in into is it its more not of on "
    "or our than that the their them these they this to was we were what when which who will with "
    "you your al como con de del el en entre es esta este la las lo los mas para pero por que se "
    "sin sobre su sus un una y"
)
_SMALL_WORDS = frozenset(_SMALL_WORDS_TEXT.split())


class Shelf:
    """Items by key; a change of one is told to whoever watches."""

    def __init__(self, items_max: int) -> None:
        self.items: dict[str, MemoryItem] = {}
        self.watcher: Callable[[str], object] = _nobody
        self._items_max = items_max
        self._least_important = _Line()
        self._soonest_expired = _Line()
        self._counts: dict[str, dict[str, int]] = {}
        self._lengths: dict[str, int] = {}
        self._words_total = 0

    def put(self, key: str, item: MemoryItem) -> None:
        """Hold the item; of too many, the least important one goes, the oldest of equals."""
        self.drop(key)
        self.items[key] = item
        self._least_important.put(key, item.importance)
        if item.expires_at is not None:
            self._soonest_expired.put(key, item.expires_at.timestamp())
        counts = Counter(_terms(text_of(item)))
        self._lengths[key] = counts.total()
        self._words_total += counts.total()
        for term, count in counts.items():
            self._counts.setdefault(term, {})[key] = count
        self.watcher(key)
        if len(self.items) > self._items_max:
            self.drop(self._least_important.first()[1])

    def drop(self, key: str) -> None:
        """Forget the item; there may be none."""
        item = self.items.pop(key, None)
        if item is None:
            return
        self._least_important.drop(key)
        self._soonest_expired.drop(key)
        self._words_total -= self._lengths.pop(key)
        for term in set(_terms(text_of(item))):
            held = self._counts[term]
            del held[key]
            if not held:
                del self._counts[term]
        self.watcher(key)

    def forget_expired(self, now: datetime) -> None:
        """Drop what expires at `now` or expired before."""
        while self._soonest_expired and self._soonest_expired.first()[0] <= now.timestamp():
            self.drop(self._soonest_expired.first()[1])

    def by_words(self, query: str) -> dict[str, float]:
        """BM25 of the items that hold a word of it, as a share of what a perfect item has: 0..1."""
        weights = {term: self._weight(term) for term in dict.fromkeys(_terms(query))}
        best = sum(weights.values()) * (SATURATION + 1)
        mean = self._words_total / len(self.items) if self.items else 1.0
        found: dict[str, float] = {}
        for term, weight in weights.items():
            for key, count in self._counts.get(term, {}).items():
                length = self._lengths[key]
                damped = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length / mean)
                gain = weight * count * (SATURATION + 1) / (count + damped)
                found[key] = found.get(key, 0.0) + gain / best
        return found

    def _weight(self, term: str) -> float:
        held = len(self._counts.get(term, ()))
        return math.log(1 + (len(self.items) - held + 0.5) / (held + 0.5))


class _Line:
    """Keys by rank, the lowest first, the oldest of equals; a key's newest rank counts."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, str]] = []
        self._turns: dict[str, int] = {}
        self._turn = 0

    def __len__(self) -> int:
        return len(self._turns)

    def put(self, key: str, rank: float) -> None:
        self._turn += 1
        self._turns[key] = self._turn
        heappush(self._heap, (rank, self._turn, key))
        if len(self._heap) > 2 * len(self._turns) + SLACK:
            self._heap = list(self._valid())
            heapify(self._heap)

    def drop(self, key: str) -> None:
        self._turns.pop(key, None)

    def first(self) -> tuple[float, str]:
        """The first rank and its key; there must be one."""
        while self._turns.get(self._heap[0][2]) != self._heap[0][1]:
            heappop(self._heap)
        rank, _, key = self._heap[0]
        return rank, key

    def _valid(self) -> Iterator[tuple[float, int, str]]:
        return (entry for entry in self._heap if self._turns.get(entry[2]) == entry[1])


def text_of(item: MemoryItem) -> str:
    """What is compared with a query: the subject, then the text."""
    return f"{item.subject}. {item.text}" if item.subject else item.text


def weight(item: MemoryItem) -> float:
    """What an item's nearness is multiplied with: 0.8 for importance 0, to 1 for importance 1."""
    return 1 - IMPORTANCE_SHARE + IMPORTANCE_SHARE * item.importance


def _nobody(key: str) -> None:
    """Nobody watches."""


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
