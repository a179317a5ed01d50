"""Going on with a failed campaign: where it resumes, what runs again, and how often (SAGA-16)."""

from typing import Any

import pytest

from contracts.envelope import FailureReason
from contracts.requests import RetryCampaign
from contracts.saga import (
    CompensationRequested,
    CompensationStarted,
    RequestRefused,
    ToolCallRequested,
    WorkflowFailed,
    WorkflowRetried,
)
from services.orchestrator.saga.engine.backward import PARKED_FOR
from services.orchestrator.saga.state import Life, StepStatus, UndoStatus
from tests.orchestrator.saga.lives import Led, campaign_plan, in_review, led
from tests.specification import given


def failed_at(step: str, **goal: Any) -> Led:
    life = led(until=step, **goal)
    life.fail_for_good(step)
    life.undo_all()
    assert life.saga.life is Life.FAILED
    return life


def test_a_retry_resumes_at_the_failed_step_and_keeps_what_was_done_before() -> None:
    life = failed_at("strategy")
    retry = RetryCampaign(failed_sequence=life.saga.failed_sequence)
    given(*life.facts).when(retry).then(
        WorkflowRetried(failed_sequence=life.saga.failed_sequence, retry=1), ToolCallRequested
    ).leaving(Life.RUNNING, research=StepStatus.ANSWERED, strategy=StepStatus.CALLED)


def test_the_failure_is_named_by_its_place_in_the_log() -> None:
    life = failed_at("strategy")
    assert life.names[life.saga.failed_sequence - 1] == "WorkflowFailed"


def test_undone_steps_run_again_in_a_new_round_under_new_keys_and_commands() -> None:
    life = failed_at("design")
    life.retry()
    assert life.called() == ["content"], "its drafts were taken back"
    life.run()
    calls = [call for call in life.events(ToolCallRequested) if call.step == "content"]
    assert [(call.round, call.attempt) for call in calls] == [(0, 1), (1, 2)]
    assert len({call.effect_key for call in calls}) == 2
    assert len({call.command_id for call in calls}) == 2


def test_a_retried_campaign_can_be_completed() -> None:
    life = failed_at("design", generate_video=True)
    life.retry()
    life.run()
    life.approve()
    life.run()
    assert life.saga.life is Life.COMPLETED
    assert life.saga.progress == 100


def test_the_retry_hears_why_it_failed() -> None:
    life = failed_at("content")
    life.retry()
    assert life.saga.steps["content"].feedback == ("INVALID_INPUT: it broke",)


def test_a_failure_after_the_review_asks_the_reviewer_again() -> None:
    life = in_review()
    life.approve()
    life.run(until="analytics")
    life.fail_for_good("analytics")
    life.undo_all()
    life.retry()
    life.run()
    assert life.waiting() == ["review"]


def test_a_retry_of_another_failure_is_refused() -> None:
    life = failed_at("strategy")
    given(*life.facts).when(RetryCampaign(failed_sequence=2)).then(
        RequestRefused(
            request="RetryCampaign", reason=f"the last failure is {life.saga.failed_sequence}"
        )
    ).leaving(Life.FAILED)


def test_one_retry_more_than_allowed_is_refused() -> None:
    life = failed_at("strategy", max_retries=2)
    for _ in range(2):
        life.retry()
        life.fail_for_good("strategy")
    given(*life.facts).when(RetryCampaign(failed_sequence=life.saga.failed_sequence)).then(
        RequestRefused(request="RetryCampaign", reason="all 2 retries are used")
    ).leaving(Life.FAILED)
    assert len(life.events(WorkflowFailed)) == 3


def test_a_campaign_that_allows_no_retry_refuses_the_first() -> None:
    life = failed_at("strategy", max_retries=0)
    assert [type(event) for event in life.retry()] == [RequestRefused]


@pytest.mark.parametrize("until", ["research", "content"])
def test_what_runs_cannot_be_retried(until: str) -> None:
    life = led(until=until)
    given(*life.facts).when(RetryCampaign(failed_sequence=1)).then(
        RequestRefused(request="RetryCampaign", reason="the campaign is RUNNING, not FAILED")
    )


def test_the_same_retry_twice_counts_once() -> None:
    life = failed_at("strategy")
    retry = RetryCampaign(failed_sequence=life.saga.failed_sequence)
    assert life.tell(retry, by="the click")
    assert life.tell(retry, by="the click") == []
    life.fail_for_good("strategy")
    assert [type(event) for event in life.tell(retry, by="another click")] == [RequestRefused]


def test_the_tries_count_anew_after_a_retry() -> None:
    life = failed_at("strategy")
    life.retry()
    life.fail("strategy")
    assert life.saga.steps["strategy"].status is StepStatus.RETRYING


def test_a_step_that_was_in_flight_at_the_failure_is_asked_again_at_once() -> None:
    plan = campaign_plan(generate_video=True)
    steps = tuple(step.model_copy(update={"undo": ""}) for step in plan.steps)
    life = led(plan.model_copy(update={"steps": steps}), until="design")
    late = life.answer_of("video")
    life.fail_for_good("design")
    life.retry()
    assert life.called() == ["design", "video"]
    assert life.tell(late) == [], "the failed campaign had given that call up"


def test_a_second_failure_undoes_only_what_was_called_since_the_first_undo() -> None:
    life = failed_at("design")
    life.retry()
    life.fail_for_good("content")
    assert life.undo_all() == ["content"]
    assert [start.undo_plan for start in life.events(CompensationStarted)] == [
        ("design", "content"),
        ("content",),
    ]


def _left_behind_once() -> Led:
    """A campaign whose design could not be taken back when it failed."""
    life = led(until="design")
    life.fail_for_good("design")
    life.undo_fails_for_good("design")
    life.undone("content", "one draft was mailed")
    life.wait(PARKED_FOR)
    return life


def test_what_stayed_behind_is_still_named_when_the_retry_fails_too() -> None:
    life = _left_behind_once()
    left = ("content: one draft was mailed", "design: the undo failed")
    assert life.events(WorkflowFailed)[-1].left_behind == left
    life.retry()
    life.run(until="content")
    life.fail("content", FailureReason.INVALID_INPUT)
    life.undo_all()
    assert life.events(WorkflowFailed)[-1].left_behind == left


def test_what_could_not_be_undone_is_tried_again_at_the_next_undo() -> None:
    life = _left_behind_once()
    life.retry()
    life.fail_for_good("content")
    assert life.undo_all() == ["content", "design"]
    asked = [one.attempt for one in life.events(CompensationRequested) if one.step == "design"]
    assert asked == [1, 2, 3, 4, 5, 6]


def test_an_undo_has_all_its_tries_again_after_a_retry() -> None:
    life = _left_behind_once()
    life.retry()
    life.fail_for_good("content")
    life.undone("content")
    life.undo_fails("design")
    assert life.saga.steps["design"].undo is UndoStatus.RETRYING
