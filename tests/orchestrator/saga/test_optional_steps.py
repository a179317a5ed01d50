"""RES-14: what a campaign can do without may fail: it ends COMPLETED, and names what it lacks."""

from collections.abc import Iterator

import pytest

from contracts.envelope import FailureReason
from contracts.goal import Channel
from contracts.requests import ReviewDecision
from contracts.saga import CompensationStarted, StepSkipped, WorkflowCompleted
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.saga.state import Life, StepStatus
from tests.orchestrator.saga.lives import Led

CHANNELS = [channel.value for channel in Channel]
GOAL = {"channels": CHANNELS, "generate_video": True, "max_retries": 2}


def optional() -> Iterator[tuple[str, str]]:
    """Every step of every saga type that its campaign can do without."""
    for saga, definition in DEFINITIONS.items():
        for step in definition.plan(GOAL).steps:
            if step.optional:
                yield saga, step.name


def broken_for_good(life: Led, step: str, reason: FailureReason) -> None:
    """Nobody ever answers it well: it fails as often as it is asked."""
    while life.saga.steps[step].status in (StepStatus.CALLED, StepStatus.RETRYING):
        waits = life.saga.steps[step].status is StepStatus.RETRYING
        if waits or reason is FailureReason.TIMEOUT:
            life.wait_for_deadline()
        else:
            life.fail(step, reason)


def lived(saga: str, down: set[str], reason: FailureReason) -> Led:
    """A life to its end in which the steps of `down` fail and all others are answered."""
    life = Led(DEFINITIONS[saga].plan(GOAL))
    life.create()
    while life.saga.life is Life.RUNNING:
        called, waiting = life.called(), life.waiting()
        well = [step for step in called if step not in down]
        if well:
            life.answer(well[0])
        elif called:
            broken_for_good(life, called[0], reason)
        else:
            life.decide(ReviewDecision.APPROVE, gate=waiting[0])
    return life


@pytest.mark.parametrize("reason", list(FailureReason))
@pytest.mark.parametrize(("saga", "step"), list(optional()))
def test_each_optional_step_may_fail_for_any_reason(
    saga: str, step: str, reason: FailureReason
) -> None:
    life = lived(saga, {step}, reason)
    assert life.saga.life is Life.COMPLETED
    assert [skipped.step for skipped in life.events(StepSkipped)] == [step]
    assert life.events(WorkflowCompleted) == [WorkflowCompleted(degraded=(step,))]
    assert life.events(CompensationStarted) == []


@pytest.mark.parametrize("saga", sorted({saga for saga, _ in optional()}))
def test_all_of_them_may_fail_at_once(saga: str) -> None:
    down = {step for of, step in optional() if of == saga}
    life = lived(saga, down, FailureReason.NOT_CONFIGURED)
    assert life.saga.life is Life.COMPLETED
    (end,) = life.events(WorkflowCompleted)
    assert set(end.degraded) == down


def test_film_and_channels_are_what_a_campaign_can_do_without() -> None:
    channels = {("campaign", f"publish.{channel}") for channel in CHANNELS}
    assert set(optional()) == {("campaign", "video"), ("project", "video"), *channels}
