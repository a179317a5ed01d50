"""The reviewer's word before, during and after the wait, and its binding to what was shown."""

from datetime import timedelta

import pytest

from contracts.envelope import FailureReason
from contracts.plan import CampaignState
from contracts.requests import DecideReview, ReviewDecision
from contracts.saga import (
    CompensationRequested,
    CompensationStarted,
    ContentEdited,
    DeadlinePassed,
    Ending,
    RequestRefused,
    ReviewDecided,
    ReviewReminded,
    ReviewRequested,
    ToolCallRequested,
    WorkflowRejected,
    WorkSentBack,
)
from services.orchestrator.saga.definitions.campaign import REVIEW_ROUNDS_MAX
from services.orchestrator.saga.engine.inputs import Review, TimePassed
from services.orchestrator.saga.state import Life, StepStatus, UndoStatus
from tests.orchestrator.saga.lives import BLOCKED, Led, in_review, led
from tests.specification import given

APPROVE, REJECT = ReviewDecision.APPROVE, ReviewDecision.REJECT
EDIT, CHANGES = ReviewDecision.EDIT, ReviewDecision.REQUEST_CHANGES
EVERY_WORD = list(ReviewDecision)


def word(life: Led, decision: ReviewDecision, **changes: object) -> Review:
    """The decision about what `life` shows."""
    fields = {
        "step": "review",
        "decision": decision,
        "shown_digest": life.saga.steps["review"].shown_digest,
        "edited": b"a new text" if decision is EDIT else b"",
        **changes,
    }
    return Review(DecideReview.model_validate(fields), 1 if decision is EDIT else 0)


def test_an_approval_publishes() -> None:
    life = in_review()
    given(*life.facts).when(word(life, APPROVE)).then(
        ReviewDecided, ToolCallRequested, ToolCallRequested
    ).leaving(Life.RUNNING, review=StepStatus.ANSWERED)


def test_a_rejection_undoes_everything_and_the_campaign_is_rejected() -> None:
    life = in_review(generate_video=True)
    given(*life.facts).when(word(life, REJECT, reason="off brand")).then(
        ReviewDecided,
        CompensationStarted(
            ending=Ending.REJECTED,
            reason=FailureReason.REJECTED,
            step="review",
            message="off brand",
            undo_plan=("video", "design", "content"),
        ),
        CompensationRequested,
    ).leaving(Life.COMPENSATING, video=UndoStatus.CALLED)
    life.decide(REJECT, reason="off brand")
    life.undo_all()
    assert life.events(WorkflowRejected) == [WorkflowRejected(reason="off brand", left_behind=())]


def test_changes_requested_send_the_work_back_with_the_reason() -> None:
    life = in_review()
    given(*life.facts).when(word(life, CHANGES, reason="shorter")).then(
        ReviewDecided,
        WorkSentBack(step="content", by="review", round=1, feedback=("shorter",)),
        ToolCallRequested,
    ).leaving(Life.RUNNING, content=StepStatus.CALLED, review=StepStatus.PENDING)


def test_changes_without_a_reason_send_back_no_empty_feedback() -> None:
    life = in_review()
    life.decide(CHANGES)
    assert life.saga.steps["content"].feedback == ()


def test_after_the_last_round_more_changes_are_refused_and_the_gate_stays_open() -> None:
    life = in_review()
    for number in range(REVIEW_ROUNDS_MAX):
        life.decide(CHANGES, reason=f"change {number}")
        life.run()
    given(*life.facts).when(word(life, CHANGES, reason="once more")).then(
        RequestRefused(
            request="DecideReview",
            reason="all 3 rounds of changes are used; edit, approve or reject",
        )
    ).leaving(Life.RUNNING, review=StepStatus.WAITING)
    life.decide(CHANGES, reason="once more")
    life.approve()
    life.run()
    assert life.saga.life is Life.COMPLETED


def test_an_edit_replaces_the_text_and_runs_the_audit_again() -> None:
    life = in_review()
    shown = life.saga.steps["review"].shown_digest
    given(*life.facts).when(word(life, EDIT)).then(
        ReviewDecided,
        ContentEdited(step="content", by="review", body_schema_id=1, body=b"a new text"),
        ToolCallRequested,
    ).leaving(
        Life.RUNNING,
        content=StepStatus.ANSWERED,
        design=StepStatus.ANSWERED,
        audit=StepStatus.CALLED,
        review=StepStatus.PENDING,
    )
    life.decide(EDIT, edited=b"a new text")
    assert life.saga.campaign_state is CampaignState.AUDIT
    assert life.saga.steps["content"].body == b"a new text"
    life.run()
    assert life.waiting() == ["review"]
    assert life.saga.steps["review"].shown_digest != shown


def test_an_approval_of_what_was_shown_before_an_edit_is_refused() -> None:
    life = in_review()
    stale = word(life, APPROVE)
    life.decide(EDIT, edited=b"a new text")
    life.run()
    given(*life.facts).when(stale).then(
        RequestRefused(
            request="DecideReview",
            reason="the decision is about an older version; look at the present one and "
            "decide again",
        )
    ).leaving(Life.RUNNING, review=StepStatus.WAITING)
    life.approve()
    assert life.called() == ["publish.email", "publish.blog"]


def test_an_edit_that_the_audit_blocks_goes_back_to_the_writer() -> None:
    life = in_review()
    life.decide(EDIT, edited=b"a new text")
    life.answer("audit", BLOCKED, notes=("it claims too much",))
    assert life.called() == ["content"]


def test_an_edit_without_a_text_is_refused() -> None:
    life = in_review()
    given(*life.facts).when(word(life, EDIT, edited=b"")).then(RequestRefused).leaving(
        Life.RUNNING, review=StepStatus.WAITING
    )


@pytest.mark.parametrize("decision", EVERY_WORD)
@pytest.mark.parametrize("until", ["research", "content", "audit"])
def test_a_word_before_the_wait_is_refused_and_changes_no_step(
    decision: ReviewDecision, until: str
) -> None:
    life = led(until=until)
    early = word(life, decision, shown_digest="0" * 64)
    outcome = (
        given(*life.facts)
        .when(early)
        .then(
            RequestRefused(
                request="DecideReview", reason="nothing waits for a decision at `review`"
            )
        )
    )
    assert outcome.saga is not None
    assert outcome.saga.steps == life.saga.steps


@pytest.mark.parametrize("decision", EVERY_WORD)
def test_a_word_after_the_decision_is_refused(decision: ReviewDecision) -> None:
    life = in_review()
    second = word(life, decision)
    life.approve()
    given(*life.facts).when(second).then(RequestRefused).leaving(
        Life.RUNNING, review=StepStatus.ANSWERED
    )


@pytest.mark.parametrize("decision", EVERY_WORD)
def test_a_word_about_something_else_is_refused(decision: ReviewDecision) -> None:
    life = in_review()
    given(*life.facts).when(word(life, decision, shown_digest="f" * 64)).then(
        RequestRefused
    ).leaving(Life.RUNNING, review=StepStatus.WAITING)


@pytest.mark.parametrize("step", ["nothing", "content"])
def test_a_word_about_a_step_that_asks_nobody_is_refused(step: str) -> None:
    life = in_review()
    given(*life.facts).when(word(life, APPROVE, step=step)).then(RequestRefused)


@pytest.mark.parametrize("decision", EVERY_WORD)
def test_a_word_on_a_campaign_that_is_being_undone_is_refused(decision: ReviewDecision) -> None:
    life = in_review()
    late = word(life, decision)
    life.cancel()
    given(*life.facts).when(late).then(RequestRefused).leaving(Life.COMPENSATING)


def test_the_same_word_delivered_twice_counts_once() -> None:
    life = in_review()
    approval = word(life, APPROVE)
    life.tell(approval, by="the reviewer's click")
    assert life.tell(approval, by="the reviewer's click") == []


def test_nobody_deciding_in_time_rejects_and_undoes() -> None:
    life = in_review()
    day = timedelta(hours=24)
    assert life.saga.steps["review"].deadline == life.now + day
    given(*life.facts).when(TimePassed(), after=day - timedelta(seconds=1)).then(
        DeadlinePassed, ReviewReminded
    ).leaving(Life.RUNNING, review=StepStatus.WAITING)
    given(*life.facts).when(TimePassed(), after=day).then(
        DeadlinePassed, CompensationStarted, CompensationRequested
    ).leaving(Life.COMPENSATING)
    life.wait(day)
    life.undo_all()
    assert life.events(WorkflowRejected) == [
        WorkflowRejected(reason="nobody decided in time", left_behind=())
    ]


def test_each_question_has_its_own_day() -> None:
    life = in_review()
    life.wait(timedelta(hours=20))
    life.decide(CHANGES, reason="shorter")
    life.run()
    assert len(life.events(ReviewRequested)) == 2
    assert life.saga.steps["review"].deadline == life.now + timedelta(hours=24)
