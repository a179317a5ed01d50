"""Pauses wider than a campaign, as one campaign lives them: held, released, and never mixed up."""

from datetime import timedelta

import pytest

from contracts.control import CampaignPaused, PauseScope
from contracts.plan import CampaignState
from contracts.requests import ReviewDecision
from services.orchestrator.saga.state import Life, Pause, StepStatus
from tests.orchestrator.saga.lives import Led, campaign_plan, in_review, led, refusal, types
from tests.specification import TENANT_ID


@pytest.mark.parametrize("scope", [PauseScope.GLOBAL, PauseScope.TENANT])
def test_a_wider_pause_holds_like_an_own_one_and_ends_alone(scope: PauseScope) -> None:
    life = led(until="content")
    life.widen(scope, TENANT_ID if scope is PauseScope.TENANT else "")
    life.pause()
    life.answer("content")
    life.narrow(scope)
    assert life.saga.campaign_state.value == "PAUSED", "its own pause stays"
    assert life.called() == []
    life.resume()
    assert life.called() == ["design"]


def test_another_tenants_pause_holds_nothing() -> None:
    life = led(until="content")
    assert life.widen(PauseScope.TENANT, "99999999-9999-4999-8999-999999999999") == []


def test_the_resume_of_a_campaign_that_only_a_wider_pause_holds_is_refused_and_names_it() -> None:
    life = led(until="content")
    life.widen(PauseScope.GLOBAL)
    reason = refusal(life.resume())
    assert "the campaign itself is not paused; what is paused here: GLOBAL" in reason


def test_overlapping_pauses_move_a_deadline_by_the_time_that_any_of_them_held() -> None:
    life = led(until="content")
    left = life.next_deadline - life.now
    life.pause(days=30)
    life.wait(timedelta(days=1))
    life.widen(PauseScope.GLOBAL)
    life.wait(timedelta(days=1))
    life.resume()
    life.wait(timedelta(days=1))
    life.narrow(PauseScope.GLOBAL)
    assert life.saga.steps["content"].deadline == life.now + left


def test_a_campaign_created_in_a_paused_scope_is_held_from_the_first_moment() -> None:
    life = Led(campaign_plan())
    life.wider = _global(life)
    life.create()
    assert life.called() == []
    assert life.saga.campaign_state is CampaignState.PAUSED
    life.narrow(PauseScope.GLOBAL)
    assert life.called() == ["research"]


def test_a_retry_of_a_failed_campaign_in_a_paused_scope_is_held() -> None:
    life = led(until="research")
    life.fail_for_good("research")
    life.wider = _global(life)
    assert CampaignPaused in types(life.retry())
    assert life.called() == []


def test_a_cancel_wins_over_a_wider_pause_for_good() -> None:
    life = led(until="design")
    life.widen(PauseScope.GLOBAL)
    life.cancel()
    life.wait(timedelta(seconds=1))
    assert life.undo_all() == ["design", "content"]
    assert life.saga.life is Life.CANCELLED


def test_a_phases_pause_holds_that_phases_steps_and_no_others() -> None:
    life = led(until="design", generate_video=True)
    life.widen(PauseScope.PHASE, "video")
    assert life.saga.campaign_state.value == "CONTENT_PROD"
    life.answer("design")
    life.fail("video")
    assert life.saga.campaign_state.value == "PAUSED", "nothing else is under way"
    life.wait(timedelta(days=1))
    assert life.called() == []
    life.narrow(PauseScope.PHASE)
    life.wait_for_deadline()
    assert life.called() == ["video"]


def test_a_phases_pause_freezes_what_is_in_flight_there_and_nothing_else() -> None:
    life = led(until="design", generate_video=True)
    until = life.saga.steps["video"].deadline
    life.widen(PauseScope.PHASE, "video")
    life.wait(timedelta(hours=1))
    assert life.saga.steps["video"].status is StepStatus.CALLED
    assert life.saga.steps["design"].status is not StepStatus.CALLED, "its time went by"
    life.narrow(PauseScope.PHASE)
    assert until is not None
    assert life.saga.steps["video"].deadline == until + timedelta(hours=1)


def test_a_phases_pause_holds_that_phases_undo_and_what_comes_before_it() -> None:
    life = in_review()
    life.widen(PauseScope.PHASE, "design")
    life.decide(ReviewDecision.REJECT)
    assert life.undoing() == [], "last in, first out: content waits for design"
    life.narrow(PauseScope.PHASE)
    assert life.undo_all() == ["design", "content"]


def _global(life: Led) -> tuple[Pause, ...]:
    """A global pause that nobody has been told of."""
    other = led(until="content")
    other.now = life.now
    other.widen(PauseScope.GLOBAL)
    return other.wider
