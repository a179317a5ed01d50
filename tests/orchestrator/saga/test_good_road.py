"""A campaign that goes well, from its goal to COMPLETED, with a film and without."""

from datetime import timedelta

import pytest

from contracts.envelope import FailureReason, StepOutcome
from contracts.plan import CampaignState, Lane
from contracts.requests import StartCampaign
from contracts.saga import (
    AgentCompleted,
    DeadlineKind,
    DeadlinePassed,
    GoalReceived,
    PlanGenerated,
    RequestRefused,
    ReviewDecided,
    ReviewRequested,
    StepSkipped,
    ToolCallRequested,
    ToolResultReceived,
    WorkflowCancelled,
    WorkflowCompleted,
)
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.saga.definitions.campaign import CAMPAIGN
from services.orchestrator.saga.engine.inputs import Create, Start
from services.orchestrator.saga.state import START_TIMEOUT, Life, StepStatus
from tests.orchestrator.saga.lives import (
    GOOD_RUN,
    Led,
    campaign_plan,
    grammar,
    in_review,
    led,
    plain_body,
)
from tests.specification import MORNING, given

PLAN = campaign_plan()
CREATE = Create("campaign", "Spring", b"a goal")

TEN = ["research", "strategy", "content", "design", "video", "audit", "review"]
TEN += ["publish.email", "publish.blog", "analytics", "learn"]


def test_a_goal_waits_until_somebody_starts_it() -> None:
    given().when(CREATE).then(GoalReceived).leaving(Life.IDLE)


def test_a_goal_that_starts_at_once_gets_its_plan_and_its_first_step() -> None:
    given().when(CREATE._replace(plan=PLAN)).then(GoalReceived, PLAN, ToolCallRequested).leaving(
        Life.RUNNING, research=StepStatus.CALLED, strategy=StepStatus.PENDING
    )


def test_an_idle_campaign_goes_on_its_way_when_it_is_started() -> None:
    goal = GoalReceived(saga="campaign", name="Spring", goal=b"a goal")
    given(goal).when(Start(PLAN)).then(PLAN, ToolCallRequested).leaving(Life.RUNNING)


def test_a_second_start_is_refused_and_changes_nothing() -> None:
    life = led(until="research")
    given(*life.facts).when(Start(PLAN)).then(
        RequestRefused(request=StartCampaign.__name__, reason="the campaign is RUNNING, not IDLE")
    ).leaving(Life.RUNNING, research=StepStatus.CALLED)


def test_the_same_goal_under_another_request_is_refused() -> None:
    life = led(until="research")
    given(*life.facts).when(CREATE).then(RequestRefused)


def test_nobody_starting_it_for_thirty_days_cancels_it() -> None:
    life = Led(PLAN)
    life.create(start=False)
    assert life.wait(START_TIMEOUT - timedelta(seconds=1)) == []
    assert life.wait(timedelta(seconds=1)) == [
        DeadlinePassed(kind=DeadlineKind.START, step="", deadline=MORNING + START_TIMEOUT),
        WorkflowCancelled(reason="nobody started it in time", left_behind=()),
    ]


@pytest.mark.parametrize("film", [True, False])
def test_every_step_is_answered_once_and_the_campaign_is_completed(film: bool) -> None:
    life = in_review(generate_video=film)
    life.approve()
    life.run()
    steps = [name for name in TEN if film or name != "video"]
    assert list(life.saga.steps) == steps
    assert sorted(call.step for call in life.events(ToolCallRequested)) == sorted(
        name for name in steps if name != "review"
    )
    assert life.saga.life is Life.COMPLETED
    assert life.events(WorkflowCompleted) == [WorkflowCompleted(degraded=())]


@pytest.mark.parametrize("film", [True, False])
def test_the_log_of_a_good_run_matches_its_grammar(film: bool) -> None:
    life = in_review(generate_video=film)
    life.approve()
    life.run()
    assert GOOD_RUN.fullmatch(grammar(life))
    assert life.names[:3] == ["GoalReceived", "PlanGenerated", "ToolCallRequested"]
    assert life.names[-1] == "WorkflowCompleted"


def test_the_states_of_a_good_run_are_the_road_in_its_order() -> None:
    life = Led(campaign_plan(generate_video=True))
    life.create(start=False)
    seen = [life.saga.campaign_state]
    life.tell(Start(campaign_plan(generate_video=True)))
    while not life.saga.life.ended:
        seen.append(life.saga.campaign_state)
        if life.waiting():
            life.approve()
        else:
            life.answer(life.called()[0])
    seen.append(life.saga.campaign_state)
    assert list(dict.fromkeys(seen)) == [
        CampaignState.IDLE,
        CampaignState.RADAR,
        CampaignState.STRATEGY,
        CampaignState.CONTENT_PROD,
        CampaignState.AUDIT,
        CampaignState.REVIEW,
        CampaignState.PUBLISH,
        CampaignState.LEARN,
        CampaignState.COMPLETED,
    ]


def test_design_and_film_are_made_at_the_same_time() -> None:
    life = led(until="design", generate_video=True)
    assert life.called() == ["design", "video"]
    life.answer("design")
    assert life.called() == ["video"], "the audit waits for both"


def test_every_channel_is_published_at_the_same_time() -> None:
    life = in_review()
    life.approve()
    assert life.called() == ["publish.email", "publish.blog"]


def test_a_channel_named_twice_is_published_once() -> None:
    life = in_review(channels=["blog", "blog"])
    life.approve()
    assert life.called() == ["publish.blog"]


def test_each_agents_share_is_told_behind_the_answer() -> None:
    life = led(until="research")
    events = life.answer("research")
    assert [type(event) for event in events] == [
        ToolResultReceived,
        AgentCompleted,
        ToolCallRequested,
    ]


def test_what_steps_cost_adds_up() -> None:
    life = led()
    answered = life.events(ToolResultReceived)
    assert life.saga.usage.cost_micros == 5 * len(answered) > 0


@pytest.mark.parametrize("outcome", ["DEGRADED", "HELD", "SKIPPED"])
def test_a_step_that_answered_less_than_asked_is_named_at_the_end(outcome: str) -> None:
    life = in_review()
    life.approve()
    life.answer("publish.blog", StepOutcome(outcome))
    life.run()
    assert life.events(WorkflowCompleted) == [WorkflowCompleted(degraded=("publish.blog",))]


def test_an_optional_step_that_fails_for_good_is_given_up_and_named() -> None:
    life = in_review(generate_video=True)
    life.approve()
    events = life.fail("publish.email", FailureReason.NOT_CONFIGURED, "no SMTP server is set")
    assert events[-1] == StepSkipped(
        step="publish.email", reason="NOT_CONFIGURED: no SMTP server is set"
    )
    life.run()
    assert life.saga.life is Life.COMPLETED
    assert life.events(WorkflowCompleted) == [WorkflowCompleted(degraded=("publish.email",))]


def test_a_step_that_the_policy_blocks_is_never_called() -> None:
    plan = campaign_plan()
    steps = tuple(
        step.model_copy(update={"lane": Lane.BLOCKED}) if step.name == "publish.blog" else step
        for step in plan.steps
    )
    life = led(plan.model_copy(update={"steps": steps}))
    life.approve()
    life.run()
    assert life.saga.life is Life.COMPLETED
    assert "publish.blog" not in {call.step for call in life.events(ToolCallRequested)}
    assert [skip.step for skip in life.events(StepSkipped)] == ["publish.blog"]


def test_the_gate_shows_what_it_promises_and_its_approval_is_logged() -> None:
    life = in_review()
    (asked,) = life.events(ReviewRequested)
    assert asked.shows == ("content", "design", "audit")
    life.approve()
    (decided,) = life.events(ReviewDecided)
    assert decided.shown_digest == asked.shown_digest


def test_a_research_only_run_is_over_after_its_research() -> None:
    life = led(DEFINITIONS["research-only"].plan({}))
    assert life.names == [
        "GoalReceived",
        "PlanGenerated",
        "ToolCallRequested",
        "ToolResultReceived",
        "AgentCompleted",
        "WorkflowCompleted",
    ]


def test_two_lives_told_the_same_are_the_same_to_the_last_byte() -> None:
    one, other = in_review(), in_review()
    assert [fact.event for fact in one.facts] == [fact.event for fact in other.facts]
    assert one.saga.model_dump_json() == other.saga.model_dump_json()


def test_the_body_of_an_answer_is_kept_unchanged() -> None:
    life = led(until="strategy")
    state = life.saga.steps["research"]
    assert state.body == plain_body("research", state)


def test_the_plan_is_in_the_log_and_a_newer_definition_changes_no_running_campaign() -> None:
    life = led(until="strategy")
    (plan,) = life.events(PlanGenerated)
    assert plan == campaign_plan()
    assert life.saga.plan == plan.steps
    assert (life.saga.definition, life.saga.definition_version) == ("campaign", CAMPAIGN.version)
