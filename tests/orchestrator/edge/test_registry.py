"""Kafka tools find our schemas at the edge as they would in a schema registry."""

import json
from io import BytesIO
from typing import Any

import fastavro
import pytest

from contracts.catalog import CATALOG
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.view.stories import TENANT, Desk, goal_of

KIND = "application/vnd.schemaregistry.v1+json"
SUBJECT = "sagaline.GoalReceived"


async def get(stand: Stand, path: str) -> tuple[int, Any]:
    async with stand.client(Accept=KIND) as client:
        answer = await client.get(f"/registry{path}")
    assert answer.headers["content-type"] == KIND
    return answer.status_code, answer.json()


async def test_every_message_is_a_subject_with_its_versions(stand: Stand) -> None:
    _, subjects = await get(stand, "/subjects")
    assert set(subjects) == {entry.wire_name for entry in CATALOG.entries}
    for entry in CATALOG.entries:
        _, told = await get(stand, f"/subjects/{entry.wire_name}/versions/latest")
        assert (told["version"], told["id"]) == (entry.version, entry.schema_id)
    assert await get(stand, f"/subjects/{SUBJECT}/versions") == (200, [1])


async def test_a_foreign_reader_reads_the_log_with_nothing_but_the_registry(stand: Stand) -> None:
    desk = Desk(CODEC)
    desk.create(TENANT, goal_of(stand.settings.keyring_dir))
    value = desk.log[0].value or b""
    _, told = await get(stand, f"/schemas/ids/{int.from_bytes(value[1:5], 'big')}")
    schema = fastavro.parse_schema(json.loads(told["schema"]))
    record: Any = fastavro.schemaless_reader(BytesIO(value[5:]), schema, None)
    assert record["name"] == "Spring launch"


async def test_a_schema_is_found_again_by_what_it_says(stand: Stand) -> None:
    _, told = await get(stand, f"/subjects/{SUBJECT}/versions/1")
    spaced = json.dumps(json.loads(told["schema"]), indent=2)
    async with stand.client() as client:
        headers = {"Content-Type": KIND}
        body = json.dumps({"schema": spaced, "schemaType": "AVRO"})
        url = f"/registry/subjects/{SUBJECT}"
        found = await client.post(url, content=body, headers=headers)
        registered = await client.post(f"{url}/versions", content=body, headers=headers)
        other = json.dumps({"schema": '{"type": "string"}'})
        unknown = await client.post(url, content=other, headers=headers)
        refused = await client.post(f"{url}/versions", content=other, headers=headers)
        rubbish = await client.post(url, content="{}", headers=headers)
    assert found.json() == told
    assert registered.json() == {"id": told["id"]}
    assert (unknown.status_code, unknown.json()["error_code"]) == (404, 40403)
    assert (refused.status_code, refused.json()["error_code"]) == (422, 42205)
    assert (rubbish.status_code, rubbish.json()["error_code"]) == (422, 42201)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/subjects/sagaline.Nothing/versions", 40401),
        (f"/subjects/{SUBJECT}/versions/7", 40402),
        (f"/subjects/{SUBJECT}/versions/abc", 42202),
        ("/schemas/ids/7", 40403),
    ],
)
async def test_what_is_not_there_is_told_in_the_registrys_own_codes(
    stand: Stand, path: str, code: int
) -> None:
    status, told = await get(stand, path)
    assert told["error_code"] == code
    assert status == int(str(code)[:3])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", {}),
        ("/config", {"compatibilityLevel": "FULL_TRANSITIVE"}),
        (f"/config/{SUBJECT}", {"compatibilityLevel": "FULL_TRANSITIVE"}),
        ("/mode", {"mode": "READONLY"}),
        ("/schemas/types", ["AVRO"]),
    ],
)
async def test_the_registry_says_what_it_is(stand: Stand, path: str, expected: Any) -> None:
    assert await get(stand, path) == (200, expected)


async def test_an_id_tells_its_subject_and_version(stand: Stand) -> None:
    schema_id = CATALOG.by_name["GoalReceived"].schema_id
    assert await get(stand, f"/schemas/ids/{schema_id}/subjects") == (200, [SUBJECT])
    expected = [{"subject": SUBJECT, "version": 1}]
    assert await get(stand, f"/schemas/ids/{schema_id}/versions") == (200, expected)
    _, alone = await get(stand, f"/schemas/ids/{schema_id}/schema")
    assert alone == CODEC.schema_of(schema_id)
