"""Thousands of generated lives, each held against what always holds (see lives.py)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.control import CampaignPaused, CampaignResumed, PauseScope, UndoDecision
from contracts.envelope import FailureReason, StepOutcome
from contracts.plan import CampaignState, Lane, PlannedStep, RetryPolicy, StepKind
from contracts.requests import ReviewDecision
from contracts.saga import (
    CompensationRequested,
    PlanGenerated,
    ToolCallRequested,
    WorkflowRetried,
)
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.saga.definitions.definition import SagaDefinition, StepTemplate
from services.orchestrator.saga.engine.inputs import Answered, Failed, Start, Undone
from services.orchestrator.saga.state import Life, Saga
from tests.orchestrator.saga.lives import Led, folded_again
from tests.orchestrator.saga.travel import TRAVEL

GOAL = {"channels": ["email", "blog"], "generate_video": True, "max_retries": 2}
REAL_PLANS = [definition.plan(GOAL) for definition in (*DEFINITIONS.values(), TRAVEL)]
NAMES = "abcdef"

QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def wild_plans(draw: st.DrawFn) -> PlanGenerated:
    """A small graph of any shape: parallel gates, loops back, steps with and without undo."""
    steps: list[PlannedStep] = []
    before: dict[str, set[str]] = {}
    for name in NAMES[: draw(st.integers(1, 6))]:
        after = draw(st.sets(st.sampled_from(sorted(before)), max_size=2)) if before else set()
        waited_for = sorted(after.union(*(before[one] for one in after)))
        before[name] = set(waited_for)
        gate = draw(st.integers(0, 4)) == 0
        back = draw(st.sampled_from(["", *waited_for]))
        fields: dict[str, Any] = {
            "name": name,
            "kind": StepKind.GATE if gate else StepKind.CALL,
            "stage": CampaignState.RADAR,
            "command": "" if gate else "Do",
            "undo": "" if gate else draw(st.sampled_from(["", "Undo"])),
            "after": tuple(sorted(after)),
            "timeout_ms": draw(st.sampled_from([1_000, 60_000])),
            "retry": RetryPolicy(attempts_max=draw(st.integers(1, 3))),
            "optional": not gate and draw(st.booleans()),
            "lane": draw(st.sampled_from([Lane.GREEN, Lane.GREEN, Lane.BLOCKED])),
            "weight": draw(st.integers(0, 5)),
            "sends_back_to": back,
            "rounds_max": 2 if back else 0,
            "edits": back if gate else "",
            "reruns": tuple(waited_for[1:2]) if gate and back else (),
            "shows": tuple(waited_for) if gate else (),
            "approvals_needed": draw(st.integers(1, 2)),
            "remind_before_ms": draw(st.sampled_from([0, 400])) if gate else 0,
            "outside": draw(st.integers(0, 3)) == 0,
        }
        steps.append(PlannedStep(**fields))
    definition = SagaDefinition("wild", 1, tuple(StepTemplate(step) for step in steps))
    return definition.plan({"max_retries": 2})


plans = st.one_of(st.sampled_from(REAL_PLANS), wild_plans())
choices = st.integers(1, 90).flatmap(
    lambda size: st.lists(st.integers(0, 2**16), min_size=size, max_size=size)
)
Act = Callable[[], object]


class Player:
    """Turns numbers into whatever may happen next; everything that is said may be repeated."""

    def __init__(self, plan: PlanGenerated) -> None:
        self.life = Led(plan)
        self._plan = plan
        self._said: list[tuple[Any, str]] = []
        self._stubborn = False

    def play(self, numbers: list[int]) -> Led:
        self.life.create(start=numbers[0] % 4 > 0)
        self._stubborn = numbers[0] % 5 == 1
        for number in numbers:
            acts = self._acts()
            if number % 13 == 12:
                acts.append(self.life.cancel)
            acts[number % len(acts)]()
        return self.life

    def _acts(self) -> list[Act]:
        """What moves a life on stands several times; what merely disturbs it stands once."""
        life, saga = self.life, self.life.saga
        acts: list[Act] = []
        if saga.life is Life.IDLE:
            acts += [partial(life.tell, Start(self._plan))] * 12
        if saga.life is Life.FAILED:
            acts += [life.retry] * 12
        for step in life.called():
            acts += self._answers(step)
        for gate in life.waiting():
            acts += self._words(gate)
        for step in life.undoing():
            acts += self._undos(step)
        for step in life.parked():
            acts += [partial(life.decide_undo, step, word) for word in UndoDecision]
        if not saga.life.ended:
            acts += [life.wait_for_deadline] * 3
            acts += self._pauses()
        acts += [partial(life.wait, timedelta(seconds=1)), partial(life.tell, Start(self._plan))]
        acts += [partial(life.tell, message, by=by) for message, by in self._said[-4:]]
        return [*acts, partial(life.retry, 3)]

    def _pauses(self) -> list[Act]:
        """What holds it is more likely to end than to begin; wider ones come and go as well."""
        life = self.life
        acts: list[Act] = [life.pause, life.resume]
        acts += [life.resume] * 4 * len(life.saga.pauses)
        if life.wider:
            return [*acts, *[partial(life.narrow, one.scope) for one in life.wider] * 3]
        phase = next((planned.phase for planned in self._plan.steps if planned.phase), "")
        wider = [partial(life.widen, PauseScope.GLOBAL)]
        return [*acts, *wider, *([partial(life.widen, PauseScope.PHASE, phase)] if phase else [])]

    def _words(self, gate: str) -> list[Act]:
        life = self.life
        words = [*[ReviewDecision.APPROVE] * 8, *[ReviewDecision.EDIT] * 4]
        words += [*[ReviewDecision.REQUEST_CHANGES] * 4, ReviewDecision.REJECT]
        acts: list[Act] = [
            partial(life.decide, word, gate=gate, reason="so", edited=b"mine", actor=actor)
            for word in words
            for actor in ("ana", "bo")
        ]
        return [*acts, partial(life.decide, ReviewDecision.APPROVE, gate=gate, shown="e" * 64)]

    def _undos(self, step: str) -> list[Act]:
        command_id = self.life.saga.steps[step].undo_command_id
        undone = Undone(command_id, step, "gone", ("a trace",))
        held = Failed(command_id, step, FailureReason.UNAVAILABLE, "it holds on")
        said = [undone] + [held] * 20 if self._stubborn else [undone] * 8 + [held] * 2
        return [partial(self._say, one) for one in said]

    def _answers(self, step: str) -> list[Act]:
        life = self.life
        good = life.answer_of(step)
        blocked = life.answer_of(step, StepOutcome.BLOCKED, ("better",))
        command_id = life.saga.steps[step].command_id
        again = Failed(command_id, step, FailureReason.UNAVAILABLE, "down")
        never = Failed(command_id, step, FailureReason.INVALID_INPUT, "never")
        said = [good] * 10 + [blocked] * 5 + [again] * 2 + [never]
        return [partial(self._say, one) for one in said]

    def _say(self, message: Answered | Failed | Undone) -> None:
        by = f"{message!r}"
        self._said.append((message, by))
        self.life.tell(message, by=by)


@settings(QUIET, max_examples=150)
@given(plans, choices)
def test_whatever_happens_what_always_holds_does(plan: PlanGenerated, numbers: list[int]) -> None:
    Player(plan).play(numbers)


@settings(QUIET, max_examples=40)
@given(plans, choices)
def test_every_life_comes_to_an_end_once_nobody_disturbs_it(
    plan: PlanGenerated, numbers: list[int]
) -> None:
    life = Player(plan).play(numbers)
    for _ in range(2_000):
        if life.saga.life.ended:
            return
        if called := life.called():
            life.answer(called[0])
        elif waiting := life.waiting():
            votes = life.saga.steps[waiting[0]].votes
            life.decide(ReviewDecision.APPROVE, gate=waiting[0], actor=f"voter-{len(votes)}")
        elif undoing := life.undoing():
            life.undone(undoing[0])
        elif life.wider:
            life.narrow(life.wider[0].scope)
        elif life.saga.pauses:
            life.resume()
        else:
            life.wait_for_deadline()
    raise AssertionError(f"still {life.saga.life} after {len(life.facts)} facts")


@settings(QUIET, max_examples=60)
@given(plans, choices)
def test_a_held_life_launches_nothing_and_goes_on_as_it_stood(
    plan: PlanGenerated, numbers: list[int]
) -> None:
    life = Player(plan).play(numbers)
    held: datetime | None = None
    for fact in life.facts:
        launches = isinstance(fact.event, ToolCallRequested | CompensationRequested)
        assert not (launches and held), f"{fact.event} at {fact.at}, paused since {held}"
        if isinstance(fact.event, CampaignPaused) and fact.event.scope is PauseScope.CAMPAIGN:
            held = fact.at
        if isinstance(fact.event, CampaignResumed) and fact.event.scope is PauseScope.CAMPAIGN:
            held = None


@settings(QUIET, max_examples=40)
@given(plans, choices)
def test_time_alone_ends_every_life(plan: PlanGenerated, numbers: list[int]) -> None:
    life = Player(plan).play(numbers)
    while life.wider:
        life.narrow(life.wider[0].scope)
    if any(one.scope is PauseScope.CAMPAIGN for one in life.saga.pauses):
        life.resume()  # a pause alone is not ended by time
    for _ in range(2_000):
        if life.saga.life.ended:
            return
        life.wait_for_deadline()
    raise AssertionError(f"still {life.saga.life} after {len(life.facts)} facts")


@settings(QUIET, max_examples=40)
@given(plans, choices, st.data())
def test_a_life_folded_from_any_point_on_is_the_same_life(
    plan: PlanGenerated, numbers: list[int], data: st.DataObject
) -> None:
    life = Player(plan).play(numbers)
    cut = data.draw(st.integers(1, len(life.facts)))
    early = folded_again(life.facts[:cut])
    stored = Saga.model_validate_json(early.model_dump_json())
    assert folded_again(life.facts[cut:], stored) == life.saga
    assert folded_again(life.facts).model_dump_json() == life.saga.model_dump_json()


@settings(QUIET, max_examples=40)
@given(plans, choices)
def test_retries_are_never_more_than_allowed(plan: PlanGenerated, numbers: list[int]) -> None:
    life = Player(plan).play(numbers)
    assert [one.retry for one in life.events(WorkflowRetried)] == list(
        range(1, len(life.events(WorkflowRetried)) + 1)
    )
    assert len(life.events(WorkflowRetried)) <= plan.max_retries
