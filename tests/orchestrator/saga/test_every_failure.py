"""Every step of every saga type fails in turn: all that was done is undone, once, last first."""

from collections.abc import Iterator

import pytest

from contracts.envelope import FailureReason
from contracts.plan import PlannedStep, StepKind
from contracts.requests import ReviewDecision
from contracts.saga import CompensationRequested, PlanGenerated, ToolCallRequested
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.saga.state import Life, StepStatus
from tests.orchestrator.saga.lives import Led
from tests.orchestrator.saga.travel import TRAVEL

GOAL = {
    "channels": ["email", "blog", "twitter", "linkedin"],
    "generate_video": True,
    "max_retries": 2,
}
TYPES = {**DEFINITIONS, "travel": TRAVEL}
ANSWERED_FIRST = (False, True)
"""Whether a step's parallel neighbours answer before it fails, or are in flight then."""


def cases() -> Iterator[tuple[str, str, bool]]:
    for name, definition in TYPES.items():
        for planned in definition.plan(GOAL).steps:
            for first in ANSWERED_FIRST:
                yield name, planned.name, first


class World:
    """What stands outside because of a saga: put there by a step, taken away by its undo."""

    def __init__(self, plan: PlanGenerated) -> None:
        # A step that may be left out fails nobody: here every one of them matters.
        steps = tuple(step.model_copy(update={"optional": False}) for step in plan.steps)
        self.life = Led(plan.model_copy(update={"steps": steps}))
        self.done: list[str] = []
        self.undone: list[str] = []

    def answer(self, step: str) -> None:
        if self.life.saga.planned(step).undo:
            self.done.append(step)
        self.life.answer(step)

    def undo_all(self) -> None:
        while asked := self.life.undoing():
            assert len(asked) == 1, "one undo at a time: the next waits for its outcome"
            self.undone.append(asked[0])
            if asked[0] in self.done:
                self.done.remove(asked[0])
            self.life.undone(asked[0])


def reach(world: World, step: PlannedStep, *, neighbours_first: bool) -> None:
    """Answer and approve until `step` waits for its answer, and it alone if so wished."""
    life = world.life
    while True:
        called, waiting = life.called(), life.waiting()
        others = [name for name in called if name != step.name]
        there = step.name in called or step.name in waiting
        if there and not (neighbours_first and others):
            return
        if others:
            world.answer(others[0])
        else:
            life.decide(ReviewDecision.APPROVE, gate=waiting[0])


def break_it(world: World, step: PlannedStep) -> None:
    """The effect may have happened although the step failed: its outcome is unknown."""
    life = world.life
    if step.kind is StepKind.GATE:
        life.decide(ReviewDecision.REJECT, gate=step.name)
        return
    if step.undo:
        world.done.append(step.name)
    while life.saga.steps[step.name].status is StepStatus.CALLED:
        life.fail(step.name, FailureReason.UNAVAILABLE)
        if life.saga.life is Life.RUNNING:
            life.wait_for_deadline()


@pytest.mark.parametrize(("saga", "name", "neighbours_first"), list(cases()))
def test_a_failure_anywhere_is_undone_whole_once_and_last_first(
    saga: str, name: str, neighbours_first: bool
) -> None:
    world = World(TYPES[saga].plan(GOAL))
    life = world.life
    life.create()
    step = life.saga.planned(name)
    reach(world, step, neighbours_first=neighbours_first)
    in_flight = [one for one in life.called() if one != name and life.saga.planned(one).undo]
    world.done += in_flight  # what is cut off may have happened, too
    break_it(world, step)
    calls = [one.step for one in life.events(ToolCallRequested) if life.saga.planned(one.step).undo]
    last_call_first = list(dict.fromkeys(reversed(calls)))
    world.undo_all()
    assert world.undone == last_call_first
    assert world.done == [], "something stays outside"
    assert len(life.events(CompensationRequested)) == len(last_call_first)
    assert life.saga.life is (Life.REJECTED if step.kind is StepKind.GATE else Life.FAILED)
    assert life.saga.left_behind == ()


def test_every_type_and_every_step_is_among_the_cases() -> None:
    steps = sum(len(definition.plan(GOAL).steps) for definition in TYPES.values())
    assert len(set(cases())) == steps * len(ANSWERED_FIRST)
    assert {"campaign", "research-only", "travel"} <= set(TYPES)
