"""The page `docs/messages.md`: the catalog, and every message field by field."""

import json
from collections.abc import Iterable
from enum import StrEnum

from pydantic_core import PydanticUndefined

from contracts.catalog import Catalog
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
    Slot,
    Table,
    choices_of,
    doc_of,
    parts_of,
    slots_of,
)
from contracts.message import Message

_HEAD = """\
# Messages

Generated from the models in `contracts/` by `python -m contracts.generate`; do not edit.

The value of every Kafka record is a zero byte, the schema's id (4 bytes, big-endian) and one Avro
record: `envelope` ([EventEnvelope](#eventenvelope)), then a header where the message is a command
(`call`: [StepCall](#stepcall)), a result (`done`: [StepDone](#stepdone)) or an event of the saga
log (`log`: [LogPosition](#logposition)), then the message's own fields. The schemas themselves
are in `contracts/schemas/`. A field marked *required* has no default.
"""

_UNKNOWN = """\
On the wire each enum also has the symbol `UNKNOWN`: what a reader sees where a newer writer used a
symbol that it does not know. Nobody writes it.
"""

_SCALARS = {
    "string": "text",
    "long": "integer",
    "double": "number",
    "boolean": "yes or no",
    "bytes": "bytes",
    "moment": "instant",
}


def messages_page(catalog: Catalog) -> str:
    """The whole page; a heading per message, part and enum, so that each can be linked."""
    entries = [entry.model for entry in catalog.entries]
    frame: list[type[Message]] = [EventEnvelope, *HEADERS.values()]
    models = parts_of([*frame, *entries])
    parts = [model for model in models if model not in entries and model not in frame]
    return "\n".join(
        [
            _HEAD,
            "## Catalog\n",
            _catalog_table(catalog),
            "## Envelope and headers\n",
            *(_model(model) for model in frame),
            "## Messages by name\n",
            *(_model(model) for model in sorted(entries, key=lambda model: model.__name__)),
            "## Parts of messages\n",
            *(_model(model) for model in sorted(parts, key=lambda model: model.__name__)),
            "## Enums\n",
            _UNKNOWN,
            *(_enum(enum) for enum in sorted(choices_of(models), key=lambda enum: enum.__name__)),
        ]
    )


def _catalog_table(catalog: Catalog) -> str:
    rows = (
        (
            _link(entry.model),
            str(entry.version),
            str(entry.schema_id),
            f"`{entry.topic}`",
            entry.owner.value,
            doc_of(entry.model).split("\n\n")[0].replace("\n", " "),
        )
        for entry in catalog.entries
    )
    return _table(("message", "version", "schema id", "topic", "owner", "what it says"), rows)


def _model(model: type[Message]) -> str:
    heading = f"### {model.__name__}\n\n{doc_of(model)}\n"
    slots = slots_of(model)
    if not slots:
        return f"{heading}\nIt has no fields of its own.\n"
    rows = (
        (f"`{slot.name}`", _type(slot.shape), _limits(slot.shape), _default(slot)) for slot in slots
    )
    return f"{heading}\n{_table(('field', 'type', 'limits', 'default'), rows)}"


def _enum(enum: type[StrEnum]) -> str:
    values = ", ".join(f"`{member.value}`" for member in enum)
    return f"### {enum.__name__}\n\n{doc_of(enum)}\n\nValues: {values}.\n"


def _type(shape: Shape) -> str:
    match shape:
        case Scalar(name):
            return _SCALARS[name]
        case Choice(enum):
            return _link(enum)
        case Many(item):
            return f"list of {_type(item)}"
        case Table(value):
            return f"map of {_type(value)}"
        case Maybe(inner):
            return f"{_type(inner)} or null"
        case Part(model):
            return _link(model)


def _limits(shape: Shape) -> str:
    match shape:
        case Scalar(limits=limits):
            return _words(limits, "characters")
        case Many(item=item, limits=limits):
            inner = _limits(item)
            each = f"each {inner}" if inner else ""
            return "; ".join(filter(None, (_words(limits, "items"), each)))
        case Table(limits=limits):
            return _words(limits, "entries")
        case Maybe(inner=inner_shape):
            return _limits(inner_shape)
        case Choice() | Part():
            return ""


def _words(limits: Limits, counted: str) -> str:
    said = []
    if limits.min_length is not None or limits.max_length is not None:
        said.append(f"{_span(limits.min_length, limits.max_length)} {counted}")
    if limits.ge is not None or limits.le is not None:
        said.append(_span(limits.ge, limits.le))
    if limits.pattern is not None:
        said.append(f"`{limits.pattern}`")
    return "; ".join(said)


def _span(least: float | None, most: float | None) -> str:
    if least is None:
        return f"at most {most}"
    return f"at least {least}" if most is None else f"{least} to {most}"


def _default(slot: Slot) -> str:
    default = slot.info.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined:
        return "*required*"
    if isinstance(default, Message):
        return "its defaults" if default == type(default)() else f"`{default!r}`"
    if isinstance(default, bytes):
        return "empty" if not default else f"`{default!r}`"
    if default in ("", (), {}):
        return "empty"
    return f"`{json.dumps(default)}`"


def _link(described: type) -> str:
    return f"[{described.__name__}](#{described.__name__.lower()})"


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped) + "\n"
