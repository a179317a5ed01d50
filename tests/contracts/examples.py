"""An example of every message, the same in every run, made from the models' own limits.

A field's value depends on its name alone, so that a field added later changes no other's value.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from uuid import NAMESPACE_URL, uuid5

from chassis.codec import Header
from contracts.catalog import CATALOG, Entry
from contracts.envelope import EventEnvelope
from contracts.generate.shapes import (
    HEADERS,
    Choice,
    Limits,
    Many,
    Maybe,
    Part,
    Scalar,
    Shape,
    Table,
    slots_of,
)
from contracts.message import DIGEST_PATTERN, UUID_PATTERN, Message

M = TypeVar("M", bound=Message)

MOMENT = datetime(2026, 2, 3, 4, 5, 6, 789_012, tzinfo=UTC)

BY_NAME = {
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "primary_color": "#1f4b99",
    "accent_color": "#f2a33a",
    "span_end": 42,
    "approvals_needed": 1,
}
"""Fields whose value follows from no rule below."""

BY_PATTERN = {
    r"^[a-z][a-z0-9_.-]{0,62}$": "publish.email",
    r"^[a-z][a-z0-9-]{0,40}$": "campaign",
    r"^[a-z_]{1,40}$": "lessons",
    r"^[a-z]{2}$": "de",
    r"^F[0-9]{1,4}$": "F12",
    r"^[a-z]+-[a-d]$": "email-a",
    r"^[a-d]$": "b",
    r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$": "maria.lopez",
}
"""An example for each pattern; a new pattern needs a line here."""


def example_of(model: type[M]) -> M:
    """An instance with every field set: optional ones too, lists with two items."""
    return model(**{slot.name: _value(slot.name, slot.shape) for slot in slots_of(model)})


def sparse_example_of(model: type[M]) -> M:
    """An instance with only what must be given; lists as short as their limits let them be."""
    values = {
        slot.name: _value(slot.name, slot.shape, sparse=True)
        for slot in slots_of(model)
        if slot.info.is_required()
    }
    return model(**values)


def envelope_of(entry: Entry, **changes: Any) -> EventEnvelope:
    """The example's envelope, naming this entry's type and version."""
    own = {"type": entry.name, "schema_version": entry.version, **changes}
    return example_of(EventEnvelope).model_copy(update=own)


def header_of(entry: Entry) -> Header | None:
    """The example's header; None where the entry has none."""
    if not entry.header_field:
        return None
    return cast(Header, example_of(HEADERS[entry.header_field]))


def message_of(model: type[Message]) -> tuple[EventEnvelope, Header | None, Message]:
    """What `Codec.encode` takes, for the example of a catalogued model."""
    entry = CATALOG.entry_of(model)
    return envelope_of(entry), header_of(entry), example_of(model)


def uuid_of(name: str) -> str:
    """A UUID that is the same for the same name."""
    return str(uuid5(NAMESPACE_URL, name))


def digest_of(name: str) -> str:
    """A digest that is the same for the same name."""
    return hashlib.sha256(name.encode()).hexdigest()


def _value(name: str, shape: Shape, *, sparse: bool = False) -> Any:
    match shape:
        case Scalar():
            return BY_NAME[name] if name in BY_NAME else _scalar(name, shape)
        case Choice(enum):
            return list(enum)[len(name) % len(enum)]
        case Maybe(inner):
            return None if sparse else _value(name, inner)
        case Many(item, limits):
            items = limits.min_length or 0 if sparse else min(2, limits.max_length or 2)
            return tuple(_value(name, item, sparse=sparse) for _ in range(items))
        case Table(value):
            return {} if sparse else {f"{name}-{key}": _value(name, value) for key in "ab"}
        case Part(model):
            return sparse_example_of(model) if sparse else example_of(model)


def _scalar(name: str, shape: Scalar) -> Any:
    match shape.name:
        case "string":
            return _text(name, shape.limits)
        case "long":
            least = int(shape.limits.ge or 0)
            most = int(shape.limits.le) if shape.limits.le is not None else least + 1_000
            return least + len(name) % (most - least + 1)
        case "double":
            return 0.625
        case "boolean":
            return len(name) % 2 == 0
        case "bytes":
            return b"\x00\xff" + name.encode()
        case "moment":
            return MOMENT


def _text(name: str, limits: Limits) -> str:
    if limits.pattern == UUID_PATTERN:
        return uuid_of(name)
    if limits.pattern == DIGEST_PATTERN:
        return digest_of(name)
    if limits.pattern is not None:
        return BY_PATTERN[limits.pattern]
    return f"{name}: Größe 10 €, “ja” 🙂"[: limits.max_length]
