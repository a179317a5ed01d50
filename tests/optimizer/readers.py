"""Readers of two variants of a mail, as the edge records them: seeded, so a failure comes again."""

from datetime import UTC, datetime, timedelta
from random import Random

from chassis.broker import Outgoing
from chassis.codec import Codec
from chassis.messages import Conversation, Speaker, record
from contracts import identity
from contracts.analytics import (
    EngagementKind,
    EngagementRecorded,
    TrackedVariant,
    VariantsTracked,
    link_id,
)
from contracts.catalog import CATALOG
from contracts.envelope import Actor, ActorKind, AppName
from contracts.goal import Channel
from contracts.identity import EFFECTS, derived
from contracts.message import Record

TENANT = "11111111-1111-4111-8111-111111111111"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEPT = timedelta(days=365)
CODEC = Codec()
EDGE = Speaker(AppName.EDGE, Actor(kind=ActorKind.PERSON, id="anonymous"))
SUBJECT = "people who bake bread at home | flour mill"
TRAITS = {
    "email-a": ("its title makes a statement", "its title has no figure"),
    "email-b": ("its title asks a question", "its title names a figure"),
}


def campaign_of(name: str) -> str:
    return identity.campaign_id(TENANT, name)


def link_of(campaign: str, item: str) -> str:
    return link_id(campaign, Channel.EMAIL, item, identity.effect_key(campaign, "publish.email", 1))


def tracked(name: str, sent: int = 100, subject: str = SUBJECT) -> VariantsTracked:
    campaign = campaign_of(name)
    return VariantsTracked(
        campaign_name=f"Campaign {name}",
        subject=subject,
        variants=tuple(
            TrackedVariant(
                link_id=link_of(campaign, item),
                channel=Channel.EMAIL,
                item_id=item,
                sent=sent,
                traits=traits,
            )
            for item, traits in TRAITS.items()
        ),
    )


def said(name: str, body: Record, fact: object, at: datetime) -> Outgoing:
    """The record of one message; the same `fact` gives the same id."""
    campaign = campaign_of(name)
    entry = CATALOG.entry_of(type(body))
    event_id = derived(EFFECTS, campaign, "fact", fact)
    envelope = EDGE.first(entry, event_id, Conversation(TENANT, campaign), at=at)
    return record(entry.topic, envelope, CODEC.encode(envelope, None, body))


def did(name: str, item: str, kind: EngagementKind, reader: int, minute: float = 0.0) -> Outgoing:
    """One reader's deed; each reader does each thing once."""
    campaign = campaign_of(name)
    at = START + timedelta(minutes=minute)
    body = EngagementRecorded(
        kind=kind,
        channel=Channel.EMAIL,
        link_id=link_of(campaign, item),
        reader_id=derived(EFFECTS, campaign, "reader", item, reader),
        happened_at=at,
    )
    return said(name, body, (item, kind, reader), at)


def crowd(name: str, *, seed: int, sent: int = 100) -> list[Outgoing]:
    """What readers of one campaign do within three hours, not in the order in which it happens.

    Variant b is better where the seed is odd; else the two are alike.
    """
    chance = Random(seed)
    rates = {"email-a": 0.1, "email-b": 0.35 if seed % 2 else 0.1}
    found = []
    for item, rate in rates.items():
        for reader in range(sent):
            minute = chance.uniform(0, 180)
            if chance.random() < 0.5:
                found.append(did(name, item, EngagementKind.OPEN, reader, minute))
            if chance.random() < rate:
                found.append(did(name, item, EngagementKind.CLICK, reader, minute))
                if chance.random() < 0.3:
                    found.append(did(name, item, EngagementKind.CONVERSION, reader, minute + 5))
    chance.shuffle(found)
    first = said(name, tracked(name, sent), "tracked", START)
    return [*found[:20], first, *found[20:]]
