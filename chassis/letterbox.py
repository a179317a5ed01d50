"""The dead letters as they stand: which are open, what each holds, and who closed the others.

It only reads; `chassis.redrive` closes. A letter is known by where it stands in `dead.letters`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from chassis.broker import Incoming, Reader, TopicPartition
from chassis.codec import FRAME, MAGIC, Codec
from chassis.errors import Undecodable
from contracts import topics
from contracts.envelope import Actor
from contracts.records import DeadLetter, DeadLetterClosed, LetterAction

REDRIVES_HEADER = "sagaline_redrives"
"""How often a record was put back; on the record that was."""

_PLACE = re.compile(r"(?P<partition>\d{1,9})@(?P<offset>\d{1,18})")


class Place(NamedTuple):
    """Where a letter stands in `dead.letters`; written `partition@offset`."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}@{self.offset}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """The place that the text names. Raises ValueError."""
        found = _PLACE.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is no letter: they are called like 3@17")
        return cls(int(found["partition"]), int(found["offset"]))


@dataclass(frozen=True, slots=True)
class Closed:
    """What became of a letter."""

    action: LetterAction
    at: datetime
    actor: Actor
    reason: str


@dataclass(slots=True)
class Letter:
    """One record nobody could work on, without its value (`Letterbox.load` brings that).

    `schema` says what the value is, or at which test it failed. `attempts` counts this record and
    the times it was put back before. `copies` are further letters about the same record.
    """

    place: Place
    letter_id: str
    at: datetime
    body: DeadLetter
    size: int
    schema: str
    tenant_id: str
    campaign_id: str
    attempts: int
    copies: int = 0
    closed: list[Closed] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """True where nobody has put it back or dropped it."""
        return not self.closed

    @property
    def state(self) -> str:
        """In one word: `open`, `parked` in its campaign, or what was done with it."""
        if self.closed:
            return self.closed[-1].action.value
        return "parked" if self.body.parked else "open"

    @property
    def queue(self) -> tuple[str, bytes]:
        """Topic and key: letters of one queue are put back in their original order."""
        return self.body.topic, self.body.key

    @property
    def order(self) -> tuple[str, int, int]:
        """Where the original stands: sorting by this gives the original order."""
        return self.body.topic, self.body.partition, self.body.offset


@dataclass(frozen=True, slots=True)
class Which:
    """Which letters are meant; a field that is left empty leaves none out."""

    topic: str = ""
    cause: str = ""
    tenant_id: str = ""
    key: str = ""
    since: datetime | None = None

    def means(self, letter: Letter) -> bool:
        """True where every field that is given fits; `cause` fits as a part, in any case."""
        return (
            self.topic in ("", letter.body.topic)
            and self.cause.casefold() in letter.body.reason.casefold()
            and self.tenant_id in ("", letter.tenant_id)
            and self.key in ("", letter.body.key.decode(errors="replace"))
            and (self.since is None or letter.at >= self.since)
        )


@dataclass(frozen=True, slots=True)
class Letters:
    """Every letter that is kept, by place; `strangers` counts what is no letter of ours."""

    by_place: Mapping[Place, Letter]
    strangers: int

    def open(self, which: Which) -> tuple[Letter, ...]:
        """The open letters that are meant, in the original order of their records."""
        found = [one for one in self.by_place.values() if one.open and which.means(one)]
        return tuple(sorted(found, key=lambda letter: letter.order))

    def before(self, chosen: Sequence[Letter]) -> tuple[tuple[Letter, Letter], ...]:
        """Each chosen letter that an open one of its queue precedes unchosen, with that one.

        Records without a key have no order to keep; parked ones keep theirs where they wait.
        """
        taken = {letter.letter_id for letter in chosen}
        waiting: dict[tuple[str, bytes], Letter] = {}
        for letter in reversed(self.open(Which())):
            if letter.letter_id not in taken:
                waiting[letter.queue] = letter
        keyed = [one for one in chosen if one.body.key and not one.body.parked]
        pairs = [(one, waiting[one.queue]) for one in keyed if one.queue in waiting]
        return tuple((one, first) for one, first in pairs if first.order < one.order)


class Letterbox:
    """Reads `dead.letters`."""

    def __init__(self, reader: Reader, codec: Codec) -> None:
        self._reader = reader
        self._codec = codec

    async def letters(self) -> Letters:
        """Every letter and what became of it, up to now. Raises Retryable."""
        count = await self._reader.partitions(topics.DEAD_LETTERS)
        sources = [TopicPartition(topics.DEAD_LETTERS, number) for number in range(count)]
        bounds = await self._reader.ends(sources)
        found: dict[str, Letter] = {}
        closed: dict[str, list[Closed]] = {}
        strangers = 0
        stream = self._reader.read(
            {tp: begin for tp, (begin, _) in bounds.items()},
            {tp: end for tp, (_, end) in bounds.items()},
        )
        async for record in stream:
            told = self._told(record)
            if isinstance(told, Letter):
                known = found.setdefault(told.letter_id, told)
                known.copies += known is not told
                if known.body.parked and known is not told:  # tried again where it waits
                    known.body, known.attempts = told.body, known.copies + 1
            elif told is not None:
                closed.setdefault(told[0], []).append(told[1])
            else:
                strangers += 1
        for letter_id, deeds in closed.items():
            if letter_id in found:
                found[letter_id].closed = deeds
        return Letters({letter.place: letter for letter in found.values()}, strangers)

    async def load(self, letters: Sequence[Letter]) -> Mapping[str, Incoming]:
        """The original records, by letter id, as they stood on their topics.

        A letter that holds no value (it was too large for one, or the record had none) is looked up
        where the original stood; where retention has taken that, it is missing from the answer.
        """
        found: dict[str, Incoming] = {}
        wanted = {letter.place: letter for letter in letters}
        for number in sorted({place.partition for place in wanted}):
            offsets = [place.offset for place in wanted if place.partition == number]
            source = TopicPartition(topics.DEAD_LETTERS, number)
            stream = self._reader.read({source: min(offsets)}, {source: max(offsets) + 1})
            async for record in stream:
                letter = wanted.get(Place(number, record.offset))
                if letter is not None:
                    body = self._codec.decode(record.value).body
                    assert isinstance(body, DeadLetter)
                    found[letter.letter_id] = original(body)
        for letter in letters:
            if not letter.size and letter.body.offset >= 0:
                there = await self._original_there(letter.body)
                found.pop(letter.letter_id, None)
                if there is not None:
                    found[letter.letter_id] = there
        return found

    async def _original_there(self, body: DeadLetter) -> Incoming | None:
        source = TopicPartition(body.topic, body.partition)
        begin, end = (await self._reader.ends([source]))[source]
        if not begin <= body.offset < end:
            return None
        stream = self._reader.read({source: body.offset}, {source: body.offset + 1})
        return next(iter([record async for record in stream]), None)

    def _told(self, record: Incoming) -> Letter | tuple[str, Closed] | None:
        try:
            message = self._codec.decode(record.value)
        except Undecodable:
            return None
        envelope, body = message.envelope, message.body
        if isinstance(body, DeadLetterClosed):
            return body.letter_id, Closed(body.action, envelope.time, envelope.actor, body.reason)
        if not isinstance(body, DeadLetter):
            return None
        schema, tenant_id, campaign_id = self._content(body)
        return Letter(
            place=Place(record.partition, record.offset),
            letter_id=envelope.id,
            at=envelope.time,
            body=body.model_copy(update={"value": b""}),
            size=len(body.value),
            schema=schema,
            tenant_id=tenant_id,
            campaign_id=campaign_id,
            attempts=1 + redrives_of(body.headers),
        )

    def _content(self, body: DeadLetter) -> tuple[str, str, str]:
        """What the value is, and whose: the message's own word, else its headers'."""
        try:
            envelope = self._codec.decode(body.value, validate=False).envelope
        except Undecodable as reason:
            told = (body.headers.get(name, b"") for name in ("tenant_id", "campaign_id"))
            tenant_id, campaign_id = (value.decode(errors="replace") for value in told)
            return f"{_frame(body.value)}: {reason}", tenant_id, campaign_id
        schema = f"{envelope.type} v{envelope.schema_version} ({_frame(body.value)})"
        return schema, envelope.tenant_id, envelope.campaign_id


def original(body: DeadLetter) -> Incoming:
    """The record that the letter is about, as it stood on its topic."""
    return Incoming(
        topic=body.topic,
        partition=body.partition,
        offset=body.offset,
        key=body.key or None,
        value=body.value or None,
        headers=tuple(body.headers.items()),
    )


def redrives_of(headers: Mapping[str, bytes]) -> int:
    """How often the record with these headers was put back; 0 where nobody says so."""
    told = headers.get(REDRIVES_HEADER, b"0")
    return int(told) if told.isdigit() and len(told) < FRAME.size else 0


def _frame(value: bytes) -> str:
    if len(value) < FRAME.size or value[0] != MAGIC:
        return "no schema"
    return f"schema {FRAME.unpack_from(value)[1]}"
