"""Forks in the engine: what may be taken over, and that nothing else is, whoever offers it."""

from typing import Any

import pytest

from contracts import identity, topics
from contracts.envelope import StepOutcome
from contracts.plan import CampaignState
from contracts.requests import ForkCampaign, ReviewDecision, TakenOver
from contracts.saga import (
    CampaignForked,
    GoalReceived,
    PlanGenerated,
    RequestRefused,
    ResultTakenOver,
    ReviewRequested,
    ToolCallRequested,
)
from services.orchestrator.saga.engine.forking import may_take_over, needs
from services.orchestrator.saga.engine.inputs import Fork
from services.orchestrator.saga.restore import restore
from services.orchestrator.saga.state import Life, StepStatus
from tests.contracts.examples import digest_of, envelope_of, uuid_of
from tests.orchestrator.saga.desk import (
    CODEC,
    PARTITION,
    Desk,
    campaign,
    campaign_request,
    names,
)
from tests.orchestrator.saga.lives import Led, campaign_plan
from tests.orchestrator.saga.travel import TRAVEL
from tests.specification import CAMPAIGN_ID, TENANT_ID, given

ORIGIN = uuid_of("the origin")
MADE = ("research", "strategy", "content", "design", "audit")
EVERY = tuple(one.name for one in campaign_plan().steps)


def offer(step: str) -> TakenOver:
    return TakenOver(
        step=step,
        outcome=StepOutcome.SUCCEEDED,
        notes=(),
        artefacts=(),
        body_schema_id=1,
        body=f"the origin's {step}".encode(),
        edited=False,
    )


def fork(*steps: str, plan: PlanGenerated | None = None, created: bytes = b"a goal") -> Fork:
    request = ForkCampaign(
        origin_campaign_id=ORIGIN,
        origin_sequence=7,
        wish=digest_of("a wish"),
        created=created,
        results=tuple(offer(step) for step in steps),
    )
    return Fork("a type", "a name", plan or campaign_plan(), request)


def begun(*steps: str) -> Led:
    """A fork to which these steps' results were offered; every fact held against the rules."""
    life = Led(campaign_plan())
    life.tell(fork(*steps))
    return life


def kept(life: Led) -> tuple[str, ...]:
    return tuple(event.step for event in life.events(ResultTakenOver))


def test_a_fork_says_where_it_comes_from_before_anything_runs() -> None:
    given().when(fork("research")).then(
        GoalReceived(saga="a type", name="a name", goal=b"a goal"),
        CampaignForked(
            origin_campaign_id=ORIGIN,
            origin_sequence=7,
            wish=digest_of("a wish"),
            taken_over=("research",),
        ),
        PlanGenerated,
        ResultTakenOver,
        ToolCallRequested,
    ).leaving(Life.RUNNING, research=StepStatus.ANSWERED, strategy=StepStatus.CALLED)


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        ((), ()),
        (MADE, MADE),
        (EVERY, MADE),
        (("strategy",), ()),
        (("research", "content"), ("research",)),
        (("research", "strategy", "content", "audit"), ("research", "strategy", "content")),
        (("research", "of_another_build"), ("research",)),
    ],
)
def test_a_result_counts_only_where_all_before_it_counts_and_none_behind_a_gate(
    offered: tuple[str, ...], taken: tuple[str, ...]
) -> None:
    assert kept(begun(*offered)) == taken


def test_a_result_that_a_quality_gate_blocked_is_not_taken_over() -> None:
    wanted = fork(*MADE)
    blocked = offer("audit").model_copy(update={"outcome": StepOutcome.BLOCKED})
    results = (*wanted.request.results[:-1], blocked)
    life = Led(campaign_plan())
    life.tell(wanted._replace(request=wanted.request.model_copy(update={"results": results})))
    assert kept(life) == MADE[:-1]
    assert life.called() == ["audit"]


def test_gates_are_asked_anew_and_publication_waits_for_the_answer() -> None:
    life = begun(*EVERY)
    assert life.waiting() == ["review"]
    assert len(life.events(ReviewRequested)) == 1
    assert life.events(ToolCallRequested) == []
    life.approve()
    life.run()
    assert life.saga.life is Life.COMPLETED


def test_what_a_step_did_outside_is_never_taken_over_gate_or_not() -> None:
    plan = TRAVEL.plan({}).steps
    booked = tuple(one.name for one in plan)
    assert may_take_over(plan, booked) == booked
    outside = tuple(one.model_copy(update={"outside": one.name == "hotel"}) for one in plan)
    assert may_take_over(outside, booked) == ("flight",)


def test_a_step_needs_what_comes_before_it_and_whatever_it_reads() -> None:
    plan = {one.name: one for one in campaign_plan().steps}
    assert needs(plan["design"], tuple(plan.values())) == {"content", "research", "strategy"}
    assert needs(plan["learn"], tuple(plan.values())) == {
        "analytics",
        "strategy",
        "research",
        "audit",
        "publish.email",
        "publish.blog",
    }


def test_a_fork_that_is_cancelled_undoes_its_own_steps_only() -> None:
    life = begun("research", "strategy", "content")
    assert life.called() == ["design"]
    life.cancel()
    assert life.undo_all() == ["design"]
    assert life.saga.life is Life.CANCELLED


def test_work_sent_back_in_a_fork_is_done_here_and_from_then_on_ours_to_undo() -> None:
    life = begun(*MADE)
    before = life.saga.steps["content"].body
    life.decide(ReviewDecision.REQUEST_CHANGES, reason="shorter")
    assert life.called() == ["content"]
    life.run()
    content = life.saga.steps["content"]
    assert content.body != before
    assert not content.taken_over
    life.cancel()
    assert life.undo_all() == ["design", "content"]


def test_what_was_taken_over_cost_nothing_here() -> None:
    assert begun(*MADE).saga.usage.cost_micros == 0


def test_a_fork_under_an_id_that_is_taken_is_refused() -> None:
    life = begun("research")
    given(*life.facts).when(fork("research")).then(
        RequestRefused(request="ForkCampaign", reason="this campaign exists already")
    )


def test_a_fork_that_is_delivered_twice_begins_once() -> None:
    life = Led(campaign_plan())
    life.tell(fork("research"), by="the fork")
    assert life.tell(fork("research"), by="the fork") == []


def framed(**envelope: Any) -> bytes:
    """The CreateCampaign that a fork carries."""
    body = campaign_request()
    own = {"tenant_id": TENANT_ID, "campaign_id": CAMPAIGN_ID, **envelope}
    return CODEC.encode(envelope_of(CODEC.catalog.entry_of(type(body)), **own), None, body)


async def origin_of(step: str) -> tuple[TakenOver, ...]:
    """What a campaign that went so far offers."""
    desk = await campaign(until=step)
    return tuple(
        offer(name).model_copy(update={"body": state.body})
        for name, state in desk.saga.steps.items()
        if state.status is StepStatus.ANSWERED
    )


def request(created: bytes, results: tuple[TakenOver, ...] = ()) -> ForkCampaign:
    return fork(created=created).request.model_copy(update={"results": results})


async def test_commands_of_a_fork_are_made_from_the_results_it_took_over() -> None:
    desk = await Desk().open()
    written = desk.ask(request(framed(), await origin_of("content")))
    assert names(written) == [
        "GoalReceived",
        "CampaignForked",
        "PlanGenerated",
        "ResultTakenOver",
        "ResultTakenOver",
        "ToolCallRequested",
        "WriteContent",
    ]
    desk.run()
    assert desk.saga.campaign_state is CampaignState.REVIEW


async def test_a_fork_folds_from_its_log_alone() -> None:
    desk = await Desk().open()
    desk.ask(request(framed(), await origin_of("content")))
    desk.run()
    desk.shelf.of(topics.SNAPSHOTS).clear()
    again = (await restore(desk.shelf, CODEC, frozenset({PARTITION})))[PARTITION]
    assert again.sagas[CAMPAIGN_ID].saga == desk.saga
    assert desk.saga.fork is not None
    assert desk.saga.fork.campaign_id == ORIGIN


@pytest.mark.parametrize(
    "strange", [{"tenant_id": uuid_of("another")}, {"campaign_id": uuid_of("another")}]
)
async def test_a_fork_with_another_tenants_or_campaigns_goal_is_a_dead_letter(
    strange: dict[str, str],
) -> None:
    desk = await Desk().open()
    assert names(desk.ask(request(framed(**strange)))) == ["DeadLetter"]


async def test_a_fork_of_something_that_is_no_goal_is_a_dead_letter() -> None:
    desk = await Desk().open()
    (research, *_) = await origin_of("content")
    assert names(desk.ask(request(research.body))) == ["DeadLetter"]


def test_a_forks_id_follows_from_tenant_origin_and_key_and_is_no_created_ones() -> None:
    made = identity.fork_id(TENANT_ID, ORIGIN, "key")
    others = {
        identity.fork_id(TENANT_ID, CAMPAIGN_ID, "key"),
        identity.fork_id(ORIGIN, ORIGIN, "key"),
        identity.fork_id(TENANT_ID, ORIGIN, "another"),
        identity.campaign_id(TENANT_ID, f"{ORIGIN}/key"),
    }
    assert made == identity.fork_id(TENANT_ID, ORIGIN, "key")
    assert made not in others
