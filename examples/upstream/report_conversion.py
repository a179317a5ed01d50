"""Another system tells Sagaline over Kafka that a reader bought something.

It needs the contracts package (`pip install ./contracts`), an Avro library and a Kafka client, and
nothing else of Sagaline: the schema comes from the registry that the edge serves.
"""

import argparse
import json
import secrets
import struct
import sys
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

from confluent_kafka import KafkaError, Message, Producer
from fastavro import parse_schema, schemaless_writer

from contracts import topics
from contracts.analytics import EngagementKind, EngagementRecorded
from contracts.envelope import Actor, ActorKind, AppName, EventEnvelope
from contracts.goal import Channel

TIMEOUT_S = 10.0


def fetched(url: str) -> dict[str, Any]:
    """A JSON document over HTTP."""
    with urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the address is the operator's
        found: dict[str, Any] = json.load(answer)
        return found


def message_of(campaign_id: str, tenant_id: str, link: dict[str, Any]) -> dict[str, Any]:
    """The wire record: the envelope, then the message's own fields; models check both."""
    now, event_id = datetime.now(UTC), str(uuid4())
    envelope = EventEnvelope(
        id=event_id,
        type="EngagementRecorded",
        schema_version=1,
        tenant_id=tenant_id,
        campaign_id=campaign_id,
        correlation_id=event_id,
        causation_id=event_id,
        execution_id=event_id,
        source=AppName.UPSTREAM,
        actor=Actor(kind=ActorKind.SERVICE, id="web-shop"),
        time=now,
        traceparent=f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01",
    )
    body = EngagementRecorded(
        kind=EngagementKind.CONVERSION,
        channel=Channel(link["channel"]),
        link_id=link["id"],
        happened_at=now,
    )
    return {"envelope": envelope.model_dump(), **body.model_dump()}


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


def main() -> None:
    """Report one conversion of the campaign's first tracked link."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("campaign_id")
    parser.add_argument("--api", default="http://127.0.0.1:8000")
    parser.add_argument("--kafka", default="127.0.0.1:9092")
    parser.add_argument("--tenant", default="00000000-0000-4000-8000-000000000001")
    asked = parser.parse_args()
    figures = fetched(f"{asked.api}/api/v1/campaigns/{asked.campaign_id}/figures")
    if not figures["links"]:
        raise SystemExit("this campaign has no tracked link: it published nothing yet")
    subject = "sagaline.EngagementRecorded"
    registered = fetched(f"{asked.api}/registry/subjects/{subject}/versions/latest")
    record = message_of(asked.campaign_id, asked.tenant, figures["links"][0])
    value = framed(record, registered)
    send(asked.kafka, topics.ENGAGEMENT, asked.campaign_id, value)
    sys.stdout.write(f"{len(value)} bytes under schema {registered['id']}: {topics.ENGAGEMENT}\n")


if __name__ == "__main__":
    main()
