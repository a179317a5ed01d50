"""What the windows role tells, one row a window or a channel: the newest of each is kept."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, insert, select

from chassis.codec import Decoded
from contracts.analytics import EngagementWindow, VariantsCompared
from contracts.envelope import EventEnvelope
from services.orchestrator.view.projection import Outcome
from services.orchestrator.view.tables import comparisons, windows

WINDOWS_SHOWN_MAX = 2_000

_Key = tuple[Any, ...]


class Windows:
    """Takes records into the rows of one transaction; a later one replaces an earlier one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[Table, dict[_Key, dict[str, Any]]] = {windows: {}, comparisons: {}}

    def take(self, decoded: Decoded) -> Outcome:
        """Note one record. REFUSED for any other message."""
        body = decoded.body
        if isinstance(body, EngagementWindow):
            self._note(windows, _window(decoded.envelope, body))
        elif isinstance(body, VariantsCompared):
            self._note(comparisons, _comparison(decoded.envelope, body))
        else:
            return Outcome.REFUSED
        return Outcome.APPLIED

    def flush(self) -> None:
        """Write the rows of everything that was noted."""
        for table, rows in self._rows.items():
            for key in rows:
                columns = zip(table.primary_key.columns, key, strict=True)
                same = and_(*(column == value for column, value in columns))
                self._connection.execute(delete(table).where(same))
            if rows:
                self._connection.execute(insert(table), list(rows.values()))
            rows.clear()

    def _note(self, table: Table, row: dict[str, Any]) -> None:
        key = tuple(row[column.name] for column in table.primary_key.columns)
        self._rows[table][key] = row


def _window(envelope: EventEnvelope, body: EngagementWindow) -> dict[str, Any]:
    return {
        "tenant_id": envelope.tenant_id,
        "campaign_id": envelope.campaign_id,
        **body.model_dump(mode="json", exclude={"begins_at"}),
        "begins_at": body.begins_at,
    }


def _comparison(envelope: EventEnvelope, body: VariantsCompared) -> dict[str, Any]:
    return {
        "tenant_id": envelope.tenant_id,
        "campaign_id": envelope.campaign_id,
        "channel": body.channel.value,
        "compared": body.model_dump_json(),
    }


def comparisons_of(
    connection: Connection, tenant_id: str, campaign_id: str
) -> tuple[VariantsCompared, ...]:
    """The campaign's variants compared, by channel."""
    own = and_(comparisons.c.tenant_id == tenant_id, comparisons.c.campaign_id == campaign_id)
    query = select(comparisons.c.compared).where(own).order_by(comparisons.c.channel)
    told: Iterable[str] = connection.scalars(query)
    return tuple(VariantsCompared.model_validate_json(one, strict=False) for one in told)


def windows_of(
    connection: Connection, tenant_id: str, campaign_id: str, size_s: int
) -> tuple[EngagementWindow, ...]:
    """The campaign's newest windows of this size in the order of time, at most so many."""
    own = and_(
        windows.c.tenant_id == tenant_id,
        windows.c.campaign_id == campaign_id,
        windows.c.size_s == size_s,
    )
    newest = (windows.c.begins_at.desc(), windows.c.link_id)
    query = select(windows).where(own).order_by(*newest).limit(WINDOWS_SHOWN_MAX)
    rows = connection.execute(query).mappings().all()
    fields = list(EngagementWindow.model_fields)
    return tuple(
        EngagementWindow.model_validate({name: row[name] for name in fields}, strict=False)
        for row in reversed(rows)
    )
