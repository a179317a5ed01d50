"""Writing a message as Sagaline reads it: the schema from its registry, the frame, the partitioner.

It needs an Avro library and a Kafka client, and nothing of Sagaline.
"""

import json
import struct
from io import BytesIO
from typing import Any
from urllib.request import urlopen

from confluent_kafka import KafkaError, Message, Producer
from fastavro import parse_schema, schemaless_writer

TIMEOUT_S = 10.0


def fetched(url: str) -> dict[str, Any]:
    """A JSON document over HTTP."""
    with urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the address is the operator's
        found: dict[str, Any] = json.load(answer)
        return found


def schema_of(api: str, message: str) -> dict[str, Any]:
    """The newest schema of a message, with its id, from the registry that the edge serves."""
    return fetched(f"{api}/registry/subjects/sagaline.{message}/versions/latest")


def framed(record: dict[str, Any], registered: dict[str, Any]) -> bytes:
    """The value as every Kafka tool expects it: a zero byte, the schema's id, the Avro record."""
    buffer = BytesIO()
    buffer.write(struct.pack(">bI", 0, registered["id"]))
    schemaless_writer(buffer, parse_schema(json.loads(registered["schema"])), record)
    return buffer.getvalue()


def send(bootstrap: str, topic: str, key: str, value: bytes) -> None:
    """Return once every in-sync replica has it.

    The partitioner matters: librdkafka's own default puts a campaign on another partition.
    """
    failures: list[KafkaError] = []

    def delivered(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failures.append(error)

    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "acks": "all",
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "delivery.timeout.ms": int(TIMEOUT_S * 1000),
        }
    )
    producer.produce(topic, key=key.encode(), value=value, on_delivery=delivered)
    left = producer.flush(TIMEOUT_S * 2)
    if left or failures:
        raise SystemExit(f"not delivered to {topic} at {bootstrap}: {failures or 'no answer'}")
