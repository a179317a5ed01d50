"""What readers did, one row an event: records in, counts out. It knows no page and no link."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select

from chassis.codec import Decoded
from contracts.analytics import EngagementKind, EngagementRecorded, VariantsTracked
from services.orchestrator.view.projection import Outcome
from services.orchestrator.view.tables import engagement


@dataclass(frozen=True, slots=True)
class Count:
    """How often one thing was done with one link, and when first and last."""

    link_id: str
    channel: str
    kind: EngagementKind
    times: int
    first: datetime
    last: datetime


class Engagements:
    """Takes records into the rows of one transaction; an event that is there stays as it is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[str, dict[str, Any]] = {}

    def take(self, decoded: Decoded) -> Outcome:
        """Note one event; the topic may hold it several times. REFUSED for any other message."""
        envelope, body = decoded.envelope, decoded.body
        if isinstance(body, VariantsTracked):
            return Outcome.APPLIED  # for whoever compares: the campaign itself has it all
        if not isinstance(body, EngagementRecorded):
            return Outcome.REFUSED
        if envelope.id in self._rows or self._stored(envelope.id):
            return Outcome.REPEATED
        self._rows[envelope.id] = {
            "event_id": envelope.id,
            "tenant_id": envelope.tenant_id,
            "campaign_id": envelope.campaign_id,
            "link_id": body.link_id,
            "channel": body.channel.value,
            "kind": body.kind.value,
            "happened_at": body.happened_at,
        }
        return Outcome.APPLIED

    def flush(self) -> None:
        """Write the rows of everything that was noted."""
        if self._rows:
            self._connection.execute(insert(engagement), list(self._rows.values()))
        self._rows.clear()

    def _stored(self, event_id: str) -> bool:
        query = select(engagement.c.event_id).where(engagement.c.event_id == event_id)
        return self._connection.scalar(query) is not None


def counts(connection: Connection, tenant_id: str, campaign_id: str) -> tuple[Count, ...]:
    """The campaign's events, counted by link, channel and kind."""
    by = (engagement.c.link_id, engagement.c.channel, engagement.c.kind)
    at = engagement.c.happened_at
    query = (
        select(*by, func.count(), func.min(at), func.max(at))
        .where(and_(engagement.c.tenant_id == tenant_id, engagement.c.campaign_id == campaign_id))
        .group_by(*by)
        .order_by(*by)
    )
    return tuple(_counts(connection.execute(query)))


def _counts(rows: Iterable[Any]) -> Iterable[Count]:
    for link_id, channel, kind, times, first, last in rows:
        yield Count(link_id, channel, EngagementKind(kind), times, first, last)
