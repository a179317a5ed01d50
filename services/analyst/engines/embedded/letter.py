"""The e-mail: subject, preheader, a short letter whose findings lead to a step, and its footer."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from services.analyst.argument import Tie
from services.analyst.engines.embedded.desk import Block, Desk, Sources, claims_of, fitted, joined
from services.analyst.engines.embedded.piece import Piece, Terms, linked, named
from services.analyst.points import Point
from services.analyst.sentences import clipped, words

SUBJECT_CHARS_MAX = 60
PREHEADER_CHARS_MAX = 110
WORDS_MIN = 120
WORDS_MAX = 220
POINTS = 3
UNSUBSCRIBE_URL = "{{unsubscribe_url}}"
RULE = "---"


def letter(desk: Desk, terms: Terms) -> Piece:
    """The letter in this desk's angle; three findings where there are three."""
    points = desk.points[:POINTS]
    subject = desk.title(desk.book.subjects, SUBJECT_CHARS_MAX, points)
    said = _said(desk, points)
    preheader = clipped(desk.pick("letter.preheader", desk.book.preheaders), PREHEADER_CHARS_MAX)
    return replace(typeset(desk, terms, said), title=subject, preheader=preheader)


def typeset(desk: Desk, terms: Terms, said: Sequence[Block]) -> Piece:
    """A letter of these paragraphs, still without a subject: greeting, call and footer round them,
    every finding's source linked."""
    sources = Sources(
        after=lambda point: f"({linked(desk, point)})",
        named=lambda point: named(desk, point, link=True),
    )

    def size(kept: Sequence[Block]) -> int:
        return words(joined(kept, sources)[0].split(f"\n{RULE}\n")[0])

    most = terms.most(WORDS_MAX)
    blocks = _enclosed(desk, terms, said)
    kept = fitted(blocks, size=size, least=min(WORDS_MIN, most), most=most)
    body, claims = joined(kept, sources)
    return Piece("", body, claims, size(kept), WORDS_MIN, WORDS_MAX, "words")


def _said(desk: Desk, points: Sequence[Point]) -> list[Block]:
    lead, *rest = points
    opening = desk.opened(desk.plain(lead), lead, "letter.opening")
    why = desk.row("letter.why", desk.book.why_us)
    fillers = [
        desk.pick(f"letter.filler.{n}", desk.book.fillers) for n in range(len(desk.book.fillers))
    ]
    return [
        opening,
        *_middle(desk, lead, rest),
        Block(desk.concluded((lead, *rest), "letter.conclusion"), spare=1),
        *(Block(filler, reserve=True, spare=2) for filler in fillers),
        Block(why, spare=0),
    ]


def _middle(desk: Desk, lead: Point, rest: Sequence[Point]) -> list[Block]:
    """The other findings, each angle in a shape of its own: told one by one, each tied to the one
    before it; listed where it asks or compares; run together where it looks ahead."""
    if len(rest) >= POINTS - 1 and not desk.lean and desk.angle % 2:
        return _listed(desk, lead, rest)
    tied = [
        desk.tied(before, point, f"letter.{n}")
        for n, (before, point) in enumerate(pairwise((lead, *rest)))
    ]
    if desk.angle and len(tied) > 1 and not desk.lean:
        return [Block(" ".join(block.text for block in tied), claims_of(tied))]
    return tied


def _listed(desk: Desk, lead: Point, rest: Sequence[Point]) -> list[Block]:
    one_source = {lead.finding.source_url} == {point.finding.source_url for point in rest}
    rows = [desk.book.letter_bridges[Tie.SAME_SOURCE]] if one_source else []
    bridge = desk.row("letter.bridge", [*rows, desk.book.letter_bridges[Tie.BESIDE]])
    told = [desk.plain(point) for point in rest]
    listed = "\n".join(f"- {block.text}" for block in told)
    return [Block(bridge), Block(listed, claims_of(told))]


def _enclosed(desk: Desk, terms: Terms, said: Sequence[Block]) -> list[Block]:
    return [
        Block(desk.voice.greeting),
        *said,
        Block(terms.button()),
        Block(f"{desk.voice.farewell}  \n{desk.voice.signature}"),
        Block(RULE),
        Block("  \n".join(_footer(desk, terms))),
    ]


def _footer(desk: Desk, terms: Terms) -> tuple[str, ...]:
    address = terms.postal_address
    parts = (address,) if desk.voice.name in address else (desk.voice.name, address)
    sender = " · ".join(part for part in parts if part)
    return sender, f"{desk.book.words.unsubscribe}: {UNSUBSCRIBE_URL}"
