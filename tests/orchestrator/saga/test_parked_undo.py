"""An undo that keeps failing waits in sight for a person; the others run, and nothing is stuck."""

from datetime import timedelta

import pytest

from contracts.control import (
    CompensationParked,
    CompensationResumed,
    CompensationSkipped,
    UndoDecision,
)
from contracts.envelope import FailureReason
from contracts.plan import UNDO_RETRY
from contracts.requests import ReviewDecision
from contracts.saga import (
    CompensationCompleted,
    CompensationFailed,
    CompensationRequested,
    RequestRefused,
    WorkflowCancelled,
)
from services.orchestrator.saga.engine.backward import PARKED_FOR
from services.orchestrator.saga.engine.inputs import Failed, Undone
from services.orchestrator.saga.state import Life, UndoStatus
from tests.orchestrator.saga.lives import Led, in_review, refusal, types
from tests.specification import fact, folded


def parked() -> Led:
    """A cancelled campaign whose design could not be taken back; its drafts were."""
    life = in_review()
    life.cancel()
    life.undo_fails_for_good("design")
    life.undone("content")
    assert life.parked() == ["design"]
    return life


def left(life: Led) -> tuple[str, ...]:
    (ended,) = life.events(WorkflowCancelled)
    found: tuple[str, ...] = ended.left_behind
    return found


def test_a_parked_undo_says_what_went_wrong_and_until_when_it_waits() -> None:
    life = in_review()
    life.cancel()
    life.undo_fails_for_good("design")
    (told,) = life.events(CompensationParked)
    assert told == CompensationParked(
        step="design",
        attempt=UNDO_RETRY.attempts_max,
        message="it holds on",
        until=life.now + PARKED_FOR,
    )


def test_a_parked_undo_is_the_last_obligation_and_its_deadline_ends_the_campaign() -> None:
    life = parked()
    assert life.saga.life is Life.COMPENSATING
    life.wait(PARKED_FOR)
    assert left(life) == ("design: the undo failed",)


def test_a_person_may_have_it_tried_again_with_all_its_tries() -> None:
    life = parked()
    resumed, asked = life.decide_undo("design", UndoDecision.RESUME, "the store is back")
    assert resumed == CompensationResumed(step="design", reason="the store is back")
    assert isinstance(asked, CompensationRequested)
    life.undo_fails("design")
    assert life.saga.steps["design"].undo is UndoStatus.RETRYING
    life.wait_for_deadline()
    life.undo_all()
    assert left(life) == ()


def test_every_try_of_an_undo_has_its_own_command() -> None:
    life = parked()
    life.decide_undo("design", UndoDecision.RESUME)
    asked = [one for one in life.events(CompensationRequested) if one.step == "design"]
    assert [one.attempt for one in asked] == [1, 2, 3, 4, 5, 6]
    assert len({one.command_id for one in asked}) == len(asked)


def test_a_person_may_leave_it_and_the_campaign_ends_naming_it() -> None:
    life = parked()
    events = life.decide_undo("design", UndoDecision.SKIP, "removed by hand")
    assert types(events) == [CompensationSkipped, WorkflowCancelled]
    assert left(life) == ("design: the undo failed, skipped; removed by hand",)


def test_an_undo_that_is_resumed_while_another_is_under_way_comes_after_it() -> None:
    life = in_review()
    life.cancel()
    life.undo_fails_for_good("design")
    assert life.undoing() == ["content"]
    assert types(life.decide_undo("design", UndoDecision.RESUME)) == [CompensationResumed]
    assert life.undo_all() == ["content", "design"]


def test_the_last_tries_word_counts_even_after_it_was_parked() -> None:
    life = parked()
    command_id = life.saga.steps["design"].undo_command_id
    assert life.tell(Failed(command_id, "design", FailureReason.INTERNAL, "no")) == []
    events = life.tell(Undone(command_id, "design", "gone after all", ()))
    assert types(events) == [CompensationCompleted, WorkflowCancelled]
    assert left(life) == ()


@pytest.mark.parametrize("decision", UndoDecision)
def test_a_word_about_an_undo_that_waits_for_nobody_is_refused(decision: UndoDecision) -> None:
    life = in_review()
    early = refusal(life.decide_undo("design", decision))
    assert early == "the undo of `design` waits for nobody; nothing is parked"
    life.cancel()
    (running,) = life.decide_undo("design", decision)
    life.undo_fails_for_good("design")
    other = refusal(life.decide_undo("content", decision))
    assert other == "the undo of `content` waits for nobody; parked: design"
    (unknown,) = life.decide_undo("nowhere", decision)
    assert isinstance(running, RequestRefused)
    assert isinstance(unknown, RequestRefused)


def test_a_pause_holds_a_resumed_undo_and_freezes_a_parked_one() -> None:
    life = in_review()
    life.decide(ReviewDecision.REJECT)
    life.undo_fails_for_good("design")
    life.undone("content")
    rest = life.next_deadline - life.now
    life.pause()
    life.wait(timedelta(days=5))
    assert life.parked() == ["design"]
    life.resume()
    assert life.next_deadline - life.now == rest
    life.pause()
    life.decide_undo("design", UndoDecision.RESUME)
    assert life.undoing() == []
    life.resume()
    assert life.undoing() == ["design"]


def test_a_log_of_an_older_build_still_ends_as_it_ended() -> None:
    """There the last failure was final, and the effect was left at once."""
    life = in_review()
    life.cancel()
    failed = CompensationFailed(step="design", attempt=5, message="no", final=True)
    saga = folded((*life.facts, fact(failed)))
    assert saga is not None
    assert saga.steps["design"].undo is UndoStatus.LEFT
    assert saga.left_behind == ("design: the undo failed",)
