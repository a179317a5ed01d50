"""Counting what readers did, by tumbling windows of event time. It knows no Kafka and no clock.

The answer depends on which events there were, and on nothing else: in any order, and however often
each came, they give the same windows. So counting anew from the topic's beginning is recovery.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from contracts.analytics import (
    EngagementKind,
    EngagementRecorded,
    EngagementWindow,
    TrackedVariant,
    VariantsTracked,
)
from contracts.envelope import EventEnvelope
from contracts.goal import Channel

SIZES_S = (60, 3_600)
"""A minute, to see something happen; an hour, to see how a day went."""


class Pane(NamedTuple):
    """One window of one link."""

    size_s: int
    begins_at: datetime
    link_id: str


class Changes(NamedTuple):
    """What one event changed: windows, and channels whose variants are to be compared anew."""

    panes: frozenset[Pane] = frozenset()
    channels: frozenset[Channel] = frozenset()


NOTHING = Changes()


@dataclass(slots=True)
class Deeds:
    """What was done with one link: events by kind, and the readers behind them."""

    channel: Channel
    times: dict[EngagementKind, int] = field(default_factory=dict)
    readers: dict[EngagementKind, set[bytes]] = field(default_factory=dict)

    def add(self, kind: EngagementKind, reader: bytes) -> None:
        """One event more."""
        self.times[kind] = self.times.get(kind, 0) + 1
        self.readers.setdefault(kind, set()).add(reader)

    def people(self, kind: EngagementKind) -> int:
        """How many readers did it; one that nobody can tell apart is one for each event."""
        return len(self.readers.get(kind, ()))


class CampaignCounts:
    """What readers did with one campaign. Memory: the ids of its events, 16 bytes each, twice."""

    def __init__(self, cause: EventEnvelope) -> None:
        self.cause = cause
        """The newest event that counts: its time, its tenant, its trace."""
        self.deeds: dict[str, Deeds] = {}
        self.tracked: VariantsTracked | None = None
        self._tracked_at = datetime.min.replace(tzinfo=UTC)
        self.as_of = self._tracked_at
        self._seen: set[bytes] = set()
        self._panes: dict[Pane, dict[EngagementKind, int]] = {}

    def take(self, envelope: EventEnvelope, body: EngagementRecorded) -> Changes:
        """Count one event; NOTHING where its id was counted before."""
        event = UUID(envelope.id).bytes
        if event in self._seen:
            return NOTHING
        self._seen.add(event)
        if (body.happened_at, envelope.id) >= (self.as_of, self.cause.id):
            self.cause, self.as_of = envelope, body.happened_at
        reader = UUID(body.reader_id).bytes if body.reader_id else event
        self.deeds.setdefault(body.link_id, Deeds(body.channel)).add(body.kind, reader)
        panes = frozenset(
            Pane(size, begin_of(body.happened_at, size), body.link_id) for size in SIZES_S
        )
        for pane in panes:
            counts = self._panes.setdefault(pane, {})
            counts[body.kind] = counts.get(body.kind, 0) + 1
        return Changes(panes, frozenset({body.channel}))

    def track(self, envelope: EventEnvelope, body: VariantsTracked) -> Changes:
        """Learn which link is which variant; of several rounds the newest counts."""
        if envelope.time < self._tracked_at or body == self.tracked:
            return NOTHING
        self.tracked, self._tracked_at = body, envelope.time
        links = {variant.link_id for variant in body.variants}
        channels = frozenset(variant.channel for variant in body.variants)
        return Changes(frozenset(pane for pane in self._panes if pane.link_id in links), channels)

    def variants(self, channel: Channel) -> tuple[TrackedVariant, ...]:
        """What is compared on this channel, by item."""
        tracked = self.tracked.variants if self.tracked else ()
        own = (variant for variant in tracked if variant.channel is channel)
        return tuple(sorted(own, key=lambda variant: variant.item_id))

    def window(self, pane: Pane) -> EngagementWindow:
        """The window as it stands."""
        counts = self._panes[pane]
        return EngagementWindow(
            size_s=pane.size_s,
            begins_at=pane.begins_at,
            channel=self.deeds[pane.link_id].channel,
            link_id=pane.link_id,
            item_id=self._item(pane.link_id),
            clicks=counts.get(EngagementKind.CLICK, 0),
            opens=counts.get(EngagementKind.OPEN, 0),
            conversions=counts.get(EngagementKind.CONVERSION, 0),
        )

    @property
    def panes(self) -> Iterable[Pane]:
        """Every window that holds anything."""
        return self._panes.keys()

    def _item(self, link_id: str) -> str:
        variants = self.tracked.variants if self.tracked else ()
        return next((v.item_id for v in variants if v.link_id == link_id), "")


def begin_of(moment: datetime, size_s: int) -> datetime:
    """Where the window of this size begins that holds the moment."""
    seconds = int(moment.timestamp() // size_s) * size_s
    return datetime.fromtimestamp(seconds, UTC)
