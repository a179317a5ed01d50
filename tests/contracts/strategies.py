"""Hypothesis strategies for every message, made from the models' own limits."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from hypothesis import strategies as st

from contracts.generate.shapes import (
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
from contracts.message import Message

M = TypeVar("M", bound=Message)

TEXT_MAX = 24
ITEMS_MAX = 2
LONG = 2**63
TEXTS = st.characters(codec="utf-8")


def messages(model: type[M]) -> st.SearchStrategy[M]:
    """Instances of `model`; a field with a default is left out in some of them."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for slot in slots_of(model):
        chosen = required if slot.info.is_required() else optional
        chosen[slot.name] = values(slot.shape)
    return st.fixed_dictionaries(required, optional=optional).map(lambda made: model(**made))


def values(shape: Shape) -> st.SearchStrategy[Any]:
    """Values of a shape within its limits; lists and texts short, numbers up to their ends."""
    match shape:
        case Scalar():
            return _scalars(shape)
        case Choice(enum):
            return st.sampled_from(list(enum))
        case Maybe(inner):
            return st.none() | values(inner)
        case Many(item, limits):
            least = limits.min_length or 0
            return st.lists(values(item), min_size=least, max_size=max(least, ITEMS_MAX)).map(tuple)
        case Table(value):
            return st.dictionaries(st.text(TEXTS, max_size=8), values(value), max_size=ITEMS_MAX)
        case Part(model):
            return messages(model)


def _scalars(shape: Scalar) -> st.SearchStrategy[Any]:
    limits = shape.limits
    match shape.name:
        case "string":
            return _texts(limits)
        case "long":
            least = -LONG if limits.ge is None else int(limits.ge)
            most = LONG - 1 if limits.le is None else int(limits.le)
            return st.integers(least, most)
        case "double":
            return st.floats(limits.ge, limits.le, allow_nan=False)
        case "boolean":
            return st.booleans()
        case "bytes":
            return st.binary(max_size=TEXT_MAX)
        case "moment":
            return st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def _texts(limits: Limits) -> st.SearchStrategy[str]:
    if limits.pattern is not None:
        inner = limits.pattern.removeprefix("^").removesuffix("$")
        return st.from_regex(inner, fullmatch=True)
    least = limits.min_length or 0
    most = min(TEXT_MAX, limits.max_length or TEXT_MAX)
    return st.text(TEXTS, min_size=least, max_size=max(least, most))
