"""How fast a role works, what waits for it, and when that will be done at this pace."""

import math
import time
from collections import deque
from collections.abc import Callable

from chassis import telemetry

WINDOW_S = 60.0


class Drain:
    """Seconds until what waits now is done, at the pace of the last minute."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._done = 0
        self._samples: deque[tuple[float, int]] = deque([(now(), 0)])

    def done(self, count: int) -> None:
        """So much more was done."""
        self._done += count

    def seconds(self, waiting: int) -> float:
        """0 where nothing waits, infinite where something does and nothing was done."""
        now = self._now()
        while len(self._samples) > 1 and self._samples[1][0] <= now - WINDOW_S:
            self._samples.popleft()
        since, before = self._samples[0]
        self._samples.append((now, self._done))
        if not waiting:
            return 0.0
        done, elapsed_s = self._done - before, now - since
        return waiting * elapsed_s / done if done else math.inf


class Pace:
    """A role's movement, told to its vitals and its metrics."""

    def __init__(self, role: str, vitals: telemetry.Vitals) -> None:
        self._backlog = telemetry.CONSUMER_BACKLOG.labels(role)
        self._drain_s = telemetry.DRAIN.labels(role)
        self._movement = vitals.movement
        self._drain = Drain()

    def took(self) -> None:
        """A record was taken in hand."""
        self._movement.moved()

    def done(self, count: int = 1) -> None:
        """So many records are done."""
        self._movement.moved()
        self._drain.done(count)

    def unknown(self) -> None:
        """Nobody can say what waits: then nobody can say that it stands still."""
        self._movement.owes(0)

    def report(self, backlog: int, *, owed: int, in_hand: int = 0) -> None:
        """What is still to be read; `owed` of it could be read now; `in_hand` was read before."""
        self._movement.owes(owed)
        self._backlog.set(backlog)
        self._drain_s.set(self._drain.seconds(backlog + in_hand))
