"""Avro bytes by functions that are made once for each message. They know no frame and no catalog.

Each is Python source, written from the shapes of the message's fields and compiled when it is first
asked for: it walks no schema, and reads bytes where they stand. It does what is common. For the
rest (a mistyped value, blocks with sizes, bytes that are no record) it raises one of `UNCOMMON`,
and whoever asked goes the general way, by the schema, which also says what is wrong. Where it does
not raise, it has written and read exactly what the schema says (tests/contracts/test_avro.py); see
https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import groupby
from typing import Any, cast

from contracts.generate.avro import UNKNOWN
from contracts.generate.shapes import (
    Choice,
    Limits,
    Many,
    Maybe,
    Part,
    Scalar,
    Shape,
    Slot,
    Table,
    slots_of,
)
from contracts.message import UUID_PATTERN, Message

SMALL_MAX = 4_096
"""Numbers and lengths below this have their bytes made beforehand."""

SHORT_MAX = 64
"""A text below this has a length of one byte, which is a character of ASCII."""

UUID = Scalar("string", Limits(pattern=UUID_PATTERN))
UUID_CHARS = 36
LONG = 1 << 63
LONG_BYTES_MAX = 10
MOMENTS_MAX = 1_024
MOMENT_BYTES = 8
"""Of an instant in this century, and some before and after."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_moments: dict[bytes, datetime] = {}

Write = Callable[[Message, bytearray], None]
"""Append a message of the one model that it was made for."""

Read = Callable[[bytes, int], tuple[dict[str, Any], int]]
"""The record that begins at an offset, and where it ends: beyond the bytes' end if cut off."""


class Uncommon(ValueError):
    """Nothing that the made functions do."""


UNCOMMON = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    struct.error,
    TypeError,
    ValueError,
)
"""What the made functions raise where the general way is to be taken."""


def long_bytes(number: int) -> bytes:
    """A number as Avro writes it: zig-zag, seven bits a byte. Uncommon beyond 64 bits."""
    if not -LONG <= number < LONG:
        raise Uncommon
    rest = (number << 1) ^ (number >> 63)
    made = bytearray()
    while rest > 0x7F:
        made.append(rest & 0x7F | 0x80)
        rest >>= 7
    made.append(rest)
    return bytes(made)


def long_at(value: bytes, at: int) -> tuple[int, int]:
    """The number that begins at an offset, and where it ends."""
    byte = value[at]
    found, shift, end = byte & 0x7F, 7, at + 1
    while byte > 0x7F:
        byte = value[end]
        found |= (byte & 0x7F) << shift
        shift += 7
        end += 1
    if end - at > LONG_BYTES_MAX or found >= 2 * LONG:
        raise Uncommon
    return (found >> 1) ^ -(found & 1), end


def length_at(value: bytes, at: int) -> tuple[int, int]:
    """As `long_at`; Uncommon where it is no length, or longer than everything there is."""
    found, end = long_at(value, at)
    if not 0 <= found <= len(value):
        raise Uncommon
    return found, end


@lru_cache(MOMENTS_MAX)
def moment_bytes(moment: datetime) -> bytes:
    """An instant in microseconds; TypeError where it has no zone."""
    since = moment - EPOCH
    return long_bytes((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def moment_at(value: bytes, at: int) -> tuple[datetime, int]:
    """The instant that begins at an offset, in UTC, and where it ends.

    One tick's records name the same few instants: those are known by their bytes. Only whole
    numbers of the usual length are kept, so none is taken for the beginning of another.
    """
    raw = value[at : at + MOMENT_BYTES]
    moment = _moments.get(raw)
    if moment is not None:
        return moment, at + MOMENT_BYTES
    micros, end = long_at(value, at)
    moment = EPOCH + timedelta(microseconds=micros)
    if end - at == MOMENT_BYTES:
        if len(_moments) >= MOMENTS_MAX:
            _moments.clear()
        _moments[raw] = moment
    return moment, end


@cache
def writer_of(model: type[Message]) -> Write:
    """What appends a message of exactly this model."""
    source = _Source("def made(message, out):")
    source.line(f"if message.__class__ is not {source.name(model)}: raise Uncommon")
    source.line("fields = message.__dict__")
    for run in _runs(model):
        values = [source.fresh() for _ in run]
        for slot, value in zip(run, values, strict=True):
            source.line(f"{value} = fields[{slot.name!r}]")
        if len(run) > 1:
            _write_uuids(source, values)
        else:
            _write(source, run[0].shape, values[0])
    return cast(Write, source.made(model))


@cache
def reader_of(model: type[Message]) -> Read:
    """What reads a record of this model as a schema's reader would: plain values, in order."""
    source = _Source("def made(value, at):")
    pairs: list[str] = []
    for run in _runs(model):
        targets = [source.fresh() for _ in run]
        if len(run) > 1:
            _read_uuids(source, targets)
        else:
            _read(source, run[0].shape, targets[0])
        pairs += [f"{slot.name!r}: {one}" for slot, one in zip(run, targets, strict=True)]
    source.line(f"return {{{', '.join(pairs)}}}, at")
    return cast(Read, source.made(model))


def _runs(model: type[Message]) -> Iterator[tuple[Slot, ...]]:
    """The fields in order: those that are UUIDs with their neighbours, any other one alone."""
    for are_uuids, slots in groupby(slots_of(model), lambda slot: slot.shape == UUID):
        run = tuple(slots)
        yield from (run,) if are_uuids else ((slot,) for slot in run)


_TOOLS = {
    "Uncommon": Uncommon,
    "SHORT": tuple(chr(2 * length) for length in range(SHORT_MAX)),
    "SMALL": tuple(map(long_bytes, range(SMALL_MAX))),
    "datetime": datetime,
    "double": struct.Struct("<d"),
    "length_at": length_at,
    "long_at": long_at,
    "long_bytes": long_bytes,
    "moment_at": moment_at,
    "moment_bytes": moment_bytes,
}
"""What every made function may name."""


class _Source:
    """A function's text while it is written, and the values that it names."""

    def __init__(self, head: str) -> None:
        self._lines = [head]
        self._depth = 1
        self._fresh = 0
        self._named: dict[str, object] = dict(_TOOLS)

    def line(self, text: str) -> None:
        self._lines.append(f"{'    ' * self._depth}{text}")

    def fresh(self) -> str:
        """The name of a variable that is not used yet."""
        self._fresh += 1
        return f"x{self._fresh}"

    def name(self, value: object) -> str:
        """The name under which the function finds `value`."""
        name = f"given{len(self._named)}"
        self._named[name] = value
        return name

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        self._depth += 1
        yield
        self._depth -= 1

    def made(self, model: type[Message]) -> object:
        code = compile("\n".join(self._lines), f"<avro of {model.__name__}>", "exec")
        exec(code, self._named)  # noqa: S102 - our own text, made of our own models' field names
        return self._named["made"]


def _write_uuids(source: _Source, values: Sequence[str]) -> None:
    """Several short texts as one; Uncommon where one is long, or holds more than ASCII."""
    pieces = ", ".join(f"SHORT[len({value})], {value}" for value in values)
    source.line(f"run = ''.join(({pieces}))")
    source.line("if not run.isascii(): raise Uncommon")
    source.line("out += run.encode()")


def _read_uuids(source: _Source, targets: Sequence[str]) -> None:
    """Several texts of a UUID's length as one; Uncommon where one is longer or shorter."""
    each = UUID_CHARS + 1
    length = chr(2 * UUID_CHARS)
    source.line(f"end = at + {each * len(targets)}")
    source.line("run = value[at:end].decode('ascii')")
    checks = " == ".join(f"run[{place * each}]" for place in range(len(targets)))
    source.line(f"if not {checks} == {length!r}: raise Uncommon")
    for place, target in enumerate(targets):
        source.line(f"{target} = run[{place * each + 1}:{(place + 1) * each}]")
    source.line("at = end")


def _write(source: _Source, shape: Shape, value: str) -> None:
    """Lines that append the variable `value`."""
    match shape:
        case Scalar(name):
            _write_scalar(source, name, value)
        case Choice(enum):
            codes = {member: long_bytes(place) for place, member in enumerate(enum)}
            source.line(f"if {value}.__class__ is not {source.name(enum)}: raise Uncommon")
            source.line(f"out += {source.name(codes)}[{value}]")
        case Maybe(inner):
            with source.block(f"if {value} is None:"):
                source.line("out += b'\\0'")
            with source.block("else:"):
                source.line("out += b'\\2'")
                _write(source, inner, value)
        case Many(item):
            _write_items(source, "tuple", value, (item,))
        case Table(inner):
            _write_items(source, "dict", value, (Scalar("string"), inner))
        case Part(model):
            source.line(f"{source.name(writer_of(model))}({value}, out)")


def _write_items(source: _Source, kind: str, value: str, shapes: tuple[Shape, ...]) -> None:
    """All in one block, as its count and then item by item; an empty one has no block."""
    names = [source.fresh() for _ in shapes]
    source.line(f"if {value}.__class__ is not {kind}: raise Uncommon")
    with source.block(f"if {value}:"):
        source.line(f"out += long_bytes(len({value}))")
        items = f"{value}.items()" if kind == "dict" else value
        with source.block(f"for {', '.join(names)} in {items}:"):
            for name, shape in zip(names, shapes, strict=True):
                _write(source, shape, name)
    source.line("out += b'\\0'")


def _write_scalar(source: _Source, name: str, value: str) -> None:
    kinds = {"string": "str", "long": "int", "double": "float", "boolean": "bool"}
    kind = {"moment": "datetime"}.get(name, kinds.get(name, name))
    source.line(f"if {value}.__class__ is not {kind}: raise Uncommon")
    match name:
        case "string" | "bytes":
            source.line(f"raw = {value}.encode()" if name == "string" else f"raw = {value}")
            source.line("size = len(raw)")
            source.line(f"out += SMALL[size] if size < {SMALL_MAX} else long_bytes(size)")
            source.line("out += raw")
        case "long":
            small = f"SMALL[{value}] if 0 <= {value} < {SMALL_MAX}"
            source.line(f"out += {small} else long_bytes({value})")
        case "double":
            source.line(f"out += double.pack({value})")
        case "boolean":
            source.line(f"out += b'\\1' if {value} else b'\\0'")
        case "moment":
            source.line(f"out += moment_bytes({value})")


def _read(source: _Source, shape: Shape, target: str) -> None:
    """Lines that put what stands at `at` into the variable `target`, and move `at` behind it."""
    match shape:
        case Scalar(name):
            _read_scalar(source, name, target)
        case Choice(enum):
            symbols = tuple(member.value for member in enum)
            source.line("place = value[at]")
            source.line("if place & 0x81: raise Uncommon")
            source.line(f"{target} = {source.name((*symbols, UNKNOWN))}[place >> 1]")
            source.line("at += 1")
        case Maybe(inner):
            source.line("branch = value[at]")
            source.line("at += 1")
            with source.block("if branch == 0:"):
                source.line(f"{target} = None")
            with source.block("elif branch == 2:"):
                _read(source, inner, target)
            with source.block("else:"):
                source.line("raise Uncommon")
        case Many(item):
            _read_items(source, target, (item,))
        case Table(inner):
            _read_items(source, target, (Scalar("string"), inner))
        case Part(model):
            source.line(f"{target}, at = {source.name(reader_of(model))}(value, at)")


def _read_items(source: _Source, target: str, shapes: tuple[Shape, ...]) -> None:
    """Block after block up to one without items; Uncommon where a block says its size."""
    names, left = [source.fresh() for _ in shapes], source.fresh()
    source.line(f"{target} = {'[]' if len(shapes) == 1 else '{}'}")
    source.line(f"{left} = value[at]")
    source.line(f"if {left}: {left}, at = length_at(value, at)")
    source.line("else: at += 1")
    with source.block(f"while {left}:"):
        with source.block(f"for _ in range({left}):"):
            for name, shape in zip(names, shapes, strict=True):
                _read(source, shape, name)
            if len(names) == 1:
                source.line(f"{target}.append({names[0]})")
            else:
                source.line(f"{target}[{names[0]}] = {names[1]}")
        source.line(f"{left}, at = length_at(value, at)")


def _read_scalar(source: _Source, name: str, target: str) -> None:
    match name:
        case "string" | "bytes":
            source.line("size = value[at]")
            source.line("if size & 0x81: size, at = length_at(value, at)")
            with source.block("else:"):
                source.line("size >>= 1")
                source.line("at += 1")
            source.line("end = at + size")
            decoded = ".decode()" if name == "string" else ""
            source.line(f"{target} = value[at:end]{decoded}")
            source.line("at = end")
        case "long":
            source.line("byte = value[at]")
            source.line(f"if byte & 0x81: {target}, at = long_at(value, at)")
            with source.block("else:"):
                source.line(f"{target} = byte >> 1")
                source.line("at += 1")
        case "double":
            source.line(f"({target},) = double.unpack_from(value, at)")
            source.line("at += 8")
        case "boolean":
            source.line(f"{target} = (False, True)[value[at]]")
            source.line("at += 1")
        case "moment":
            source.line(f"{target}, at = moment_at(value, at)")
