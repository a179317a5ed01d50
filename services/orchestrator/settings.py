"""What the orchestrator's processes are told from outside: saga, edge and projector."""

import re
from pathlib import Path

from pydantic import Field, field_validator

from chassis.settings import ChassisSettings
from contracts.message import UUID_PATTERN, Uuid

DEFAULT_TENANT = "00000000-0000-4000-8000-000000000001"
CANARY_EVERY_S = 60.0
CANARY_PATIENCE_S = 60.0
CANARY_SOURCE = "canary.md"


class OrchestratorSettings(ChassisSettings):
    """Settings of the saga, edge and projector roles."""

    port: int = Field(8000, description="port of the edge: API, streams, console")
    public_url: str = Field(
        "", description="the edge's address as readers see it; empty: links are relative"
    )
    database_url: str = Field(
        "",
        repr=False,
        description="the view's PostgreSQL, postgresql://…; empty: SQLite in STATE_DIR",
    )
    site_dir: Path = Field(
        default_factory=lambda known: known["state_dir"] / "site",
        description="the published blogs that the edge serves, one folder per tenant",
    )
    default_tenant: Uuid = Field(
        DEFAULT_TENANT, description="tenant of a request that names none in X-Tenant-Id"
    )
    intake_tenants: str = Field(
        "",
        description="tenants that the writers of campaign.intake may speak for, with commas "
        "between; empty: DEFAULT_TENANT alone",
    )
    read_wait_s: float = Field(
        5.0, ge=0, description="how long a write waits until the view shows its answer"
    )
    dependency_wait_s: float = Field(
        3.0, gt=0, description="how long health waits for the broker and for the view"
    )
    heartbeat_s: float = Field(15.0, gt=0, description="silence after which a stream says it lives")
    view_poll_s: float = Field(
        1.0, gt=0, description="how often a silent stream looks into the view for what it missed"
    )
    request_bytes_max: int = Field(1_048_576, gt=0, description="largest request body")
    audit_records_per_s: float = Field(
        500.0,
        ge=0,
        description="how fast the auditor reads the log again, beside the projector; 0: no auditor",
    )
    audit_patience_s: float = Field(
        60.0,
        ge=1,
        description="how late a deadline, or the view, may be before the auditor raises the alarm",
    )
    canary_every_s: float = Field(
        0.0,
        ge=0,
        description="seconds from one canary campaign of the edge to the next (of several copies "
        "one flies them, elected over REDIS_URL); 0: none",
    )
    canary_patience_s: float = Field(
        CANARY_PATIENCE_S, gt=0, description="seconds after which a canary counts as lost"
    )
    canary_source: str = Field(
        CANARY_SOURCE, description="what a canary reads: a file below SOURCES_DIR, or an address"
    )
    view_batch_max: int = Field(500, gt=0, description="log records per transaction of the view")

    @field_validator("intake_tenants")
    @classmethod
    def _tenants(cls, given: str) -> str:
        for one in _listed(given):
            if not re.fullmatch(UUID_PATTERN, one):
                raise ValueError(f"INTAKE_TENANTS: {one!r} is no tenant; {DEFAULT_TENANT} is one")
        return given

    @property
    def tenants_of_intake(self) -> frozenset[str]:
        """The tenants that a goal of `campaign.intake` may be for."""
        return frozenset(_listed(self.intake_tenants) or (self.default_tenant,))

    @property
    def view_path(self) -> Path:
        """Where the view is kept when no DATABASE_URL is given."""
        return self.state_dir / "view.sqlite"


def _listed(given: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in given.split(",") if part.strip())
