"""A blocked audit sends the work back with its reasons, and not for ever."""

from typing import Any

import pytest

from contracts.envelope import FailureReason, StepOutcome
from contracts.plan import CampaignState
from contracts.saga import (
    AgentCompleted,
    CompensationRequested,
    CompensationStarted,
    StepSkipped,
    ToolCallRequested,
    ToolResultReceived,
    WorkflowFailed,
    WorkSentBack,
)
from services.orchestrator.saga.definitions.campaign import AUDIT_ROUNDS_MAX
from services.orchestrator.saga.state import Life, StepStatus, UndoStatus
from tests.orchestrator.saga.lives import BLOCKED, Led, campaign_plan, led
from tests.specification import given

NOTES = ("email-a: cites nothing", "blog-a: a banned word")


def _blocked(rounds: int, **goal: Any) -> Led:
    """A campaign whose audit has blocked so many times."""
    life = led(until="audit", **goal)
    for number in range(rounds):
        life.answer("audit", BLOCKED, notes=(f"note {number}",))
        life.run(until="audit")
    return life


def test_a_blocked_audit_sends_the_work_back_to_the_writer() -> None:
    life = led(until="audit")
    given(*life.facts).when(life.answer_of("audit", BLOCKED, NOTES)).then(
        ToolResultReceived,
        AgentCompleted,
        WorkSentBack(step="content", by="audit", round=1, feedback=NOTES),
        ToolCallRequested,
    ).leaving(Life.RUNNING, content=StepStatus.CALLED, design=StepStatus.PENDING)


def test_the_writer_gets_the_audits_notes_as_feedback() -> None:
    life = led(until="audit")
    life.answer("audit", BLOCKED, notes=NOTES)
    assert life.saga.steps["content"].feedback == NOTES


def test_what_is_written_again_is_a_new_round_under_a_new_key() -> None:
    life = led(until="audit")
    life.answer("audit", BLOCKED, notes=NOTES)
    first, second = [call for call in life.events(ToolCallRequested) if call.step == "content"]
    assert (first.round, second.round) == (0, 1)
    assert (first.attempt, second.attempt) == (1, 2)
    assert first.command_id != second.command_id
    assert first.effect_key != second.effect_key


def test_a_campaign_sent_back_is_never_seen_in_review() -> None:
    life = led(until="audit")
    before = len(life.facts)
    life.answer("audit", BLOCKED, notes=NOTES)
    states = []
    saga = given(*life.facts[:before]).saga
    for fact in life.facts[before:]:
        saga = given(*life.facts[: life.facts.index(fact) + 1]).saga
        assert saga is not None
        states.append(saga.campaign_state)
    assert CampaignState.REVIEW not in states
    assert states[-1] is CampaignState.CONTENT_PROD


def test_an_audit_that_passes_in_the_second_round_asks_the_reviewer() -> None:
    life = _blocked(1)
    life.answer("audit")
    assert life.waiting() == ["review"]


def test_after_the_last_round_the_campaign_fails_for_its_quality_and_is_undone() -> None:
    life = _blocked(AUDIT_ROUNDS_MAX)
    given(*life.facts).when(life.answer_of("audit", BLOCKED, NOTES)).then(
        ToolResultReceived, AgentCompleted, CompensationStarted, CompensationRequested
    ).leaving(Life.COMPENSATING, design=UndoStatus.CALLED)
    life.answer("audit", BLOCKED, notes=NOTES)
    assert life.undo_all() == ["design", "content"]
    (failed,) = life.events(WorkflowFailed)
    assert (failed.reason, failed.step) == (FailureReason.QUALITY_BLOCKED, "audit")
    assert failed.message == "; ".join(NOTES)


def test_a_retry_after_quality_writes_again_with_the_last_notes_and_all_its_rounds() -> None:
    life = _blocked(AUDIT_ROUNDS_MAX)
    life.answer("audit", BLOCKED, notes=NOTES)
    life.undo_all()
    life.retry()
    assert life.called() == ["content"]
    assert life.saga.steps["content"].feedback[-2:] == NOTES
    life.run(until="audit")
    life.answer("audit", BLOCKED, notes=NOTES)
    assert life.called() == ["content"], "the rounds count anew"


def test_a_retry_never_passes_a_blocked_audit_even_where_nothing_was_to_be_undone() -> None:
    plan = campaign_plan()
    steps = tuple(step.model_copy(update={"undo": "", "rounds_max": 0}) for step in plan.steps)
    life = led(plan.model_copy(update={"steps": steps}), until="audit")
    life.answer("audit", BLOCKED, notes=NOTES)
    assert life.saga.life is Life.FAILED
    life.retry()
    assert life.called() == ["content"]
    assert life.waiting() == []


@pytest.mark.parametrize("outcome", [StepOutcome.SUCCEEDED, StepOutcome.DEGRADED])
def test_an_audit_that_does_not_block_lets_the_campaign_go_on(outcome: StepOutcome) -> None:
    life = led(until="audit")
    life.answer("audit", outcome)
    assert life.waiting() == ["review"]


def test_an_optional_step_that_blocks_is_given_up() -> None:
    life = led(until="design", generate_video=True)
    life.answer("design")
    life.answer("video", BLOCKED, notes=("the film shows nothing",))
    (skipped,) = life.events(StepSkipped)
    assert skipped.reason == "QUALITY_BLOCKED: the film shows nothing"
    assert life.saga.steps["video"].body == b"", "what was given up feeds nobody"
    assert life.called() == ["audit"]


def test_a_step_in_flight_beside_the_sender_is_called_again_and_its_old_answer_ignored() -> None:
    plan = campaign_plan(generate_video=True)
    steps = tuple(
        step.model_copy(update={"after": ("design",)}) if step.name == "audit" else step
        for step in plan.steps
    )
    life = led(plan.model_copy(update={"steps": steps}), until="design")
    life.answer("design")
    assert life.called() == ["video", "audit"]
    late = life.answer_of("video")
    life.answer("audit", BLOCKED, notes=NOTES)
    assert life.called() == ["content"]
    assert life.tell(late) == []
    life.run(until="video")
    calls = [call for call in life.events(ToolCallRequested) if call.step == "video"]
    assert [call.attempt for call in calls] == [1, 2]
    assert life.tell(late) == []
    life.run()
    assert life.waiting() == ["review"]
