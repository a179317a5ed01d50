"""Whoever follows the log hears of some facts, passes over the rest, and never stands still."""

import pytest

from chassis.broker import Incoming
from chassis.clock import ManualClock
from chassis.codec import Decoded
from chassis.errors import Retryable, StepError
from chassis.following import TRIED_FOR, Follower
from contracts.envelope import FailureReason
from contracts.message import LogEvent
from contracts.saga import GoalReceived, ReviewDecided
from tests.optimizer.review.newsroom import CODEC, log_record
from tests.orchestrator.saga.lives import in_review
from tests.specification import MORNING, TENANT_ID


def incoming(kind: type[LogEvent]) -> Incoming:
    life = in_review()
    life.approve()
    fact = next(one for one in life.facts if isinstance(one.event, kind))
    made = log_record(TENANT_ID, fact, 1, "ana")
    return Incoming(made.topic, 0, 0, made.key, made.value, made.headers)


class Ears:
    """What was heard; raises what it is told to, one at a time."""

    def __init__(self, *hindrances: Exception) -> None:
        self.heard = 0
        self._hindrances = list(hindrances)

    async def __call__(self, _: Decoded) -> None:
        if self._hindrances:
            raise self._hindrances.pop(0)
        self.heard += 1


def follower(ears: Ears) -> Follower:
    return Follower((ReviewDecided,), ears, codec=CODEC, clock=ManualClock(MORNING))


def test_facts_of_other_kinds_are_passed_over_unread() -> None:
    found = incoming(GoalReceived)
    unread = Incoming(found.topic, 0, 0, found.key, b"rubbish", found.headers)
    assert follower(Ears()).take(unread) is None


def test_a_fact_that_this_build_cannot_read_is_no_letter_for_anybody() -> None:
    found = incoming(ReviewDecided)
    newer = Incoming(found.topic, 0, 0, found.key, b"\0\0\xff\xff\xff", found.headers)
    assert follower(Ears()).take(newer) is None


async def test_what_is_in_the_way_for_now_is_tried_again() -> None:
    ears = Ears(Retryable("away", delay_s=0.001), Retryable("still away", delay_s=0.001))
    made = follower(ears)
    piece = made.take(incoming(ReviewDecided))
    assert piece is not None
    assert piece.key == piece.message.envelope.campaign_id
    assert await made.answer(piece.message) == ()
    assert ears.heard == 1


@pytest.mark.parametrize(
    "hindrance",
    [
        Retryable("for days", delay_s=TRIED_FOR.total_seconds() + 1),
        StepError(FailureReason.REJECTED, "no"),
        KeyError("a bug of ours"),
    ],
)
async def test_what_cannot_be_heard_is_given_up_and_ends_nothing(hindrance: Exception) -> None:
    ears = Ears(hindrance)
    made = follower(ears)
    piece = made.take(incoming(ReviewDecided))
    assert piece is not None
    assert await made.answer(piece.message) == ()
    assert ears.heard == 0
