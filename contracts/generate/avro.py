"""One Avro schema per message: envelope, header and payload in a single record of fixed order.

Every enum gets the symbol UNKNOWN as its default and no record stands in a union, because those
two can never be added later under FULL_TRANSITIVE. Types and names follow Avro 1.9 and later:
https://avro.apache.org/docs/1.12.0/specification/
"""

import re
from enum import StrEnum
from typing import Any

from pydantic_core import PydanticUndefined

from contracts.catalog import NAMESPACE, Entry
from contracts.generate.shapes import (
    Choice,
    Many,
    Maybe,
    Part,
    Scalar,
    Shape,
    Slot,
    Table,
    Unrepresentable,
    record_of,
    slots_of,
)
from contracts.message import Message

Schema = dict[str, Any]

UNKNOWN = "UNKNOWN"
"""What a reader sees where a writer used a symbol that the reader does not know."""

_SYMBOL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PRIMITIVES: dict[str, Any] = {
    "string": "string",
    "long": "long",
    "double": "double",
    "boolean": "boolean",
    "bytes": "bytes",
    "moment": {"type": "long", "logicalType": "timestamp-micros"},
}


def avro_schema(entry: Entry) -> Schema:
    """The schema of the entry's newest version; Unrepresentable where a model has no place in it.

    Docstrings stay out: a reworded one would be another schema under the same id.
    """
    writing = _Writing()
    writing.defined[entry.name] = entry.model
    before = [
        {"name": name, "type": writing.type_of(Part(model))} for name, model in record_of(entry)
    ]
    own = writing.fields_of(entry.model)
    taken = {field["name"] for field in before} & {field["name"] for field in own}
    if taken:
        raise Unrepresentable(f"{entry.name}.{min(taken)}: the name is the wire record's own")
    return _record(entry.name, before + own)


class _Writing:
    """One schema being written: a named type is defined where it occurs first, named after."""

    def __init__(self) -> None:
        self.defined: dict[str, type] = {}

    def fields_of(self, model: type[Message]) -> list[Schema]:
        return [self._field(model, slot) for slot in slots_of(model)]

    def type_of(self, shape: Shape) -> Any:  # noqa: ANN401 - a schema is a text, a list or a dict
        match shape:
            case Scalar(name):
                return _PRIMITIVES[name]
            case Many(item):
                return {"type": "array", "items": self.type_of(item)}
            case Table(value):
                return {"type": "map", "values": self.type_of(value)}
            case Maybe(inner):
                return ["null", self.type_of(inner)]
            case Choice(enum):
                return f"{NAMESPACE}.{enum.__name__}" if self._known(enum) else _enum(enum)
            case Part(model):
                if self._known(model):
                    return f"{NAMESPACE}.{model.__name__}"
                return _record(model.__name__, self.fields_of(model))

    def _field(self, model: type[Message], slot: Slot) -> Schema:
        field: Schema = {"name": slot.name, "type": self.type_of(slot.shape)}
        default = slot.info.get_default(call_default_factory=True, validated_data={})
        if isinstance(slot.shape, Maybe):
            if default not in (None, PydanticUndefined):
                raise Unrepresentable(f"{model.__name__}.{slot.name}: its default must be None")
            field["default"] = None
        elif default is not PydanticUndefined:
            try:
                field["default"] = _json(default)
            except Unrepresentable as refused:
                raise Unrepresentable(f"{model.__name__}.{slot.name}: {refused}") from None
        return field

    def _known(self, named: type) -> bool:
        """True where the type was defined before; from now on it is."""
        known = named.__name__ in self.defined
        if self.defined.setdefault(named.__name__, named) is not named:
            raise Unrepresentable(f"two types are called {named.__name__} in one message")
        return known


def _record(name: str, fields: list[Schema]) -> Schema:
    return {"type": "record", "name": name, "namespace": NAMESPACE, "fields": fields}


def _enum(enum: type[StrEnum]) -> Schema:
    symbols = [member.value for member in enum]
    for symbol in symbols:
        if not _SYMBOL.fullmatch(symbol) or symbol == UNKNOWN:
            raise Unrepresentable(f"{enum.__name__}: {symbol!r} cannot be an Avro symbol of ours")
    return {
        "type": "enum",
        "name": enum.__name__,
        "namespace": NAMESPACE,
        "symbols": [*symbols, UNKNOWN],
        "default": UNKNOWN,
    }


def _json(default: object) -> object:
    """A default as Avro's JSON writes it."""
    match default:
        case Message():
            return {slot.name: _json_of(default, slot) for slot in slots_of(type(default))}
        case tuple():
            return [_json(item) for item in default]
        case dict():
            return {key: _json(value) for key, value in default.items()}
        case bytes() if default:
            raise Unrepresentable("bytes may only be empty by default: readers differ in the rest")
        case bytes():
            return ""
        case StrEnum():
            return default.value
        case _:
            return default


def _json_of(default: Message, slot: Slot) -> object:
    value = getattr(default, slot.name)
    if isinstance(slot.shape, Maybe) and value is not None:
        raise Unrepresentable(f"{type(default).__name__}.{slot.name}: in a default it must be None")
    return _json(value)
