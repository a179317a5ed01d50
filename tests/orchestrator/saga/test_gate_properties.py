"""Generated lives once more: no gate opens too early, and every point of them can be forked."""

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import StepOutcome
from contracts.plan import PlannedStep, StepKind
from contracts.requests import ForkCampaign, ReviewDecision, TakenOver
from contracts.saga import (
    CompensationRequested,
    PlanGenerated,
    ResultTakenOver,
    ReviewDecided,
    ReviewRequested,
    ReviewVoted,
    ToolCallRequested,
)
from services.orchestrator.saga.engine.inputs import Fork
from services.orchestrator.saga.state import Saga
from tests.contracts.examples import digest_of, uuid_of
from tests.orchestrator.saga.lives import Led, folded_again
from tests.orchestrator.saga.test_properties import QUIET, Player, choices, plans


@settings(QUIET, max_examples=60)
@given(plans, choices)
def test_a_gate_opens_by_as_many_accounts_as_it_needs_for_what_it_shows(
    plan: PlanGenerated, numbers: list[int]
) -> None:
    life = Player(plan).play(numbers)
    needed = {planned.name: planned.approvals_needed for planned in plan.steps}
    shown, voters = dict[str, str](), dict[str, set[str]]()
    for fact in life.facts:
        match fact.event:
            case ReviewRequested(step=step, shown_digest=digest):
                shown[step], voters[step] = digest, set()
            case ReviewVoted(step=step, voter=voter, shown_digest=digest):
                assert digest == shown[step]
                voters[step].add(voter)
            case ReviewDecided(step=step, decision=ReviewDecision.APPROVE, shown_digest=digest):
                assert digest == shown[step]
                assert len(voters[step]) == (needed[step] if needed[step] > 1 else 0)


@settings(QUIET, max_examples=60)
@given(plans, choices, st.data())
def test_a_fork_from_any_point_takes_over_nothing_of_outside_and_undoes_only_its_own(
    plan: PlanGenerated, numbers: list[int], data: st.DataObject
) -> None:
    life = Player(plan).play(numbers)
    early = folded_again(life.facts[: data.draw(st.integers(1, len(life.facts)))])
    fork = Led(plan)
    fork.tell(_all_of(early, plan))
    taken = {event.step for event in fork.events(ResultTakenOver)}
    kinds = {planned.name: planned for planned in plan.steps}
    assert all(_own(kinds[step]) for step in taken)
    assert all(set(kinds[step].after) <= taken for step in taken)
    if not fork.saga.life.ended:
        fork.cancel()
        fork.undo_all()
    called = {event.step for event in fork.events(ToolCallRequested)}
    assert {event.step for event in fork.events(CompensationRequested)} <= called
    assert not called & taken


def _own(planned: PlannedStep) -> bool:
    return planned.kind is StepKind.CALL and not planned.outside


def _all_of(saga: Saga, plan: PlanGenerated) -> Fork:
    """A fork to which everything is offered that has any outcome."""
    results = tuple(
        TakenOver(
            step=name,
            outcome=state.outcome or StepOutcome.SUCCEEDED,
            notes=state.notes,
            artefacts=(),
            body_schema_id=1,
            body=state.body,
            edited=False,
        )
        for name, state in saga.steps.items()
        if state.outcome is not None or state.body
    )
    request = ForkCampaign(
        origin_campaign_id=uuid_of("the origin"),
        origin_sequence=saga.sequence,
        wish=digest_of("a wish"),
        created=b"a goal",
        results=results,
    )
    return Fork("a type", "a name", plan, request)
