"""Pauses: nothing new is launched, nothing is lost, and time stands still until a resume."""

from datetime import timedelta

import pytest

from contracts.control import CampaignPaused, CampaignResumed, PauseCampaign, PauseScope
from contracts.envelope import FailureReason, StepOutcome
from contracts.plan import CampaignState
from contracts.requests import CancelCampaign, ReviewDecision
from contracts.saga import (
    CompensationRequested,
    CompensationStarted,
    DeadlineKind,
    DeadlinePassed,
    PlanGenerated,
    RetryScheduled,
    ReviewDecided,
    ToolCallFailed,
    ToolCallRequested,
    ToolResultReceived,
    WorkflowCancelled,
    WorkflowCompleted,
)
from services.orchestrator.saga.engine.inputs import Pausing, Start
from services.orchestrator.saga.engine.pausing import REVIEW_AFTER_MAX
from services.orchestrator.saga.state import START_TIMEOUT, Life
from tests.orchestrator.saga.lives import (
    Led,
    called_in,
    campaign_plan,
    in_review,
    led,
    refusal,
    types,
)
from tests.orchestrator.saga.travel import TRAVEL

DAYS = timedelta(days=3)


def test_a_pause_is_a_fact_that_names_its_owner_its_reason_and_who_looks_again() -> None:
    life = led(until="content")
    (paused,) = life.pause(days=2)
    assert paused == CampaignPaused(
        scope=PauseScope.CAMPAIGN,
        target="",
        reason="wait",
        review_at=life.now + timedelta(days=2),
        by="ana",
    )
    assert life.saga.campaign_state is CampaignState.PAUSED


def test_an_answer_during_a_pause_is_taken_in_and_launches_nothing_until_it_is_over() -> None:
    life = led(until="content")
    life.pause()
    progress = life.saga.progress
    assert ToolCallRequested not in types(life.answer("content"))
    assert life.saga.progress > progress
    assert (life.called(), life.saga.campaign_state) == ([], CampaignState.PAUSED)
    life.now += DAYS
    resumed = life.resume()
    assert types(resumed) == [CampaignResumed, ToolCallRequested]
    assert called_in(resumed) == ["design"]


def test_the_only_obligation_of_a_paused_campaign_is_the_pauses_review() -> None:
    life = led(until="design", generate_video=True)
    life.pause()
    (deadline,) = life.saga.deadlines
    assert deadline.kind is DeadlineKind.PAUSE
    assert life.wait(timedelta(days=6)) == []


def test_a_review_that_nobody_made_is_said_and_asked_for_again_a_day_later() -> None:
    life = led(until="content")
    life.pause(days=1)
    for day in range(3):
        (passed,) = life.wait(timedelta(days=1))
        assert isinstance(passed, DeadlinePassed)
        assert passed.kind is DeadlineKind.PAUSE
        assert life.saga.campaign_state is CampaignState.PAUSED, day
        assert life.next_deadline == life.now + timedelta(days=1)


def test_a_steps_time_stands_still_during_a_pause() -> None:
    life = led(until="content")
    before = life.next_deadline - life.now
    life.pause()
    life.wait(DAYS)
    life.resume()
    assert life.next_deadline - life.now == before


def test_a_gates_time_stands_still_during_a_pause() -> None:
    life = in_review()
    life.wait(timedelta(hours=5))
    until = life.saga.steps["review"].deadline
    assert until is not None
    life.pause()
    life.wait(DAYS)
    life.resume()
    assert life.saga.steps["review"].deadline == until + DAYS
    assert life.waiting() == ["review"]


def test_a_gates_reminder_stands_still_with_it() -> None:
    life = in_review()
    ahead = {one.kind: one.at - life.now for one in life.saga.deadlines}
    assert DeadlineKind.REMINDER in ahead
    life.pause()
    life.wait(DAYS)
    life.resume()
    assert {one.kind: one.at - life.now for one in life.saga.deadlines} == ahead


def test_a_retry_that_was_scheduled_during_a_pause_waits_its_backoff_after_it_and_no_longer() -> (
    None
):
    life = led(until="content")
    life.pause()
    began = life.now
    life.wait(timedelta(days=2))
    failed, scheduled = life.fail("content")
    assert isinstance(failed, ToolCallFailed)
    assert isinstance(scheduled, RetryScheduled)
    backoff = scheduled.due - began
    assert timedelta() < backoff < timedelta(minutes=2)
    life.wait(timedelta(days=1))
    assert types(life.resume()) == [CampaignResumed]
    assert life.next_deadline == life.now + backoff
    assert types(life.wait_for_deadline()) == [DeadlinePassed, ToolCallRequested]


def test_a_retry_that_waited_before_a_pause_has_the_rest_of_its_wait_after_it() -> None:
    life = led(until="content")
    life.fail("content")
    rest = life.next_deadline - life.now
    life.pause()
    life.wait(DAYS)
    assert life.called() == []
    life.resume()
    assert life.next_deadline - life.now == rest


def test_a_failure_for_good_during_a_pause_is_undone_only_after_it() -> None:
    life = led(until="design")
    life.pause()
    assert types(life.fail_for_good("design")) == [ToolCallFailed, CompensationStarted]
    assert life.undoing() == []
    assert called_in(life.resume()) == ["design"]
    assert life.undo_all() == ["design", "content"]
    assert life.saga.life is Life.FAILED


def test_a_campaign_that_has_nothing_to_undo_does_not_end_during_its_pause() -> None:
    life = led(until="research")
    life.pause()
    life.fail_for_good("research")
    assert not life.saga.life.ended
    life.resume()
    assert life.saga.life is Life.FAILED


def test_the_last_answer_during_a_pause_completes_the_campaign_after_it() -> None:
    life = in_review()
    life.approve()
    life.run(until="learn")
    life.pause()
    assert types(life.answer("learn"))[0] is ToolResultReceived
    assert life.saga.campaign_state is CampaignState.PAUSED
    assert types(life.resume()) == [CampaignResumed, WorkflowCompleted]


def test_a_pause_during_the_undo_holds_the_next_undo_and_freezes_the_one_in_flight() -> None:
    life = in_review()
    life.decide(ReviewDecision.REJECT)
    left = life.next_deadline - life.now
    life.pause()
    assert life.wait(timedelta(days=5)) == []
    assert CompensationRequested not in types(life.undone("design"))
    assert called_in(life.resume()) == ["content"]
    assert life.next_deadline - life.now == left
    life.undo_all()
    assert life.saga.life is Life.REJECTED


@pytest.mark.parametrize("word", [ReviewDecision.APPROVE, ReviewDecision.REJECT])
def test_a_decision_during_a_pause_is_taken_in_and_takes_effect_after_it(
    word: ReviewDecision,
) -> None:
    life = in_review()
    life.pause()
    events = life.decide(word)
    assert types(events)[0] is ReviewDecided
    assert not {ToolCallRequested, CompensationRequested} & set(types(events))
    after = types(life.resume())
    assert after[0] is CampaignResumed
    wanted = ToolCallRequested if word is ReviewDecision.APPROVE else CompensationRequested
    assert wanted in after


def test_an_audit_that_blocks_during_a_pause_sends_the_work_back_after_it() -> None:
    life = led(until="audit")
    life.pause()
    life.answer("audit", StepOutcome.BLOCKED, notes=("better",))
    assert life.called() == []
    life.resume()
    assert life.called() == ["content"]


def test_a_start_during_a_pause_takes_effect_after_it_and_the_time_to_start_is_longer() -> None:
    life = Led(campaign_plan())
    life.create(start=False)
    life.pause(days=80)
    life.wait(timedelta(days=40))
    assert life.saga.life is Life.IDLE, "the 30 days to start stood still"
    life.resume()
    assert life.next_deadline == life.saga.created_at + START_TIMEOUT + timedelta(days=40)
    life.pause()
    assert types(life.tell(Start(campaign_plan()))) == [PlanGenerated]
    assert life.called() == []
    life.resume()
    assert life.called() == ["research"]


def test_a_cancel_wins_over_a_pause() -> None:
    life = led(until="design")
    life.pause()
    life.cancel()
    assert life.undo_all() == ["design", "content"]
    assert life.saga.life is Life.CANCELLED
    assert life.saga.pauses == ()


def test_a_cancel_wins_over_a_pause_of_an_undo_that_had_begun_for_another_reason() -> None:
    life = in_review()
    life.decide(ReviewDecision.REJECT)
    life.pause()
    life.undone("design")
    life.tell(CancelCampaign(reason="away with it"))
    assert life.undo_all() == ["content"]
    assert life.events(WorkflowCancelled) == [
        WorkflowCancelled(reason="away with it", left_behind=())
    ]


def test_a_second_pause_and_a_resume_of_nothing_are_refused_with_what_would_work() -> None:
    life = led(until="content")
    assert "is not paused (state CONTENT_PROD)" in refusal(life.resume())
    life.pause()
    reason = refusal(life.pause())
    assert reason.startswith("ana paused it at ")
    assert reason.endswith("resume it first, then pause it anew")


def test_an_ended_campaign_and_one_that_is_being_cancelled_are_not_paused() -> None:
    life = in_review()
    life.cancel()
    assert "a cancel wins over a pause" in refusal(life.pause())
    life.undo_all()
    assert "only one that is under way can be paused" in refusal(life.pause())


@pytest.mark.parametrize("ahead", [timedelta(), REVIEW_AFTER_MAX + timedelta(seconds=1)])
def test_a_pause_that_nobody_will_look_at_in_time_is_refused(ahead: timedelta) -> None:
    life = led(until="content")
    wanted = PauseCampaign(reason="", review_at=life.now + ahead)
    assert "review_at" in refusal(life.tell(Pausing(wanted, "ana")))


def test_a_repeated_pause_request_changes_nothing() -> None:
    life = led(until="content")
    wanted = Pausing(PauseCampaign(review_at=life.now + timedelta(days=1)), "ana")
    assert len(life.tell(wanted, by="the click")) == 1
    assert life.tell(wanted, by="the click") == []


def test_a_saga_of_another_kind_is_paused_alike() -> None:
    life = Led(TRAVEL.plan({}))
    life.create()
    first = life.called()[0]
    life.pause()
    life.answer(first)
    assert life.called() == []
    life.resume()
    life.run()
    assert life.saga.life is Life.COMPLETED


def test_a_timeout_is_no_failure_while_a_pause_lasts() -> None:
    life = led(until="content")
    life.pause(days=60)
    life.wait(timedelta(days=50))
    assert life.events(ToolCallFailed) == []
    life.resume()
    life.answer("content")
    assert not [one for one in life.events(ToolCallFailed) if one.reason is FailureReason.TIMEOUT]
