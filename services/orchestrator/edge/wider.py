"""Wider pauses on their way into every partition of the log, and how they stand there."""

import asyncio
from typing import Any, NamedTuple

from chassis.messages import NO_CAMPAIGN
from contracts import identity, topics
from contracts.control import PauseScope, PauseWider, ResumeWider
from services.orchestrator.edge import asking
from services.orchestrator.edge.context import Caller, Edge
from services.orchestrator.edge.problems import Problem
from services.orchestrator.saga.state import Pause
from services.orchestrator.view.control import told


class Everywhere(NamedTuple):
    """In how many partitions a request was taken; `unseen` ones do not show an answer yet."""

    partitions: int
    taken: int
    unseen: int


async def ask(
    edge: Edge, caller: Caller, body: PauseWider | ResumeWider, key: str | None
) -> Everywhere:
    """One record in every partition. Raises LogUnavailable, Problem (409: refused in all).

    Sending is not atomic: where it broke off, the same call makes up for the rest, and partitions
    that had taken it refuse. So a refusal of some, beside others that take it, is no failure.
    """
    nobody = caller._replace(tenant_id=NO_CAMPAIGN)
    action = f"{type(body).__name__}:{body.scope}:{body.target}"
    asks = [
        asking.Ask(own, request_id, correlation_id=request_id, body=body)
        for own in map(identity.control_id, range(topics.PARTITIONS))
        for request_id in (asking.request_id_of(own, action, key),)
    ]
    await asyncio.gather(
        *(asking.send(edge, nobody, one, partition=number) for number, one in enumerate(asks))
    )
    answers = await asyncio.gather(*(asking.answer_to(edge, nobody, one) for one in asks))
    refusals = [fact for fact in answers if fact is not None and asking.is_refusal(fact)]
    if len(refusals) == len(answers):
        raise Problem("refused", 409, str(refusals[0].data["reason"]))
    unseen = answers.count(None)
    return Everywhere(len(asks), len(asks) - unseen - len(refusals), unseen)


async def standing(edge: Edge, tenant_id: str) -> list[dict[str, Any]]:
    """Every wider pause that concerns the tenant, once, with the partitions where it stands."""
    found: dict[tuple[PauseScope, str], list[Pause]] = {}
    for number in range(topics.PARTITIONS):
        control = await edge.view.campaign(NO_CAMPAIGN, identity.control_id(number))
        for pause in control.saga.pauses if control else ():
            if pause.scope is not PauseScope.TENANT or pause.target == tenant_id:
                found.setdefault((pause.scope, pause.target), []).append(pause)
    return [told(pauses[0]) | {"partitions": len(pauses)} for pauses in found.values()]
