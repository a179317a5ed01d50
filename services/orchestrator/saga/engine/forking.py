"""Forks: which results a new plan may take over, and what the facts of a fork change. Pure.

A result is taken over only where everything before its step is, too: what follows something that
runs again runs again itself. Gates are asked anew, and what a step did outside stays its origin's.
"""

from collections.abc import Collection, Mapping
from typing import Any

from contracts.plan import InputSource, PlannedStep, StepKind
from contracts.saga import CampaignForked, ResultTakenOver
from services.orchestrator.saga.engine.fact import Fact
from services.orchestrator.saga.state import ForkOrigin, Saga, StepStatus


def may_take_over(plan: tuple[PlannedStep, ...], offered: Collection[str]) -> tuple[str, ...]:
    """The steps of the plan whose offered results may count, in plan order."""
    taken: set[str] = set()
    for planned in plan:  # the plan is in topological order
        own = planned.kind is StepKind.CALL and not planned.outside
        if own and planned.name in offered and needs(planned, plan) <= taken:
            taken.add(planned.name)
    return tuple(planned.name for planned in plan if planned.name in taken)


def needs(planned: PlannedStep, plan: tuple[PlannedStep, ...]) -> set[str]:
    """The steps of the plan that come right before this one, or whose results it reads."""
    names = {one.name for one in plan}
    read = {one.step for one in planned.inputs if one.source is InputSource.RESULT}
    joined = tuple(one.step for one in planned.inputs if one.source is InputSource.COLLECTED)
    collected = {name for name in names if joined and name.startswith(joined)}
    return (set(planned.after) | read | collected) & names


def forked(event: CampaignForked, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    """The campaign knows where it comes from."""
    origin = ForkOrigin(
        campaign_id=event.origin_campaign_id, sequence=event.origin_sequence, wish=event.wish
    )
    return {"fork": origin}


def taken_over(event: ResultTakenOver, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    """The step is answered and was never called: there is nothing of its own to undo."""
    state = saga.steps[event.step].model_copy(
        update={
            "status": StepStatus.ANSWERED,
            "answered_at": fact.at,
            "outcome": event.outcome,
            "notes": event.notes,
            "body": event.body,
            "taken_over": True,
        }
    )
    return {"steps": {**saga.steps, event.step: state}}
