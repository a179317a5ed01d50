"""Silence is no attempt: what nobody answered is asked for again, as long as its budget lasts."""

from datetime import timedelta
from typing import Any

from contracts.envelope import FailureReason
from contracts.plan import RetryPolicy
from contracts.saga import (
    CompensationFailed,
    CompensationRequested,
    DeadlineKind,
    DeadlinePassed,
    PlanGenerated,
    ToolCallFailed,
    ToolCallRequested,
    WorkflowFailed,
)
from services.orchestrator.saga.definitions.campaign import FINISH_WITHIN
from services.orchestrator.saga.engine.retry import STRETCH_MAX
from services.orchestrator.saga.state import Life, StepStatus, UndoStatus
from tests.orchestrator.saga.lives import Led, campaign_plan, in_review, led

HOUR_MS = 3_600_000
POLICY = RetryPolicy(attempts_max=3, backoff_ms=1_000, backoff_ms_max=60_000, budget_ms=HOUR_MS)
HOUR = timedelta(hours=1)


def plan(**policies: Any) -> PlanGenerated:
    """The campaign's plan with these policies at every step."""
    usual = campaign_plan()
    changed = tuple(step.model_copy(update=policies) for step in usual.steps)
    return usual.model_copy(update={"steps": changed})


def silence(life: Led, times: int) -> None:
    """So many calls pass without an answer."""
    for number in range(times):
        assert life.saga.life is Life.RUNNING, f"given up after {number} calls"
        while not life.called():
            life.wait_for_deadline()
        life.wait_for_deadline()


def test_a_command_that_nobody_answers_is_asked_for_more_often_than_it_may_fail() -> None:
    life = led(plan(retry=POLICY), until="research")
    silence(life, 4)
    state = life.saga.steps["research"]
    assert (state.tries, state.silent) == (0, 4)
    assert all(failed.unanswered for failed in life.events(ToolCallFailed))
    assert life.saga.life is Life.RUNNING


def test_what_somebody_answers_counts_however_long_it_was_silent_before() -> None:
    life = led(plan(retry=POLICY), until="research")
    silence(life, 4)
    for _ in range(POLICY.attempts_max):
        life.wait_for_deadline()
        life.fail("research")
    assert life.saga.life is Life.FAILED
    answered = [not failed.unanswered for failed in life.events(ToolCallFailed)]
    assert answered == [False] * 4 + [True] * 3


def test_a_call_after_silence_has_more_time_so_that_a_long_queue_gets_shorter() -> None:
    life = led(plan(retry=POLICY), until="research")
    leases = []
    for _ in range(5):
        while not life.called():
            life.wait_for_deadline()
        leases.append(life.events(ToolCallRequested)[-1].deadline - life.now)
        life.wait_for_deadline()
    usual = leases[0]
    assert leases == [usual, 2 * usual, 4 * usual, 4 * usual, 4 * usual]
    assert (
        f"within {4 * usual // timedelta(seconds=1)} s" in life.events(ToolCallFailed)[-1].message
    )


def test_silence_ends_a_step_once_its_time_is_used_up() -> None:
    life = led(plan(retry=POLICY), until="research")
    begun = life.now
    while not life.saga.life.ended:
        life.wait_for_deadline()
    calls = life.events(ToolCallRequested)
    lease = STRETCH_MAX * (calls[0].deadline - begun)
    assert len(calls) > POLICY.attempts_max
    assert HOUR - lease - timedelta(minutes=1) <= life.now - begun <= HOUR + lease
    assert life.events(WorkflowFailed)[0].reason is FailureReason.TIMEOUT


def test_an_outage_of_everything_takes_nobodys_tries() -> None:
    life = led(plan(retry=POLICY), until="research")
    for number in range(POLICY.attempts_max):
        assert life.called() == ["research"], f"call {number + 1}"
        life.wait(timedelta(days=2))
        if life.saga.life is Life.RUNNING:
            life.wait_for_deadline()
    assert life.saga.life is Life.FAILED


def test_a_plan_without_a_budget_counts_silence_as_it_always_did() -> None:
    life = led(plan(retry=RetryPolicy(attempts_max=3)), until="research")
    silence(life, 3)
    assert life.saga.life is Life.FAILED
    assert not any(failed.unanswered for failed in life.events(ToolCallFailed))


def test_a_new_round_has_its_whole_budget() -> None:
    life = led(plan(retry=POLICY), until="research")
    silence(life, 2)
    life.wait_for_deadline()
    life.fail_for_good("research")
    life.wait(10 * HOUR)
    life.retry()
    state = life.saga.steps["research"]
    assert (state.silent, state.try_until) == (0, life.now + HOUR)


def test_a_pause_does_not_use_the_budget_up() -> None:
    life = led(plan(retry=POLICY), until="research")
    until = life.saga.steps["research"].try_until
    assert until is not None
    life.pause()
    life.wait(5 * HOUR)
    life.resume()
    assert life.saga.steps["research"].try_until == until + 5 * HOUR


def test_an_undo_that_nobody_answers_is_not_given_to_a_person_too_early() -> None:
    life = Led(plan(undo_retry=POLICY))
    life.create()
    life.run()
    life.cancel()
    asked = life.now
    while not life.parked():
        life.wait_for_deadline()
    assert len(life.events(CompensationRequested)) > POLICY.attempts_max + 1
    assert life.now - asked >= HOUR - timedelta(minutes=5)
    assert all(failed.unanswered for failed in life.events(CompensationFailed))
    (step,) = {failed.step for failed in life.events(CompensationFailed)}
    state = life.saga.steps[step]
    assert (state.undo, state.undo_tries) == (UndoStatus.PARKED, 0)


def test_a_campaign_that_does_not_end_in_its_time_is_undone() -> None:
    life = in_review()
    life.pause(days=1)
    life.wait(3 * HOUR)
    life.resume()
    due = life.saga.finish_by
    assert due == life.facts[0].at + FINISH_WITHIN + 3 * HOUR, "a pause holds that clock, too"
    life.held = life.saga.model_copy(update={"finish_by": life.now + HOUR})
    life.wait(HOUR)
    passed = life.events(DeadlinePassed)[-1]
    assert (passed.kind, passed.step) == (DeadlineKind.SAGA, "")
    life.undo_all()
    assert life.saga.life is Life.FAILED
    (failed,) = life.events(WorkflowFailed)
    assert (failed.reason, failed.step) == (FailureReason.TIMEOUT, "")
    assert "had to end by" in failed.message
    assert life.saga.left_behind == ()


def test_a_campaign_that_is_retried_has_its_whole_time_again() -> None:
    life = led(until="content")
    life.fail_for_good("content")
    life.undo_all()
    life.wait(20 * timedelta(days=1))
    life.retry()
    assert life.saga.finish_by == life.now + FINISH_WITHIN
    assert life.saga.steps["content"].status is StepStatus.CALLED
