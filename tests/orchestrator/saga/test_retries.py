"""Trying a step again: when, how often, and which answers still count."""

from datetime import timedelta
from itertools import pairwise

import pytest

from contracts.envelope import FailureReason
from contracts.plan import RetryPolicy
from contracts.saga import (
    CompensationRequested,
    CompensationStarted,
    DeadlineKind,
    DeadlinePassed,
    RetryScheduled,
    StepSkipped,
    ToolCallFailed,
    ToolCallRequested,
    WorkflowFailed,
)
from services.orchestrator.saga.engine.inputs import Failed, TimePassed
from services.orchestrator.saga.engine.retry import backoff
from services.orchestrator.saga.state import Life, StepStatus
from tests.orchestrator.saga.lives import Led, in_review, led
from tests.specification import given

POLICY = RetryPolicy(attempts_max=5, backoff_ms=1_000, backoff_ms_max=8_000)
RETRYABLE = [reason for reason in FailureReason if reason.retryable]
FINAL = [reason for reason in FailureReason if not reason.retryable]


def _failure(life: Led, step: str, reason: FailureReason) -> Failed:
    return Failed(life.saga.steps[step].command_id, step, reason, "it broke", ("be brief",))


@pytest.mark.parametrize("reason", RETRYABLE)
def test_what_may_pass_is_tried_again(reason: FailureReason) -> None:
    life = led(until="research")
    given(*life.facts).when(_failure(life, "research", reason)).then(
        ToolCallFailed, RetryScheduled
    ).leaving(Life.RUNNING, research=StepStatus.RETRYING)


@pytest.mark.parametrize("reason", FINAL)
def test_what_will_not_pass_is_not_tried_again(reason: FailureReason) -> None:
    life = led(until="content")
    given(*life.facts).when(_failure(life, "content", reason)).then(
        ToolCallFailed, CompensationStarted, CompensationRequested
    ).leaving(Life.COMPENSATING, content=StepStatus.FAILED)


def test_a_first_step_that_fails_for_good_leaves_nothing_to_undo() -> None:
    life = led(until="research")
    given(*life.facts).when(_failure(life, "research", FailureReason.INVALID_INPUT)).then(
        ToolCallFailed, WorkflowFailed
    ).leaving(Life.FAILED)


def test_the_next_try_hears_why_the_last_one_failed() -> None:
    life = led(until="content")
    life.tell(_failure(life, "content", FailureReason.UNAVAILABLE))
    life.wait_for_deadline()
    assert life.saga.steps["content"].feedback == ("UNAVAILABLE: it broke", "be brief")


def test_each_try_is_a_new_command_under_the_same_key() -> None:
    life = led(until="research")
    life.fail("research")
    life.wait_for_deadline()
    first, second = life.events(ToolCallRequested)
    assert (first.attempt, second.attempt) == (1, 2)
    assert first.command_id != second.command_id
    assert first.effect_key == second.effect_key
    assert first.round == second.round == 0


def test_a_retry_is_not_asked_before_its_time() -> None:
    life = led(until="research")
    life.fail("research")
    due = life.saga.steps["research"].deadline
    assert due is not None
    given(*life.facts).when(TimePassed(), after=due - life.now - timedelta(milliseconds=1)).then()
    given(*life.facts).when(TimePassed(), after=due - life.now).then(
        DeadlinePassed(kind=DeadlineKind.RETRY, step="research", deadline=due), ToolCallRequested
    ).leaving(Life.RUNNING, research=StepStatus.CALLED)


def test_tries_are_used_up_and_then_the_campaign_fails() -> None:
    life = led(until="research")
    for _ in range(2):
        life.fail("research")
        life.wait_for_deadline()
    events = life.fail("research")
    assert [type(event) for event in events] == [ToolCallFailed, WorkflowFailed]
    assert [call.attempt for call in life.events(ToolCallRequested)] == [1, 2, 3]


def test_an_optional_step_is_tried_as_often_before_it_is_given_up() -> None:
    life = led(until="video", generate_video=True)
    for _ in range(2):
        life.fail("video")
        life.wait(timedelta(seconds=5))
    life.fail("video")
    (skipped,) = life.events(StepSkipped)
    assert skipped.reason == "UNAVAILABLE: it broke"
    life.run()
    life.approve()
    life.run()
    assert life.saga.life is Life.COMPLETED


@pytest.mark.parametrize("command_id", ["a", "b", "c"])
def test_waits_grow_up_to_their_cap_and_a_replay_gives_the_same(command_id: str) -> None:
    waits = [backoff(POLICY, tries, command_id) for tries in range(1, 7)]
    assert all(one < other for one, other in pairwise(waits[:4]))
    assert waits[3] == waits[4] == waits[5], "the cap is 8 s, and the command decides the jitter"
    for tries, wait in enumerate(waits[:4], start=1):
        whole = timedelta(milliseconds=1_000 * 2 ** (tries - 1))
        assert whole / 2 <= wait <= whole
    assert waits == [backoff(POLICY, tries, command_id) for tries in range(1, 7)]


def test_different_commands_wait_differently() -> None:
    assert len({backoff(POLICY, 1, str(number)) for number in range(50)}) > 40


def test_due_times_in_the_log_grow() -> None:
    life = in_review()
    life.approve()
    life.answer("publish.blog")
    waits = []
    for _ in range(4):
        failed_at = life.now
        life.fail("publish.email")
        waits.append(life.events(RetryScheduled)[-1].due - failed_at)
        life.wait_for_deadline()
    assert all(one < other for one, other in pairwise(waits))


def test_no_answer_within_the_steps_time_counts_as_a_timeout() -> None:
    life = led(until="strategy")
    deadline = life.saga.steps["strategy"].deadline
    assert deadline is not None
    given(*life.facts).when(TimePassed(), after=deadline - life.now).then(
        DeadlinePassed(kind=DeadlineKind.STEP, step="strategy", deadline=deadline),
        ToolCallFailed,
        RetryScheduled,
    ).leaving(Life.RUNNING, strategy=StepStatus.RETRYING)
    life.wait_for_deadline()
    (failed,) = life.events(ToolCallFailed)
    assert failed.reason is FailureReason.TIMEOUT
    assert failed.message == "no answer within 120 s; is the strategy service running?"


def test_an_answer_after_the_deadline_counts_while_nobody_has_looked_at_the_clock() -> None:
    life = led(until="strategy")
    life.now += timedelta(hours=1)
    life.answer("strategy")
    assert life.called() == ["content"]


def test_a_late_answer_to_an_attempt_that_was_given_up_is_ignored() -> None:
    life = led(until="strategy")
    late = life.answer_of("strategy")
    life.wait_for_deadline()
    assert life.tell(late) == [], "while it waits for its next try"
    life.wait_for_deadline()
    assert life.tell(late) == [], "while the next try is in flight"
    life.answer("strategy")
    assert life.tell(late) == [], "when the next try has answered"


def test_a_late_failure_of_an_attempt_that_was_given_up_is_ignored() -> None:
    life = led(until="strategy")
    late = _failure(life, "strategy", FailureReason.INVALID_INPUT)
    life.wait_for_deadline()
    life.wait_for_deadline()
    assert life.tell(late) == []
    assert life.called() == ["strategy"]


def test_the_same_answer_twice_counts_once() -> None:
    life = led(until="strategy")
    answer = life.answer_of("strategy")
    assert life.tell(answer)
    assert life.tell(answer) == []
    assert life.saga.usage.cost_micros == 10, "paid for two steps, once each"


def test_an_answer_for_a_step_that_the_plan_does_not_know_is_ignored() -> None:
    life = led(until="research")
    answer = life.answer_of("research")
    strange = answer._replace(done=answer.done.model_copy(update={"step": "juggling"}))
    assert life.tell(strange) == []
    assert life.tell(Failed(answer.command_id, "juggling", FailureReason.TIMEOUT, "late")) == []


def test_two_steps_that_time_out_at_the_same_moment_are_both_tried_again() -> None:
    life = in_review()
    life.approve()
    events = life.wait_for_deadline()
    assert [type(event) for event in events] == [
        DeadlinePassed,
        ToolCallFailed,
        RetryScheduled,
    ] * 2
    assert life.saga.steps["publish.email"].status is StepStatus.RETRYING
    assert life.saga.steps["publish.blog"].status is StepStatus.RETRYING


def test_where_the_first_of_two_timeouts_ends_the_campaign_the_second_says_nothing() -> None:
    life = in_review()
    plan = tuple(
        step.model_copy(update={"optional": False, "retry": RetryPolicy(attempts_max=1)})
        for step in life.saga.plan
    )
    life.held = life.saga.model_copy(update={"plan": plan})
    life.approve()
    events = life.wait_for_deadline()
    assert [type(event) for event in events] == [
        DeadlinePassed,
        ToolCallFailed,
        CompensationStarted,
        CompensationRequested,
    ]
    assert len(life.saga.deadlines) == 1


def test_a_long_sleep_lets_everything_that_fell_due_happen_once() -> None:
    life = in_review()
    life.approve()
    life.fail("publish.email")
    life.wait(timedelta(days=3))
    assert life.called() == ["publish.email"], "its retry was due"
    assert life.saga.steps["publish.blog"].status is StepStatus.RETRYING, "it timed out"
    assert all(deadline.at > life.now for deadline in life.saga.deadlines)
