"""`docs/asyncapi.json` is sound: its references lead somewhere and it leaves nothing out."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.catalog import CATALOG
from contracts.generate.avro import avro_schema
from contracts.generate.files import ROOT
from contracts.topics import TOPICS

Node = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Node:
    read: Node = json.loads((ROOT / "docs/asyncapi.json").read_text("utf-8"))
    return read


def references(node: Any) -> Iterator[str]:
    match node:
        case {"$ref": str(target)}:
            yield target
        case dict():
            for child in node.values():
                yield from references(child)
        case list():
            for child in node:
                yield from references(child)


def resolve(document: Node, reference: str) -> Any:
    """What a reference leads to, other references on the way followed (JSON pointer, RFC 6901)."""
    node: Any = document
    for key in reference.removeprefix("#/").split("/"):
        node = node[key]
        if "$ref" in node:
            node = resolve(document, node["$ref"])
    return node


def test_it_says_what_it_is(document: Node) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert document["info"]["title"]
    assert document["info"]["version"]


def test_every_reference_leads_somewhere(document: Node) -> None:
    found = list(references(document))
    assert found
    for reference in found:
        assert reference.startswith("#/"), reference
        assert resolve(document, reference)


def test_every_topic_is_a_channel(document: Node) -> None:
    channels = document["channels"]
    assert set(channels) == {topic.name for topic in TOPICS}
    for topic in TOPICS:
        assert channels[topic.name]["address"] == topic.name
        kafka = channels[topic.name]["bindings"]["kafka"]
        assert kafka["partitions"] == topic.partitions
        assert kafka["topicConfiguration"]["retention.ms"] == topic.retention_ms


def test_every_message_stands_on_its_topic_with_its_schema(document: Node) -> None:
    assert set(document["components"]["messages"]) == set(CATALOG.by_name)
    for entry in CATALOG.entries:
        message = resolve(document, f"#/channels/{entry.topic}/messages/{entry.name}")
        assert message["name"] == entry.wire_name
        assert message["summary"], "its docstring says what it is for"
        assert message["payload"] == {
            "schemaFormat": "application/vnd.apache.avro+json;version=1.9.0",
            "schema": avro_schema(entry),
        }


def test_operations_name_only_messages_of_their_own_channel(document: Node) -> None:
    for name, operation in document["operations"].items():
        assert operation["action"] in {"send", "receive"}, name
        assert operation["messages"], name
        channel = operation["channel"]["$ref"]
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/"), name


def test_somebody_sends_every_message(document: Node) -> None:
    sent = {
        message["$ref"].rsplit("/", 1)[1]
        for operation in document["operations"].values()
        if operation["action"] == "send"
        for message in operation["messages"]
    }
    assert sent == set(CATALOG.by_name)
