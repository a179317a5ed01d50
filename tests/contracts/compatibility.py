"""What a new version of a schema may change: FULL_TRANSITIVE, and a little more than Avro asks.

The log is read for ever, by newer code (backward) and, while an upgrade is under way, by older
code (forward). Avro's own rules come from the official `avro` package.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import avro.schema
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from contracts.generate.avro import UNKNOWN, Schema


def incompatibilities(versions: Sequence[Schema]) -> list[str]:
    """Why these versions of one message, oldest first, cannot all read each other; empty if so."""
    found = []
    for (i, older), (j, newer) in combinations(enumerate(versions, start=1), 2):
        found += [f"v{j} cannot read v{i}: {why}" for why in _cannot_read(newer, older)]
        found += [f"v{i} cannot read v{j}: {why}" for why in _cannot_read(older, newer)]
        found += [f"v{i} to v{j}: {why}" for why in _lost_meaning(older, newer)]
    return found


def unsafe_for_ever(schema: Schema) -> list[str]:
    """What version 1 would already get wrong, because no later version could put it right."""
    found = []
    for path, node in _nodes(schema):
        match node:
            case list():
                found += [
                    f"{path}: a record in a union can never get a sibling"
                    for branch in node
                    if _kind(branch, schema) == "record"
                ]
            case {"type": "enum", **rest} if rest.get("default") != UNKNOWN:
                found.append(f"{path}: without the default {UNKNOWN} no symbol can be added")
    return found


def _cannot_read(reader: Schema, writer: Schema) -> list[str]:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    result = checker.get_compatibility(_parsed(reader), _parsed(writer))
    if result.compatibility is SchemaCompatibilityType.compatible:
        return []
    kinds = ", ".join(sorted(kind.name for kind in result.incompatibilities))
    return [f"{kinds} at {', '.join(sorted(result.locations))} ({', '.join(result.messages)})"]


def _lost_meaning(older: Schema, newer: Schema) -> Iterator[str]:
    """What Avro lets pass and our models do not: text for bytes, an instant for a number, and a
    symbol taken away, which would read as UNKNOWN in every old record."""
    before, after = dict(_nodes(older)), dict(_nodes(newer))
    for path in before.keys() & after.keys():
        was, now = before[path], after[path]
        if _primitive(was) != _primitive(now):
            yield f"{path} was {_primitive(was)} and is {_primitive(now)}"
        if isinstance(was, dict) and isinstance(now, dict):
            gone = set(was.get("symbols", ())) - set(now.get("symbols", ()))
            if gone:
                yield f"{path} lost the symbols {', '.join(sorted(gone))}"


def _primitive(node: Any) -> str | None:
    """The name of a primitive or logical type; None for everything else."""
    if isinstance(node, dict):
        logical: str | None = node.get("logicalType")
        return logical
    return node if isinstance(node, str) and "." not in node else None


def _nodes(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every type in a schema with the path of field names to it."""
    yield path, node
    match node:
        case {"type": "record", "fields": fields}:
            for field in fields:
                yield from _nodes(field["type"], f"{path}.{field['name']}".lstrip("."))
        case {"items": inner} | {"values": inner}:
            yield from _nodes(inner, f"{path}[]")
        case list():
            for branch in node:
                if branch != "null":
                    yield from _nodes(branch, f"{path}?")


def _kind(branch: Any, root: Mapping[str, Any]) -> str:
    """What a branch of a union is, looked up where it is only named."""
    if isinstance(branch, dict):
        return str(branch["type"])
    for _, node in _nodes(root):
        if isinstance(node, dict) and f"{node.get('namespace')}.{node.get('name')}" == branch:
            return str(node["type"])
    return str(branch)


def _parsed(schema: Schema) -> avro.schema.Schema:
    return avro.schema.parse(json.dumps(schema))
