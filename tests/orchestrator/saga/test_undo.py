"""Taking back what was done: by cancel or failure, in order, and naming what stays."""

from datetime import timedelta

import pytest

from contracts.control import CompensationParked, LateAnswerReceived
from contracts.envelope import FailureReason
from contracts.plan import UNDO_RETRY
from contracts.requests import CancelCampaign
from contracts.saga import (
    CancelRequested,
    CompensationCompleted,
    CompensationFailed,
    CompensationRequested,
    CompensationStarted,
    DeadlineKind,
    DeadlinePassed,
    RequestRefused,
    WorkflowCancelled,
    WorkflowFailed,
)
from services.orchestrator.saga.engine.backward import PARKED_FOR, UNDO_TIMEOUT
from services.orchestrator.saga.engine.inputs import Failed, Undone
from services.orchestrator.saga.state import Life, StepStatus, UndoStatus
from tests.orchestrator.saga.lives import FAILED_RUN, Led, campaign_plan, grammar, in_review, led
from tests.specification import given

STOP = CancelCampaign(reason="too early")

BEFORE = {
    "research": (),
    "strategy": (),
    "content": ("content",),
    "design": ("video", "design", "content"),
    "audit": ("video", "design", "content"),
}


def published() -> Led:
    """A campaign with one channel published, the other in flight."""
    life = in_review()
    life.approve()
    life.answer("publish.email")
    return life


def test_an_idle_campaign_is_cancelled_at_once() -> None:
    life = Led(campaign_plan())
    life.create(start=False)
    given(*life.facts).when(STOP).then(
        CancelRequested(reason="too early"), WorkflowCancelled(reason="too early", left_behind=())
    ).leaving(Life.CANCELLED)


@pytest.mark.parametrize(("until", "plan"), BEFORE.items())
def test_a_cancel_in_any_step_undoes_what_was_called_last_first(
    until: str, plan: tuple[str, ...]
) -> None:
    life = led(until=until, generate_video=True)
    life.cancel()
    assert tuple(life.undo_all()) == plan
    assert life.saga.life is Life.CANCELLED
    assert life.events(WorkflowCancelled)[-1].left_behind == ()


def test_a_cancel_while_a_step_waits_for_its_next_try_undoes_that_step_too() -> None:
    life = led(until="content")
    life.fail("content")
    assert life.saga.steps["content"].status is StepStatus.RETRYING
    life.cancel()
    assert life.undo_all() == ["content"]


def test_a_cancel_in_review_undoes_and_asks_nobody_any_more() -> None:
    life = in_review()
    life.cancel()
    assert life.undo_all() == ["design", "content"]


def test_a_cancel_while_publishing_takes_back_the_published_and_the_one_in_flight() -> None:
    life = published()
    life.cancel()
    assert life.undo_all() == ["publish.blog", "publish.email", "design", "content"]
    assert life.saga.life is Life.CANCELLED


def test_an_answer_that_comes_during_the_undo_is_logged_once_and_counts_for_nothing() -> None:
    life = published()
    late = life.answer_of("publish.blog")
    cost = life.saga.usage.cost_micros
    life.cancel()
    (logged,) = life.tell(late)
    assert isinstance(logged, LateAnswerReceived)
    assert (logged.step, logged.succeeded, logged.command_id) == (
        "publish.blog",
        True,
        late.command_id,
    )
    assert life.saga.usage.cost_micros == cost + 5
    assert life.saga.steps["publish.blog"].body == b""
    assert life.tell(late) == []
    life.undo_all()
    assert life.tell(late) == []
    assert life.saga.life is Life.CANCELLED


def test_the_undo_of_a_step_in_flight_may_wait_until_that_steps_time_is_over() -> None:
    life = published()
    deadline = life.saga.steps["publish.blog"].deadline
    assert deadline is not None
    life.cancel()
    (asked,) = life.events(CompensationRequested)
    assert asked.step == "publish.blog"
    assert asked.deadline == deadline + UNDO_TIMEOUT
    life.undone("publish.blog")
    asked = life.events(CompensationRequested)[-1]
    assert asked.deadline == life.now + UNDO_TIMEOUT, "publish.email had answered"


def test_an_undo_names_the_same_effect_as_the_step_did() -> None:
    life = published()
    life.cancel()
    (asked,) = life.events(CompensationRequested)
    assert asked.effect_key == life.saga.steps["publish.blog"].effect_key


@pytest.mark.parametrize("life_", ["COMPENSATING", "CANCELLED", "COMPLETED", "FAILED", "REJECTED"])
def test_a_cancel_where_nothing_runs_is_refused(life_: str) -> None:
    life = _in_life(Life(life_))
    given(*life.facts).when(STOP).then(
        RequestRefused(request="CancelCampaign", reason=f"the campaign is {life_}")
    ).leaving(Life(life_))


def _in_life(wanted: Life) -> Led:
    life = in_review()
    match wanted:
        case Life.COMPENSATING:
            life.cancel()
        case Life.CANCELLED:
            life.cancel()
            life.undo_all()
        case Life.COMPLETED:
            life.approve()
            life.run()
        case Life.REJECTED:
            life.wait(timedelta(days=1))
            life.undo_all()
        case Life.FAILED:
            life = led(until="content")
            life.fail_for_good("content")
            life.undo_all()
    assert life.saga.life is wanted
    return life


def test_a_repeated_cancel_brings_nothing() -> None:
    life = in_review()
    life.tell(STOP, by="the click")
    assert life.tell(STOP, by="the click") == []


def test_a_failing_undo_is_tried_again_with_growing_waits() -> None:
    life = published()
    life.cancel()
    waits = []
    for _ in range(3):
        life.undo_fails("publish.blog")
        failed = life.events(CompensationFailed)[-1]
        assert not failed.final
        waits.append(failed.due - life.now)
        events = life.wait_for_deadline()
        assert [type(event) for event in events] == [DeadlinePassed, CompensationRequested]
    assert waits == sorted(waits)
    assert len({one.command_id for one in life.events(CompensationRequested)}) == 4


def test_an_undo_that_never_succeeds_is_parked_then_left_and_named_and_the_rest_still_run() -> None:
    life = published()
    life.cancel()
    events = life.undo_fails_for_good("publish.blog")
    assert [type(event) for event in events] == [
        CompensationFailed,
        CompensationParked,
        CompensationRequested,
    ]
    assert len(life.events(CompensationFailed)) == UNDO_RETRY.attempts_max
    assert life.parked() == ["publish.blog"]
    assert life.undo_all() == ["publish.email", "design", "content"]
    assert life.saga.life is Life.COMPENSATING
    life.wait(PARKED_FOR)
    assert life.saga.steps["publish.blog"].undo is UndoStatus.LEFT
    assert life.events(WorkflowCancelled) == [
        WorkflowCancelled(reason="changed our mind", left_behind=("publish.blog: the undo failed",))
    ]


def test_what_an_undo_could_not_take_back_is_named_at_the_end() -> None:
    life = published()
    life.cancel()
    life.undone("publish.blog")
    life.undone("publish.email", "3 letters were read")
    life.undo_all()
    assert life.events(WorkflowCancelled)[-1].left_behind == ("publish.email: 3 letters were read",)


def test_an_undo_that_nobody_answers_counts_as_failed() -> None:
    life = in_review()
    life.cancel()
    events = life.wait(UNDO_TIMEOUT)
    assert [type(event) for event in events] == [DeadlinePassed, CompensationFailed]
    (passed,) = life.events(DeadlinePassed)
    assert (passed.kind, passed.step) == (DeadlineKind.UNDO, "design")
    life.wait_for_deadline()
    assert life.undoing() == ["design"]


def test_a_late_word_about_an_undo_that_was_given_up_is_ignored() -> None:
    life = in_review()
    life.cancel()
    command_id = life.saga.steps["design"].undo_command_id
    life.wait(UNDO_TIMEOUT)
    assert life.tell(Undone(command_id, "design", "gone", ())) == []
    life.wait_for_deadline()
    assert life.tell(Undone(command_id, "design", "gone", ())) == []
    assert life.tell(Failed(command_id, "design", FailureReason.INTERNAL, "no")) == []
    assert life.undoing() == ["design"]


def test_a_failure_of_the_steps_own_command_does_not_fail_its_undo() -> None:
    life = published()
    late = Failed(
        life.saga.steps["publish.blog"].command_id, "publish.blog", FailureReason.INTERNAL, "no"
    )
    life.cancel()
    (logged,) = life.tell(late)
    assert isinstance(logged, LateAnswerReceived)
    assert (logged.succeeded, logged.detail) == (False, "INTERNAL: no")
    assert life.undoing() == ["publish.blog"]


def test_an_undo_answered_twice_counts_once() -> None:
    life = in_review()
    life.cancel()
    undone = Undone(life.saga.steps["design"].undo_command_id, "design", "gone", ())
    assert [type(event) for event in life.tell(undone)] == [
        CompensationCompleted,
        CompensationRequested,
    ]
    assert life.tell(undone) == []


def test_the_log_of_a_failed_run_matches_its_grammar() -> None:
    life = led(until="design")
    life.fail("design")
    life.wait_for_deadline()
    life.fail_for_good("design")
    life.undo_fails("design")
    life.wait_for_deadline()
    life.undo_all()
    assert FAILED_RUN.fullmatch(grammar(life))
    assert life.names[-1] == "WorkflowFailed"


def test_a_failed_run_says_why_and_where() -> None:
    life = led(until="content")
    life.fail("content", FailureReason.BUDGET_EXCEEDED, "the budget is used up; raise it")
    life.undo_all()
    assert life.events(WorkflowFailed) == [
        WorkflowFailed(
            reason=FailureReason.BUDGET_EXCEEDED,
            step="content",
            message="the budget is used up; raise it",
            left_behind=(),
        )
    ]


def test_the_plan_of_the_way_back_names_a_step_that_failed_for_it_may_have_begun() -> None:
    life = led(until="design")
    life.fail_for_good("design")
    (started,) = life.events(CompensationStarted)
    assert started.undo_plan == ("design", "content")
