"""Pauses in the saga role: one record holds a whole partition, and every restart keeps holding."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from chassis.codec import Decoded
from chassis.messages import NO_CAMPAIGN
from contracts import identity, topics
from contracts.control import (
    CampaignPaused,
    PauseCampaign,
    PauseScope,
    PauseWider,
    ResumeCampaign,
    ResumeWider,
)
from contracts.envelope import Actor, ActorKind
from contracts.message import Request
from contracts.plan import CampaignState
from contracts.requests import CancelCampaign, StartCampaign
from contracts.saga import DeadlineKind
from services.orchestrator.saga import processor
from services.orchestrator.saga.state import Saga
from services.orchestrator.saga.verify import verify
from tests.contracts.examples import uuid_of
from tests.orchestrator.saga.desk import (
    CODEC,
    PARTITION,
    Desk,
    Shelf,
    campaign,
    campaign_request,
    commands_in,
    names,
)
from tests.specification import CAMPAIGN_ID, TENANT_ID

CONTROL = identity.control_id(PARTITION)
OTHERS_TENANT = "99999999-9999-4999-8999-999999999999"
ANA = Actor(kind=ActorKind.PERSON, id="ana")
NOTHING = timedelta()


def ask_wider(desk: Desk, body: Request, **envelope: Any) -> list[Decoded]:
    """Somebody asks for a wider pause, as the edge sends it to this partition."""
    own = {"campaign_id": CONTROL, "tenant_id": NO_CAMPAIGN, "actor": ANA}
    return desk.ask(body, **{**own, **envelope})


def pause(desk: Desk, scope: PauseScope = PauseScope.GLOBAL, target: str = "") -> PauseWider:
    review_at = desk.now + timedelta(days=2)
    return PauseWider(scope=scope, target=target, reason="a bad release", review_at=review_at)


def saga_of(desk: Desk, campaign_id: str) -> Saga:
    held = desk.processor._store.get(PARTITION, campaign_id)
    assert held is not None
    return held.saga


def paused(desk: Desk, campaign_id: str = CAMPAIGN_ID) -> bool:
    return saga_of(desk, campaign_id).campaign_state is CampaignState.PAUSED


async def again(desk: Desk, *, snapshots: bool = True) -> Desk:
    """Another copy takes the partition over."""
    shelf = Shelf()
    shelf.records = desk.shelf.records
    if not snapshots:
        shelf.of(topics.SNAPSHOTS).clear()
    other = Desk(shelf)
    other.now, other._asked = desk.now, desk._asked
    return await other.open()


async def test_a_wider_pause_is_a_fact_of_its_partition_by_whoever_asked() -> None:
    desk = await campaign(until="content")
    written = ask_wider(desk, pause(desk))
    assert names(written)[:2] == ["GoalReceived", "CampaignPaused"]
    assert (written[1].envelope.campaign_id, written[1].envelope.actor) == (CONTROL, ANA)


async def test_what_a_partitions_pauses_are_made_of_stays_in_that_partition() -> None:
    """Its key says nothing about where it belongs: without this another partition restored it."""
    desk = await Desk().open()
    own: dict[str, Any] = {"campaign_id": CONTROL, "tenant_id": NO_CAMPAIGN, "actor": ANA}
    outgoing = desk.processor.think([desk.request(pause(desk), **own)], desk.now)
    assert [one.topic for one in outgoing] == [topics.LOG, topics.LOG, topics.SNAPSHOTS]
    assert {one.partition for one in outgoing} == {PARTITION}


async def test_every_campaign_there_is_told_and_names_who_answers_for_it() -> None:
    desk = await campaign(until="content")
    ask_wider(desk, pause(desk))
    written = await desk.wait(NOTHING)
    (told,) = [one for one in written if one.envelope.campaign_id == CAMPAIGN_ID]
    assert isinstance(told.body, CampaignPaused)
    assert (told.body.by, told.body.scope) == ("ana", PauseScope.GLOBAL)
    assert told.envelope.actor.kind is ActorKind.SERVICE
    assert paused(desk)


async def test_an_answer_that_comes_before_the_campaign_was_told_launches_nothing() -> None:
    desk = await campaign(until="content")
    ask_wider(desk, pause(desk))
    written = desk.answer("content")
    assert names(written)[:2] == ["CampaignPaused", "ToolResultReceived"]
    assert commands_in(written) == []


async def test_a_request_is_answered_by_its_own_fact_although_the_campaign_is_told_first() -> None:
    desk = await Desk().open()
    desk.ask(campaign_request(start=False))
    ask_wider(desk, pause(desk))
    written = desk.ask(StartCampaign(), id=uuid_of("the start"))
    (told, *facts) = written
    assert told.entry.name == "CampaignPaused"
    assert told.envelope.causation_id != uuid_of("the start")
    assert facts[0].entry.name == "PlanGenerated"
    assert facts[0].envelope.causation_id == uuid_of("the start")


async def test_a_campaign_that_is_created_later_in_the_scope_is_held_too() -> None:
    desk = await Desk().open()
    ask_wider(desk, pause(desk, PauseScope.TENANT, TENANT_ID))
    written = desk.ask(campaign_request())
    assert names(written)[:3] == ["GoalReceived", "PlanGenerated", "CampaignPaused"]
    assert commands_in(written) == []
    other = uuid_of("another tenant's campaign")
    assert commands_in(desk.ask(campaign_request(), campaign_id=other, tenant_id=OTHERS_TENANT))


async def test_the_end_of_a_wider_pause_releases_exactly_what_it_held() -> None:
    desk = await campaign(until="content")
    own = uuid_of("paused on its own")
    desk.ask(campaign_request(), campaign_id=own)
    review_at = desk.now + timedelta(days=1)
    desk.ask(PauseCampaign(review_at=review_at), campaign_id=own)
    ask_wider(desk, pause(desk))
    await desk.wait(NOTHING)
    ask_wider(desk, ResumeWider(scope=PauseScope.GLOBAL))
    await desk.wait(NOTHING)
    assert (paused(desk), paused(desk, own)) == (False, True)
    desk.ask(ResumeCampaign(), campaign_id=own)
    assert not paused(desk, own)


@pytest.mark.parametrize("snapshots", [True, False])
async def test_a_wider_pause_outlives_every_restart_told_or_not(*, snapshots: bool) -> None:
    desk = await campaign(until="content")
    ask_wider(desk, pause(desk))
    before_telling = await again(desk, snapshots=snapshots)
    assert commands_in(before_telling.answer("content")) == []
    assert paused(before_telling)
    await desk.wait(timedelta(minutes=2))  # a checkpoint is written
    after = await again(desk, snapshots=snapshots)
    assert paused(after)
    assert commands_in(after.ask(campaign_request(), campaign_id=uuid_of("later"))) == []
    ask_wider(after, ResumeWider(scope=PauseScope.GLOBAL))
    await after.wait(NOTHING)
    assert not paused(after)


async def test_a_campaigns_own_pause_outlives_a_restart_with_its_frozen_deadlines() -> None:
    desk = await campaign(until="content")
    left = saga_of(desk, CAMPAIGN_ID).deadlines[0].at - desk.now
    desk.ask(PauseCampaign(reason="wait", review_at=desk.now + timedelta(days=9)), actor=ANA)
    await desk.wait(timedelta(days=3))
    after = await again(desk)
    assert after.held == desk.held
    assert commands_in(after.answer("content")) == []
    await after.wait(timedelta(days=1))
    (resumed, *_) = after.ask(ResumeCampaign(reason="go"))
    assert resumed.entry.name == "CampaignResumed"
    assert saga_of(after, CAMPAIGN_ID).deadlines[0].at - after.now <= left
    assert after.saga.steps["design"].status == "CALLED"


async def test_many_campaigns_are_told_over_several_ticks_and_an_aborted_one_is_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processor, "DUE_PER_TICK_MAX", 2)
    desk = await Desk().open()
    every = [uuid_of(f"campaign {number}") for number in range(5)]
    for campaign_id in every:
        desk.ask(campaign_request(), campaign_id=campaign_id)
    ask_wider(desk, pause(desk))
    role = desk.processor
    assert role.next_due() == processor.AT_ONCE
    assert role.due(desk.now) == PARTITION
    first = await role.think_of_time(PARTITION, desk.now)
    role.discard()
    second = await role.think_of_time(PARTITION, desk.now)
    assert [one.key for one in second] == [one.key for one in first]
    desk.keep(second)
    assert sum(paused(desk, one) for one in every) == 2
    await desk.wait(NOTHING)
    assert all(paused(desk, one) for one in every)
    assert role.due(desk.now) is None


async def test_a_cancel_wins_over_a_wider_pause() -> None:
    desk = await campaign(until="design")
    ask_wider(desk, pause(desk))
    await desk.wait(NOTHING)
    undo = commands_in(desk.ask(CancelCampaign()))
    assert [step for step, _ in undo] == ["design"]
    desk.undone("design")
    desk.undone("content")
    assert desk.saga.campaign_state is CampaignState.CANCELLED


async def test_a_phases_pause_holds_that_phase_only() -> None:
    desk = await campaign(until="content")
    ask_wider(desk, pause(desk, PauseScope.PHASE, "design"))
    assert commands_in(desk.answer("content")) == []
    assert paused(desk)
    ask_wider(desk, ResumeWider(scope=PauseScope.PHASE, target="design"))
    assert [step for step, _ in commands_in(await desk.wait(NOTHING))] == ["design"]


async def test_a_wider_pauses_review_is_said_once_a_day() -> None:
    desk = await Desk().open()
    ask_wider(desk, pause(desk))
    for _ in range(3):
        (deadline,) = saga_of(desk, CONTROL).deadlines
        assert deadline.kind is DeadlineKind.PAUSE
        written = await desk.wait(deadline.at - desk.now)
        assert "DeadlinePassed" in names(written)


async def test_a_second_wider_pause_and_a_resume_of_none_are_refused() -> None:
    desk = await Desk().open()
    refused = ask_wider(desk, ResumeWider(scope=PauseScope.GLOBAL))
    assert "RequestRefused" in names(refused)
    ask_wider(desk, pause(desk))
    assert "RequestRefused" in names(ask_wider(desk, pause(desk)))
    request = pause(desk, PauseScope.TENANT, TENANT_ID)
    assert "CampaignPaused" in names(ask_wider(desk, request))


@pytest.mark.parametrize(
    ("scope", "target", "envelope"),
    [
        (PauseScope.GLOBAL, "everything", {}),
        (PauseScope.TENANT, "acme", {}),
        (PauseScope.PHASE, "desing", {}),
        (PauseScope.CAMPAIGN, "", {}),
        (PauseScope.GLOBAL, "", {"campaign_id": identity.control_id(PARTITION + 1)}),
        (PauseScope.GLOBAL, "", {"campaign_id": CAMPAIGN_ID}),
        (PauseScope.GLOBAL, "", {"tenant_id": TENANT_ID}),
    ],
)
async def test_a_wider_pause_that_would_hold_nothing_or_stands_elsewhere_is_a_dead_letter(
    scope: PauseScope, target: str, envelope: dict[str, Any]
) -> None:
    desk = await Desk().open()
    assert names(ask_wider(desk, pause(desk, scope, target), **envelope)) == ["DeadLetter"]


async def test_a_control_saga_is_no_campaign_that_can_be_started_or_cancelled() -> None:
    desk = await Desk().open()
    ask_wider(desk, pause(desk))
    own = {"campaign_id": CONTROL, "tenant_id": NO_CAMPAIGN}
    assert names(desk.ask(CancelCampaign(), **own)) == ["RequestRefused", "SagaSnapshot"]
    review_at = desk.now + timedelta(days=1)
    wanted = PauseCampaign(review_at=review_at)
    assert names(desk.ask(wanted, **own)) == ["RequestRefused", "SagaSnapshot"]
    assert names(desk.ask(StartCampaign(), **own)) == ["RequestRefused", "SagaSnapshot"]


async def test_the_log_with_pauses_in_it_verifies() -> None:
    desk = await campaign(until="content")
    ask_wider(desk, pause(desk))
    await desk.wait(NOTHING)
    ask_wider(desk, ResumeWider(scope=PauseScope.GLOBAL))
    await desk.wait(NOTHING)
    report = await verify(desk.shelf, CODEC)
    assert report["problems"] == []
    assert report["without_obligation"] == []


async def test_a_missed_review_is_one_alarm_and_not_one_of_every_campaign_it_holds() -> None:
    desk = await campaign(until="content")
    ask_wider(desk, pause(desk))
    await desk.wait(NOTHING)
    with capture_logs() as logs:
        await desk.wait(timedelta(days=2))
    alarms = [entry for entry in logs if entry["event"] == "pause_not_reviewed"]
    assert [(alarm["workflow_id"], alarm["owner"]) for alarm in alarms] == [(CONTROL, "ana")]
