"""Whether what a role owes is worked off; it knows neither records nor the broker."""

import itertools
import time
from collections.abc import Callable
from types import TracebackType
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

    def in_hand(self, work: str, within_s: float) -> "InHand":
        """A context for work that must be over within so many seconds, whatever becomes of it."""
        return InHand(self._in_hand, next(self._numbers), (self._now() + max(0.0, within_s), work))

    def standing(self) -> Standing:
        """What has stood still for longest."""
        now, found = self._now(), Standing()
        if self._owed:
            waiting = f"{self._owed} records wait, and none was taken"
            found = Standing(now - self._moved_at, waiting)
        # A copy: the watchdog asks from a thread of its own.
        due, work = min(list(self._in_hand.values()), default=(now, ""))
        return max(found, Standing(max(0.0, now - due), f"{work} runs on after its lease"))


class InHand:
    """Work that is noted among others for as long as the context is open."""

    __slots__ = ("_among", "_number", "_work")

    def __init__(
        self, among: dict[int, tuple[float, str]], number: int, work: tuple[float, str]
    ) -> None:
        self._among = among
        self._number = number
        self._work = work

    def __enter__(self) -> None:
        self._among[self._number] = self._work

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        del self._among[self._number]
