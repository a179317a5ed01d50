"""A stored value in another version of its message. It knows schemas, no model and no broker.

Fields that both versions have keep their values; a field that only the target has gets the default
of its schema; one that the target lacks is left out. The envelope names the version it is now in.
"""

import struct
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Self, cast

from fastavro import parse_schema, schemaless_reader, schemaless_writer

from chassis.codec import FRAME, MAGIC, Codec
from chassis.errors import Rejected, Undecodable
from contracts.catalog import NAMESPACE
from contracts.generate.avro import Schema
from contracts.generate.committed import committed_ids

_BROKEN = (ArithmeticError, EOFError, LookupError, MemoryError, struct.error, TypeError, ValueError)


class Untranslatable(Rejected):
    """The value cannot be said in the wanted version; trying again does not help."""


class UnknownSchema(Untranslatable):
    """No schema has this id: another system's, or a newer build's."""


class AnotherMessage(Untranslatable):
    """The two ids are of different messages."""


class ValueLost(Untranslatable):
    """The target has no word for a value: an enum's symbol, or a field it requires."""


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """One version of one message: its number, and the Avro schema that is written under its id."""

    version: int
    schema: Schema

    @property
    def name(self) -> str:
        """The message, for example `RenderDesign`."""
        return str(self.schema["name"])


class SchemaTranslator:
    """Translates framed values between versions. Schemas are parsed once, here; safe to share."""

    def __init__(self, versions: Mapping[int, SchemaVersion]) -> None:
        self._versions = dict(versions)
        self._parsed = {id_: parse_schema(deepcopy(v.schema)) for id_, v in versions.items()}
        self._named = {id_: _named_types(v.schema) for id_, v in versions.items()}

    @classmethod
    def of(cls, codec: Codec) -> Self:
        """A translator between all versions that this build can read."""
        numbers = {id_: int(key.rpartition(".v")[2]) for key, id_ in committed_ids().items()}
        numbers |= {entry.schema_id: entry.version for entry in codec.catalog.entries}
        return cls({id_: SchemaVersion(numbers[id_], s) for id_, s in codec.schemas().items()})

    def translate(self, value: bytes, to_schema_id: int) -> bytes:
        """The same message under `to_schema_id`; the same bytes where they are under it already.

        Raises UnknownSchema, AnotherMessage or ValueLost; Undecodable for a broken value.
        """
        from_schema_id = _schema_id_of(value)
        writer, target = self._version(from_schema_id), self._version(to_schema_id)
        if writer.name != target.name:
            raise AnotherMessage(
                f"schema {from_schema_id} is of {writer.name}, {to_schema_id} of {target.name}: "
                "only versions of one message can be translated"
            )
        record = self._read(value, from_schema_id)
        if from_schema_id == to_schema_id:
            return value
        said = _Saying(target.name, self._named[to_schema_id]).record(record, target.schema, "")
        if "schema_version" in said.get("envelope", {}):
            said["envelope"]["schema_version"] = target.version
        return self._written(said, to_schema_id)

    def _version(self, schema_id: int) -> SchemaVersion:
        found = self._versions.get(schema_id)
        if found is None:
            raise UnknownSchema(
                f"schema id {schema_id} is unknown to this build: another system's, or newer"
            )
        return found

    def _read(self, value: bytes, schema_id: int) -> dict[str, Any]:
        name, buffer = self._versions[schema_id].name, BytesIO(value)
        buffer.seek(FRAME.size)
        try:
            record = schemaless_reader(buffer, self._parsed[schema_id], None)
        except _BROKEN as cause:
            raise Undecodable(f"{name}: not a whole record of schema {schema_id}") from cause
        if buffer.tell() != len(value):
            raise Undecodable(f"{name}: {len(value) - buffer.tell()} bytes after the record")
        return cast(dict[str, Any], record)

    def _written(self, record: dict[str, Any], schema_id: int) -> bytes:
        buffer = BytesIO()
        buffer.write(FRAME.pack(MAGIC, schema_id))
        try:
            schemaless_writer(buffer, self._parsed[schema_id], record)
        except _BROKEN as cause:
            name = self._versions[schema_id].name
            raise ValueLost(f"{name}: schema {schema_id} cannot say it: {cause}") from cause
        return buffer.getvalue()


class _Saying:
    """Says values of one version in the types of another."""

    def __init__(self, message: str, named: Mapping[str, Schema]) -> None:
        self._message = message
        self._named = named

    def record(self, value: Mapping[str, Any], schema: Schema, at: str) -> dict[str, Any]:
        said = {}
        for field in schema["fields"]:
            name, path = field["name"], f"{at}{field['name']}"
            if name in value:
                said[name] = self._value(value[name], field["type"], path)
            elif "default" in field:
                said[name] = self._default(field["default"], field["type"])
            else:
                raise ValueLost(f"{self._message}: {path} is required there and unknown here")
        return said

    def _value(self, value: Any, kind: Any, path: str) -> Any:  # noqa: ANN401 - any Avro value
        match self._resolved(kind):
            case {"type": "record"} as schema:
                return self.record(value, schema, f"{path}.")
            case {"type": "array", "items": items}:
                return [self._value(item, items, f"{path}[{n}]") for n, item in enumerate(value)]
            case {"type": "map", "values": values}:
                return {key: self._value(v, values, f"{path}.{key}") for key, v in value.items()}
            case {"type": "enum", "symbols": symbols} if value not in symbols:
                raise ValueLost(f"{self._message}: {path} is {value}, which is unknown there")
            case list() as branches if value is not None:
                inner = [branch for branch in branches if branch != "null"]
                return self._value(value, inner[0], path) if len(inner) == 1 else value
            case _:
                return value

    def _default(self, default: Any, kind: Any) -> Any:  # noqa: ANN401 - any JSON default
        """A default as Avro's JSON has it, as a value: bytes are text there (code points 0-255)."""
        match self._resolved(kind):
            case "bytes":
                return default.encode("latin-1")
            case {"type": "record", "fields": fields}:
                return {
                    f["name"]: self._default(default.get(f["name"], f.get("default")), f["type"])
                    for f in fields
                }
            case {"type": "array", "items": items}:
                return [self._default(item, items) for item in default]
            case {"type": "map", "values": values}:
                return {key: self._default(value, values) for key, value in default.items()}
            case list() as branches:
                return self._default(default, branches[0])
            case _:
                return default

    def _resolved(self, kind: Any) -> Any:  # noqa: ANN401 - a name, a schema or a union
        return self._named.get(kind, kind) if isinstance(kind, str) else kind


def _named_types(schema: Any) -> dict[str, Schema]:  # noqa: ANN401 - a name, a schema or a union
    """Every record and enum that is defined in the schema, by full name."""
    found: dict[str, Schema] = {}
    match schema:
        case list():
            for branch in schema:
                found |= _named_types(branch)
        case {"type": "record" | "enum", "name": name}:
            found[f"{schema.get('namespace', NAMESPACE)}.{name}"] = schema
            for field in schema.get("fields", ()):
                found |= _named_types(field["type"])
        case {"type": "array", "items": inner} | {"type": "map", "values": inner}:
            found |= _named_types(inner)
    return found


def _schema_id_of(value: bytes) -> int:
    if len(value) < FRAME.size or value[0] != MAGIC:
        raise Undecodable(
            f"the value ({len(value)} bytes) is not in the schema registry's frame: a zero byte, "
            "then the schema's id"
        )
    return int(FRAME.unpack_from(value)[1])
