"""What every route is given: the edge's parts, the tenant, and who is calling."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple, cast

from fastapi import Depends, Header, Query, Request

from chassis.artefacts import FolderArtefacts
from chassis.circuits import Circuits
from chassis.clock import Clock
from chassis.codec import Codec
from chassis.messages import NO_CAMPAIGN, new_traceparent
from chassis.sealing import Keyring
from chassis.telemetry import Vitals
from contracts.envelope import Actor, ActorKind
from contracts.message import UUID_PATTERN
from services.orchestrator.edge.hub import Hub
from services.orchestrator.edge.log import EdgeLog
from services.orchestrator.edge.problems import fault, invalid
from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.queries import View

ANONYMOUS = "anonymous"

_UUID = re.compile(UUID_PATTERN)
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_ACTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")


@dataclass(frozen=True, slots=True)
class Edge:
    """The parts that one edge process is made of."""

    settings: OrchestratorSettings
    log: EdgeLog
    view: View
    codec: Codec
    keyring: Keyring
    artefacts: FolderArtefacts
    clock: Clock
    hub: Hub
    circuits: Circuits = field(default_factory=Circuits)
    vitals: tuple[Vitals, ...] = ()
    """Of the other roles that run in this process."""

    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the process ends: who waits for the log's answer is told that it will come."""


class Caller(NamedTuple):
    """Who asks, for which tenant, as part of which trace."""

    tenant_id: str
    actor: Actor
    traceparent: str


def edge_of(request: Request) -> Edge:
    """The process's parts."""
    return cast(Edge, request.app.state.edge)


EdgeNow = Annotated[Edge, Depends(edge_of)]


def tenant_of(
    edge: EdgeNow,
    x_tenant_id: Annotated[str | None, Header(description="the tenant, a UUID")] = None,
    tenant: Annotated[
        str | None, Query(description="the tenant where no header can be sent (streams, links)")
    ] = None,
) -> str:
    """The tenant that is asked for; the default one where none is named.

    Nothing proves yet that the caller belongs to it: put an authenticating proxy in front that
    sets X-Tenant-Id itself.
    """
    given = {value.strip().lower() for value in (x_tenant_id, tenant) if value is not None}
    if len(given) > 1:
        raise invalid(fault("X-Tenant-Id", "header and query name two tenants", "name one"))
    chosen = given.pop() if given else edge.settings.default_tenant
    if not _UUID.fullmatch(chosen) or chosen == NO_CAMPAIGN:
        raise invalid(fault("X-Tenant-Id", "it must be a UUID", edge.settings.default_tenant))
    return chosen


Tenant = Annotated[str, Depends(tenant_of)]


def caller_of(request: Request, tenant_id: Tenant) -> Caller:
    """Who asks: X-Actor names an account, never a person's address."""
    name = request.headers.get("x-actor", ANONYMOUS)
    if not _ACTOR.fullmatch(name):
        rule = "an account's id: letters, digits, . _ : - (no e-mail address, it is stored openly)"
        raise invalid(fault("X-Actor", rule, "maria.lopez"))
    actor = Actor(kind=ActorKind.PERSON, id=name)
    return Caller(tenant_id, actor, traceparent_of(request.headers))


def traceparent_of(headers: Mapping[str, str]) -> str:
    """The caller's trace, or a new one where it names none (W3C Trace Context, version 00)."""
    given = headers.get("traceparent", "")
    return given if _TRACEPARENT.fullmatch(given) else new_traceparent()


CallerNow = Annotated[Caller, Depends(caller_of)]
