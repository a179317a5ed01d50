"""What a fork may offer: the origin's results that its changed input does not touch. Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from contracts.envelope import StepOutcome
from contracts.plan import InputSource, PlannedStep, StepKind
from services.orchestrator.saga.definitions.definition import value_at
from services.orchestrator.saga.engine.forking import may_take_over, needs
from services.orchestrator.saga.state import Saga, StepStatus, UndoStatus

ALWAYS_READ = ("language",)
"""Fields of the goal that go into every command, whatever its step binds."""

Plan = tuple[PlannedStep, ...]
Goal = Mapping[str, Any]


def untouched(
    origin: Saga, plan: Plan, goals: tuple[Goal, Goal], edited: Collection[str]
) -> tuple[str, ...]:
    """The steps of the new plan that may keep the origin's result, in plan order.

    `goals` are the origin's and the new one. A step in `edited` keeps the result that a person
    gave it; whatever comes after it runs again.
    """
    offered = set(edited)
    dirty = set(edited)
    for planned in plan:  # the plan is in topological order
        name = planned.name
        if name in edited:
            continue
        if needs(planned, plan) & dirty:
            dirty.add(name)
        elif _answered(origin, name) and _asked_alike(origin, planned, goals):
            offered.add(name)
    return may_take_over(plan, offered)


def editable(origin: Saga, plan: Plan, step: str) -> str:
    """Why this step's result may not be edited in a fork; empty where it may."""
    planned = {one.name: one for one in plan}.get(step)
    if planned is None:
        return "the new plan has no such step"
    if not _answered(origin, step):
        return "it has no result at that point"
    if planned.kind is StepKind.GATE:
        return "a gate is asked anew"
    if planned.outside:
        return "what it did outside stays the origin's"
    if planned.evidence:
        return "its result is evidence for others"
    return ""


def _answered(origin: Saga, step: str) -> bool:
    state = origin.steps.get(step)
    return (
        state is not None
        and state.status is StepStatus.ANSWERED
        and state.outcome is not StepOutcome.BLOCKED
        and state.undo is UndoStatus.NONE
        and bool(state.body)
    )


def _asked_alike(origin: Saga, planned: PlannedStep, goals: tuple[Goal, Goal]) -> bool:
    """True where the step would be asked for the same with either goal, by either plan."""
    before = origin.planned(planned.name)
    if (before.command, before.inputs) != (planned.command, planned.inputs):
        return False
    one, other = goals
    return all(_value(one, path) == _value(other, path) for path in _read(planned))


def _read(planned: PlannedStep) -> Iterator[str]:
    yield from ALWAYS_READ
    yield from (one.path for one in planned.inputs if one.source is InputSource.GOAL)


def _value(goal: Goal, path: str) -> object:
    try:
        return value_at(goal, path)
    except (KeyError, TypeError):
        return None
