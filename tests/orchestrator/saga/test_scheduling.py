"""A campaign with a date: it publishes then and not before, whatever happens until then."""

from datetime import timedelta

import pytest

from contracts.plan import CampaignState
from contracts.requests import LiftSchedule, ReviewDecision
from contracts.saga import (
    DeadlineKind,
    DeadlinePassed,
    RequestRefused,
    ScheduleLifted,
    StepScheduled,
    ToolCallRequested,
    WorkflowCancelled,
    WorkflowRejected,
)
from services.orchestrator.saga.definitions.campaign import FINISH_WITHIN
from services.orchestrator.saga.state import Life, StepStatus
from tests.orchestrator.saga.lives import Led, called_in, in_review, types
from tests.specification import MORNING

DATE = MORNING + timedelta(days=30)
PUBLISHING = ("publish.email", "publish.blog")


def _approved() -> Led:
    life = in_review(scheduled_at=DATE)
    life.approve()
    return life


def _statuses(life: Led) -> set[StepStatus]:
    return {life.saga.steps[step].status for step in PUBLISHING}


def test_an_approved_campaign_waits_for_its_date_and_says_so() -> None:
    life = in_review(scheduled_at=DATE)
    events = life.approve()
    waits = [StepScheduled(step=step, due=DATE) for step in PUBLISHING]
    assert [event for event in events if isinstance(event, StepScheduled)] == waits
    assert called_in(events) == []
    assert _statuses(life) == {StepStatus.SCHEDULED}
    assert life.saga.campaign_state is CampaignState.PUBLISH


def test_it_publishes_on_its_date_and_not_a_millisecond_before() -> None:
    life = _approved()
    assert life.wait(DATE - life.now - timedelta(milliseconds=1)) == []
    events = life.wait(timedelta(milliseconds=1))
    first = DeadlinePassed(kind=DeadlineKind.SCHEDULE, step=PUBLISHING[1], deadline=DATE)
    assert events[0] == first
    assert set(called_in(events)) == set(PUBLISHING)
    life.run()
    assert life.saga.life is Life.COMPLETED


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=1)])
def test_a_review_that_ends_after_the_date_publishes_at_once(late: timedelta) -> None:
    life = in_review(scheduled_at=MORNING + timedelta(hours=3))
    life.now = MORNING + timedelta(hours=3) + late
    assert called_in(life.approve()) == list(PUBLISHING)
    assert life.events(StepScheduled) == []


def test_a_campaign_without_a_date_publishes_when_it_is_approved() -> None:
    assert called_in(in_review().approve()) == list(PUBLISHING)
    assert called_in(in_review(scheduled_at=None).approve()) == list(PUBLISHING)


def test_a_cancel_before_the_date_publishes_nothing_and_has_no_publication_to_undo() -> None:
    life = _approved()
    life.cancel()
    assert not set(PUBLISHING) & set(life.undo_all())
    assert types(life.wait(DATE - life.now)) == []
    assert life.events(WorkflowCancelled)
    asked = {one.step for one in life.events(ToolCallRequested)}
    assert not asked & set(PUBLISHING)


def test_a_rejection_before_the_date_publishes_nothing() -> None:
    life = in_review(scheduled_at=DATE)
    life.decide(ReviewDecision.REJECT, reason="not now")
    life.undo_all()
    assert life.events(WorkflowRejected)
    assert life.events(StepScheduled) == []


def test_a_pause_holds_the_date_back_only_while_it_lasts() -> None:
    life = _approved()
    life.pause(days=60)
    life.wait(timedelta(days=10))
    life.resume()
    assert {life.saga.steps[step].deadline for step in PUBLISHING} == {DATE}


def test_a_date_that_passes_in_a_pause_is_made_up_for_when_the_pause_ends() -> None:
    life = _approved()
    life.pause(days=60)
    assert life.wait(DATE - life.now + timedelta(days=1)) == []
    life.resume()
    assert set(called_in(life.wait(timedelta(0)))) == set(PUBLISHING)


def test_the_campaigns_own_time_begins_anew_on_its_date() -> None:
    assert timedelta(days=30) > FINISH_WITHIN, "the date is later than a campaign may usually take"
    life = _approved()
    assert life.saga.finish_by == DATE + FINISH_WITHIN
    life.wait(DATE - life.now)
    assert life.saga.life is Life.RUNNING


def test_a_near_date_takes_no_time_from_the_campaign() -> None:
    life = in_review(scheduled_at=MORNING + timedelta(minutes=1))
    given = life.saga.finish_by
    life.approve()
    assert given is not None
    assert life.saga.finish_by == MORNING + timedelta(minutes=1) + FINISH_WITHIN > given


def _dated(**dates: timedelta) -> list[dict[str, object]]:
    return [{"channel": channel, "at": MORNING + after} for channel, after in dates.items()]


def test_each_channel_waits_for_its_own_date_and_others_for_the_campaigns() -> None:
    life = in_review(scheduled_at=DATE, calendar=_dated(blog=timedelta(days=2)))
    life.approve()
    due = {step: life.saga.steps[step].deadline for step in PUBLISHING}
    assert due == {"publish.email": DATE, "publish.blog": MORNING + timedelta(days=2)}
    assert called_in(life.wait(MORNING + timedelta(days=2) - life.now)) == ["publish.blog"]
    assert called_in(life.wait(DATE - life.now)) == ["publish.email"]


def test_a_channel_without_a_date_goes_out_when_the_others_still_wait() -> None:
    life = in_review(calendar=_dated(email=timedelta(days=2)))
    assert called_in(life.approve()) == ["publish.blog"]
    assert life.saga.steps["publish.email"].status is StepStatus.SCHEDULED


def test_what_waits_for_its_date_is_published_now_where_somebody_wants_it() -> None:
    life = _approved()
    events = life.tell(LiftSchedule(reason="the fair opens a day earlier"))
    assert events[0] == ScheduleLifted(steps=PUBLISHING, reason="the fair opens a day earlier")
    assert called_in(events) == list(PUBLISHING)
    assert {life.saga.planned(step).not_before for step in PUBLISHING} == {life.now}
    life.run()
    assert life.saga.life is Life.COMPLETED
    assert life.wait(DATE - life.now) == [], "the date means nothing any more"


def test_one_step_is_published_now_and_the_others_keep_their_date() -> None:
    life = _approved()
    events = life.tell(LiftSchedule(steps=("publish.blog",)))
    assert called_in(events) == ["publish.blog"]
    assert life.saga.steps["publish.email"].deadline == DATE
    assert called_in(life.wait(DATE - life.now)) == ["publish.email"]


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (("publish.fax",), "`publish.fax` waits for no date; these do: publish.email"),
        (("research",), "`research` waits for no date"),
    ],
)
def test_a_step_that_waits_for_no_date_is_not_hastened(steps: tuple[str, ...], reason: str) -> None:
    life = _approved()
    (refusal,) = life.tell(LiftSchedule(steps=steps))
    assert isinstance(refusal, RequestRefused)
    assert reason in refusal.reason
    assert _statuses(life) == {StepStatus.SCHEDULED}


def test_nothing_is_published_now_before_it_is_approved_or_after_it_was() -> None:
    life = in_review(scheduled_at=DATE)
    refusal = RequestRefused(request="LiftSchedule", reason="nothing waits for its date")
    assert life.tell(LiftSchedule()) == [refusal]
    life.approve()
    life.wait(DATE - life.now)
    assert life.tell(LiftSchedule()) == [refusal]


def test_a_cancel_wins_over_publishing_now_whichever_comes_first() -> None:
    life = _approved()
    life.cancel()
    (refusal,) = life.tell(LiftSchedule())
    assert isinstance(refusal, RequestRefused)
    life.undo_all()
    assert not {one.step for one in life.events(ToolCallRequested)} & set(PUBLISHING)
    hasty = _approved()
    hasty.tell(LiftSchedule())
    hasty.cancel()
    assert set(PUBLISHING) <= set(hasty.undo_all()), "what may have gone out is taken back"


def test_in_a_pause_publishing_now_waits_for_its_end() -> None:
    life = _approved()
    life.pause(days=1)
    assert types(life.tell(LiftSchedule())) == [ScheduleLifted]
    assert set(called_in(life.resume())) == set(PUBLISHING)
