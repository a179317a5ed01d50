"""A campaign's figures: what readers did, by link and by channel. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from contracts.analytics import EngagementKind, TrackedLink
from services.orchestrator.view.engagement import Count

_NAMES = {
    EngagementKind.CLICK: "clicks",
    EngagementKind.OPEN: "opens",
    EngagementKind.CONVERSION: "conversions",
}


def figures(links: Sequence[TrackedLink], found: Sequence[Count]) -> dict[str, Any]:
    """Counts of every tracked link, of each channel, and of all together.

    A link of an earlier round is not tracked any more but what was done with it still counts: it
    is listed without an address.
    """
    tracked = [_link(link, [c for c in found if c.link_id == link.id]) for link in links]
    gone = {c.link_id: c for c in found if c.link_id not in {link.id for link in links}}
    earlier = [
        {"id": count.link_id, "channel": count.channel, "path": None, "target": None}
        | _sums(c for c in found if c.link_id == count.link_id)
        for count in gone.values()
    ]
    channels = {*(link.channel.value for link in links), *(count.channel for count in found)}
    return {
        "links": tracked + earlier,
        "channels": [
            {"channel": channel} | _sums(c for c in found if c.channel == channel)
            for channel in sorted(channels)
        ],
        "total": _sums(found),
    }


def _link(link: TrackedLink, own: Sequence[Count]) -> dict[str, Any]:
    told = {
        "id": link.id,
        "channel": link.channel.value,
        "path": link.path,
        "target": link.target,
    }
    return told | _sums(own)


def _sums(found: Iterable[Count]) -> dict[str, Any]:
    counts = tuple(found)
    told: dict[str, Any] = {
        name: sum(count.times for count in counts if count.kind is kind)
        for kind, name in _NAMES.items()
    }
    first = min((count.first for count in counts), default=None)
    last = max((count.last for count in counts), default=None)
    return told | {
        "first": first.isoformat() if first else None,
        "last": last.isoformat() if last else None,
    }
