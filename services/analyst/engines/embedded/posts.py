"""The short texts: LinkedIn, Twitter and the webhook's announcement, each within its limit."""

from collections.abc import Sequence
from dataclasses import replace

from services.analyst.argument import part_of
from services.analyst.engines.embedded.desk import (
    Block,
    Claim,
    Desk,
    Sources,
    fitted,
    joined,
    short_of,
)
from services.analyst.engines.embedded.piece import Piece, Terms, label_of, named
from services.analyst.points import Point
from services.analyst.sentences import clipped, shortened

LINKEDIN_CHARS_MAX = 1_300
LINKEDIN_HOOK_CHARS_MAX = 140
LINKEDIN_POINTS = 3
TWITTER_CHARS_MAX = 280
CITED_MIN = 3
"""A text asked to be shorter keeps this many findings; only its hard limit takes more."""
LABEL_ROOM = 90
"""Left for the frame and the source's name when a finding is cut to size."""
WEBHOOK_CHARS_MAX = 1_200
WEBHOOK_POINTS = 3
TITLE_CHARS_MAX = 240

_LIGHT = (range(4_352), range(8_192, 8_206), range(8_208, 8_224), range(8_242, 8_248))


def linkedin(desk: Desk, terms: Terms) -> Piece:
    """A hook, three findings with their sources, what follows, a question, the call, hashtags."""
    hook = _hook(desk)
    used = {claim.point.id for claim in hook.claims}
    rest = [point for point in desk.points if point.id not in used] or list(desk.points)
    listed = rest[:LINKEDIN_POINTS]
    told = [*(claim.point for claim in hook.claims), *listed]
    question = desk.pick("post.question", desk.book.post_questions[part_of(told[0])])
    blocks = [
        hook,
        Block(desk.row("post.bridge", desk.book.post_bridges), spare=2),
        *(_bullet(desk, point) for point in listed),
        Block(desk.concluded(told, "post.conclusion"), spare=3),
        Block("" if question in hook.text else question, spare=1),
        Block(terms.line()),
        Block(" ".join(terms.hashtags)),
    ]
    piece = _plain(desk, blocks, terms.most(LINKEDIN_CHARS_MAX), LINKEDIN_CHARS_MAX)
    title = piece.title if hook.claims else clipped(hook.text, TITLE_CHARS_MAX)
    return replace(piece, title=title, hashtags=terms.hashtags)


def twitter(desk: Desk, terms: Terms) -> Piece:
    """One finding and one link. Of the findings in order, the first that fits whole is taken."""
    most = terms.most(TWITTER_CHARS_MAX)
    points = sorted(desk.points, key=lambda point: point.quoted)
    for with_call in (True, False):
        for point in points:
            tail = _tail(terms, point, with_call=with_call)
            for words in (point.text, shortened(point.text, most - len(tail) - LABEL_ROOM)):
                text = _tweet(desk, point, words)
                if words and weight(text + tail) <= most:
                    return _one_tweet(text + tail, Claim(point, words))
    room = most - 4
    if weight(points[0].text) > len(points[0].text):
        room //= 2
    words = clipped(points[0].text, room)
    return _one_tweet(f"“{words} …”", Claim(points[0], words))


def weight(text: str) -> int:
    """How much of a tweet `text` takes: most alphabets weigh one a letter, others and signs two.

    Source: twitter-text, configuration v3. Addresses are counted in full, which is never less.
    """
    return sum(1 if any(ord(c) in span for span in _LIGHT) else 2 for c in text)


def _tail(terms: Terms, point: Point, *, with_call: bool) -> str:
    link = terms.website or point.link
    if not with_call:
        return f" {link}" if link else ""
    return f" {terms.call}: {link}" if terms.website else f" {terms.call}. {link}".rstrip()


def _tweet(desk: Desk, point: Point, words: str) -> str:
    said = f"“{words}”{desk.foreign(point)}" if point.quoted else words
    finding = f"{said} ({label_of(desk, point)})."
    if point.quoted:
        return finding
    if not desk.angle:
        return finding
    return desk.pick("tweet", desk.book.tweets[part_of(point)], finding=finding) or finding


def _one_tweet(body: str, *claims: Claim) -> Piece:
    title = clipped(claims[0].words, TITLE_CHARS_MAX)
    return Piece(title, body, claims, weight(body), 0, TWITTER_CHARS_MAX, "characters")


def webhook(desk: Desk, terms: Terms) -> Piece:
    """A neutral announcement in one paragraph per thought."""
    points = desk.points[:WEBHOOK_POINTS]
    linking = [
        desk.row(f"announcement.link.{n}", desk.book.announcement_links) for n in range(len(points))
    ]
    blocks = [Block(desk.row("announcement", desk.book.announcements))]
    for number, point in enumerate(points):
        told = desk.plain(point)
        lead = linking[number] if number and not point.quoted and not desk.lean else ""
        blocks.append(Block(f"{lead} {told.text}".strip(), told.claims))
    blocks.append(Block(terms.line()))
    piece = _plain(desk, blocks, terms.most(WEBHOOK_CHARS_MAX), WEBHOOK_CHARS_MAX)
    return replace(piece, title=_announced(desk, terms))


def _announced(desk: Desk, terms: Terms) -> str:
    headline = terms.headline_over(desk.points[0]) or short_of(desk.points[0], TITLE_CHARS_MAX)
    return clipped(headline or desk.voice.name, TITLE_CHARS_MAX)


def _hook(desk: Desk) -> Block:
    """The first line; where it holds a finding, that is cited like any other."""
    for point in desk.points[: LINKEDIN_POINTS + 1]:
        short = short_of(point, LINKEDIN_HOOK_CHARS_MAX)
        if short and desk.voice.allows(short):
            finding = f"{short} ⟦{point.id}⟧."
            text = desk.pick("post.hook", _hooks(desk, point), finding=finding) or finding
            is_cited = f"⟦{point.id}⟧" in text
            return Block(text, (Claim(point, short),) if is_cited else ())
    return Block(desk.row("post.hook", desk.book.hooks) or desk.voice.name)


def _hooks(desk: Desk, point: Point) -> Sequence[str]:
    """The first variant says the finding plainly, the fourth begins without one."""
    if not desk.angle:
        return ("{finding}",)
    bare = desk.angle == len(desk.book.hooks) - 1
    return desk.book.hooks[desk.angle] if bare else desk.book.tweets[part_of(point)]


def _bullet(desk: Desk, point: Point) -> Block:
    """A line of the post; where it asks or compares, a paragraph without a bullet."""
    told = desk.plain(point)
    return told if desk.angle % 2 else Block(f"• {told.text}", told.claims)


def typeset(desk: Desk, blocks: Sequence[Block], usual: int) -> Piece:
    """A post of these paragraphs as they are, each finding's source named behind it."""
    body, claims = joined(blocks, _behind(desk))
    title = clipped(claims[0].words if claims else desk.voice.name, TITLE_CHARS_MAX)
    return Piece(title, body, claims, len(body), 0, usual, "characters")


def typeset_tweet(desk: Desk, terms: Terms, said: Sequence[Block]) -> Piece:
    """A tweet of these words, the call behind them."""
    body, claims = joined(said, _behind(desk))
    return _one_tweet(body + _tail(terms, claims[0].point, with_call=True), *claims)


def _plain(desk: Desk, blocks: Sequence[Block], most: int, usual: int) -> Piece:
    sources = _behind(desk)

    def size(kept: Sequence[Block]) -> int:
        return len(joined(kept, sources)[0])

    kept = fitted(blocks, size=size, least=0, most=most)
    while size(kept) > most:
        cited = [block for block in kept if block.claims]
        if not cited or (len(cited) <= CITED_MIN and size(kept) <= usual):
            break
        kept.remove(max(cited, key=lambda block: len(block.text)))
    return typeset(desk, kept, usual)


def _behind(desk: Desk) -> Sources:
    return Sources(
        after=lambda point: f"({label_of(desk, point)})",
        named=lambda point: named(desk, point),
    )
