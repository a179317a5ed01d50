"""What is settled before one text is written: its findings in order, its voice, its terms."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.content import WriteContent
from contracts.figures import values
from contracts.goal import Channel
from services.analyst.argument import subject_of
from services.analyst.brand_voice import Voice, voice_of
from services.analyst.engines.embedded.desk import Desk
from services.analyst.engines.embedded.phrasebook import BOOKS, SmallWords
from services.analyst.engines.embedded.piece import Terms
from services.analyst.engines.embedded.selection import for_angle, points_for
from services.analyst.engines.embedded.topics import audience_of, hashtags_of, topic_of
from services.analyst.feedback import Wishes
from services.analyst.points import Point, subject_words
from services.analyst.ports import CannotWrite, Order
from services.analyst.sentences import clipped, tidy
from services.analyst.strategy import field_of, goals_of

VARIANTS = "abcd"
URL_CHARS_MAX = 500
CALL_CHARS_MAX = 100
NEAR = 3
"""So many findings decide which frames fit a text; the shortest tells no more."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One text before it is written; `notes` say which of the order's wishes cannot be met."""

    item_id: str
    channel: Channel
    variant: str
    desk: Desk
    terms: Terms
    notes: tuple[str, ...]


def prepared(order: Order, channel: Channel, variant: int, wishes: Wishes) -> Prepared:
    """The text number `variant` of this channel, ready to be written. Raises CannotWrite."""
    command, item_id = order.command, f"{channel}-{VARIANTS[variant]}"
    voice = voice_of(
        command.business_name,
        command.brand_voice,
        also_banned=wishes.banned,
        tone=wishes.tone,
        language=order.language,
    )
    angle = (variant + wishes.turn * command.variants) % len(VARIANTS)
    if wishes.turn and command.variants == len(VARIANTS):
        angle = (variant + wishes.turn) % len(VARIANTS)
    points, notes = points_for(order, channel, voice, wishes)
    book = BOOKS[order.language]
    wanted = (*goals_of(command.brief), command.target_audience, field_of(command.brief))
    told = for_angle(points, channel, angle, wanted)
    desk = Desk(
        book=book,
        voice=voice,
        angle=angle,
        seed=f"{order.campaign_id}/{channel}",
        points=told,
        facts=_facts(command, told, wanted, (voice, book.words)),
        readers=subject_words(command.target_audience),
        wanted=wanted,
    )
    terms = _terms(order, channel, points, voice, wishes)
    if command.call_to_action and terms.call != _as_call(command.call_to_action):
        notes += (f"call_to_action replaced by “{terms.call}”: a word or figure in it is refused",)
    return Prepared(item_id, channel, VARIANTS[variant], desk, terms, notes)


def _facts(
    command: WriteContent,
    told: Sequence[Point],
    wanted: Sequence[str],
    by: tuple[Voice, SmallWords],
) -> dict[str, str]:
    voice, words = by
    topic = topic_of(field_of(command.brief), told)
    audience = audience_of(command.target_audience)
    subject = subject_of(wanted, told[0])
    near = told[:NEAR]
    counted = sum(bool(point.stated) for point in near) > 1
    return {
        "topic": topic if voice.allows(topic) else "",
        "audience": audience if voice.allows(audience) else "",
        "subject": subject if voice.allows(subject) else "",
        "business": voice.name,
        "figure": words.figure if counted else "",
        "figures": words.figures if counted else "",
        "links": words.links if all(point.link for point in near) else "",
    }


def _terms(
    order: Order, channel: Channel, points: Sequence[Point], voice: Voice, wishes: Wishes
) -> Terms:
    command, words = order.command, BOOKS[order.language].words
    planned = [
        plan.call_to_action for plan in command.brief.channel_plan if plan.channel is channel
    ]
    options = [command.call_to_action, *planned, *words.calls]
    cleaned = [_as_call(option) for option in options if not values(option) & wishes.figures_out]
    website = command.website.strip()
    usable = re.fullmatch(r"https?://[^\s()<>\[\]]+", website) and len(website) <= URL_CHARS_MAX
    known = values(" ".join(f"{point.text}" for point in points))
    headline = tidy(command.brief.headline)
    sound = voice.allows(headline) and values(headline) <= known - wishes.figures_out
    topic = topic_of(field_of(command.brief), points)
    return Terms(
        call=_call(cleaned, words.calls, voice),
        website=website if usable and voice.allows(website) else "",
        postal_address=tidy(command.postal_address),
        headline=headline if sound else words.news_from.format(business=voice.name),
        hashtags=hashtags_of(topic, voice.name, points, voice.allows, words.hashtag),
    )


def _as_call(text: str) -> str:
    return clipped(tidy(text).rstrip(".:"), CALL_CHARS_MAX)


def _call(options: Sequence[str], usual: Sequence[str], voice: Voice) -> str:
    for call in options:
        if call and voice.allows(call):
            return call
    raise CannotWrite(
        "brand_voice.banned_words: they leave no call to action; allow one of "
        f"{', '.join(f'“{call}”' for call in usual)}, or give another call_to_action"
    )
