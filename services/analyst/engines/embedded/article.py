"""The blog article: the reader's question, sections, what follows, what to do, and its sources."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from services.analyst.argument import part_of
from services.analyst.engines.embedded.desk import (
    Block,
    Claim,
    Desk,
    Sources,
    claims_of,
    fitted,
    joined,
)
from services.analyst.engines.embedded.piece import Piece, Terms, label_of, named
from services.analyst.engines.embedded.sections import Group, sections_of
from services.analyst.points import Point
from services.analyst.sentences import clipped, words

TITLE_CHARS_MAX = 90
WORDS_MIN = 450
WORDS_MAX = 800
POINTS = 9
STEPS_MAX = 4
PEOPLE_STEPS_MAX = 1


class Beat(Enum):
    """How a finding stands in its section: tied to the one before, before a remark, or bare, right
    behind the one before it."""

    TIED = "tied"
    FOLLOWED = "followed"
    JOINED = "joined"


RHYTHMS = (
    (Beat.FOLLOWED, Beat.TIED, Beat.JOINED, Beat.FOLLOWED),
    (Beat.JOINED, Beat.FOLLOWED, Beat.TIED, Beat.JOINED),
    (Beat.FOLLOWED, Beat.JOINED, Beat.FOLLOWED, Beat.TIED),
    (Beat.TIED, Beat.FOLLOWED, Beat.JOINED, Beat.TIED),
)
"""One row per variant, gone through in turn, so that no two sections have the same pace."""

BEATS = 4
NAMED = ("{topic}", "{subject}")
"""Either stands in one heading of an article at most."""


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
    parts = _parts(desk, rest or [lead])
    depths = [desk.row(f"article.depth.{n}", desk.book.depths) for n in range(3)]
    reserves = [Block(depth, reserve=True, spare=4) for depth in depths]
    intro = desk.opened(desk.plain(lead), lead, "article.intro")
    blocks = [intro, Block(_roadmap(desk, [group for group, _, _ in parts]), spare=2), reserves[0]]
    for number, (group, heading, points) in enumerate(parts):
        blocks += _section(desk, (number, heading, group), points)
        blocks += reserves[1:2] if number == 0 else []
    closing = Block(desk.row("article.closing", desk.book.closings))
    return [*blocks, *_takeaway(desk, reserves[2]), closing]


def _parts(desk: Desk, points: Sequence[Point]) -> list[tuple[Group, str, list[Point]]]:
    """The sections with their headings; a single one is parted in two where it is long."""
    parts = []
    named = False
    for group, told in sections_of(points):
        options = desk.book.headings[group]
        options = tuple(h for h in options if not (named and any(slot in h for slot in NAMED)))
        heading = desk.pick(f"article.heading.{group}", options, **desk.names(told[0]))
        named = named or any(
            bool(desk.facts[name]) and desk.facts[name].lower() in heading.lower()
            for name in ("topic", "subject")
        )
        parts.append((group, heading, told))
    if len(parts) == 1 and len(parts[0][2]) > 2:
        group, heading, only = parts[0]
        second = desk.pick("article.heading.second", desk.book.second_headings)
        parts = [(group, heading, only[:2]), (group, second, only[2:])]
    return parts


def _roadmap(desk: Desk, groups: Sequence[Group]) -> str:
    """Which way the article goes; empty where it has one stop."""
    named = [desk.book.groups_named[group] for group in dict.fromkeys(groups)]
    slots = dict(zip(("one", "two", "three"), named, strict=False))
    rows = [row[:1] if "three" in slots else row[1:] for row in desk.book.roadmaps]
    return desk.row("article.roadmap", rows, **slots)


def _section(desk: Desk, about: tuple[int, str, Group], points: Sequence[Point]) -> list[Block]:
    number, heading, group = about
    opening = desk.pick(f"article.section.{number}", desk.book.section_openings[group])
    blocks = [
        Block(f"## {heading or f'{desk.book.words.part} {number + 1}'}"),
        Block(opening, spare=1),
    ]
    for place, point in enumerate(points):
        slot = f"article.{number}.{place}"
        beat = RHYTHMS[desk.angle % len(RHYTHMS)][(number + place) % BEATS]
        tied = place and beat is Beat.TIED
        told = desk.tied(points[place - 1], point, slot) if tied else desk.told(point, slot)
        options = desk.book.remarks[part_of(point)] if beat is Beat.FOLLOWED else ()
        follow = "" if desk.lean and place else desk.pick(f"{slot}.follow", options)
        text = f"{told.text} {follow}".strip()
        if place and beat is Beat.JOINED and not (point.quoted or points[place - 1].quoted):
            before = blocks.pop()
            text, told = f"{before.text} {text}", replace(told, claims=claims_of((before, told)))
        spare = 3 if place >= 2 else 2 if place else 0
        blocks.append(Block(text, told.claims, spare=spare))
    return blocks


def _takeaway(desk: Desk, reserve: Block) -> list[Block]:
    """What follows, and what to do: a step for each sort of finding that was told."""
    told = desk.points[:POINTS]
    claims: list[Claim] = []
    steps: list[str] = []
    counted = [point for point in told if desk.names(point)["people"]]
    for point in counted[:PEOPLE_STEPS_MAX]:
        step = desk.row(
            "article.people", [[s] for s in desk.book.people_steps], people=point.shared
        )
        if step:
            steps.append(step)
            claims.append(Claim(point, point.shared))
    for part in dict.fromkeys(part_of(point) for point in told):
        options = desk.book.steps[part]
        step = options[desk.angle % len(options)]
        steps += [step] if desk.voice.allows(step) else []
    heading = desk.row("article.takeaway.heading", desk.book.takeaway_headings)
    return [
        Block(f"## {heading or desk.book.words.next}"),
        Block(desk.concluded(told, "article.conclusion")),
        Block("\n".join(f"- {desk.voice.spoken(s)}" for s in steps[:STEPS_MAX]), tuple(claims)),
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
