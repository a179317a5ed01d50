"""Work that must end in time, stopped where it does not; one timer for all that is in hand.

It does what `asyncio.timeout` does. That one makes a timer for every piece of work, and most work
is over long before: here the earliest end alone has one, and it stays when its work is done.
"""

import asyncio
from types import TracebackType
from typing import Self


class Expiry:
    """The spans of time that are running, each in a task."""

    def __init__(self) -> None:
        self._running: dict[Span, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> "Span":
        """A context whose content is cancelled after so many seconds, and raises TimeoutError."""
        return Span(self, asyncio.get_running_loop().time() + seconds)

    def begin(self, span: "Span") -> None:
        """The span's content runs."""
        self._running[span] = None
        if self._timer is None or span.until < self._timer.when():
            self._wind_up(span.until)

    def end(self, span: "Span") -> None:
        """The span's content is over."""
        self._running.pop(span, None)

    def _wind_up(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(at, self._look)

    def _look(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        for span in [one for one in self._running if one.until <= now]:
            del self._running[span]
            span.expire()
        if self._running:
            self._wind_up(min(one.until for one in self._running))


class Span:
    """A time within which its content must end; `expired` says whether it was cut off."""

    __slots__ = ("_before", "_expiry", "_task", "expired", "until")

    def __init__(self, expiry: Expiry, until: float) -> None:
        self._expiry = expiry
        self.until = until
        self.expired = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None, "only a task can be cut off"
        self._task = task
        self._before = task.cancelling()
        self._expiry.begin(self)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._expiry.end(self)
        if not self.expired:
            return
        ours = self._task.uncancel() <= self._before  # nobody else asked for the task's end
        if ours and exc_type is asyncio.CancelledError:
            raise TimeoutError from exc

    def expire(self) -> None:
        """The time is over: cut the content off."""
        self.expired = True
        self._task.cancel()
