"""The blog article: intro, sections of findings, what to do with them, and a list of sources."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from contracts.research import FindingKind
from services.analyst.engines.embedded.desk import (
    Block,
    Claim,
    Desk,
    Sources,
    claims_of,
    fitted,
    joined,
    tone_of,
)
from services.analyst.engines.embedded.piece import Piece, Terms, label_of, named
from services.analyst.points import Point
from services.analyst.sentences import clipped, words

TITLE_CHARS_MAX = 90
WORDS_MIN = 450
WORDS_MAX = 800
POINTS = 9
SECTION_POINTS_MAX = 4
PEOPLE_STEPS_MAX = 2


class Beat(Enum):
    """How a finding stands in its section: behind a transition, before a remark, or bare, right
    behind the one before it."""

    LED = "led"
    FOLLOWED = "followed"
    JOINED = "joined"


RHYTHMS = (
    (Beat.FOLLOWED, Beat.LED, Beat.JOINED, Beat.FOLLOWED),
    (Beat.JOINED, Beat.FOLLOWED, Beat.LED, Beat.JOINED),
    (Beat.FOLLOWED, Beat.JOINED, Beat.FOLLOWED, Beat.LED),
    (Beat.LED, Beat.FOLLOWED, Beat.JOINED, Beat.LED),
)
"""One row per variant, gone through in turn, so that no two sections have the same pace."""

BEATS = 4
TOPIC = "{topic}"
"""Stands in one heading of an article at most."""


def article(desk: Desk, terms: Terms) -> Piece:
    """The article in this desk's angle."""
    desk.facts = {**desk.facts, "headline": terms.headline_over(desk.points[0])}
    title = desk.title(desk.book.titles, TITLE_CHARS_MAX, desk.points[:1])
    return replace(typeset(desk, terms, _said(desk)), title=title)


def typeset(desk: Desk, terms: Terms, said: Sequence[Block]) -> Piece:
    """An article of these paragraphs, still without a title: the call and the list of its sources
    after them, every finding with its number."""
    blocks = [*said, Block(terms.button())]

    def size(kept: Sequence[Block]) -> int:
        return words(_rendered(desk, kept)[0])

    most = terms.most(WORDS_MAX)
    kept = fitted(blocks, size=size, least=min(WORDS_MIN, most), most=most)
    body, claims = _rendered(desk, kept)
    return Piece("", body, claims, words(body), WORDS_MIN, WORDS_MAX, "words")


def _said(desk: Desk) -> list[Block]:
    lead, *rest = desk.points[:POINTS]
    intro = desk.plain(lead)
    if not lead.quoted:
        intro = desk.framed(intro, "article.intro", desk.book.intros)
    depths = [desk.row(f"article.depth.{n}", desk.book.depths) for n in range(3)]
    reserves = [Block(depth, reserve=True, spare=4) for depth in depths]
    blocks = [intro, reserves[0]]
    for number, (heading, kind, points) in enumerate(_sections(desk, rest or [lead])):
        blocks += _section(desk, (number, heading, kind), points)
        blocks += reserves[1:2] if number == 0 else []
    closing = Block(desk.row("article.closing", desk.book.closings))
    return [*blocks, *_takeaway(desk, reserves[2]), closing]


def _sections(desk: Desk, points: Sequence[Point]) -> list[tuple[str, FindingKind, list[Point]]]:
    """At most three sections, by kind, in the order in which the kinds come up."""
    sections = []
    named = not desk.facts["topic"]
    for kind in dict.fromkeys(point.kind for point in points):
        of_kind = [point for point in points if point.kind is kind]
        place = f"article.heading.{kind}"
        options = [h for h in desk.book.headings[kind] if not (named and TOPIC in h)]
        heading = desk.pick(place, options, **desk.names(of_kind[0]))
        named = named or desk.facts["topic"].lower() in heading.lower()
        sections.append((heading, kind, of_kind[:SECTION_POINTS_MAX]))
    if len(sections) == 1 and len(sections[0][2]) > 2:
        heading, kind, only = sections[0]
        second = desk.pick("article.heading.second", desk.book.second_headings)
        sections = [(heading, kind, only[:2]), (second, kind, only[2:])]
    return sections


def _section(
    desk: Desk, about: tuple[int, str, FindingKind], points: Sequence[Point]
) -> list[Block]:
    number, heading, kind = about
    opening = desk.pick(f"article.section.{number}", desk.book.section_openings[kind])
    blocks = [
        Block(f"## {heading or f'{desk.book.words.part} {number + 1}'}"),
        Block(opening, spare=1),
    ]
    for place, point in enumerate(points):
        slot = f"article.{number}.{place}"
        beat = RHYTHMS[desk.angle % len(RHYTHMS)][(number + place) % BEATS]
        told = desk.led(point, slot) if place and beat is Beat.LED else desk.told(point, slot)
        options = desk.book.follows[tone_of(point)] if beat is Beat.FOLLOWED else ()
        follow = "" if desk.lean and place else desk.pick(f"{slot}.follow", options)
        text = f"{told.text} {follow}".strip()
        if place and beat is Beat.JOINED and not (point.quoted or points[place - 1].quoted):
            before = blocks.pop()
            text, told = f"{before.text} {text}", replace(told, claims=claims_of((before, told)))
        spare = 3 if place >= 2 else 2 if place else 0
        blocks.append(Block(text, told.claims, spare=spare))
    return blocks


def _takeaway(desk: Desk, reserve: Block) -> list[Block]:
    steps = list(desk.book.steps[desk.angle % len(desk.book.steps)])
    claims: list[Claim] = []
    counted = [point for point in desk.points[:POINTS] if desk.names(point)["people"]]
    for point in counted[:PEOPLE_STEPS_MAX]:
        rows = [[step] for step in desk.book.people_steps]
        step = desk.row("article.people", rows, people=point.shared)
        if step:
            steps.insert(0, step)
            claims.append(Claim(point, point.shared))
    heading = desk.row("article.takeaway.heading", desk.book.takeaway_headings)
    allowed = [step for step in steps if desk.voice.allows(step)]
    return [
        Block(f"## {heading or desk.book.words.next}"),
        Block(desk.row("article.takeaway", desk.book.takeaways), spare=1),
        Block("\n".join(f"- {desk.voice.spoken(step)}" for step in allowed), tuple(claims)),
        reserve,
    ]


def _rendered(desk: Desk, blocks: Sequence[Block]) -> tuple[str, tuple[Claim, ...]]:
    """The article with numbered links, and its sources; a source without a page goes by name."""
    points = [claim.point for claim in claims_of(blocks)]
    numbers = {
        link: number
        for number, link in enumerate(dict.fromkeys(p.link for p in points if p.link), start=1)
    }

    def after(point: Point) -> str:
        if not point.link:
            return f"({label_of(desk, point)})"
        return f"([{numbers[point.link]}]({point.link}))"

    sources = Sources(after=after, named=lambda point: named(desk, point), both=True)
    body, claims = joined(blocks, sources)
    listed = dict.fromkeys(_entry(desk, point, numbers) for point in points)
    return f"{body}\n\n## {desk.book.words.sources}\n\n" + "\n".join(listed), claims


def _entry(desk: Desk, point: Point, numbers: dict[str, int]) -> str:
    title = clipped(label_of(desk, point, title=True), 160)
    if not point.link:
        return f"- {title}"
    return f"- [{numbers[point.link]}]({point.link}) {title}"
