"""From a finished piece to a content item, and what still is short of it."""

from contracts.content import Citation, ContentItem
from contracts.goal import Channel
from services.analyst.brand_voice import Voice
from services.analyst.engines.embedded.piece import Piece
from services.analyst.engines.embedded.preparing import Prepared
from services.analyst.feedback import Wishes
from services.analyst.ports import CannotWrite, Order

CITATIONS_MIN = 3
CITATIONS_MIN_TWITTER = 1


def citations_wanted(channel: Channel) -> int:
    """How many findings a text of this channel cites where there are so many."""
    return CITATIONS_MIN_TWITTER if channel is Channel.TWITTER else CITATIONS_MIN


def refuse_banned(piece: Piece, voice: Voice, item_id: str) -> None:
    """The last look before a text leaves: a banned word in it is a fault of the order or ours."""
    said = "\n".join((piece.title, piece.preheader, piece.body, *piece.hashtags))
    offences = voice.offences(said)
    if offences:
        raise CannotWrite(
            f"brand_voice.banned_words: {item_id} cannot do without {', '.join(offences)} "
            "(often the address, the footer or a word that no English text avoids); "
            "take it off the list"
        )


def item_of(order: Order, text: Prepared, piece: Piece) -> ContentItem:
    """The finished text as the contract wants it, each claim with its finding's address."""
    return ContentItem(
        id=text.item_id,
        channel=text.channel,
        variant=text.variant,
        language=order.language,
        title=piece.title,
        preheader=piece.preheader,
        body_markdown=piece.body,
        call_to_action=text.terms.call,
        hashtags=piece.hashtags,
        citations=tuple(
            Citation(
                finding_id=claim.point.id,
                claim=claim.words,
                source_url=claim.point.finding.source_url,
            )
            for claim in piece.claims
        ),
        scheduled_at=order.command.date_of(text.channel),
    )


def shortfalls(item: ContentItem, piece: Piece, wishes: Wishes) -> tuple[str, ...]:
    """Where the text is less than asked: citations, or a length outside its channel's range."""
    lines = []
    wanted = citations_wanted(item.channel)
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
