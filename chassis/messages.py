"""Making records: the envelope that answers another, the five headers, the key."""

import secrets
from datetime import datetime

from chassis.broker import Outgoing
from contracts.envelope import Actor, AppName, EventEnvelope

NO_CAMPAIGN = "00000000-0000-0000-0000-000000000000"
"""Stands where a message belongs to no campaign or tenant that anybody could name."""


def new_traceparent() -> str:
    """A new W3C trace, sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def child_traceparent(parent: str) -> str:
    """The same trace with a new span."""
    version, trace, _, flags = parent.split("-")
    return f"{version}-{trace}-{secrets.token_hex(8)}-{flags}"


def answering(
    cause: EventEnvelope, *, message_id: str, name: str, version: int, at: datetime
) -> EventEnvelope:
    """An envelope caused by `cause`, in the same campaign, tenant, execution and trace."""
    return cause.model_copy(
        update={
            "id": message_id,
            "type": name,
            "schema_version": version,
            "causation_id": cause.id,
            "time": at,
            "traceparent": child_traceparent(cause.traceparent),
        }
    )


def spoken_by(envelope: EventEnvelope, source: AppName, actor: Actor) -> EventEnvelope:
    """The same envelope from another mouth."""
    return envelope.model_copy(update={"source": source, "actor": actor})


def record(topic: str, envelope: EventEnvelope, value: bytes, key: str = "") -> Outgoing:
    """A record with the five headers; the key is the campaign's unless another is given."""
    return Outgoing(
        topic=topic,
        key=(key or envelope.campaign_id).encode(),
        value=value,
        headers=(
            ("ce_id", envelope.id.encode()),
            ("ce_type", envelope.type.encode()),
            ("campaign_id", envelope.campaign_id.encode()),
            ("tenant_id", envelope.tenant_id.encode()),
            ("traceparent", envelope.traceparent.encode()),
        ),
    )
