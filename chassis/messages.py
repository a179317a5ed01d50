"""Making records: the envelope that answers another or none, the five headers, the key."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chassis.broker import Outgoing
from contracts.catalog import Entry
from contracts.envelope import Actor, AppName, EventEnvelope

NO_CAMPAIGN = "00000000-0000-0000-0000-000000000000"
"""Stands where a message belongs to no campaign or tenant that anybody could name."""

ID_HEADER = "ce_id"
"""The header that names the message, also to whoever cannot read its value."""

TYPE_HEADER = "ce_type"
"""The header that says what the message is, so that nobody has to decode what they pass over."""


def new_traceparent() -> str:
    """A new W3C trace, sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def child_traceparent(parent: str, message_id: str) -> str:
    """The same trace with the message as its span: a repeated message names the same span.

    The span's id is the UUID's first 16 digits; never all zeros, for its version is among them.
    """
    version, trace, _, flags = parent.split("-")
    return f"{version}-{trace}-{message_id[:8]}{message_id[9:13]}{message_id[14:18]}-{flags}"


class Conversation(NamedTuple):
    """Whose campaign a message belongs to, and what it goes on with.

    Without a `correlation_id` the message begins a conversation, without a `traceparent` a trace.
    """

    tenant_id: str
    campaign_id: str
    correlation_id: str = ""
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says something: an app, and the actor behind it."""

    source: AppName
    actor: Actor

    def first(
        self,
        entry: Entry,
        message_id: str,
        within: Conversation,
        *,
        at: datetime,
        cause_id: str = "",
    ) -> EventEnvelope:
        """An envelope of a message that answers none: its own id stands for cause and execution.

        `cause_id` names another cause, as its letter is a note's.
        """
        return EventEnvelope(
            id=message_id,
            type=entry.name,
            schema_version=entry.version,
            tenant_id=within.tenant_id,
            campaign_id=within.campaign_id,
            correlation_id=within.correlation_id or message_id,
            causation_id=cause_id or message_id,
            execution_id=message_id,
            source=self.source,
            actor=self.actor,
            time=at,
            traceparent=within.traceparent or new_traceparent(),
        )

    def answer(
        self,
        cause: EventEnvelope,
        entry: Entry,
        message_id: str,
        *,
        at: datetime,
        execution_id: str = "",
    ) -> EventEnvelope:
        """An envelope caused by `cause`, in its campaign, tenant and trace.

        It is of the same execution, unless another one is given.
        """
        return cause.model_copy(
            update={
                "id": message_id,
                "type": entry.name,
                "schema_version": entry.version,
                "causation_id": cause.id,
                "execution_id": execution_id or cause.execution_id,
                "source": self.source,
                "actor": self.actor,
                "time": at,
                "traceparent": child_traceparent(cause.traceparent, message_id),
            }
        )


def record(topic: str, envelope: EventEnvelope, value: bytes, key: str = "") -> Outgoing:
    """A record with the five headers; the key is the campaign's unless another is given."""
    return Outgoing(
        topic=topic,
        key=(key or envelope.campaign_id).encode(),
        value=value,
        headers=(
            (ID_HEADER, envelope.id.encode()),
            (TYPE_HEADER, envelope.type.encode()),
            ("campaign_id", envelope.campaign_id.encode()),
            ("tenant_id", envelope.tenant_id.encode()),
            ("traceparent", envelope.traceparent.encode()),
        ),
    )
