"""Pauses wider than one campaign: a tenant's, a phase's, or everything's."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from contracts.control import PauseScope, PauseWider, ResumeWider
from contracts.message import Message, Moment
from contracts.plan import Phase
from services.orchestrator.edge import wider
from services.orchestrator.edge.api.asked import NOT_SHOWN_YET
from services.orchestrator.edge.api.campaigns import IdempotencyKey
from services.orchestrator.edge.api.control import REVIEW_AFTER
from services.orchestrator.edge.api.decisions import REASON_CHARS_MAX
from services.orchestrator.edge.bodies import body_of, described
from services.orchestrator.edge.context import Caller, CallerNow, Edge, EdgeNow, Tenant
from services.orchestrator.edge.problems import fault, invalid

router = APIRouter(prefix="/api/v1/pauses", tags=["control"])

TARGET_CHARS_MAX = 100


class WidePause(Message):
    """What is to be held. `target` is the phase's name; a tenant can only be the caller's own."""

    scope: PauseScope
    target: Annotated[str, Field(max_length=TARGET_CHARS_MAX)] = ""
    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX)] = ""
    review_at: Moment | None = None


class WideResume(Message):
    """Which pause is to end."""

    scope: PauseScope
    target: Annotated[str, Field(max_length=TARGET_CHARS_MAX)] = ""
    reason: Annotated[str, Field(max_length=REASON_CHARS_MAX)] = ""


class WiderTaken(BaseModel):
    """In how many partitions the request is in force; `note` says where it is under way."""

    scope: str
    target: str
    partitions: int
    taken: int
    note: str = ""


@router.get("")
async def list_pauses(edge: EdgeNow, tenant: Tenant) -> dict[str, Any]:
    """The wider pauses that stand now and concern the tenant."""
    return {"pauses": await wider.standing(edge, tenant)}


@router.post("", status_code=202, openapi_extra=described(WidePause))
async def pause_wider(
    request: Request, edge: EdgeNow, caller: CallerNow, idempotency_key: IdempotencyKey = None
) -> WiderTaken:
    """Hold every campaign of the scope, those that are created later, too. Twice refuses (409).

    A PHASE pause holds that phase's steps only; campaigns go on until they need one of them.
    """
    wanted = await body_of(request, WidePause)
    target = _target(wanted.scope, wanted.target, caller.tenant_id)
    review_at = wanted.review_at or edge.clock.now() + REVIEW_AFTER
    body = PauseWider(scope=wanted.scope, target=target, reason=wanted.reason, review_at=review_at)
    return await _everywhere(edge, caller, body, idempotency_key)


@router.post("/resume", status_code=202, openapi_extra=described(WideResume))
async def resume_wider(
    request: Request, edge: EdgeNow, caller: CallerNow, idempotency_key: IdempotencyKey = None
) -> WiderTaken:
    """End this pause: exactly what it held goes on; a campaign paused on its own stays paused."""
    wanted = await body_of(request, WideResume)
    target = _target(wanted.scope, wanted.target, caller.tenant_id)
    body = ResumeWider(scope=wanted.scope, target=target, reason=wanted.reason)
    return await _everywhere(edge, caller, body, idempotency_key)


async def _everywhere(
    edge: Edge, caller: Caller, body: PauseWider | ResumeWider, key: str | None
) -> WiderTaken:
    outcome = await wider.ask(edge, caller, body, key)
    note = NOT_SHOWN_YET.replace("links.self", "GET /api/v1/pauses") if outcome.unseen else ""
    return WiderTaken(
        scope=body.scope.value,
        target=body.target,
        partitions=outcome.partitions,
        taken=outcome.taken,
        note=note,
    )


def _target(scope: PauseScope, target: str, tenant_id: str) -> str:
    """What the log is told. Raises Problem (422) for a target that the scope cannot have."""
    phases = [phase.value for phase in Phase]
    match scope:
        case PauseScope.CAMPAIGN:
            rule = "one campaign is paused at its own address, /campaigns/{id}/pause"
            raise invalid(fault("scope", rule, PauseScope.TENANT.value))
        case PauseScope.TENANT if target not in ("", tenant_id):
            raise invalid(fault("target", "only the own tenant can be paused", tenant_id))
        case PauseScope.TENANT:
            return tenant_id
        case PauseScope.PHASE if target not in phases:
            raise invalid(fault("target", f"a phase is one of {', '.join(phases)}", phases[0]))
        case PauseScope.GLOBAL if target:
            raise invalid(fault("target", "GLOBAL has no target", ""))
    return target
