"""Many pieces of work at once, with a task only for those that wait. It knows no records.

A task (a lane) works on one piece after the other for as long as none of them has to wait. Before
each one it sees to it that another lane stands by: where the piece waits, that one takes the next.
So work that never waits costs no task of its own, and work that waits holds nobody back.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any, Generic, TypeVar

SLICE_S = 0.005
"""So long a lane keeps the event loop to itself; then whoever else is ready has a turn."""

SLICE_MIN = 16
"""A slice has so many pieces even where it takes longer: on a full machine time passes anyhow."""

W = TypeVar("W")


class Lanes(Generic[W]):
    """At most `most` pieces in hand at once; `begin` makes a task of a lane.

    `take` gives the next piece, where one `waits`.
    """

    def __init__(
        self,
        most: int,
        waits: Callable[[], bool],
        take: Callable[[], W],
        work: Callable[[W], Coroutine[Any, Any, None]],
        begin: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._most = most
        self._waits = waits
        self._take = take
        self._work = work
        self._begin = begin
        self._open = 0
        self._standing_by = False
        self.in_hand = 0

    def start(self) -> None:
        """Have what waits taken, as far as there is a place; call it for new work.

        Call it also when a lane has ended: one ends after its slice, whether or not work waits.
        """
        if not self._standing_by and self._open < self._most and self._waits():
            self._standing_by = True
            self._open += 1
            self._begin(self._lane())

    async def _lane(self) -> None:
        self._standing_by = False
        loop = asyncio.get_running_loop()
        until = loop.time() + SLICE_S
        clean = copy_context()
        done = 0
        try:
            while self._waits():
                piece = self._take()
                self.start()
                self.in_hand += 1
                try:
                    await self._work(piece)
                finally:
                    self.in_hand -= 1
                done += 1
                if done >= SLICE_MIN and loop.time() >= until:
                    return
                if copy_context() != clean:
                    return  # what a piece left in its context is not the next one's
        finally:
            self._open -= 1
