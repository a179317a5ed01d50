"""Reading the view: every question names the tenant, and a foreign campaign is not there."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, or_, select

from contracts.analytics import EngagementWindow, VariantsCompared
from contracts.envelope import ArtefactRef
from contracts.plan import CampaignState
from services.orchestrator.saga.state import Saga
from services.orchestrator.view.database import Database
from services.orchestrator.view.engagement import Count, counts
from services.orchestrator.view.following import Head, LogEntry
from services.orchestrator.view.tables import artefacts, campaigns, events
from services.orchestrator.view.windows import comparisons_of, windows_of

T = TypeVar("T")

PAGE_MAX = 100
EVENTS_MAX = 500

_LISTED = [column for column in campaigns.c if column.name != "state_json"]


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One campaign as a list shows it."""

    campaign_id: str
    tenant_id: str
    name: str
    saga: str
    state: str
    life: str
    sequence: int
    progress: int
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    cost_micros: int
    failure_reason: str
    failure_step: str
    failure_message: str
    fingerprint: str
    head_hash: str
    broken: str


@dataclass(frozen=True, slots=True)
class CampaignView:
    """One campaign with its whole state."""

    line: CampaignLine
    saga: Saga

    @property
    def head(self) -> Head:
        """Where following its log goes on."""
        return Head(self.saga, self.line.head_hash)


@dataclass(frozen=True, slots=True)
class Page:
    """Some campaigns, the newest first, and where the next page begins (empty: nowhere)."""

    campaigns: tuple[CampaignLine, ...]
    next: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which campaigns a list is to show."""

    state: CampaignState | None = None
    after: str = ""
    limit: int = 50


class View:
    """The reading side. Every method raises ViewUnavailable where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def check(self) -> None:
        """Raises ViewUnavailable where nothing can be read."""
        await asyncio.to_thread(self._database.check)

    async def campaign(self, tenant_id: str, campaign_id: str) -> CampaignView | None:
        """The tenant's campaign; None where it is unknown, or another tenant's."""
        found = await self._read(lambda c: _campaign(c, campaign_id))
        return found if found is not None and found.saga.tenant_id == tenant_id else None

    async def public_campaign(self, campaign_id: str) -> CampaignView | None:
        """A campaign whoever asks: only for readers' links, which carry no tenant."""
        return await self._read(lambda c: _campaign(c, campaign_id))

    async def campaigns(self, tenant_id: str, wanted: Wanted) -> Page:
        """A page of the tenant's campaigns, the newest first."""
        return await self._read(lambda c: _page(c, tenant_id, wanted))

    async def events(
        self, tenant_id: str, campaign_id: str, *, after: int, limit: int = EVENTS_MAX
    ) -> tuple[LogEntry, ...]:
        """The campaign's facts behind sequence `after`, in order, at most `limit`."""
        return await self._read(lambda c: _events(c, (tenant_id, campaign_id), after, limit))

    async def answer(self, tenant_id: str, campaign_id: str, request_id: str) -> LogEntry | None:
        """The first fact that this request brought about; None while there is none."""
        return await self._read(lambda c: _answer(c, (tenant_id, campaign_id), request_id))

    async def artefact(self, tenant_id: str, digest: str) -> ArtefactRef | None:
        """What the tenant's campaigns call these bytes; None where none refers to them."""
        return await self._read(lambda c: _artefact(c, tenant_id, digest))

    async def engagement(self, tenant_id: str, campaign_id: str) -> tuple[Count, ...]:
        """What readers did with the campaign's links, counted."""
        return await self._read(lambda c: counts(c, tenant_id, campaign_id))

    async def comparisons(self, tenant_id: str, campaign_id: str) -> tuple[VariantsCompared, ...]:
        """The campaign's variants side by side, by channel."""
        return await self._read(lambda c: comparisons_of(c, tenant_id, campaign_id))

    async def windows(
        self, tenant_id: str, campaign_id: str, size_s: int
    ) -> tuple[EngagementWindow, ...]:
        """What was done with the campaign's links, in windows of so many seconds."""
        return await self._read(lambda c: windows_of(c, tenant_id, campaign_id, size_s))

    def close(self) -> None:
        """Give the connections up."""
        self._database.close()

    async def _read(self, question: Callable[[Connection], T]) -> T:
        def ask() -> T:
            with self._database.transaction() as connection:
                return question(connection)

        return await asyncio.to_thread(ask)


def _line(row: Mapping[str, Any]) -> CampaignLine:
    return CampaignLine(**{column.name: row[column.name] for column in _LISTED})


def _campaign(connection: Connection, campaign_id: str) -> CampaignView | None:
    query = select(campaigns).where(campaigns.c.campaign_id == campaign_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    values = dict(row)
    return CampaignView(_line(values), Saga.model_validate_json(values["state_json"]))


def _page(connection: Connection, tenant_id: str, wanted: Wanted) -> Page:
    query = select(*_LISTED).where(campaigns.c.tenant_id == tenant_id)
    if wanted.state is not None:
        query = query.where(campaigns.c.state == wanted.state.value)
    if wanted.after:
        moment, _, last = wanted.after.partition("~")
        at = datetime.fromisoformat(moment)
        older = campaigns.c.created_at < at
        query = query.where(
            or_(older, and_(campaigns.c.created_at == at, campaigns.c.campaign_id > last))
        )
    query = query.order_by(campaigns.c.created_at.desc(), campaigns.c.campaign_id)
    limit = min(wanted.limit, PAGE_MAX)
    rows = connection.execute(query.limit(limit + 1)).mappings().all()
    lines = tuple(_line(dict(row)) for row in rows[:limit])
    more = len(rows) > limit
    return Page(
        lines, f"{lines[-1].created_at.isoformat()}~{lines[-1].campaign_id}" if more else ""
    )


def _of_campaign(owner: tuple[str, str]) -> Any:  # noqa: ANN401 - an SQL condition
    tenant_id, campaign_id = owner
    return and_(events.c.tenant_id == tenant_id, events.c.campaign_id == campaign_id)


def _events(
    connection: Connection, owner: tuple[str, str], after: int, limit: int
) -> tuple[LogEntry, ...]:
    query = select(events).where(_of_campaign(owner), events.c.sequence > after)
    query = query.order_by(events.c.sequence).limit(limit)
    return tuple(LogEntry(**row) for row in connection.execute(query).mappings())


def _answer(connection: Connection, owner: tuple[str, str], request_id: str) -> LogEntry | None:
    query = select(events).where(_of_campaign(owner), events.c.causation_id == request_id)
    query = query.order_by(events.c.sequence).limit(1)
    row = connection.execute(query).mappings().one_or_none()
    return LogEntry(**row) if row else None


def _artefact(connection: Connection, tenant_id: str, digest: str) -> ArtefactRef | None:
    same = and_(artefacts.c.tenant_id == tenant_id, artefacts.c.digest == digest)
    columns = (artefacts.c.name, artefacts.c.digest, artefacts.c.media_type, artefacts.c.size_bytes)
    query = select(*columns).where(same).order_by(artefacts.c.campaign_id, artefacts.c.step)
    row = connection.execute(query.limit(1)).mappings().one_or_none()
    return ArtefactRef(**row) if row else None
