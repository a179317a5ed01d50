"""The schemas that are committed: their files, their ids, and those of older versions."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from contracts.catalog import CATALOG, Catalog
from contracts.generate.avro import Schema

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
IDS = "ids.json"

_VERSIONED = re.compile(r"(?P<name>\w+)\.v(?P<version>[0-9]+)")


class IdMoved(ValueError):
    """A schema id was given to another message; what was written under it would be unreadable."""


def key_of(name: str, version: int) -> str:
    """How files and ids call a message version, for example `RenderDesign.v1`."""
    return f"{name}.v{version}"


def committed_ids(folder: Path = SCHEMAS) -> dict[str, int]:
    """Every id ever given, by message version; empty before the first was."""
    path = folder / IDS
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def ids_with(catalog: Catalog, before: Mapping[str, int]) -> dict[str, int]:
    """The ids `before` and those of the catalog; IdMoved where one of them would change."""
    ids = dict(before)
    for entry in catalog.entries:
        key = key_of(entry.name, entry.version)
        if ids.setdefault(key, entry.schema_id) != entry.schema_id:
            raise IdMoved(
                f"{key} has the id {ids[key]} in {IDS} and {entry.schema_id} in the catalog: give "
                "it its committed id back (only while nothing was ever written under it may the "
                f"line be taken out of {IDS})"
            )
    owners: dict[int, str] = {}
    for key, schema_id in ids.items():
        if owners.setdefault(schema_id, key) != key:
            raise IdMoved(f"{key} and {owners[schema_id]} share the id {schema_id}: take a new one")
    return dict(sorted(ids.items(), key=lambda item: item[1]))


def older_schemas(catalog: Catalog = CATALOG, folder: Path = SCHEMAS) -> dict[int, Schema]:
    """The committed schema of every version that a catalogued message had before, by its id."""
    older: dict[int, Schema] = {}
    for key, schema_id in committed_ids(folder).items():
        found = _VERSIONED.fullmatch(key)
        if found is None:
            raise ValueError(f"{IDS}: {key!r} is not of the form Name.v1")
        entry = catalog.by_name.get(found["name"])
        if entry is not None and int(found["version"]) < entry.version:
            older[schema_id] = json.loads((folder / f"{key}.avsc").read_text("utf-8"))
    return older
