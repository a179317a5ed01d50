"""Another system brings a brief in over Kafka; it need not be reachable, nor the edge be up.

It needs the contracts package (`pip install ./contracts`) beside what `wire.py` needs. The key
decides what the campaign is called: whoever sends the same goal twice gets one campaign.
"""

import argparse
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from contracts import identity, topics
from contracts.envelope import Actor, ActorKind, AppName, EventEnvelope
from contracts.goal import GoalSubmitted
from examples.upstream.wire import framed, schema_of, send


def message_of(brief: dict[str, Any], tenant_id: str, key: str) -> dict[str, Any]:
    """The wire record: the envelope, then the message's own fields; models check both."""
    event_id = str(uuid4())
    envelope = EventEnvelope(
        id=event_id,
        type="GoalSubmitted",
        schema_version=1,
        tenant_id=tenant_id,
        campaign_id=identity.campaign_id(tenant_id, key),
        correlation_id=event_id,
        causation_id=event_id,
        execution_id=event_id,
        source=AppName.UPSTREAM,
        actor=Actor(kind=ActorKind.SERVICE, id="web-shop"),
        time=datetime.now(UTC),
        traceparent=f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01",
    )
    body = GoalSubmitted.model_validate({"brief": brief, "key": key}, strict=False)
    return {"envelope": envelope.model_dump(), **body.model_dump()}


def main() -> None:
    """Submit the brief of a YAML file, and say what its campaign is called."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("brief", type=Path)
    parser.add_argument("--key", default=str(uuid4()), help="the same key is the same campaign")
    parser.add_argument("--api", default="http://127.0.0.1:8000")
    parser.add_argument("--kafka", default="127.0.0.1:9092")
    parser.add_argument("--topic", default=topics.INTAKE)
    parser.add_argument("--tenant", default="00000000-0000-4000-8000-000000000001")
    asked = parser.parse_args()
    record = message_of(yaml.safe_load(asked.brief.read_text("utf-8")), asked.tenant, asked.key)
    value = framed(record, schema_of(asked.api, "GoalSubmitted"))
    campaign_id = record["envelope"]["campaign_id"]
    send(asked.kafka, asked.topic, campaign_id, value)
    sys.stdout.write(f"{campaign_id}\n")


if __name__ == "__main__":
    main()
