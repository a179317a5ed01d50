"""A writer's desk for one text: its points in order, its frames, and how both become sentences.

A text is a list of blocks; a cited finding stands in it as a mark until the channel's manner of
naming sources is applied. Choices depend on the campaign, the place and the variant only.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from services.analyst.argument import Part, answers, part_of, tie_of
from services.analyst.brand_voice import Voice
from services.analyst.clauses import SPANISH as SPANISH_CODE
from services.analyst.clauses import clause_of, is_clause
from services.analyst.engines.embedded.phrasebook import ENGLISH, SPANISH, Phrasebook
from services.analyst.languages import language_of
from services.analyst.points import ELLIPSIS, Point, subject_words
from services.analyst.sentences import clipped, lowered, shortened

_SLOT = re.compile(r"\{([a-z]+)\}")
_CITE, _NAME = "⟦{}⟧", "⟦@{}⟧"
OPENS_SMALL = ("the ", "el ", "la ", ENGLISH.words.nameless, SPANISH.words.nameless)
"""So begins the name of a source that has a capital only where it opens a sentence."""

LEAN_CHARS_MAX = 100
"""Where a text must be shorter, findings lose their side clauses down to this length."""
ACCORDING_EVERY = 4
"""One plain finding in about so many is introduced by its source's name."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding's words exactly as they stand in a text."""

    point: Point
    words: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph. `spare` above 0 may be dropped, highest first; `reserve` waits to be needed."""

    text: str
    claims: tuple[Claim, ...] = ()
    spare: int = 0
    reserve: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    """How a channel names sources: after a finding, in the middle of a sentence, and whether
    a finding whose source was named needs the first as well."""

    after: Callable[[Point], str]
    named: Callable[[Point], str]
    both: bool = False


@dataclass(slots=True)
class Desk:
    """What one text is written from. `facts` fills the frames' slots; an empty one is unknown.

    `wanted` says what the text is to be about: the campaign's goals, readers and field.
    """

    voice: Voice
    angle: int
    seed: str
    points: tuple[Point, ...]
    facts: Mapping[str, str]
    book: Phrasebook = ENGLISH
    readers: frozenset[str] = frozenset()
    wanted: tuple[str, ...] = ()
    lean: bool = False
    used: set[str] = field(default_factory=set)

    def title(self, rows: Sequence[Sequence[str]], chars_max: int, about: Sequence[Point]) -> str:
        """The first frame that fits, from this angle's row, then the others; never empty.

        `{short}`, a complete clause, is taken from the first of the text's points that has one.
        """
        for turn in range(len(rows)):
            for option in rows[(self.angle + turn) % len(rows)]:
                for point in about:
                    short = "" if point.quoted else clause_of(point.text, chars_max)
                    facts = {**self.facts, **self.names(point), "short": short}
                    if not self._fits(option, facts):
                        continue
                    filled = self._filled(option, facts)
                    if len(filled) <= chars_max:
                        return filled
        return clipped(self.voice.name, chars_max)

    def names(self, point: Point) -> dict[str, str]:
        """The finding's short phrases; people count only where they are the audience."""
        found = point.names
        noun = sorted(subject_words(found["people"]))
        return found if noun and set(noun) <= self.readers else {**found, "people": ""}

    def pick(self, place: str, options: Sequence[str], **more: str) -> str:
        """One frame filled in; empty where none may be used. No frame is used twice in a text."""
        facts = {**self.facts, **more}
        fitting = [o for o in options if o not in self.used and self._fits(o, facts)]
        if not fitting:
            return ""
        frame = fitting[(_number(self.seed, place) + self.angle) % len(fitting)]
        self.used.add(frame)
        return self._filled(frame, facts)

    def row(self, place: str, rows: Sequence[Sequence[str]], **more: str) -> str:
        """As `pick`, from the row of this text's angle; another row serves where it is empty."""
        for turn in range(len(rows)):
            found = self.pick(place, rows[(self.angle + turn) % len(rows)], **more)
            if found:
                return found
        return ""

    def told(self, point: Point, place: str) -> Block:
        """The finding as a sentence of its own, its source marked."""
        cite, name = _CITE.format(point.id), _NAME.format(point.id)
        if point.quoted:
            ending = "" if point.text.endswith((ELLIPSIS, "!", "?")) else "."
            words = point.text.removesuffix(ELLIPSIS)
            finding = f"“{point.text}{ending}”{self.foreign(point)}⟦+{point.id}⟧"
            text = self.pick(place, self.book.quoting, source=name, finding=finding)
            text = text or f"“{point.text}”{self.foreign(point)} {cite}."
            return Block(text, (Claim(point, words),))
        label = point.label(self.voice.allows)
        names_itself = bool(label) and label in point.text
        soft = "" if self.lean or names_itself else lowered(point.text)
        if soft and _number(self.seed, place, point.id) % ACCORDING_EVERY == 0:
            frame = self.pick(place, self.book.according, source=name, lowered=soft)
            if frame:
                return Block(f"{frame}⟦+{point.id}⟧.", (Claim(point, soft),))
        words = self._words(point)
        return Block(f"{words} {cite}.", (Claim(point, words),))

    def foreign(self, point: Point) -> str:
        """What stands behind a quotation that is not in the text's language."""
        return f" ({self.book.words.foreign})" if point.foreign else ""

    def plain(self, point: Point) -> Block:
        """The finding in its own words, whatever came before; for openings and list items."""
        if point.quoted:
            return self.told(point, "plain")
        words = self._words(point)
        return Block(f"{words} {_CITE.format(point.id)}.", (Claim(point, words),))

    def tied(self, before: Point, point: Point, place: str, *, spare: int = 0) -> Block:
        """How the finding stands to the one before it, and the finding. A quotation brings its own
        introduction."""
        block = self.told(point, place)
        if point.quoted or self.lean:
            return replace(block, spare=spare)
        rows = [self.book.ties[key] for key in self._ties(before, point)]
        lead = next(filter(None, (self.pick(f"{place}.tie", row) for row in rows)), "")
        return replace(block, text=f"{lead} {block.text}".strip(), spare=spare)

    def _ties(self, before: Point, point: Point) -> list[str]:
        """Which ties hold between the two, the most telling first."""
        was, part, tie = part_of(before), part_of(point), tie_of(before, point)
        if answers(before, point, self.wanted):
            return ["answer", Part.REMEDY]
        if part in {Part.LIMIT, Part.RIVAL}:
            return [part]
        turns = part is not was and part is not Part.STATE
        return [part, tie] if turns and not tie.directed else [tie, part]

    def concluded(self, points: Sequence[Point], place: str) -> str:
        """What follows for the reader from these findings: from an answered trouble, else from
        what the first of them is."""
        pairs = pairwise(points)
        answered = any(answers(one, other, self.wanted) for one, other in pairs)
        keys = ["answered"] if answered else []
        rows = [self.book.conclusions[key] for key in (*keys, part_of(points[0]))]
        figure = self.book.words.figure if points[0].stated else ""
        return next(filter(None, (self.pick(place, row, figure=figure) for row in rows)), "")

    def opened(self, block: Block, point: Point, place: str) -> Block:
        """The first finding's block behind the question that it answers."""
        if point.quoted or self.lean:
            return block
        return self.framed(block, place, [self.book.openings[part_of(point)]])

    def framed(self, block: Block, place: str, rows: Sequence[Sequence[str]]) -> Block:
        """A finding's block set into a frame of this angle."""
        return replace(block, text=self.row(place, rows, finding=block.text) or block.text)

    def _words(self, point: Point) -> str:
        return (shortened(point.text, LEAN_CHARS_MAX) if self.lean else "") or point.text

    def _fits(self, frame: str, facts: Mapping[str, str]) -> bool:
        if any(not facts.get(name) for name in _SLOT.findall(frame)):
            return False
        if ": {finding}" in frame and ": " in facts["finding"]:
            return False
        own_words = {k: v for k, v in facts.items() if k not in {"finding", "lowered", "source"}}
        return self.voice.allows(self._filled(frame, own_words))

    def _filled(self, frame: str, facts: Mapping[str, str]) -> str:
        text = _SLOT.sub(lambda m: facts.get(m[1], m[0]), self.voice.spoken(frame))
        return text[:1].upper() + text[1:]


def short_of(point: Point, chars_max: int) -> str:
    """The finding within `chars_max`, side clauses dropped; empty where no clause would be left."""
    short = "" if point.quoted else shortened(point.text, chars_max)
    sound = short == point.text or language_of(short) == SPANISH_CODE or is_clause(short)
    return short if sound else ""


def joined(blocks: Sequence[Block], sources: Sources) -> tuple[str, tuple[Claim, ...]]:
    """The blocks as Markdown with their sources named, and the claims in order."""
    text = "\n\n".join(block.text for block in blocks if block.text)
    claims = claims_of(blocks)
    for claim in claims:
        point = claim.point
        after, named = sources.after(point), sources.named(point)
        text = text.replace(f" {_CITE.format(point.id)}", f" {after}" if after else "")
        text = text.replace(f"⟦+{point.id}⟧", f" {after}" if sources.both and after else "")
        name = _NAME.format(point.id)
        if named.startswith(OPENS_SMALL):
            start = named[:1].upper() + named[1:]
            for before in (". ", "! ", "? ", "\n"):
                text = text.replace(before + name, before + start)
            if text.startswith(name):
                text = start + text.removeprefix(name)
        text = text.replace(name, named)
    return text, claims


def claims_of(blocks: Iterable[Block]) -> tuple[Claim, ...]:
    """The claims in the order in which they stand."""
    return tuple(dict.fromkeys(claim for block in blocks for claim in block.claims))


def fitted(
    blocks: Sequence[Block], *, size: Callable[[Sequence[Block]], int], least: int, most: int
) -> list[Block]:
    """The blocks between `least` and `most`: reserves come in, then spare blocks go."""
    kept = [block for block in blocks if not block.reserve]
    for block in blocks:
        if block.reserve and size(kept) < least:
            chosen = {id(b) for b in (*kept, block)}
            kept = [b for b in blocks if id(b) in chosen]
    while size(kept) > most and any(block.spare for block in kept):
        worst = max(block.spare for block in kept)
        place = max(i for i, block in enumerate(kept) if block.spare == worst)
        del kept[place]
    return kept


def _number(*parts: object) -> int:
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
