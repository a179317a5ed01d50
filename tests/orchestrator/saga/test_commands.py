"""From goal and results to typed commands: all of the campaign's, and what is missing is named."""

from datetime import timedelta

import pytest

from contracts.content import ContentWritten, WriteContent
from contracts.envelope import FailureReason, StepCall, StepDone
from contracts.goal import Channel, ChannelDate, CreateCampaign, NoticePlace
from contracts.learn import LearnLessons
from contracts.message import Command
from contracts.plan import CampaignState, InputBinding, InputSource, PlannedStep
from contracts.publish import PublishContent, RollbackPublication
from contracts.requests import LiftSchedule, ReviewDecision
from contracts.review import AnnounceReview
from contracts.saga import (
    CompensationRequested,
    PlanGenerated,
    ReviewRequested,
    ToolCallRequested,
)
from contracts.video import VideoRendered
from services.orchestrator.saga.commands import FEEDBACK_MAX, CommandCannotBeMade, Commands
from services.orchestrator.saga.definitions.campaign import CAMPAIGN
from tests.contracts.examples import envelope_of, example_of
from tests.orchestrator.saga.desk import CODEC, campaign_request, result_of
from tests.orchestrator.saga.lives import Led
from tests.specification import MORNING

MAKE = Commands(CODEC)


def framed(step: str, *, sparse: bool = False) -> bytes:
    """An example result as it stands in the log."""
    body = result_of(step, sparse=sparse)
    return CODEC.encode(envelope_of(CODEC.catalog.entry_of(type(body))), example_of(StepDone), body)


def framed_goal(request: CreateCampaign) -> bytes:
    return CODEC.encode(envelope_of(CODEC.catalog.entry_of(CreateCampaign)), None, request)


def plan_of(request: CreateCampaign) -> PlanGenerated:
    return CAMPAIGN.plan(CODEC.decode(framed_goal(request)).record["goal"])


def campaign(*, sparse: bool = False, film: bool = True) -> Led:
    """A campaign in review whose results are the contracts' examples."""
    request = campaign_request(generate_video=film, review_notices=tuple(NoticePlace))
    life = Led(plan_of(request), lambda step, _: framed(step, sparse=sparse))
    life.create(goal=framed_goal(request))
    life.run()
    return life


@pytest.mark.parametrize("film", [True, False])
@pytest.mark.parametrize("sparse", [True, False])
def test_every_command_of_the_campaign_can_be_made_from_example_results(
    sparse: bool, film: bool
) -> None:
    life = campaign(sparse=sparse, film=film)
    life.approve()
    life.run()
    made = [MAKE.forward(life.saga, asked) for asked in life.events(ToolCallRequested)]
    names = {type(command).__name__ for _, command in made}
    assert names == {
        template.step.command
        for template in CAMPAIGN.steps
        if template.step.command and (film or template.step.name != "video")
    }
    for call, command in made:
        assert type(command).model_validate(command.model_dump(), strict=True) == command
        entry = CODEC.catalog.entry_of(type(command))
        assert CODEC.decode(CODEC.encode(envelope_of(entry), call, command)).body == command


def test_every_undo_of_the_campaign_can_be_made() -> None:
    life = campaign()
    life.approve()
    life.run(until="analytics")
    life.fail_for_good("analytics")
    life.undo_all()
    made = [MAKE.backward(life.saga, asked)[1] for asked in life.events(CompensationRequested)]
    assert {type(command).__name__ for command in made} == {
        template.step.undo for template in CAMPAIGN.steps if template.step.undo
    }
    rolled_back = [one.channel for one in made if isinstance(one, RollbackPublication)]
    assert rolled_back == [Channel.BLOG, Channel.EMAIL]


def test_reviewers_are_told_the_hash_of_what_the_gate_shows_then() -> None:
    life = campaign()
    (asked,) = life.events(ReviewRequested)
    _, command = _made(life, "announce")
    assert isinstance(command, AnnounceReview)
    assert (command.gate, command.shown_digest) == ("review", asked.shown_digest)


def test_a_steps_own_date_is_what_its_command_says() -> None:
    dates = {Channel.EMAIL: MORNING + timedelta(days=1), Channel.BLOG: MORNING}
    calendar = tuple(ChannelDate(channel=channel, at=at) for channel, at in dates.items())
    request = campaign_request(calendar=calendar, scheduled_at=None)
    life = Led(plan_of(request), lambda step, _: framed(step))
    life.create(goal=framed_goal(request))
    life.run()
    life.approve()
    life.run()
    life.tell(LiftSchedule())
    said = {channel: _made(life, f"publish.{channel}")[1] for channel in dates}
    told = {channel: command.model_dump()["scheduled_at"] for channel, command in said.items()}
    assert told == {Channel.BLOG: MORNING, Channel.EMAIL: life.now}
    _, written = _made(life, "content")
    assert isinstance(written, WriteContent)
    assert {channel: written.date_of(channel) for channel in dates} == dates


def _made(life: Led, step: str) -> tuple[StepCall, Command]:
    asked = [one for one in life.events(ToolCallRequested) if one.step == step][-1]
    return MAKE.forward(life.saga, asked)


def test_a_call_carries_its_lease_its_key_its_language_and_why_it_failed_before() -> None:
    request = campaign_request(language="de")
    life = Led(plan_of(request), lambda step, _: framed(step))
    life.create(goal=framed_goal(request))
    life.fail("research", FailureReason.TIMEOUT, "slow")
    life.wait_for_deadline()
    asked = life.events(ToolCallRequested)[-1]
    call, _ = _made(life, "research")
    assert call == StepCall(
        step="research",
        attempt=2,
        round=0,
        effect_key=asked.effect_key,
        not_after=asked.deadline,
        language="de",
        feedback=("TIMEOUT: slow",),
    )


def test_whoever_writes_is_told_the_budget_and_what_was_spent_of_it() -> None:
    request = campaign_request(budget_micros=2_000_000)
    life = Led(plan_of(request), lambda step, _: framed(step))
    life.create(goal=framed_goal(request))
    life.run(until="content")
    _, command = _made(life, "content")
    assert isinstance(command, WriteContent)
    assert command.budget_micros == 2_000_000
    assert command.spent_micros == life.saga.usage.cost_micros > 0


def test_only_the_newest_feedback_is_carried() -> None:
    life = campaign()
    state = life.saga.steps["research"].model_copy(
        update={"feedback": tuple(str(number) for number in range(50))}
    )
    life.held = life.saga.model_copy(update={"steps": {**life.saga.steps, "research": state}})
    call, _ = _made(life, "research")
    assert call.feedback == tuple(str(number) for number in range(50 - FEEDBACK_MAX, 50))


@pytest.mark.parametrize("film", [True, False])
def test_a_film_reaches_the_channels_where_there_is_one(film: bool) -> None:
    life = campaign(film=film)
    life.approve()
    _, command = _made(life, "publish.blog")
    assert isinstance(command, PublishContent)
    assert command.channel is Channel.BLOG
    assert command.video_digest == (example_of(VideoRendered).digest if film else None)


def test_publications_of_all_channels_that_answered_are_collected() -> None:
    life = campaign()
    life.approve()
    life.answer("publish.email")
    life.fail_for_good("publish.blog")
    life.run()
    _, command = _made(life, "learn")
    assert isinstance(command, LearnLessons)
    assert len(command.publications) == 2, "the two of the example; the blog has none"


def test_a_reviewers_text_is_what_is_published() -> None:
    life = campaign()
    written = example_of(ContentWritten)
    item = written.items[0].model_copy(update={"title": "Said by a person"})
    body = written.model_copy(update={"items": (item,)})
    edited = CODEC.encode(
        envelope_of(CODEC.catalog.entry_of(ContentWritten)), example_of(StepDone), body
    )
    life.decide(ReviewDecision.EDIT, edited=edited)
    life.run()
    life.approve()
    _, command = _made(life, "publish.blog")
    assert isinstance(command, PublishContent)
    assert command.items == (item,)


def test_a_value_that_the_step_before_did_not_give_is_named() -> None:
    life = campaign()
    life.approve()
    steps = {**life.saga.steps}
    steps["content"] = steps["content"].model_copy(update={"body": b""})
    life.held = life.saga.model_copy(update={"steps": steps})
    with pytest.raises(CommandCannotBeMade, match=r"^PublishContent\.items: Field required$"):
        _made(life, "publish.blog")


def test_a_value_that_breaks_the_commands_limits_is_named() -> None:
    life = campaign()
    plan = tuple(
        step.model_copy(
            update={
                "inputs": (
                    *step.inputs,
                    InputBinding(field="business_name", source=InputSource.LITERAL, path=""),
                )
            }
        )
        if step.name == "strategy"
        else step
        for step in life.saga.plan
    )
    life.held = life.saga.model_copy(update={"plan": plan})
    with pytest.raises(CommandCannotBeMade, match=r"^BuildStrategy\.business_name: "):
        _made(life, "strategy")


@pytest.mark.parametrize("path", ["nothing.here", "name.first"])
def test_a_path_that_leads_nowhere_is_named(path: str) -> None:
    life = campaign()
    step = PlannedStep(
        name="strategy",
        stage=CampaignState.STRATEGY,
        command="BuildStrategy",
        timeout_ms=1,
        inputs=(InputBinding(field="industry", source=InputSource.GOAL, path=path),),
    )
    life.held = life.saga.model_copy(update={"plan": (step,)})
    with pytest.raises(CommandCannotBeMade, match=f"`industry`: nothing at `{path}`"):
        _made(life, "strategy")
