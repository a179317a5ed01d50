"""The view's tables. Everything in them follows from the log's topics; nothing is only here."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

VIEW_VERSION = 4
"""Raise it when a table or what is put into it changes: the projector then begins anew."""

metadata = MetaData()


class MomentText(TypeDecorator[datetime]):
    """An instant as ISO 8601 text in UTC with six digits: exact, sortable, the same everywhere."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """The text that is stored."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """The instant that was stored."""
        return None if value is None else datetime.fromisoformat(value)


versions = Table("view_versions", metadata, Column("version", Integer, primary_key=True))

campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign_id", String(36), primary_key=True),
    Column("tenant_id", String(36), nullable=False),
    Column("name", String(300), nullable=False),
    Column("saga", String(60), nullable=False),
    Column("state", String(20), nullable=False),
    Column("life", String(20), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("progress", Integer, nullable=False),
    Column("created_at", MomentText, nullable=False),
    Column("updated_at", MomentText, nullable=False),
    Column("started_at", MomentText),
    Column("ended_at", MomentText),
    Column("cost_micros", BigInteger, nullable=False),
    Column("failure_reason", String(30), nullable=False),
    Column("failure_step", String(64), nullable=False),
    Column("failure_message", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("head_hash", String(64), nullable=False),
    Column("broken", Text, nullable=False, default=""),
    Column("state_json", Text, nullable=False),
    Index("campaigns_of_tenant", "tenant_id", "created_at"),
)
"""`broken` says why the view stopped following this campaign; empty where it follows."""

events = Table(
    "events",
    metadata,
    Column("campaign_id", String(36), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("tenant_id", String(36), nullable=False),
    Column("type", String(100), nullable=False),
    Column("sse_name", String(100), nullable=False),
    Column("time", MomentText, nullable=False),
    Column("event_id", String(36), nullable=False),
    Column("causation_id", String(36), nullable=False),
    Column("actor_kind", String(20), nullable=False),
    Column("actor_id", String(200), nullable=False),
    Column("source", String(20), nullable=False),
    Column("input_topic", String(200), nullable=False),
    Column("input_partition", Integer, nullable=False),
    Column("input_offset", BigInteger, nullable=False),
    Column("data", JSON, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Index("events_by_cause", "campaign_id", "causation_id"),
)

artefacts = Table(
    "artefacts",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("campaign_id", String(36), primary_key=True),
    Column("step", String(64), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)

engagement = Table(
    "engagement",
    metadata,
    Column("event_id", String(36), primary_key=True),
    Column("tenant_id", String(36), nullable=False),
    Column("campaign_id", String(36), nullable=False),
    Column("link_id", String(36), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("happened_at", MomentText, nullable=False),
    Index("engagement_of_campaign", "campaign_id", "tenant_id"),
)
"""What readers did, from `engagement.events`; who they are is not kept."""

windows = Table(
    "windows",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("campaign_id", String(36), primary_key=True),
    Column("size_s", Integer, primary_key=True, autoincrement=False),
    Column("begins_at", MomentText, primary_key=True),
    Column("link_id", String(36), primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("item_id", String(40), nullable=False),
    Column("clicks", Integer, nullable=False),
    Column("opens", Integer, nullable=False),
    Column("conversions", Integer, nullable=False),
)

comparisons = Table(
    "comparisons",
    metadata,
    Column("tenant_id", String(36), primary_key=True),
    Column("campaign_id", String(36), primary_key=True),
    Column("channel", String(20), primary_key=True),
    Column("compared", Text, nullable=False),
)
"""`compared` is the VariantsCompared that was told last, as JSON."""

positions = Table(
    "positions",
    metadata,
    Column("topic", String(200), primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
)
