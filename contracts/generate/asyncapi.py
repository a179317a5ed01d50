"""The AsyncAPI 3.0.0 document: topics as channels, who sends and receives, Avro payloads.

Source of the structure: https://www.asyncapi.com/docs/reference/specification/v3.0.0 and the
Kafka bindings 0.5.0.
"""

from typing import Any

from contracts.catalog import Catalog, Entry
from contracts.generate.avro import avro_schema
from contracts.generate.shapes import doc_of
from contracts.plan import Phase
from contracts.topics import TOPICS, TopicSpec, commands_of

Node = dict[str, Any]

SCHEMA_FORMAT = "application/vnd.apache.avro+json;version=1.9.0"
CONTENT_TYPE = "avro/binary"
BINDING = "0.5.0"


def asyncapi(catalog: Catalog) -> Node:
    """The whole document; every reference in it points into it."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sagaline",
            "version": "1",
            "description": "Every Kafka topic of Sagaline and every message on it. Generated from "
            "the models in contracts/ by `python -m contracts.generate`; do not edit.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic.name: _channel(topic, catalog) for topic in TOPICS},
        "operations": _operations(catalog),
        "components": {
            "messages": {entry.name: _message(entry) for entry in catalog.entries},
            "correlationIds": {
                "campaign": {
                    "description": "The id of the request that began the conversation.",
                    "location": "$message.payload#/envelope/correlation_id",
                }
            },
        },
    }


def _channel(topic: TopicSpec, catalog: Catalog) -> Node:
    return {
        "address": topic.name,
        "title": topic.name,
        "summary": topic.purpose,
        "description": f"Key: {topic.key}. Written by: {topic.writer}.",
        "messages": {
            entry.name: {"$ref": f"#/components/messages/{entry.name}"}
            for entry in catalog.entries
            if entry.topic == topic.name
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["compact" if topic.compacted else "delete"],
                    "retention.ms": topic.retention_ms,
                },
                "bindingVersion": BINDING,
            }
        },
    }


def _operations(catalog: Catalog) -> Node:
    """A `send` for each owner and topic, and a `receive` for whom a phase's commands are meant."""
    operations: Node = {}
    for entry in catalog.entries:
        _add(operations, "send", entry.owner.value, entry)
    readers = {commands_of(phase): phase.value for phase in Phase}
    for entry in catalog.entries:
        if entry.topic in readers:
            _add(operations, "receive", readers[entry.topic], entry)
    return operations


def _add(operations: Node, action: str, who: str, entry: Entry) -> None:
    key = f"{who}.{action}.{entry.topic}"
    channel = f"#/channels/{entry.topic}"
    operation = operations.setdefault(
        key,
        {
            "action": action,
            "title": f"{who} {action}s on {entry.topic}",
            "channel": {"$ref": channel},
            "messages": [],
        },
    )
    operation["messages"].append({"$ref": f"{channel}/messages/{entry.name}"})


def _message(entry: Entry) -> Node:
    summary, _, rest = doc_of(entry.model).partition("\n\n")
    described = {"description": rest.replace("\n", " ")} if rest else {}
    return {
        "name": entry.wire_name,
        "title": f"{entry.name} v{entry.version}",
        "summary": summary.replace("\n", " "),
        **described,
        "contentType": CONTENT_TYPE,
        "correlationId": {"$ref": "#/components/correlationIds/campaign"},
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": avro_schema(entry)},
        "bindings": {
            "kafka": {
                "schemaIdLocation": "payload",
                "schemaIdPayloadEncoding": "confluent",
                "bindingVersion": BINDING,
            }
        },
        "x-schema-id": entry.schema_id,
        "x-owner": entry.owner.value,
    }
