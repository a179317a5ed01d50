"""The few shapes that a field may have on the wire, read from the models. It knows no format."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

from contracts.catalog import Entry
from contracts.envelope import EventEnvelope, LogPosition, StepCall, StepDone
from contracts.message import Message

HEADERS: dict[str, type[Message]] = {"call": StepCall, "done": StepDone, "log": LogPosition}
"""The record between envelope and payload, by `Entry.header_field`."""

ScalarName = Literal["string", "long", "double", "boolean", "bytes", "moment"]


class Unrepresentable(TypeError):
    """A model that has no place on the wire; the message names the field and says what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value may be beyond its type; None where it may be anything."""

    ge: float | None = None
    le: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without parts; a `moment` is an instant in UTC, to the microsecond."""

    name: ScalarName
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of an enum's values."""

    enum: type[StrEnum]


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one shape, in order."""

    item: "Shape"
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Table:
    """Text keys, each with a value of one shape."""

    value: "Shape"
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value or null; never a record, which would freeze it for ever (a union grows no branch)."""

    inner: "Shape"


@dataclass(frozen=True, slots=True)
class Part:
    """A message inside a message."""

    model: type[Message]


Shape = Scalar | Choice | Many | Table | Maybe | Part

_SCALARS: dict[object, ScalarName] = {
    str: "string",
    int: "long",
    float: "double",
    bool: "boolean",
    bytes: "bytes",
    datetime: "moment",
    AwareDatetime: "moment",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of a model: its name, its shape, and pydantic's word on default and limits."""

    name: str
    shape: Shape
    info: FieldInfo


def slots_of(model: type[Message]) -> tuple[Slot, ...]:
    """The fields of `model` in their order; Unrepresentable names the one that has no shape."""
    slots = []
    for name, info in model.model_fields.items():
        try:
            slots.append(Slot(name, shape_of(info.annotation, info.metadata), info))
        except Unrepresentable as refused:
            raise Unrepresentable(f"{model.__name__}.{name}: {refused}") from None
    return tuple(slots)


def shape_of(hint: object, metadata: Iterable[object] = ()) -> Shape:
    """The shape of an annotation and its limits; Unrepresentable where it is none of the few."""
    origin, arguments = get_origin(hint), get_args(hint)
    limits = _limits(metadata)
    if hint in _SCALARS:
        return Scalar(_SCALARS[hint], limits)
    if origin is Annotated:
        return shape_of(arguments[0], [*_flat(arguments[1:]), *metadata])
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Choice(hint)
    if isinstance(hint, type) and issubclass(hint, Message):
        return Part(hint)
    if origin is tuple and arguments[1:] == (...,):
        return Many(shape_of(arguments[0]), limits)
    if origin is dict and arguments[0] is str:
        return Table(shape_of(arguments[1]), limits)
    if origin in (Union, UnionType):
        return _maybe(arguments)
    raise Unrepresentable(f"{hint} has no shape on the wire; see contracts/generate/shapes.py")


def _flat(metadata: Iterable[object]) -> Iterator[object]:
    """The limits of an annotation, out of the Field(...) that they were given in."""
    for item in metadata:
        if isinstance(item, FieldInfo):
            yield from item.metadata
        else:
            yield item


def _limits(metadata: Iterable[object]) -> Limits:
    given: dict[str, Any] = {}
    for item in metadata:
        for limit in fields(Limits):
            value = getattr(item, limit.name, None)
            if value is not None:
                given[limit.name] = value
    return Limits(**given)


def _maybe(branches: tuple[object, ...]) -> Maybe:
    others = [branch for branch in branches if branch is not NoneType]
    if len(others) != 1 or len(branches) != 2:
        raise Unrepresentable("a union may only be `T | None`; give each case a field of its own")
    inner = shape_of(others[0])
    if isinstance(inner, Part):
        raise Unrepresentable(
            f"{inner.model.__name__} | None would put a record into a union, which can never grow "
            "another branch; use a default instance or tuple[T, ...] instead"
        )
    return Maybe(inner)


def parts_of(models: Iterable[type[Message]]) -> tuple[type[Message], ...]:
    """The models and every message inside them, each once, a part before what holds it."""
    found: dict[type[Message], None] = {}

    def visit(model: type[Message]) -> None:
        for slot in slots_of(model):
            for part in _leaves(slot.shape):
                if isinstance(part, Part) and part.model not in found:
                    visit(part.model)
        found.setdefault(model)

    for model in models:
        visit(model)
    return tuple(found)


def choices_of(models: Iterable[type[Message]]) -> tuple[type[StrEnum], ...]:
    """The enums that the models' fields name, each once, in order of first use."""
    found: dict[type[StrEnum], None] = {}
    for model in models:
        for slot in slots_of(model):
            for leaf in _leaves(slot.shape):
                if isinstance(leaf, Choice):
                    found.setdefault(leaf.enum)
    return tuple(found)


def record_of(entry: Entry) -> tuple[tuple[str, type[Message]], ...]:
    """The records that stand before an entry's own fields on the wire: envelope, then header."""
    header = entry.header_field
    return (("envelope", EventEnvelope), *(((header, HEADERS[header]),) if header else ()))


def doc_of(described: type) -> str:
    """What a model or an enum says about itself, without its indentation."""
    return cleandoc(described.__doc__ or "")


def _leaves(shape: Shape) -> Iterator[Scalar | Choice | Part]:
    match shape:
        case Many(item=inner) | Table(value=inner) | Maybe(inner=inner):
            yield from _leaves(inner)
        case Scalar() | Choice() | Part():
            yield shape
