"""Whether what a role owes is worked off; it knows neither records nor the broker."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Standing(NamedTuple):
    """How long something has stood still, and what it is; 0 seconds where everything moves."""

    seconds: float = 0.0
    what: str = ""


class Movement:
    """What is owed, since when none of it moved, and the work in hand that is past its end."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._moved_at = now()
        self._owed = 0
        self._numbers = itertools.count()
        self._in_hand: dict[int, tuple[float, str]] = {}

    def moved(self) -> None:
        """Something that was owed has been taken or done."""
        self._moved_at = self._now()

    def owes(self, count: int) -> None:
        """So much waits and could be taken now; the time runs from the first of it on."""
        if not self._owed:
            self._moved_at = self._now()
        self._owed = count

    @contextmanager
    def in_hand(self, work: str, within_s: float) -> Iterator[None]:
        """Work that must be over within so many seconds, whatever becomes of it."""
        number = next(self._numbers)
        self._in_hand[number] = (self._now() + max(0.0, within_s), work)
        try:
            yield
        finally:
            del self._in_hand[number]

    def standing(self) -> Standing:
        """What has stood still for longest."""
        now, found = self._now(), Standing()
        if self._owed:
            waiting = f"{self._owed} records wait, and none was taken"
            found = Standing(now - self._moved_at, waiting)
        # A copy: the watchdog asks from a thread of its own.
        due, work = min(list(self._in_hand.values()), default=(now, ""))
        return max(found, Standing(max(0.0, now - due), f"{work} runs on after its lease"))
