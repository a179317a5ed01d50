"""The embedded writer: orders the findings for each text, composes it, and reports what is short.

It holds no model and asks nobody; what it cannot ground in a finding it does not say.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from contracts.content import Citation, ContentItem, WriteContent
from contracts.envelope import Usage
from contracts.figures import values
from contracts.goal import Channel
from services.analyst.brand_voice import Voice, voice_of
from services.analyst.engines.embedded.article import article
from services.analyst.engines.embedded.desk import Desk
from services.analyst.engines.embedded.frames import LANGUAGE
from services.analyst.engines.embedded.letter import letter
from services.analyst.engines.embedded.piece import Piece, Terms
from services.analyst.engines.embedded.posts import linkedin, twitter, webhook
from services.analyst.engines.embedded.selection import for_angle, points_for
from services.analyst.engines.embedded.topics import audience_of, hashtags_of, topic_of
from services.analyst.feedback import Wishes, not_understood, read, wishes_for
from services.analyst.points import Point, subject_words
from services.analyst.ports import CannotWrite, Order, Written
from services.analyst.sentences import clipped, tidy
from services.analyst.strategy import field_of

VARIANTS = "abcd"
CITATIONS_MIN = 3
CITATIONS_MIN_TWITTER = 1
SHORTER_BY = 0.8
URL_CHARS_MAX = 500
CALL_CHARS_MAX = 100
DEFAULT_CALL = "Find out more"

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
        """English."""
        return frozenset({LANGUAGE})

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
    notes = [*not_understood(readings), *_order_notes(order.command)]
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
    command, item_id = order.command, f"{channel}-{VARIANTS[variant]}"
    voice = voice_of(
        command.business_name,
        command.brand_voice,
        also_banned=wishes.banned,
        tone=wishes.tone,
    )
    angle = (variant + wishes.turn * command.variants) % len(VARIANTS)
    if wishes.turn and command.variants == len(VARIANTS):
        angle = (variant + wishes.turn) % len(VARIANTS)
    points, notes = points_for(command, channel, voice, wishes)
    desk = Desk(
        voice=voice,
        angle=angle,
        seed=f"{order.campaign_id}/{channel}",
        points=for_angle(points, channel, angle),
        facts=_facts(command, points, voice),
        readers=subject_words(command.target_audience),
    )
    terms = _terms(command, channel, points, voice, wishes)
    piece = _composed(channel, desk, terms, wishes)
    _refuse_banned(piece, voice, item_id)
    item = _item(order, channel, variant, piece, terms)
    if command.call_to_action and terms.call != _as_call(command.call_to_action):
        notes += (f"call_to_action replaced by “{terms.call}”: a word or figure in it is refused",)
    notes = tuple(f"{item_id}: {note}" for note in (*notes, *_cap_notes(piece, wishes)))
    return _Draft(item, notes, _shortfalls(item, piece, wishes))


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


def _facts(command: WriteContent, points: Sequence[Point], voice: Voice) -> dict[str, str]:
    topic = topic_of(field_of(command.brief), points)
    audience = audience_of(command.target_audience)
    return {
        "topic": topic if voice.allows(topic) else "",
        "audience": audience if voice.allows(audience) else "",
        "business": voice.name,
    }


def _terms(
    command: WriteContent, channel: Channel, points: Sequence[Point], voice: Voice, wishes: Wishes
) -> Terms:
    planned = [
        plan.call_to_action for plan in command.brief.channel_plan if plan.channel is channel
    ]
    options = [command.call_to_action, *planned, DEFAULT_CALL, "See more", "Go on"]
    cleaned = [_as_call(option) for option in options if not values(option) & wishes.figures_out]
    website = command.website.strip()
    usable = re.fullmatch(r"https?://[^\s()<>\[\]]+", website) and len(website) <= URL_CHARS_MAX
    known = values(" ".join(f"{point.text}" for point in points))
    headline = tidy(command.brief.headline)
    sound = voice.allows(headline) and values(headline) <= known - wishes.figures_out
    topic = topic_of(field_of(command.brief), points)
    return Terms(
        call=_call(cleaned, voice),
        website=website if usable and voice.allows(website) else "",
        postal_address=tidy(command.postal_address),
        headline=headline if sound else f"News from {voice.name}",
        hashtags=hashtags_of(topic, voice.name, points, voice.allows),
    )


def _as_call(text: str) -> str:
    return clipped(tidy(text).rstrip(".:"), CALL_CHARS_MAX)


def _call(options: Sequence[str], voice: Voice) -> str:
    for call in options:
        if call and voice.allows(call):
            return call
    raise CannotWrite(
        "brand_voice.banned_words: they leave no call to action; allow one of "
        f"“{DEFAULT_CALL}”, “See more”, “Go on”, or give another call_to_action"
    )


def _refuse_banned(piece: Piece, voice: Voice, item_id: str) -> None:
    """The last look before a text leaves: a banned word in it is a fault of the order or ours."""
    said = "\n".join((piece.title, piece.preheader, piece.body, *piece.hashtags))
    offences = voice.offences(said)
    if offences:
        raise CannotWrite(
            f"brand_voice.banned_words: {item_id} cannot do without {', '.join(offences)} "
            "(often the address, the footer or a word that no English text avoids); "
            "take it off the list"
        )


def _item(order: Order, channel: Channel, variant: int, piece: Piece, terms: Terms) -> ContentItem:
    return ContentItem(
        id=f"{channel}-{VARIANTS[variant]}",
        channel=channel,
        variant=VARIANTS[variant],
        language=order.language,
        title=piece.title,
        preheader=piece.preheader,
        body_markdown=piece.body,
        call_to_action=terms.call,
        hashtags=piece.hashtags,
        citations=tuple(
            Citation(
                finding_id=claim.point.id,
                claim=claim.words,
                source_url=claim.point.finding.source_url,
            )
            for claim in piece.claims
        ),
        scheduled_at=order.command.scheduled_at,
    )


def _shortfalls(item: ContentItem, piece: Piece, wishes: Wishes) -> tuple[str, ...]:
    lines = []
    wanted = CITATIONS_MIN_TWITTER if item.channel is Channel.TWITTER else CITATIONS_MIN
    cited = len({citation.finding_id for citation in item.citations})
    if cited < wanted:
        lines.append(f"{item.id}: cites {cited} finding(s), {wanted} were wanted; add sources.")
    if piece.size < piece.least and not wishes.shorter:
        lines.append(
            f"{item.id}: {piece.size} {piece.unit}, fewer than {piece.least}: the findings do not "
            "carry more; add sources."
        )
    if piece.size > piece.most:
        lines.append(f"{item.id}: {piece.size} {piece.unit}, more than {piece.most}.")
    return tuple(lines)


def _cap_notes(piece: Piece, wishes: Wishes) -> tuple[str, ...]:
    if not wishes.shorter:
        return ()
    return (f"made shorter on request: {piece.size} {piece.unit}",)


def _order_notes(command: WriteContent) -> tuple[str, ...]:
    notes = []
    if Channel.EMAIL in command.channels and not command.postal_address.strip():
        notes.append("postal_address is empty: an e-mail to customers needs one in its footer.")
    if not command.website.strip():
        notes.append("website is empty: the call to action leads nowhere; give an address.")
    return tuple(notes)
