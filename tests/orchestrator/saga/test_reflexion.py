"""RES-09, RES-10: a failed step is tried again, told of its own failure, before anything is undone.

The log is the witness: the waits on record grow, differ and stop at the cap; a fatal reason gets no
second try.
"""

from datetime import timedelta
from itertools import pairwise

import pytest

from contracts.envelope import FailureReason, StepCall
from contracts.plan import RetryPolicy
from contracts.saga import RetryScheduled
from services.orchestrator.saga.state import Life
from tests.orchestrator.saga.desk import Desk, campaign
from tests.orchestrator.saga.lives import Led, campaign_plan

FATAL = [reason for reason in FailureReason if not reason.retryable]
PASSING = FailureReason.UNAVAILABLE


def told(desk: Desk) -> list[str]:
    """The log from the first failure on, about the step in hand and the way back."""
    log = desk.log()
    return log[log.index("ToolCallFailed") :]


def feedback(desk: Desk, step: str) -> list[tuple[str, ...]]:
    """What each command to the step said about its failures so far."""
    headers = [one.header for one in desk.commands()]
    return [h.feedback for h in headers if isinstance(h, StepCall) and h.step == step]


async def until_due(desk: Desk, step: str) -> None:
    due = desk.saga.steps[step].deadline
    assert due is not None
    await desk.wait(due - desk.now)


async def test_the_log_shows_the_reflexion_between_the_failure_and_the_rollback() -> None:
    desk = await campaign(until="content")
    tries = desk.saga.planned("content").retry.attempts_max
    for _ in range(tries - 1):
        desk.fail("content", PASSING)
        await until_due(desk, "content")
    desk.fail("content", PASSING)
    again = ["ToolCallFailed", "RetryScheduled", "DeadlinePassed", "ToolCallRequested"]
    assert told(desk)[: 4 * (tries - 1)] == again * (tries - 1)
    assert told(desk)[4 * (tries - 1) :] == [
        "ToolCallFailed",
        "CompensationStarted",
        "CompensationRequested",
    ]
    heard = feedback(desk, "content")[:tries]
    assert [len(words) for words in heard] == list(range(tries))
    assert heard[1] == ("UNAVAILABLE: it broke",), "the second try is fed with the first's failure"


async def test_a_reflexion_that_succeeds_skips_the_rollback() -> None:
    desk = await campaign(until="content")
    desk.fail("content", PASSING)
    await until_due(desk, "content")
    desk.run()
    assert desk.saga.life is Life.RUNNING
    assert not {"CompensationStarted", "CompensationRequested"} & set(desk.log())
    assert "ReviewRequested" in desk.log()


@pytest.mark.parametrize("reason", FATAL)
async def test_a_fatal_reason_is_not_tried_again(reason: FailureReason) -> None:
    desk = await campaign(until="content")
    desk.fail("content", reason)
    assert told(desk) == ["ToolCallFailed", "CompensationStarted", "CompensationRequested"]
    assert len(feedback(desk, "content")) == 2, "the one command, and its undo"


def test_recorded_waits_grow_differ_and_stop_at_the_cap() -> None:
    policy = RetryPolicy(attempts_max=8, backoff_ms=1_000, backoff_ms_max=8_000)
    plan = campaign_plan()
    patient = tuple(step.model_copy(update={"retry": policy}) for step in plan.steps)
    life = Led(plan.model_copy(update={"steps": patient}))
    life.create()
    waits: list[timedelta] = []
    while life.fail("research") and life.saga.life is Life.RUNNING:
        waits.append(life.events(RetryScheduled)[-1].due - life.now)
        life.wait_for_deadline()
    cap = timedelta(milliseconds=policy.backoff_ms_max)
    growing, capped = waits[:3], waits[3:]
    assert len(waits) == policy.attempts_max - 1
    assert len(set(waits)) == len(waits)
    assert all(one < other for one, other in pairwise(growing))
    assert all(cap / 2 <= wait <= cap for wait in capped)
