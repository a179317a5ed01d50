"""A campaign's log as server-sent events: replay from the view, then live from the tail.

One fact is one event, its id the fact's sequence; a client gets only last + 1, whichever edge it
asks. See https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import structlog

from chassis.codec import Decoded
from chassis.errors import Undecodable
from services.orchestrator.edge.context import Edge
from services.orchestrator.view.database import ViewUnavailable
from services.orchestrator.view.following import BrokenChain, Head, LogEntry, entry_of, follow
from services.orchestrator.view.following import position_of as place_of

RECONNECT_MS = 1_000
SOON_S = 0.05
"""How soon the view is asked again while the tail is known to be ahead of it."""

_BULKY = ("body", "goal")
"""Content that a stream leaves out; GET …/events has it."""


def frame(entry: LogEntry) -> str:
    """One event as it goes over the line."""
    told: dict[str, Any] = {
        "campaign_id": entry.campaign_id,
        "sequence": entry.sequence,
        "type": entry.type,
        "time": entry.time.isoformat(),
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id},
        **{name: value for name, value in entry.data.items() if name not in _BULKY},
    }
    data = json.dumps(told, separators=(",", ":"))
    return f"id: {entry.sequence}\nevent: {entry.sse_name}\ndata: {data}\n\n"


class Follower:
    """One stream's place in a campaign's log. `last` is the last sequence the client has."""

    def __init__(self, edge: Edge, tenant_id: str, campaign_id: str, last: int) -> None:
        self._edge = edge
        self._owner = (tenant_id, campaign_id)
        self._sent = last
        self._head = Head()
        self._ahead = 0

    @property
    def behind(self) -> bool:
        """True while the tail told of a fact that only the view can lead up to."""
        return self._ahead > self._head.sequence

    @property
    def over(self) -> bool:
        """True once the campaign has ended and the client has all of it."""
        saga = self._head.saga
        ended = saga is not None and saga.life.ended
        return ended and not self.behind and self._sent <= self._head.sequence

    async def catch_up(self) -> AsyncGenerator[LogEntry, None]:
        """What the view has behind the client's last event. Raises ViewUnavailable."""
        found = await self._edge.view.campaign(*self._owner)
        if found is None or found.head.sequence <= self._head.sequence:
            return
        upto, at = found.head.sequence, max(self._sent, self._head.sequence)
        while at < upto:
            entries = await self._edge.view.events(*self._owner, after=at)
            for entry in entries:
                if entry.sequence <= upto:
                    at = self._sent = entry.sequence
                    yield entry
            if not entries:
                raise ViewUnavailable(f"the view lacks event {at + 1} of {self._owner[1]}")
            if entries[-1].sequence > upto:
                break
        self._head = found.head

    def hear(self, facts: Sequence[Decoded]) -> list[LogEntry]:
        """The facts of the tail that follow on exactly; for others the view must be asked."""
        entries: list[LogEntry] = []
        for decoded in facts:
            try:
                entry = self._next(decoded)
            except (BrokenChain, Undecodable):
                entry = None
                self._ahead = max(self._ahead, self._head.sequence + 1)
            if entry is not None and entry.sequence > self._sent:
                self._sent = entry.sequence
                entries.append(entry)
        return entries

    def _next(self, decoded: Decoded) -> LogEntry | None:
        sequence = place_of(decoded).sequence
        if sequence <= self._head.sequence or decoded.envelope.tenant_id != self._owner[0]:
            return None
        if sequence > self._head.sequence + 1:
            self._ahead = max(self._ahead, sequence)
            return None
        head = follow(self._head, decoded)
        if head.saga is None:
            return None
        self._head = head
        return entry_of(decoded, head.saga, self._edge.codec)


async def stream(
    edge: Edge, tenant_id: str, campaign_id: str, last: int
) -> AsyncGenerator[str, None]:
    """The campaign's events behind `last` as frames, until it has ended."""
    loop, settings = asyncio.get_running_loop(), edge.settings
    follower = Follower(edge, tenant_id, campaign_id, last)
    spoke_at, look, pause = loop.time(), True, SOON_S
    yield f"retry: {RECONNECT_MS}\n\n"
    with edge.hub.listening(campaign_id) as listener:
        while True:
            if look:
                try:
                    async for entry in follower.catch_up():
                        spoke_at = loop.time()
                        yield frame(entry)
                except ViewUnavailable as cause:
                    structlog.get_logger("edge").warning("stream_waits", why=str(cause))
            for entry in follower.hear(listener.take()):
                spoke_at = loop.time()
                yield frame(entry)
            if follower.over:
                return
            if follower.behind:
                await asyncio.sleep(pause)
                look, pause = True, min(pause * 2, settings.view_poll_s)
            else:
                look, pause = not await listener.wait(settings.view_poll_s), SOON_S
            if loop.time() - spoke_at >= settings.heartbeat_s:
                spoke_at = loop.time()
                yield ": still here\n\n"
