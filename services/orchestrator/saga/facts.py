"""A fact as the engine sees it: a log event with the few envelope values that matter to state."""

from typing import TYPE_CHECKING, cast

from contracts.message import LogEvent
from services.orchestrator.saga.engine.fact import Fact

if TYPE_CHECKING:
    from chassis.codec import Decoded

__all__ = ["Fact", "fact_of"]


def fact_of(decoded: "Decoded") -> Fact:
    """The fact in a decoded `campaign.log` record."""
    envelope = decoded.envelope
    return Fact(
        event=cast("LogEvent", decoded.body),
        at=envelope.time,
        campaign_id=envelope.campaign_id,
        tenant_id=envelope.tenant_id,
        correlation_id=envelope.correlation_id,
        cause=envelope.causation_id,
    )
