"""Our schemas in the REST form of Confluent's schema registry, to be read by any Kafka tool.

Subjects are record names (RecordNameStrategy). It is read-only: schemas come with the build. See
https://docs.confluent.io/platform/current/schema-registry/develop/api.html
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from chassis.codec import Codec
from contracts.catalog import CATALOG
from contracts.generate.committed import committed_ids
from services.orchestrator.edge.bodies import raw_of
from services.orchestrator.edge.context import EdgeNow

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"
LATEST = "latest"
COMPATIBILITY = "FULL_TRANSITIVE"


class RegistryResponse(JSONResponse):
    """An answer in the registry's own media type."""

    media_type = MEDIA_TYPE


router = APIRouter(prefix="/registry", tags=["registry"], default_response_class=RegistryResponse)


_LOOKUP = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["schema"],
                    "properties": {"schema": {"type": "string"}},
                }
            }
        },
    }
}
"""What clients send to look a schema up; further fields of theirs are ignored."""


class Registered(NamedTuple):
    """One version of one subject."""

    subject: str
    version: int
    schema_id: int
    schema: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The schema as the registry gives it out."""
        return json.dumps(self.schema, separators=(",", ":"))

    def told(self) -> dict[str, Any]:
        """Everything about it."""
        return {
            "subject": self.subject,
            "version": self.version,
            "id": self.schema_id,
            "schemaType": "AVRO",
            "schema": self.text,
        }


class Refusal(Exception):
    """An error in the registry's own form."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


async def refusal_response(request: Request, refusal: Exception) -> Response:
    """The registry's error document; the status is the code's first three digits."""
    code = refusal.code if isinstance(refusal, Refusal) else 50001
    status = int(str(code)[:3])
    return RegistryResponse({"error_code": code, "message": str(refusal)}, status)


class Shelf:
    """All versions of all schemas that this build reads."""

    def __init__(self, codec: Codec) -> None:
        versions = {id_: int(key.rpartition(".v")[2]) for key, id_ in committed_ids().items()}
        self.all = tuple(
            Registered(
                _subject(schema),
                versions.get(id_) or CATALOG.by_id[id_].version,
                id_,
                schema,
            )
            for id_, schema in sorted(codec.schemas().items())
        )

    def of(self, subject: str) -> tuple[Registered, ...]:
        """The subject's versions, oldest first. Raises Refusal."""
        found = sorted(one for one in self.all if one.subject == subject)
        if not found:
            raise Refusal(40401, f"Subject '{subject}' not found.")
        return tuple(found)

    def version(self, subject: str, wanted: str) -> Registered:
        """One version of a subject. Raises Refusal."""
        found = self.of(subject)
        if wanted in (LATEST, "-1"):
            return found[-1]
        if not re.fullmatch(r"[1-9][0-9]{0,8}", wanted):
            raise Refusal(42202, f"The specified version '{wanted}' is not a valid version id.")
        for one in found:
            if one.version == int(wanted):
                return one
        raise Refusal(40402, f"Version {wanted} not found.")

    def by_id(self, schema_id: int) -> Registered:
        """The schema under an id. Raises Refusal."""
        for one in self.all:
            if one.schema_id == schema_id:
                return one
        raise Refusal(40403, f"Schema {schema_id} not found")


def shelf_of(edge: EdgeNow) -> Shelf:
    """The shelf of this process's codec."""
    return Shelf(edge.codec)


ShelfNow = Annotated[Shelf, Depends(shelf_of)]


@router.get("")
@router.get("/")
async def root() -> dict[str, str]:
    """An empty object, as the registry answers."""
    return {}


@router.get("/subjects")
async def subjects(shelf: ShelfNow) -> list[str]:
    """Every subject."""
    return sorted({one.subject for one in shelf.all})


@router.get("/subjects/{subject}/versions")
async def versions(subject: str, shelf: ShelfNow) -> list[int]:
    """The subject's versions."""
    return [one.version for one in shelf.of(subject)]


@router.get("/subjects/{subject}/versions/{version}")
async def version(subject: str, version: str, shelf: ShelfNow) -> dict[str, Any]:
    """One version of a subject, by number or `latest`."""
    return shelf.version(subject, version).told()


@router.get("/subjects/{subject}/versions/{version}/schema")
async def version_schema(subject: str, version: str, shelf: ShelfNow) -> Response:
    """The schema alone."""
    return Response(shelf.version(subject, version).text, media_type=MEDIA_TYPE)


@router.get("/schemas/types")
async def types() -> list[str]:
    """The kinds of schemas: Avro alone."""
    return ["AVRO"]


@router.get("/schemas/ids/{schema_id}")
async def schema(schema_id: int, shelf: ShelfNow) -> dict[str, Any]:
    """The schema under an id, as it stands in every framed value."""
    return {"schema": shelf.by_id(schema_id).text, "schemaType": "AVRO"}


@router.get("/schemas/ids/{schema_id}/schema")
async def schema_alone(schema_id: int, shelf: ShelfNow) -> Response:
    """The schema under an id, alone."""
    return Response(shelf.by_id(schema_id).text, media_type=MEDIA_TYPE)


@router.get("/schemas/ids/{schema_id}/versions")
async def schema_versions(schema_id: int, shelf: ShelfNow) -> list[dict[str, Any]]:
    """Where the schema under an id is used."""
    found = shelf.by_id(schema_id)
    return [{"subject": found.subject, "version": found.version}]


@router.get("/schemas/ids/{schema_id}/subjects")
async def schema_subjects(schema_id: int, shelf: ShelfNow) -> list[str]:
    """Which subjects use the schema under an id."""
    return [shelf.by_id(schema_id).subject]


@router.post("/subjects/{subject}", openapi_extra=_LOOKUP)
async def look_up(subject: str, request: Request, shelf: ShelfNow) -> dict[str, Any]:
    """Which version of the subject this schema is."""
    return (await _same(subject, request, shelf)).told()


@router.post("/subjects/{subject}/versions", openapi_extra=_LOOKUP)
async def register(subject: str, request: Request, shelf: ShelfNow) -> dict[str, int]:
    """The id of a schema that is here already; a new one is refused, for they come by the build."""
    try:
        return {"id": (await _same(subject, request, shelf)).schema_id}
    except Refusal as cause:
        raise Refusal(
            42205, f"Subject '{subject}' is in read-only mode: schemas come with the build"
        ) from cause


@router.get("/config")
@router.get("/config/{subject}")
async def config(subject: str = "") -> dict[str, str]:
    """The compatibility that the build checks."""
    return {"compatibilityLevel": COMPATIBILITY}


@router.get("/mode")
@router.get("/mode/{subject}")
async def mode(subject: str = "") -> dict[str, str]:
    """Read-only."""
    return {"mode": "READONLY"}


async def _same(subject: str, request: Request, shelf: Shelf) -> Registered:
    found = shelf.of(subject)
    try:
        wanted = json.loads(json.loads(await raw_of(request))["schema"])
    except (KeyError, TypeError, ValueError) as cause:
        raise Refusal(
            42201, "Invalid Avro schema: send {'schema': '<the schema as text>'}"
        ) from cause
    for one in found:
        if _plain(one.schema) == _plain(wanted):
            return one
    raise Refusal(40403, "Schema not found")


def _plain(schema: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A schema without what says nothing about the data; full names instead of namespaces."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key != "doc"}
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema


def _subject(schema: Mapping[str, Any]) -> str:
    namespace = schema.get("namespace", "")
    name = str(schema["name"])
    return f"{namespace}.{name}" if namespace and "." not in name else name
