"""Reviewers are told beside the gate: nobody waits for that, and it is taken back with the rest."""

from contracts.envelope import FailureReason
from contracts.requests import ReviewDecision
from contracts.saga import (
    ContentEdited,
    ReviewRequested,
    StepSkipped,
    ToolCallRequested,
    WorkflowCompleted,
)
from services.orchestrator.saga.state import Life, StepStatus
from tests.orchestrator.saga.lives import Led, in_review, led

TOLD = ["github", "slack"]


def _at_the_gate() -> Led:
    life = led(until="announce", review_notices=TOLD)
    assert (life.called(), life.waiting()) == (["announce"], ["review"])
    return life


def test_the_gate_is_asked_and_told_of_at_the_same_time() -> None:
    life = _at_the_gate()
    assert len(life.events(ReviewRequested)) == 1


def test_without_a_wish_nobody_is_told_and_nothing_is_planned() -> None:
    assert "announce" not in in_review().saga.steps


def test_an_approval_does_not_wait_until_reviewers_were_told() -> None:
    life = _at_the_gate()
    life.approve()
    assert set(life.called()) == {"announce", "publish.email", "publish.blog"}


def test_where_nobody_could_be_told_the_gate_still_decides_and_the_end_names_it() -> None:
    life = _at_the_gate()
    life.fail("announce", FailureReason.NOT_CONFIGURED)
    assert life.events(StepSkipped)
    assert life.waiting() == ["review"]
    life.approve()
    life.run()
    assert life.events(WorkflowCompleted) == [WorkflowCompleted(degraded=("announce",))]


def test_an_edit_is_told_of_anew_under_a_key_of_its_own() -> None:
    life = _at_the_gate()
    life.answer("announce")
    life.decide(ReviewDecision.EDIT, edited=b"better")
    assert life.events(ContentEdited)
    life.answer("audit")
    assert (life.called(), life.waiting()) == (["announce"], ["review"])
    first, second = [one for one in life.events(ToolCallRequested) if one.step == "announce"]
    assert first.effect_key != second.effect_key
    assert second.round == first.round + 1
    assert {life.saga.steps[step].round for step in ("publish.email", "publish.blog")} == {0}


def test_an_edit_while_reviewers_are_being_told_lets_the_late_answer_count_for_nothing() -> None:
    life = _at_the_gate()
    late = life.saga.steps["announce"].command_id
    life.decide(ReviewDecision.EDIT, edited=b"better")
    life.answer("audit")
    assert life.saga.steps["announce"].command_id != late
    assert life.saga.steps["announce"].status is StepStatus.CALLED


def test_a_rejection_takes_the_word_back_first() -> None:
    life = _at_the_gate()
    life.answer("announce")
    life.decide(ReviewDecision.REJECT, reason="off brand")
    assert life.undo_all()[0] == "announce"
    assert life.saga.life is Life.REJECTED
