"""The saga role's processor over hand-made records: what it writes, when, and what it refuses."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chassis.codec import Decoded
from contracts import topics
from contracts.content import ContentWritten
from contracts.design import RenderDesign
from contracts.envelope import FailureReason, LogPosition
from contracts.message import Message
from contracts.publish import PublishContent
from contracts.requests import CancelCampaign, ReviewDecision, StartCampaign
from contracts.saga import (
    CompensationFailed,
    CompensationRequested,
    RequestRefused,
    StepSkipped,
    ToolCallFailed,
    ToolCallRequested,
    WorkflowCancelled,
    WorkflowFailed,
)
from services.orchestrator.saga.definitions import SagaDefinition, StepTemplate
from services.orchestrator.saga.definitions.campaign import CAMPAIGN
from services.orchestrator.saga.engine.backward import PARKED_FOR
from services.orchestrator.saga.processor import CHECKPOINT_EVERY
from services.orchestrator.saga.state import Life, StepStatus, UndoStatus
from services.orchestrator.saga.store import Held
from services.orchestrator.saga.writing import FIRST_HASH
from tests.orchestrator.saga.desk import (
    CODEC,
    PARTITION,
    Desk,
    campaign,
    campaign_request,
    commands_in,
    edit,
    is_undo,
    names,
    result_of,
)
from tests.specification import CAMPAIGN_ID, MORNING

SECOND = timedelta(seconds=1)


def bodies(written: list[Decoded], kind: type[Message]) -> list[Any]:
    return [message.body for message in written if isinstance(message.body, kind)]


async def test_a_request_brings_its_facts_and_its_first_command_in_one_tick() -> None:
    desk = await Desk().open()
    written = desk.ask(campaign_request())
    assert names(written) == ["GoalReceived", "PlanGenerated", "ToolCallRequested", "RunResearch"]


async def test_the_command_carries_the_id_that_the_log_promised() -> None:
    desk = await Desk().open()
    *_, fact, command = desk.ask(campaign_request())
    assert isinstance(fact.body, ToolCallRequested)
    promised = fact.body.command_id
    assert command.envelope.id == command.envelope.execution_id == promised
    assert fact.envelope.execution_id == promised
    assert desk.shelf.of("research.commands")[0].key == CAMPAIGN_ID.encode()


async def test_each_fact_names_the_one_before_and_the_input_that_it_answers() -> None:
    desk = await campaign(until="strategy")
    before, positions = FIRST_HASH, []
    for record in desk.shelf.of(topics.LOG):
        position = CODEC.decode(record.value).header
        assert isinstance(position, LogPosition)
        assert position.previous_hash == before
        assert record.value is not None
        before = hashlib.sha256(record.value).hexdigest()
        positions.append(position)
    assert [one.sequence for one in positions] == list(range(1, len(positions) + 1))
    assert positions[0].input_topic == topics.REQUESTS
    assert positions[-1].input_topic == topics.RESULTS
    assert desk.held.head_hash == before


async def test_who_asked_is_the_actor_of_what_was_asked_and_the_service_of_the_rest() -> None:
    desk = await campaign(until="nothing")
    desk.decide(ReviewDecision.APPROVE)
    desk.ask(CancelCampaign())
    messages = [CODEC.decode(record.value) for record in desk.shelf.of(topics.LOG)]
    asked = {one.entry.name for one in messages if one.envelope.actor.id != "saga-1"}
    assert asked == {"GoalReceived", "ReviewDecided", "CancelRequested"}


async def test_a_record_delivered_again_changes_nothing() -> None:
    desk = await Desk().open()
    request = desk.request(campaign_request())
    assert desk.give(request)
    assert desk.give(request) == []
    answer = desk.result("research")
    assert desk.give(answer, answer)
    assert desk.give(answer) == []
    assert desk.log().count("ToolResultReceived") == 1


async def test_a_tick_that_was_aborted_never_was_and_its_second_try_says_the_same() -> None:
    desk = await campaign()
    answer = desk.result("research")
    before = desk.held
    first = desk.processor.think([answer], desk.now)
    assert desk.held != before
    desk.processor.discard()
    assert desk.held == before
    second = desk.processor.think([answer], desk.now)
    ids = [[CODEC.decode(made.value).envelope.id for made in tick] for tick in (first, second)]
    assert ids[0] == ids[1]


async def test_one_ticks_records_build_on_one_another() -> None:
    desk = await Desk().open()
    create = desk.request(campaign_request(start=False))
    start = desk.request(StartCampaign())
    assert names(desk.give(create, start)) == [
        "GoalReceived",
        "PlanGenerated",
        "ToolCallRequested",
        "RunResearch",
    ]


async def test_an_edit_is_published() -> None:
    desk = await campaign(until="nothing")
    text = result_of("content")
    assert isinstance(text, ContentWritten)
    item = text.items[0].model_copy(update={"title": "Said by a person"})
    edited = desk.result("content", text.model_copy(update={"items": (item,)})).value
    assert edited is not None
    desk.ask(edit(desk, edited))
    desk.run()
    written = desk.decide(ReviewDecision.APPROVE)
    published = bodies(written, PublishContent)
    assert [one.items for one in published] == [(item,), (item,)]


async def test_a_request_that_changes_nothing_is_answered_in_the_log() -> None:
    desk = await campaign()
    (refusal,) = bodies(desk.ask(StartCampaign()), RequestRefused)
    assert refusal.reason == "the campaign is RUNNING, not IDLE"


def without(step: str, field: str, **changes: Any) -> dict[str, SagaDefinition]:
    """The campaign whose step is not given one field of its command."""

    def changed(template: StepTemplate) -> StepTemplate:
        if template.step.name != step:
            return template
        inputs = tuple(one for one in template.step.inputs if one.field != field)
        update = {"inputs": inputs, **changes}
        return replace(template, step=template.step.model_copy(update=update))

    return {"campaign": replace(CAMPAIGN, steps=tuple(map(changed, CAMPAIGN.steps)))}


async def test_a_command_that_cannot_be_made_fails_its_step_and_names_the_field() -> None:
    desk = await Desk(definitions=without("strategy", "findings")).open()
    desk.ask(campaign_request())
    written = desk.answer("research")
    (failed,) = bodies(written, ToolCallFailed)
    assert (failed.step, failed.reason) == ("strategy", FailureReason.INVALID_INPUT)
    assert failed.message == "BuildStrategy.findings: Field required"
    assert desk.saga.life is Life.FAILED
    assert desk.shelf.of("strategy.commands") == []


async def test_the_very_first_command_may_be_the_one_that_cannot_be_made() -> None:
    desk = await Desk(definitions=without("research", "industry")).open()
    written = desk.ask(campaign_request())
    (failed,) = bodies(written, WorkflowFailed)
    assert failed.message == "RunResearch.industry: Field required"


async def test_optional_steps_whose_commands_cannot_be_made_are_given_up_at_the_approval() -> None:
    desk = await Desk(definitions=without("publish", "items")).open()
    desk.ask(campaign_request())
    desk.run()
    written = desk.decide(ReviewDecision.APPROVE)
    skipped = bodies(written, StepSkipped)
    assert [one.step for one in skipped] == ["publish.email", "publish.blog"]
    assert "INVALID_INPUT: PublishContent.items: Field required" in skipped[0].reason
    assert [step for step, _ in commands_in(written)] == ["analytics"]


async def test_what_is_no_longer_waited_for_is_not_sent_behind_its_own_undo() -> None:
    desk = await Desk(definitions=without("video", "headline", optional=False)).open()
    desk.ask(campaign_request(generate_video=True))
    desk.run(until="content")
    written = desk.answer("content")
    called = [one.step for one in bodies(written, ToolCallRequested)]
    assert called == ["design", "video"]
    assert bodies(written, RenderDesign) == [], "the film cannot be made, so all is undone"
    assert [(step, is_undo(command)) for step, command in commands_in(written)] == [("video", True)]
    for step in ("video", "design", "content"):
        desk.undone(step)
    assert desk.saga.life is Life.FAILED


async def test_an_undo_whose_command_cannot_be_made_is_left_and_named_in_the_end() -> None:
    """Only a log written by other hands can hold such a plan: a do needs the field too."""
    desk = await campaign(until="nothing")
    desk.decide(ReviewDecision.APPROVE)
    plan = tuple(
        step.model_copy(
            update={"inputs": tuple(one for one in step.inputs if one.field != "channel")}
        )
        for step in desk.saga.plan
    )
    broken = Held(desk.saga.model_copy(update={"plan": plan}), desk.held.head_hash)
    desk.processor._store.put(PARTITION, broken)
    desk.processor.merge()
    written = desk.ask(CancelCampaign())
    (failed,) = bodies(written, CompensationFailed)
    assert failed.message == "RollbackPublication.channel: Field required"
    while desk.saga.steps["design"].undo is UndoStatus.NONE:
        await desk.wait(SECOND)
    desk.undone("design")
    desk.undone("content")
    assert desk.saga.steps["publish.email"].undo is UndoStatus.PARKED
    (ended,) = bodies(await desk.wait(PARKED_FOR), WorkflowCancelled)
    assert ended.left_behind == (
        "publish.email: the undo failed",
        "publish.blog: the undo failed",
    )


async def test_the_role_wakes_for_the_earliest_deadline_and_logs_what_fell_due() -> None:
    desk = await campaign()
    deadline = desk.saga.steps["research"].deadline
    assert deadline is not None
    await desk.wait(CHECKPOINT_EVERY)
    assert desk.processor.next_due() == deadline
    assert desk.processor.due(deadline - SECOND) is None
    assert desk.processor.due(deadline) == PARTITION
    written = await desk.wait(deadline - desk.now)
    assert names(written) == ["DeadlinePassed", "ToolCallFailed", "RetryScheduled"]
    position = written[0].header
    assert isinstance(position, LogPosition)
    assert position.input_offset == -1, "time caused it, and no record"
    assert written[0].envelope.correlation_id == desk.saga.correlation_id


async def test_a_deadline_that_an_answer_came_before_wakes_nobody() -> None:
    desk = await campaign()
    deadline = desk.saga.steps["research"].deadline
    assert deadline is not None
    await desk.wait(CHECKPOINT_EVERY)
    desk.run(until="content")
    await desk.wait(CHECKPOINT_EVERY)
    assert desk.processor.due(deadline) is None


async def test_a_new_owner_goes_on_where_the_old_one_stopped() -> None:
    desk = await campaign(until="content")
    heir = await Desk(desk.shelf).open()
    heir.run()
    heir.decide(ReviewDecision.APPROVE)
    heir.run()
    assert heir.saga.life is Life.COMPLETED
    assert heir.log()[-1] == "WorkflowCompleted"


async def test_a_partition_given_up_is_forgotten() -> None:
    desk = await campaign()
    desk.processor.drop(frozenset({PARTITION}))
    assert desk.processor.due(MORNING + timedelta(days=99)) is None
    assert desk.processor.next_due() is None


async def test_a_whole_undo_goes_over_the_wire() -> None:
    desk = await campaign(until="design")
    desk.fail("design", FailureReason.INVALID_INPUT)
    desk.fail("design", FailureReason.UNAVAILABLE, undo=True)
    await desk.wait(timedelta(seconds=5))
    desk.undone("design")
    desk.undone("content")
    assert desk.saga.life is Life.FAILED
    undos = [one for one in desk.commands() if one.entry.name.startswith("Delete")]
    assert [one.entry.name for one in undos] == [
        "DeleteContentDrafts",
        "DeleteDesignAssets",
        "DeleteDesignAssets",
    ]
    asked = [
        CODEC.decode(record.value).body
        for record in desk.shelf.of(topics.LOG)
        if CODEC.decode(record.value).entry.name == "CompensationRequested"
    ]
    ids = {one.command_id for one in asked if isinstance(one, CompensationRequested)}
    assert ids == {one.envelope.id for one in undos}


async def test_a_step_asks_no_more_often_than_its_policy_says() -> None:
    desk = await campaign()
    for _ in range(20):
        if desk.saga.life.ended:
            break
        if desk.saga.steps["research"].status is StepStatus.CALLED:
            desk.fail("research", FailureReason.TIMEOUT)
        await desk.wait(timedelta(minutes=1))
    assert desk.saga.life is Life.FAILED
    assert len(desk.shelf.of("research.commands")) == 3
