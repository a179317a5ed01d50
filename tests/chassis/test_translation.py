"""A value goes to another version of its message and back; what has no word there is refused."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest

from chassis.codec import FRAME, MAGIC, Codec
from chassis.errors import Rejected, Undecodable
from chassis.translation import (
    AnotherMessage,
    SchemaTranslator,
    SchemaVersion,
    UnknownSchema,
    Untranslatable,
    ValueLost,
)
from contracts.catalog import CATALOG, Catalog, Entry
from contracts.envelope import AppName
from contracts.generate.avro import avro_schema
from contracts.goal import BrandVoice
from contracts.message import Message, Moment, Record
from tests.contracts.examples import envelope_of


def note_of_version_one() -> type[Record]:
    class Tone(StrEnum):
        """How it is said."""

        CALM = "CALM"
        LOUD = "LOUD"

    class Line(Message):
        """A part."""

        text: str
        tone: Tone

    class Note(Record):
        """A note as it was."""

        title: str
        lines: tuple[Line, ...]
        tags: dict[str, str]
        reply_to: str | None = None
        read_at: Moment | None = None

    return Note


def note_of_version_two() -> type[Record]:
    class Tone(StrEnum):
        """How it is said; one more way."""

        CALM = "CALM"
        LOUD = "LOUD"
        SUNG = "SUNG"

    class Line(Message):
        """A part, with something more."""

        text: str
        tone: Tone
        weight: int = 3

    class Note(Record):
        """A note as it is: everything that was added has a default."""

        title: str
        lines: tuple[Line, ...]
        tags: dict[str, str]
        reply_to: str | None = None
        read_at: Moment | None = None
        raw: bytes = b""
        voice: BrandVoice = BrandVoice(signature="S")
        labels: tuple[str, ...] = ("new",)
        extra: str | None = None
        mood: Tone = Tone.CALM

    return Note


ONE = Entry(note_of_version_one(), 1_999_000, "notes", AppName.EDGE)
TWO = Entry(note_of_version_two(), 1_999_001, "notes", AppName.EDGE, version=2)
FIRST = CATALOG.entries[0]
CODEC_ONE, CODEC_TWO = Codec(Catalog([ONE]), {}), Codec(Catalog([TWO]), {})
COMMON: dict[str, Any] = {
    "title": "ünïcode",
    "lines": ({"text": "a", "tone": "LOUD"}, {"text": "UNKNOWN", "tone": "CALM"}),
    "tags": {"k": "v"},
    "reply_to": "somebody",
    "read_at": "2026-03-01T12:00:00.000001Z",
}

translator = SchemaTranslator(
    {
        ONE.schema_id: SchemaVersion(1, avro_schema(ONE)),
        TWO.schema_id: SchemaVersion(2, avro_schema(TWO)),
        FIRST.schema_id: SchemaVersion(1, avro_schema(FIRST)),
    }
)


def made(entry: Entry, **fields: Any) -> Message:
    return entry.model.model_validate({**COMMON, **fields}, strict=False)


def in_version_one(**fields: Any) -> bytes:
    return CODEC_ONE.encode(envelope_of(ONE), None, made(ONE, **fields))


def in_version_two(**fields: Any) -> bytes:
    return CODEC_TWO.encode(envelope_of(TWO), None, made(TWO, **fields))


def test_version_one_becomes_version_two_with_its_defaults() -> None:
    translated = translator.translate(in_version_one(), TWO.schema_id)
    assert CODEC_TWO.decode(translated).body == made(TWO)
    assert CODEC_TWO.decode(translated).envelope == envelope_of(TWO)
    assert translated == in_version_two()


def test_version_one_comes_back_from_version_two_byte_for_byte() -> None:
    bare: dict[str, Any] = {"reply_to": None, "read_at": None, "lines": (), "tags": {}}
    for fields in ({}, bare):
        value = in_version_one(**fields)
        there = translator.translate(value, TWO.schema_id)
        assert translator.translate(there, ONE.schema_id) == value


def test_version_two_keeps_in_version_one_all_that_version_one_knows() -> None:
    value = in_version_two(raw=b"\xff", labels=("x",), extra="e", mood="SUNG")
    assert translator.translate(value, ONE.schema_id) == in_version_one()


def test_a_value_in_the_wanted_version_stays_as_it_is() -> None:
    value = in_version_two()
    assert translator.translate(value, TWO.schema_id) is value


def test_an_unknown_schema_id_is_named_on_either_side() -> None:
    with pytest.raises(UnknownSchema, match="schema id 7 is unknown"):
        translator.translate(in_version_one(), 7)
    with pytest.raises(UnknownSchema, match="schema id 9 is unknown"):
        translator.translate(FRAME.pack(MAGIC, 9) + b"x", ONE.schema_id)


def test_another_messages_id_is_refused() -> None:
    with pytest.raises(AnotherMessage, match=f"is of Note, {FIRST.schema_id} of {FIRST.name}"):
        translator.translate(in_version_one(), FIRST.schema_id)


def test_a_symbol_that_the_older_version_lacks_is_refused_and_not_turned_into_another() -> None:
    value = in_version_two(lines=({"text": "a", "tone": "CALM"}, {"text": "b", "tone": "SUNG"}))
    with pytest.raises(ValueLost, match=r"lines\[1\]\.tone is SUNG"):
        translator.translate(value, ONE.schema_id)


def test_a_field_that_is_required_there_and_missing_here_is_named() -> None:
    class Note(Record):
        """A third version that breaks the rule of defaults."""

        title: str
        owner: str

    three = Entry(Note, 1_999_002, "notes", AppName.EDGE, version=3)
    both = SchemaTranslator(
        {e.schema_id: SchemaVersion(e.version, avro_schema(e)) for e in (ONE, three)}
    )
    with pytest.raises(ValueLost, match="owner is required"):
        both.translate(in_version_one(), three.schema_id)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda value: b"",
        lambda value: value[:4],
        lambda value: b"\x01" + value[1:],
        lambda value: value[:-1],
        lambda value: value + b"\x00",
        lambda value: value[:5] + b"\xff" * 40,
    ],
)
@pytest.mark.parametrize("target", [ONE, TWO])
def test_a_broken_value_is_undecodable(spoil: Callable[[bytes], bytes], target: Entry) -> None:
    with pytest.raises(Undecodable):
        translator.translate(spoil(in_version_one()), target.schema_id)


def test_every_reaction_of_the_loop_to_these_errors_is_to_reject() -> None:
    for error in (UnknownSchema, AnotherMessage, ValueLost):
        assert issubclass(error, Untranslatable)
    assert issubclass(Untranslatable, Rejected)


def test_the_builds_own_translator_knows_every_schema_that_its_codec_reads(codec: Codec) -> None:
    own = SchemaTranslator.of(codec)
    for schema_id in codec.schemas():
        with pytest.raises(Undecodable):
            own.translate(FRAME.pack(MAGIC, schema_id), schema_id)


@pytest.fixture(scope="module")
def codec() -> Codec:
    return Codec()
