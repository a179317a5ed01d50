"""A role that goes round but whose work does not move is not healthy; one that waits is."""

import math

import pytest

from chassis.movement import Movement
from chassis.pace import Drain, Pace
from chassis.telemetry import STALLED_AFTER_S, Vitals, metrics_text


class Hours:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def vitals(hours: Hours) -> Vitals:
    made = Vitals("content", now=hours)
    made.works()
    return made


def later(hours: Hours, vitals: Vitals, seconds: float = STALLED_AFTER_S) -> None:
    """The loop goes round all the time."""
    hours.now += seconds
    vitals.turned()


def test_a_role_with_nothing_to_do_is_healthy_for_ever(hours: Hours, vitals: Vitals) -> None:
    later(hours, vitals, 1_000_000)
    assert vitals.ready


def test_a_loop_that_does_not_go_round_is_not_alive(hours: Hours, vitals: Vitals) -> None:
    hours.now += STALLED_AFTER_S
    assert not vitals.alive
    assert vitals.report()["stands_still"] == "its loop does not go round"


def test_a_role_that_polls_and_takes_nothing_of_what_waits_is_not_alive(
    hours: Hours, vitals: Vitals
) -> None:
    vitals.movement.owes(7)
    later(hours, vitals)
    assert not vitals.ready
    assert vitals.report()["stands_still"] == "7 records wait, and none was taken"
    vitals.movement.moved()
    assert vitals.ready


def test_the_time_runs_from_the_first_record_that_waits(hours: Hours, vitals: Vitals) -> None:
    later(hours, vitals, 1_000)
    vitals.movement.owes(1)
    later(hours, vitals, STALLED_AFTER_S - 1)
    vitals.movement.owes(2)
    assert vitals.alive
    later(hours, vitals, 1)
    assert not vitals.alive


def test_a_role_that_waits_for_the_broker_owes_nothing_meanwhile(
    hours: Hours, vitals: Vitals
) -> None:
    vitals.movement.owes(7)
    vitals.waits("Kafka")
    later(hours, vitals)
    assert vitals.alive
    assert not vitals.ready


def test_work_that_runs_on_after_its_lease_is_not_progress(hours: Hours, vitals: Vitals) -> None:
    with vitals.movement.in_hand("step design", 30.0), vitals.movement.in_hand("step audit", 9_000):
        later(hours, vitals, 30 + STALLED_AFTER_S - 1)
        before = vitals.alive
        later(hours, vitals, 1)
        assert (before, vitals.alive) == (True, False)
        assert vitals.report()["stands_still"] == "step design runs on after its lease"
    assert vitals.alive


def test_work_that_failed_is_no_longer_in_hand(hours: Hours) -> None:
    movement = Movement(hours)
    with pytest.raises(ValueError, match="no"), movement.in_hand("step design", 1.0):
        raise ValueError("no")
    hours.now += 1_000
    assert movement.standing().seconds == 0


def test_what_waits_is_done_at_the_last_minutes_pace(hours: Hours) -> None:
    drain = Drain(hours)
    drain.done(1_000)
    hours.now += 10
    assert drain.seconds(50) == pytest.approx(0.5)
    found = []
    for _ in range(12):
        hours.now += 10
        drain.done(20)
        found.append(drain.seconds(50))
    assert found[-1] == pytest.approx(25.0)  # the thousand of two minutes ago count no more


def test_nothing_waiting_takes_no_time_and_nothing_done_takes_for_ever(hours: Hours) -> None:
    drain = Drain(hours)
    hours.now += 5
    assert drain.seconds(0) == 0
    assert drain.seconds(3) == math.inf


def test_the_forecast_is_a_metric_of_the_role(vitals: Vitals) -> None:
    pace = Pace("forecast-test", vitals)
    pace.report(4, owed=4)
    assert b'sagaline_drain_seconds{role="forecast-test"} +Inf' in metrics_text()
    pace.report(0, owed=0)
    assert b'sagaline_drain_seconds{role="forecast-test"} 0.0' in metrics_text()


def test_where_nobody_can_say_what_waits_nobody_says_that_it_stands_still(
    hours: Hours, vitals: Vitals
) -> None:
    pace = Pace("content", vitals)
    pace.report(4, owed=4)
    pace.unknown()
    later(hours, vitals)
    assert vitals.alive
