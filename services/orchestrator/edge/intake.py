"""How a goal comes in, whoever brings it: sealed first, then into the log under a stable id."""

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import ValidationError

from chassis.sealing import seal
from contracts import identity
from contracts.goal import CampaignBrief, CampaignGoal, CreateCampaign
from services.orchestrator.edge.asking import Ask, send
from services.orchestrator.edge.bodies import refused
from services.orchestrator.edge.context import Caller, Edge
from services.orchestrator.edge.problems import Problem
from services.orchestrator.view.payloads import fingerprint

_NOT_AS_WRITTEN = {"contact_email", "recipients", "metadata", "review_notices"}


@dataclass(frozen=True, slots=True)
class Wish:
    """How the goal is to be taken in. One tenant's same `key` always names the same campaign."""

    key: str
    saga: str = "campaign"
    start: bool = False
    metadata: dict[str, str] = field(default_factory=dict)


class Accepted(NamedTuple):
    """What became of a goal; `repeated` where the view already shows the same wish."""

    ask: Ask
    fingerprint: str
    repeated: bool


async def accept(brief: CampaignBrief, wish: Wish, caller: Caller, edge: Edge) -> Accepted:
    """Bring a goal into the log: returns once it cannot be lost any more.

    A repeat changes nothing: it is not sent where the view shows it, and the saga drops it by its
    request id where the view does not yet. Raises Problem for a goal that breaks a rule or a key
    that was used for another wish (nothing was sent then), LogUnavailable.
    """
    goal = await asyncio.to_thread(_goal, brief, wish, edge, caller.tenant_id)
    created = CreateCampaign(saga=wish.saga, start=wish.start, goal=goal)
    campaign_id = identity.campaign_id(caller.tenant_id, wish.key)
    request_id = identity.derived(identity.FORWARDS, campaign_id, "create")
    accepted = Accepted(
        Ask(campaign_id, request_id, correlation_id=request_id, body=created),
        fingerprint(created),
        repeated=False,
    )
    before = await edge.view.campaign(caller.tenant_id, campaign_id)
    if before is not None:
        same_wish(accepted, before.line.fingerprint)
        return accepted._replace(repeated=True)
    await send(edge, caller, accepted.ask)
    return accepted


def same_wish(accepted: Accepted, stored: str) -> None:
    """Raises Problem where the campaign of that key was asked for otherwise."""
    if stored != accepted.fingerprint:
        raise Problem(
            "idempotency-conflict",
            409,
            f"campaign {accepted.ask.campaign_id} was made with this key from another body; send "
            "the same body again, or take a new key",
        )


def _goal(brief: CampaignBrief, wish: Wish, edge: Edge, tenant_id: str) -> CampaignGoal:
    """The goal, its personal fields under their subjects' keys. Reads and writes keys."""
    keyring = edge.keyring
    open_fields = {name: value for name, value in brief if name not in _NOT_AS_WRITTEN}
    try:
        return CampaignGoal(
            **open_fields,
            metadata=brief.metadata | wish.metadata,
            review_notices=brief.review_notices or edge.settings.notices,
            contact_email=seal(keyring, tenant_id, brief.contact_email),
            recipients=tuple(seal(keyring, tenant_id, one) for one in brief.recipients),
        )
    except ValidationError as cause:
        raise refused(cause, CampaignBrief, "brief") from cause
