"""From events to records: campaigns counted, and what has to be told of what changed.

It knows no Kafka: it is given decoded messages and gives records to write.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from chassis.broker import Outgoing
from chassis.codec import Codec, Decoded
from chassis.messages import Speaker, record
from chassis.recall import memory_key
from contracts import topics
from contracts.analytics import EngagementRecorded, VariantsTracked
from contracts.catalog import CATALOG
from contracts.envelope import Actor, ActorKind, AppName
from contracts.goal import Channel
from contracts.identity import FACTS, derived
from contracts.learn import LESSONS_NAMESPACE
from contracts.message import Record
from services.optimizer.comparing import compared, lesson_id, lesson_of
from services.optimizer.windows import NOTHING, CampaignCounts, Changes, Pane

WINDOWS = "windows"
"""The role's name, and its group's."""

NOTHING_TOLD = ""

Campaign = tuple[str, str]
"""A tenant's id and a campaign's: nobody counts in another tenant's campaign."""

_SPEAKER = Speaker(AppName.OPTIMIZER, Actor(kind=ActorKind.SERVICE, id=WINDOWS))


class Reckoning:
    """The counts of every campaign of some partitions, and what is still to be told of them."""

    def __init__(self, codec: Codec, kept: timedelta) -> None:
        self._codec = codec
        self._kept = kept
        self._campaigns: dict[Campaign, CampaignCounts] = {}
        self._panes: dict[Campaign, set[Pane]] = {}
        self._channels: dict[Campaign, set[Channel]] = {}
        self._winners: dict[tuple[Campaign, Channel], str] = {}

    def take(self, decoded: Decoded, *, told: bool = False) -> str:
        """Count one message: `counted`, `repeated` where it was before, `refused` for others.

        What was `told` before a restart is counted, and not told again.
        """
        envelope, body = decoded.envelope, decoded.body
        own = (envelope.tenant_id, envelope.campaign_id)
        if not isinstance(body, EngagementRecorded | VariantsTracked):
            return "refused"
        if own not in self._campaigns:
            self._campaigns[own] = CampaignCounts(envelope)
        counts = self._campaigns[own]
        if isinstance(body, EngagementRecorded):
            changes = counts.take(envelope, body)
        else:
            changes = counts.track(envelope, body)
        if not told:
            self._note(own, changes)
        return "repeated" if changes is NOTHING else "counted"

    def _note(self, own: Campaign, changes: Changes) -> None:
        self._panes.setdefault(own, set()).update(changes.panes)
        self._channels.setdefault(own, set()).update(changes.channels)

    def tell(self) -> list[Outgoing]:
        """The records of what changed since the last time, each as it stands now."""
        panes, self._panes = self._panes, {}
        channels, self._channels = self._channels, {}
        told = [one for own in panes for one in self._windows(own, panes[own])]
        told += [one for own in channels for one in self._comparisons(own, channels[own])]
        return told

    def _windows(self, own: Campaign, panes: Iterable[Pane]) -> Iterator[Outgoing]:
        counts = self._campaigns[own]
        for pane in sorted(panes):
            window = counts.window(pane)
            key = f"{own[1]}:{pane.size_s}:{pane.begins_at.isoformat()}:{pane.link_id}"
            yield self._record(counts, window, key)

    def _comparisons(self, own: Campaign, channels: Iterable[Channel]) -> Iterator[Outgoing]:
        counts = self._campaigns[own]
        for channel in sorted(channels):
            found = compared(own[1], counts, channel)
            if found is None:
                continue
            yield self._record(counts, found, f"{own[1]}:{channel}:variants")
            lesson = lesson_of(own[1], counts, found, self._kept)
            if lesson is not None:
                yield self._record(counts, lesson, memory_key(own[0], lesson))
            elif self._winners.get((own, channel)) != NOTHING_TOLD:
                yield _forgotten(own, channel)
            self._winners[own, channel] = found.winner

    def _record(self, counts: CampaignCounts, body: Record, key: str) -> Outgoing:
        entry, cause = CATALOG.entry_of(type(body)), counts.cause
        message_id = derived(FACTS, cause.id, key)
        envelope = _SPEAKER.answer(cause, entry, message_id, at=cause.time)
        return record(entry.topic, envelope, self._codec.encode(envelope, None, body), key)


def _forgotten(own: Campaign, channel: Channel) -> Outgoing:
    """Takes a lesson back whose evidence is not enough (any more), or was told before a restart."""
    key = f"{own[0]}:{LESSONS_NAMESPACE}:{lesson_id(own[1], channel)}"
    return Outgoing(topics.MEMORY, key.encode(), None)
