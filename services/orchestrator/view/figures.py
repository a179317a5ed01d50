"""A campaign's figures: what readers did, by link, by channel and by variant. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.analytics import EngagementKind, TrackedLink, VariantsCompared, VariantStanding
from contracts.publish import Publication
from services.orchestrator.view.engagement import Count

_NAMES = {
    EngagementKind.CLICK: "clicks",
    EngagementKind.OPEN: "opens",
    EngagementKind.CONVERSION: "conversions",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What else is known of the variants: what was published, and how they were compared."""

    publications: Sequence[Publication] = ()
    compared: Mapping[str, VariantsCompared] = field(default_factory=dict)


def figures(
    links: Sequence[TrackedLink], found: Sequence[Count], evidence: Evidence | None = None
) -> dict[str, Any]:
    """Counts of every tracked link, of each channel with its variants, and of all together.

    A link of an earlier round is not tracked any more but what was done with it still counts: it
    is listed without an address.
    """
    evidence = evidence or Evidence()
    tracked = [_link(link, [c for c in found if c.link_id == link.id]) for link in links]
    gone = {c.link_id: c for c in found if c.link_id not in {link.id for link in links}}
    earlier = [
        {"id": count.link_id, "channel": count.channel, "path": None, "target": None, "item_id": ""}
        | _sums(c for c in found if c.link_id == count.link_id)
        for count in gone.values()
    ]
    channels = {*(link.channel.value for link in links), *(count.channel for count in found)}
    return {
        "links": tracked + earlier,
        "channels": [
            {"channel": channel}
            | _sums(c for c in found if c.channel == channel)
            | _compared(channel, tracked, evidence)
            for channel in sorted(channels)
        ],
        "total": _sums(found),
    }


def _compared(
    channel: str, tracked: Sequence[dict[str, Any]], evidence: Evidence
) -> dict[str, Any]:
    """The channel's variants side by side, and which of them is the best, if that is known."""
    own = [link for link in tracked if link["channel"] == channel and link["item_id"]]
    told = evidence.compared.get(channel)
    standings = {standing.link_id: standing for standing in told.standings} if told else {}
    sent = {(made.channel.value, made.item_id): made.sent for made in evidence.publications}
    return {
        "variants": [
            _variant(link, sent.get((channel, link["item_id"]), 0), standings.get(link["id"]))
            for link in sorted(own, key=lambda link: str(link["item_id"]))
        ],
        "winner": told.winner or None if told else None,
        "probability": told.probability if told else None,
        "why": told.why if told else _not_compared(len(own)),
        "compared_as_of": told.as_of.isoformat() if told else None,
    }


def _variant(
    link: Mapping[str, Any], sent: int, standing: VariantStanding | None
) -> dict[str, Any]:
    """One variant: how often it was sent, opened and followed, and by how many readers."""
    counted = {name: link[name] for name in ("item_id", "clicks", "opens", "conversions")}
    people = ("trials", "openers", "clickers", "converters", "probability_best")
    return {
        **counted,
        "link_id": link["id"],
        "sent": sent,
        **{name: getattr(standing, name) if standing else None for name in people},
        "traits": list(standing.traits) if standing else [],
    }


def _not_compared(variants: int) -> str:
    if variants > 1:
        return "nothing is compared yet: no reader did anything that was counted"
    return "there is one variant: nothing to compare"


def _link(link: TrackedLink, own: Sequence[Count]) -> dict[str, Any]:
    told = {
        "id": link.id,
        "channel": link.channel.value,
        "path": link.path,
        "target": link.target,
        "item_id": link.item_id,
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
