"""Messages to framed Avro bytes and back. It knows the wire format and no broker.

Frame: a zero byte, the schema's id (4 bytes, big-endian), then the Avro record; see
https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from types import MappingProxyType
from typing import Any, NamedTuple, Self, TypeVar, cast

from fastavro import parse_schema, schemaless_reader, schemaless_writer
from fastavro.read import SchemaResolutionError
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chassis.avro import UNCOMMON, Read, Write, reader_of, writer_of
from chassis.errors import Undecodable
from contracts.catalog import CATALOG, Catalog, Entry
from contracts.envelope import EventEnvelope, LogPosition, StepCall, StepDone
from contracts.generate.avro import UNKNOWN, Schema, avro_schema
from contracts.generate.committed import older_schemas
from contracts.generate.shapes import HEADERS
from contracts.message import Message

Header = StepCall | StepDone | LogPosition
Fields = dict[str, Any]

MAGIC = 0
FRAME = struct.Struct(">bI")
REASON_CHARS_MAX = 300
PROBLEMS_NAMED_MAX = 3

REPEATED = frozenset({"PlanGenerated"})
"""Messages whose bodies are often the same to the byte: they are made once, and shared."""

BODIES_MAX = 256

M = TypeVar("M", bound=Message)

_UNREADABLE = (*UNCOMMON, EOFError, SchemaResolutionError)
"""What fastavro raises of bytes that are no record: all the kinds that reading can end in."""


class Parts(NamedTuple):
    """A record as it was read: the envelope's fields, its header's (None for none), its own."""

    envelope: Fields
    header: Fields | None
    own: Fields


@dataclass(slots=True)
class Decoded:
    """One message as it was read: the parts of the Avro record; the rest is made when asked.

    The typed accessors raise Undecodable where the content breaks its model. Nobody may change
    one, or its `record`.
    """

    entry: Entry
    parts: Parts
    value: bytes
    _envelope: EventEnvelope | None = field(default=None, repr=False, compare=False)
    _header: Header | None = field(default=None, repr=False, compare=False)
    _body: Message | None = field(default=None, repr=False, compare=False)

    @property
    def schema_id(self) -> int:
        """Of the schema that its bytes were written under, which may be an older one."""
        written: int = FRAME.unpack_from(self.value)[1]
        return written

    @property
    def record(self) -> Fields:
        """The raw Avro record, in its schema's order."""
        envelope, header, own = self.parts
        if header is None:
            return {"envelope": envelope, **own}
        return {"envelope": envelope, self.entry.header_field: header, **own}

    @property
    def envelope(self) -> EventEnvelope:
        """Who said it, when, for whom and because of what."""
        if self._envelope is None:
            self._envelope = _valid(EventEnvelope, self.parts.envelope, "envelope", self.entry)
        return self._envelope

    @property
    def header(self) -> Header | None:
        """What every command, result or log event carries besides; None for other messages."""
        if self._header is None and self.parts.header is not None:
            name = self.entry.header_field
            self._header = cast(Header, _valid(HEADERS[name], self.parts.header, name, self.entry))
        return self._header

    @property
    def body(self) -> Message:
        """The message itself, an instance of `entry.model`."""
        if self._body is None:
            self._body = _valid(self.entry.model, self.parts.own, "", self.entry)
        return self._body


_READ_ENVELOPE = reader_of(EventEnvelope)
_WRITE_ENVELOPE = writer_of(EventEnvelope)


class _Made(NamedTuple):
    """The functions that were made for one message's header and for its own fields."""

    frame: bytes
    write_header: Write | None
    write_own: Write
    read_header: Read | None
    read_own: Read

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Those of the entry's newest version."""
        header = HEADERS.get(entry.header_field)
        return cls(
            FRAME.pack(MAGIC, entry.schema_id),
            writer_of(header) if header else None,
            writer_of(entry.model),
            reader_of(header) if header else None,
            reader_of(entry.model),
        )

    def head(self, framed: bytes) -> tuple[Fields, Fields | None, int]:
        """Envelope and header of a framed message, and where its own fields begin."""
        envelope, at = _READ_ENVELOPE(framed, FRAME.size)
        if self.read_header is None:
            return envelope, None, at
        header, at = self.read_header(framed, at)
        return envelope, header, at


class Codec:
    """Encodes the catalog's messages, and decodes them and their older versions.

    `older` maps the id of an earlier version to its schema; None takes the committed ones.
    Schemas are parsed once, here. Safe to share between threads and tasks.
    """

    def __init__(
        self, catalog: Catalog = CATALOG, older: Mapping[int, Schema] | None = None
    ) -> None:
        self._catalog = catalog
        newest = {entry.schema_id: avro_schema(entry) for entry in catalog.entries}
        self._older = older_schemas(catalog) if older is None else dict(older)
        for schema_id, schema in self._older.items():
            if schema["name"] not in catalog.by_name:
                raise ValueError(
                    f"older schema {schema_id} is of {schema['name']}, no message of ours"
                )
        self._schemas = MappingProxyType({**self._older, **newest})
        self._parsed = {id_: parse_schema(schema) for id_, schema in self._schemas.items()}
        self._entries = {
            id_: catalog.by_name[schema["name"]] for id_, schema in self._schemas.items()
        }
        self._made: dict[int, _Made] = {}
        self._bodies: dict[tuple[int, bytes], Decoded] = {}

    @property
    def catalog(self) -> Catalog:
        """The messages that this codec speaks."""
        return self._catalog

    def schemas(self) -> Mapping[int, Schema]:
        """Every schema that this build can read, by id."""
        return self._schemas

    def schema_of(self, schema_id: int) -> Schema:
        """The Avro schema that is written under this id; KeyError for an unknown id."""
        return self._schemas[schema_id]

    def encode(self, envelope: EventEnvelope, header: Header | None, body: Message) -> bytes:
        """The framed value of one message.

        ValueError where the three do not belong together, or where a model let something pass
        that no reader could read (a lone surrogate in a text, an integer beyond 64 bits).
        """
        entry = self._catalog.entry_of(type(body))
        _belong_together(entry, envelope, header, body)
        return self._framed(entry, envelope, header, body)

    def decode(self, value: bytes | None, *, validate: bool = True) -> Decoded:
        """The message in a record's value; Undecodable says at which test it failed.

        Framing, the type's name and the Avro record are always checked. `validate` also makes
        envelope, header and body, so that content its models refuse (the enum symbol UNKNOWN
        among it) is found now and not where it is used.
        """
        entry, schema_id, framed = self._unframed(value)
        if schema_id in self._older:
            decoded = self._generally(entry, schema_id, framed)
            return self._renewed(decoded)
        if validate and entry.name in REPEATED:
            return self._repeated(entry, framed)
        decoded = self._newest(entry, framed)
        if validate:
            _make_all(decoded)
        return decoded

    def _newest(self, entry: Entry, framed: bytes) -> Decoded:
        """A message that was written under its newest schema."""
        made = self._made_for(entry)
        try:
            envelope, header, at = made.head(framed)
            own, at = made.read_own(framed, at)
        except UNCOMMON:
            return self._generally(entry, entry.schema_id, framed)
        if at != len(framed):
            return self._generally(entry, entry.schema_id, framed)
        return _named(entry, Parts(envelope, header, own), framed)

    def _repeated(self, entry: Entry, framed: bytes) -> Decoded:
        """A message whose body's bytes came before takes that body: it is immutable."""
        known: Decoded | None = None
        rest: bytes | None = None
        try:
            envelope, header, at = self._made_for(entry).head(framed)
        except UNCOMMON:
            decoded = self._generally(entry, entry.schema_id, framed)
        else:
            rest = framed[at:]
            known = self._bodies.get((entry.schema_id, rest))
            if known is None:
                decoded = self._newest(entry, framed)
            else:
                parts = Parts(envelope, header, known.parts.own)
                decoded = _named(entry, parts, framed, known.body)
        _make_all(decoded)
        if known is None and rest is not None:
            if len(self._bodies) >= BODIES_MAX:
                self._bodies.clear()
            self._bodies[entry.schema_id, rest] = decoded
        return decoded

    def _generally(self, entry: Entry, schema_id: int, framed: bytes) -> Decoded:
        """A message as its schema says, whatever is made for it; says what is wrong with one."""
        record = self._read(framed, schema_id, entry)
        envelope = record.pop("envelope")
        header = record.pop(entry.header_field) if entry.header_field else None
        return _named(entry, Parts(envelope, header, record), framed)

    def _made_for(self, entry: Entry) -> _Made:
        made = self._made.get(entry.schema_id)
        if made is None:
            made = self._made[entry.schema_id] = _Made.of(entry)
        return made

    def _framed(
        self, entry: Entry, envelope: EventEnvelope, header: Header | None, body: Message
    ) -> bytes:
        made = self._made_for(entry)
        out = bytearray(made.frame)
        try:
            _WRITE_ENVELOPE(envelope, out)
            if header is not None and made.write_header is not None:
                made.write_header(header, out)
            made.write_own(body, out)
        except UNCOMMON:
            return self._written_generally(entry, envelope, header, body)
        return bytes(out)

    def _written_generally(
        self, entry: Entry, envelope: EventEnvelope, header: Header | None, body: Message
    ) -> bytes:
        """A message as its schema says; says why where it cannot be written."""
        buffer = BytesIO()
        buffer.write(FRAME.pack(MAGIC, entry.schema_id))
        try:
            record = _wire_record(entry, envelope, header, body)
            schemaless_writer(buffer, self._parsed[entry.schema_id], record)
        except (ArithmeticError, TypeError, ValueError) as cause:
            raise ValueError(f"{entry.name} cannot be written: {cause}") from cause
        return buffer.getvalue()

    def _unframed(self, value: bytes | None) -> tuple[Entry, int, bytes]:
        if value is None:
            raise _undecodable("the record has no value: a tombstone is not a message")
        if not value:
            raise _undecodable("the value is empty")
        if value[0] != MAGIC:
            raise _undecodable(
                f"the first byte is 0x{value[0]:02x}, not 0x00: the value is not in the schema "
                "registry's frame"
            )
        if len(value) < FRAME.size:
            raise _undecodable(f"truncated: {len(value)} bytes, the frame alone has {FRAME.size}")
        schema_id: int = FRAME.unpack_from(value)[1]
        entry = self._entries.get(schema_id)
        if entry is None:
            raise _undecodable(
                f"schema id {schema_id} is unknown to this build: another system's, or newer"
            )
        return entry, schema_id, value

    def _read(self, value: bytes, schema_id: int, entry: Entry) -> dict[str, Any]:
        buffer = BytesIO(value)
        buffer.seek(FRAME.size)
        writer = self._parsed[schema_id]
        reader = self._parsed[entry.schema_id] if schema_id in self._older else None
        try:
            record = schemaless_reader(buffer, writer, reader)
        except _UNREADABLE as cause:
            raise _undecodable(
                f"{entry.name}: not a whole Avro record of schema {schema_id}, cut off or garbled "
                f"({type(cause).__name__}: {cause})"
            ) from cause
        if buffer.tell() != len(value):
            extra = len(value) - buffer.tell()
            raise _undecodable(f"{entry.name}: {extra} trailing bytes after the record")
        return cast(dict[str, Any], record)

    def _renewed(self, old: Decoded) -> Decoded:
        """An older version's message as the newest would have been read; `value` stays as stored.

        fastavro leaves the defaults it fills in as JSON and shares them between records, so the
        record is taken from the models instead.
        """
        entry = old.entry
        written = self._framed(entry, old.envelope, old.header, old.body)
        parts = self._newest(entry, written).parts
        return Decoded(entry, parts, old.value, old.envelope, old.header, old.body)


def _named(entry: Entry, parts: Parts, framed: bytes, body: Message | None = None) -> Decoded:
    named = parts.envelope["type"]
    if named != entry.name:
        raise _undecodable(f"the schema is {entry.name}'s, the envelope says {named!r}")
    return Decoded(entry, parts, framed, _body=body)


def _make_all(decoded: Decoded) -> None:
    _ = decoded.envelope, decoded.header, decoded.body


def _wire_record(
    entry: Entry, envelope: EventEnvelope, header: Header | None, body: Message
) -> dict[str, Any]:
    record = {"envelope": _dumped(envelope), **_dumped(body)}
    if header is not None:
        record[entry.header_field] = _dumped(header)
    return record


def _dumped(message: Message) -> dict[str, Any]:
    """The message's values; a mistyped one is an error, for `model_copy` checks nothing."""
    return message.model_dump(warnings="error")


def _belong_together(
    entry: Entry, envelope: EventEnvelope, header: Header | None, body: Message
) -> None:
    if type(body) is not entry.model:
        raise ValueError(f"{type(body).__qualname__} is not the catalogued {entry.name}")
    if (envelope.type, envelope.schema_version) != (entry.name, entry.version):
        raise ValueError(
            f"{entry.name} v{entry.version} cannot go in an envelope of "
            f"{envelope.type} v{envelope.schema_version}"
        )
    wanted = HEADERS.get(entry.header_field, type(None))
    if type(header) is not wanted:
        raise ValueError(f"{entry.name} needs {wanted.__name__}, not {type(header).__name__}")


def _valid(model: type[M], record: dict[str, Any], where: str, entry: Entry) -> M:
    """The model of a part of the record; not strict, for Avro has neither tuples nor enums."""
    try:
        made: M = model.__pydantic_validator__.validate_python(record, strict=False)
    except ValidationError as cause:
        problems = cause.errors(include_url=False, include_context=False)
        named = "; ".join(_problem(problem, where) for problem in problems[:PROBLEMS_NAMED_MAX])
        raise _undecodable(f"{entry.name}: {named}") from cause
    return made


def _problem(problem: ErrorDetails, where: str) -> str:
    """Where and what, without the value itself: it may be personal."""
    path = ".".join(str(step) for step in ((where,) if where else ()) + problem["loc"])
    if problem["type"] == "enum" and problem["input"] == UNKNOWN:
        return f"{path} is UNKNOWN: written by a newer build, which knows a symbol more"
    return f"{path}: {problem['msg']}"


def _undecodable(reason: str) -> Undecodable:
    short = len(reason) <= REASON_CHARS_MAX
    return Undecodable(reason if short else f"{reason[: REASON_CHARS_MAX - 1]}…")
