"""The embedded writer: orders the findings for each text, composes it, and reports what is short.

It holds no model and asks nobody; what it cannot ground in a finding it does not say.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from contracts.content import ContentItem, WriteContent
from contracts.envelope import Usage
from contracts.goal import Channel
from services.analyst.engines.embedded.article import article
from services.analyst.engines.embedded.desk import Desk
from services.analyst.engines.embedded.items import item_of, refuse_banned, shortfalls
from services.analyst.engines.embedded.letter import letter
from services.analyst.engines.embedded.phrasebook import BOOKS
from services.analyst.engines.embedded.piece import Piece, Terms
from services.analyst.engines.embedded.posts import linkedin, twitter, webhook
from services.analyst.engines.embedded.preparing import VARIANTS, prepared
from services.analyst.feedback import Wishes, not_understood, read, wishes_for
from services.analyst.ports import Order, Written

SHORTER_BY = 0.8

_COMPOSERS: dict[Channel, Callable[[Desk, Terms], Piece]] = {
    Channel.EMAIL: letter,
    Channel.BLOG: article,
    Channel.LINKEDIN: linkedin,
    Channel.TWITTER: twitter,
    Channel.WEBHOOK: webhook,
}


@dataclass(frozen=True, slots=True)
class _Draft:
    item: ContentItem
    notes: tuple[str, ...]
    short_of: tuple[str, ...]


class EmbeddedWriter:
    """A Writer that composes from cited findings; free, offline, and the same every time."""

    @property
    def languages(self) -> frozenset[str]:
        """Those with a phrasebook: English and Spanish."""
        return frozenset(BOOKS)

    async def write(self, order: Order) -> Written:
        """One item per channel and variant. Raises CannotWrite."""
        return await asyncio.to_thread(write, order)


def write(order: Order) -> Written:
    """As `EmbeddedWriter.write`, at once."""
    readings = read(order.feedback)
    drafts = [
        _draft(order, channel, variant, wishes_for(f"{channel}-{VARIANTS[variant]}", readings))
        for channel in dict.fromkeys(order.command.channels)
        for variant in range(order.command.variants)
    ]
    notes = [*not_understood(readings), *order_notes(order.command)]
    if any(reading.is_footer for reading in readings) and not order.command.postal_address:
        notes.append("The footer has no postal address because the brief gives none: add one.")
    for draft in drafts:
        notes += draft.notes
    return Written(
        items=tuple(draft.item for draft in drafts),
        usage=Usage(provider="embedded", model="sentence-frames-1"),
        notes=tuple(dict.fromkeys(notes)),
        short_of=tuple(line for draft in drafts for line in draft.short_of),
    )


def _draft(order: Order, channel: Channel, variant: int, wishes: Wishes) -> _Draft:
    text = prepared(order, channel, variant, wishes)
    piece = _composed(channel, text.desk, text.terms, wishes)
    refuse_banned(piece, text.desk.voice, text.item_id)
    item = item_of(order, text, piece)
    notes = tuple(f"{text.item_id}: {note}" for note in (*text.notes, *_cap_notes(piece, wishes)))
    return _Draft(item, notes, shortfalls(item, piece, wishes))


def _composed(channel: Channel, desk: Desk, terms: Terms, wishes: Wishes) -> Piece:
    """The text; where a shorter one is asked for, against its own usual length."""
    compose = _COMPOSERS[channel]
    if not wishes.shorter:
        return compose(desk, terms)
    usual = compose(replace(desk, used=set()), terms)
    cap = int(usual.size * SHORTER_BY**wishes.shorter)
    first = compose(replace(desk, used=set()), replace(terms, cap=cap))
    if first.size <= cap:
        return first
    brief_first = tuple(sorted(desk.points, key=lambda p: (p.quoted, len(p.text))))
    lean = replace(desk, used=set(), lean=True, points=brief_first)
    return min(first, compose(lean, replace(terms, cap=cap)), key=lambda piece: piece.size)


def _cap_notes(piece: Piece, wishes: Wishes) -> tuple[str, ...]:
    if not wishes.shorter:
        return ()
    return (f"made shorter on request: {piece.size} {piece.unit}",)


def order_notes(command: WriteContent) -> tuple[str, ...]:
    """What the order lacks, whoever writes."""
    notes = []
    if Channel.EMAIL in command.channels and not command.postal_address.strip():
        notes.append("postal_address is empty: an e-mail to customers needs one in its footer.")
    if not command.website.strip():
        notes.append("website is empty: the call to action leads nowhere; give an address.")
    return tuple(notes)
