"""The messages as TypeScript types, as their JSON looks. It knows neither a browser nor Node."""

import json
from collections.abc import Iterable
from enum import StrEnum

from contracts.catalog import Catalog
from contracts.envelope import EventEnvelope
from contracts.generate.shapes import (
    HEADERS,
    Choice,
    Many,
    Maybe,
    Part,
    Scalar,
    Shape,
    Table,
    choices_of,
    doc_of,
    parts_of,
    slots_of,
)
from contracts.message import Message

_SCALARS = {
    "string": "string",
    "long": "number",
    "double": "number",
    "boolean": "boolean",
    "bytes": "Base64",
    "moment": "Moment",
}

_HEAD = """\
// Generated from the Python models by `python -m contracts.generate`; do not edit.

/** Bytes in JSON: base64 with the URL-safe alphabet and padding (RFC 4648, section 5). */
export type Base64 = string;

/** An instant: ISO 8601 with its zone, up to microseconds. */
export type Moment = string;

/** What the catalog says about a message. */
export interface CatalogEntry {
  readonly version: number;
  readonly schemaId: number;
  readonly topic: string;
  readonly owner: AppName;
}
"""


def typescript(catalog: Catalog) -> str:
    """The whole module: enums as unions of strings, messages as interfaces, the catalog as data."""
    frame: list[type[Message]] = [EventEnvelope, *HEADERS.values()]
    models = parts_of([*frame, *(entry.model for entry in catalog.entries)])
    return "\n".join(
        [
            _HEAD,
            *(_union(enum) for enum in choices_of(models)),
            *(_interface(model) for model in models),
            _payloads(catalog),
            _messages(catalog),
        ]
    )


def _union(enum: type[StrEnum]) -> str:
    values = " | ".join(json.dumps(member.value) for member in enum)
    return f"{_comment(enum)}export type {enum.__name__} = {values};\n"


def _interface(model: type[Message]) -> str:
    slots = slots_of(model)
    if not slots:
        return f"{_comment(model)}export type {model.__name__} = Record<string, never>;\n"
    fields = (f"  readonly {slot.name}: {_type(slot.shape)};" for slot in slots)
    return _block(f"{_comment(model)}export interface {model.__name__} {{", fields, "}")


def _payloads(catalog: Catalog) -> str:
    fields = (f'  "{entry.wire_name}": {entry.name};' for entry in catalog.entries)
    opening = "/** Each message's own fields, by its wire name. */\nexport interface Payloads {"
    return _block(opening, fields, "}")


def _messages(catalog: Catalog) -> str:
    entries = (
        f'  "{entry.wire_name}": {{ version: {entry.version}, schemaId: {entry.schema_id}, '
        f'topic: "{entry.topic}", owner: "{entry.owner.value}" }},'
        for entry in catalog.entries
    )
    return _block(
        "/** The catalog, by wire name. */\nexport const MESSAGES = {",
        entries,
        "} as const satisfies Record<keyof Payloads, CatalogEntry>;",
    )


def _type(shape: Shape) -> str:
    match shape:
        case Scalar(name):
            return _SCALARS[name]
        case Choice(enum):
            return enum.__name__
        case Many(item):
            return f"ReadonlyArray<{_type(item)}>"
        case Table(value):
            return f"Readonly<Record<string, {_type(value)}>>"
        case Maybe(inner):
            return f"{_type(inner)} | null"
        case Part(model):
            return model.__name__


def _comment(described: type) -> str:
    lines = doc_of(described).replace("*/", "* /").splitlines()
    if len(lines) == 1:
        return f"/** {lines[0]} */\n"
    return _block("/**", (f" * {line}".rstrip() for line in lines), " */")


def _block(opening: str, lines: Iterable[str], closing: str) -> str:
    return "\n".join([opening, *lines, closing, ""])
