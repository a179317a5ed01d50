"""Old code and new code read each other's messages, and what is committed is what is meant."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from contracts.catalog import CATALOG
from contracts.generate.avro import Schema, avro_schema
from contracts.generate.committed import SCHEMAS, committed_ids, key_of
from contracts.generate.files import drifted
from tests.contracts.compatibility import incompatibilities, unsafe_for_ever

Change = Callable[[Schema], None]


def committed_versions() -> dict[str, list[Schema]]:
    """Every committed schema by message, oldest version first."""
    found: dict[str, dict[int, Schema]] = {}
    for path in SCHEMAS.glob("*.avsc"):
        name, version = re.fullmatch(r"(\w+)\.v(\d+)", path.stem).groups()  # type: ignore[union-attr]
        found.setdefault(name, {})[int(version)] = json.loads(path.read_text("utf-8"))
    return {name: [by[version] for version in sorted(by)] for name, by in found.items()}


VERSIONS = committed_versions()


def test_what_is_generated_is_what_is_committed() -> None:
    assert drifted() == [], "run `python -m contracts.generate` and commit what it writes"


def test_every_message_has_all_its_versions_committed() -> None:
    for entry in CATALOG.entries:
        assert len(VERSIONS[entry.name]) == entry.version, entry.name
        assert committed_ids()[key_of(entry.name, entry.version)] == entry.schema_id


@pytest.mark.parametrize("name", sorted(VERSIONS))
def test_all_versions_of_a_message_read_each_other(name: str) -> None:
    # The same schema twice: the checker must also be able to walk a message with one version.
    assert incompatibilities([VERSIONS[name][0], *VERSIONS[name]]) == []


@pytest.mark.parametrize("name", sorted(VERSIONS))
def test_enums_default_to_unknown_and_no_record_stands_in_a_union(name: str) -> None:
    for schema in VERSIONS[name]:
        assert unsafe_for_ever(schema) == []


def planted() -> Schema:
    """A message with one of everything that a careless change could break."""
    level = {"type": "enum", "name": "Level", "namespace": "sagaline"}
    symbols = ["LOW", "HIGH", "UNKNOWN"]
    part = {"type": "record", "name": "Part", "namespace": "sagaline"}
    return {
        "type": "record",
        "name": "Planted",
        "namespace": "sagaline",
        "fields": [
            {"name": "title", "type": "string"},
            {"name": "count", "type": "long"},
            {"name": "due", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "note", "type": ["null", "string"], "default": None},
            {"name": "level", "type": {**level, "symbols": symbols, "default": "UNKNOWN"}},
            {
                "name": "parts",
                "type": {
                    "type": "array",
                    "items": {**part, "fields": [{"name": "id", "type": "string"}]},
                },
                "default": [],
            },
        ],
    }


def field(schema: Schema, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in schema["fields"] if each["name"] == name)
    return found


def part_of(schema: Schema) -> Schema:
    inner: Schema = field(schema, "parts")["type"]["items"]
    return inner


def add(name: str, type_: Any, **more: Any) -> Change:
    return lambda schema: schema["fields"].append({"name": name, "type": type_, **more})


def retype(name: str, type_: Any, **more: Any) -> Change:
    return lambda schema: field(schema, name).update({"type": type_, **more})


BREAKING: dict[str, tuple[Change, str]] = {
    "a required field is taken away": (
        lambda schema: schema["fields"].remove(field(schema, "title")),
        "title",
    ),
    "a required field is renamed": (
        lambda schema: field(schema, "title").update({"name": "heading"}),
        "title",
    ),
    "a field comes without a default": (add("extra", "string"), "extra"),
    "a part's field comes without a default": (
        lambda schema: part_of(schema)["fields"].append({"name": "size", "type": "long"}),
        "size",
    ),
    "a required field may be null": (retype("title", ["null", "string"], default=None), "title"),
    "a field that may be null is required": (retype("note", "string", default=""), "note"),
    "a union gets a branch": (retype("note", ["null", "string", "long"]), "missing_union_branch"),
    "a number becomes a text": (retype("count", "string"), "type_mismatch"),
    "a number becomes a fraction": (retype("count", "double"), "type_mismatch"),
    "a text becomes bytes": (retype("title", "bytes"), "title was string and is bytes"),
    "an instant becomes a number": (retype("due", "long"), "due was timestamp-micros and is long"),
    "a list becomes a single item": (
        lambda schema: field(schema, "parts").update({"type": part_of(schema)}),
        "type_mismatch",
    ),
    "a part is renamed": (
        lambda schema: part_of(schema).update({"name": "Piece"}),
        "name_mismatch",
    ),
    "an enum symbol is taken away": (
        lambda schema: field(schema, "level")["type"].update({"symbols": ["LOW", "UNKNOWN"]}),
        "lost the symbols HIGH",
    ),
    "the message is renamed": (lambda schema: schema.update({"name": "Other"}), "name_mismatch"),
}


@pytest.mark.parametrize("what", BREAKING)
def test_a_breaking_change_is_refused_and_named(what: str) -> None:
    change, named = BREAKING[what]
    changed = copy.deepcopy(planted())
    change(changed)
    found = incompatibilities([planted(), changed])
    assert found, what
    assert named in " ".join(found)


def test_an_enum_symbol_cannot_be_added_where_the_enum_has_no_default() -> None:
    older, newer = planted(), planted()
    for schema in (older, newer):
        del field(schema, "level")["type"]["default"]
    field(newer, "level")["type"]["symbols"].append("EXTREME")
    assert "missing_enum_symbols" in " ".join(incompatibilities([older, newer]))
    assert unsafe_for_ever(older) == ["level: without the default UNKNOWN no symbol can be added"]


def test_a_break_is_found_between_versions_that_are_not_neighbours() -> None:
    first, second, third = planted(), planted(), planted()
    add("extra", "string", default="")(first)
    add("extra", "long", default=0)(third)
    assert incompatibilities([first, second]) == []
    assert incompatibilities([second, third]) == []
    found = incompatibilities([first, second, third])
    assert found
    assert all("v1" in problem and "v3" in problem for problem in found)


COMPATIBLE: dict[str, Change] = {
    "a field comes with a default": add("extra", "string", default=""),
    "a field comes that may be null": add("extra", ["null", "long"], default=None),
    "a field with a default is taken away": lambda schema: schema["fields"].remove(
        field(schema, "note")
    ),
    "a symbol comes to an enum with a default": lambda schema: field(schema, "level")["type"][
        "symbols"
    ].append("EXTREME"),
    "fields change places": lambda schema: schema["fields"].reverse(),
}


@pytest.mark.parametrize("what", COMPATIBLE)
def test_a_compatible_change_is_let_pass(what: str) -> None:
    changed = copy.deepcopy(planted())
    COMPATIBLE[what](changed)
    assert incompatibilities([planted(), changed]) == []


def test_a_record_in_a_union_is_found_also_where_it_is_only_named() -> None:
    schema = planted()
    schema["fields"].append({"name": "best", "type": ["null", "sagaline.Part"], "default": None})
    assert unsafe_for_ever(schema) == ["best: a record in a union can never get a sibling"]


def test_every_field_that_may_be_added_later_has_a_default_on_the_wire() -> None:
    for entry in CATALOG.entries:
        fields = {each["name"]: each for each in avro_schema(entry)["fields"]}
        for name, info in entry.model.model_fields.items():
            assert info.is_required() or "default" in fields[name], f"{entry.name}.{name}"
