"""Another system tells Sagaline over Kafka that a reader bought something.

It needs the contracts package (`pip install ./contracts`) beside what `wire.py` needs; the schema
comes from the registry that the edge serves.
"""

import argparse
import secrets
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from contracts import topics
from contracts.analytics import EngagementKind, EngagementRecorded
from contracts.envelope import Actor, ActorKind, AppName, EventEnvelope
from contracts.goal import Channel
from examples.upstream.wire import fetched, framed, schema_of, send


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
    registered = schema_of(asked.api, "EngagementRecorded")
    record = message_of(asked.campaign_id, asked.tenant, figures["links"][0])
    value = framed(record, registered)
    send(asked.kafka, topics.ENGAGEMENT, asked.campaign_id, value)
    sys.stdout.write(f"{len(value)} bytes under schema {registered['id']}: {topics.ENGAGEMENT}\n")


if __name__ == "__main__":
    main()
