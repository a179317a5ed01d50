"""RES-01, RES-02: each edge of a breaker at its profile's figures, on a clock that tests drive."""

import pytest

from chassis.breaker import (
    NEW,
    PATIENT,
    STANDARD,
    Circuit,
    Profile,
    State,
    admit,
    failed,
    given_up,
    succeeded,
)

BOTH = pytest.mark.parametrize("profile", [STANDARD, PATIENT], ids=["standard", "patient"])


def opened(profile: Profile, at: float = 100.0) -> Circuit:
    circuit = NEW
    for _ in range(profile.failures):
        circuit = failed(circuit, profile, circuit.generation, at)
    return circuit


def half_open(profile: Profile) -> Circuit:
    circuit, _ = admit(opened(profile), profile, 100.0 + profile.open_s)
    return circuit


def test_the_profiles_are_the_ones_that_were_asked_for() -> None:
    assert Profile(failures=5, open_s=30.0, trials=3, successes=3) == STANDARD
    assert (PATIENT.failures, PATIENT.open_s, PATIENT.successes) == (5, 60.0, 2)


@BOTH
def test_it_opens_at_its_number_of_failures_and_not_before(profile: Profile) -> None:
    circuit = NEW
    for _ in range(profile.failures - 1):
        circuit = failed(circuit, profile, circuit.generation, 100.0)
    assert circuit.state is State.CLOSED
    assert failed(circuit, profile, circuit.generation, 100.0).state is State.OPEN


def test_a_success_between_failures_starts_the_count_anew() -> None:
    circuit = Circuit(failures=4)
    circuit = succeeded(circuit, STANDARD, 0, 100.0)
    assert failed(circuit, STANDARD, 0, 100.0).state is State.CLOSED


@BOTH
def test_an_open_circuit_refuses_until_its_time_is_over(profile: Profile) -> None:
    circuit = opened(profile)
    still, verdict = admit(circuit, profile, 100.0 + profile.open_s - 1)
    assert (still, verdict.admitted, verdict.wait_s) == (circuit, False, 1.0)
    trying, verdict = admit(circuit, profile, 100.0 + profile.open_s)
    assert (trying.state, verdict.admitted) == (State.HALF_OPEN, True)


@BOTH
def test_half_open_admits_only_so_many_at_once(profile: Profile) -> None:
    circuit = half_open(profile)
    for _ in range(profile.trials - 1):
        circuit, verdict = admit(circuit, profile, 101.0 + profile.open_s)
        assert verdict.admitted
    circuit, verdict = admit(circuit, profile, 101.0 + profile.open_s)
    assert not verdict.admitted
    free = given_up(circuit, circuit.generation)
    assert admit(free, profile, 101.0 + profile.open_s)[1].admitted


@BOTH
def test_enough_successes_close_it(profile: Profile) -> None:
    circuit = half_open(profile)
    for _ in range(profile.successes - 1):
        circuit = succeeded(circuit, profile, circuit.generation, 200.0)
    assert circuit.state is State.HALF_OPEN
    closed = succeeded(circuit, profile, circuit.generation, 200.0)
    assert (closed.state, closed.failures) == (State.CLOSED, 0)


@BOTH
def test_one_failure_opens_it_again_for_the_whole_time(profile: Profile) -> None:
    circuit = half_open(profile)
    again = failed(circuit, profile, circuit.generation, 500.0)
    assert (again.state, again.since) == (State.OPEN, 500.0)


def test_what_a_call_of_before_the_change_reports_counts_for_nothing() -> None:
    circuit = half_open(STANDARD)
    for report in (
        failed(circuit, STANDARD, 0, 140.0),
        succeeded(circuit, STANDARD, 0, 140.0),
        given_up(circuit, 0),
    ):
        assert report == circuit
    late = succeeded(opened(STANDARD), STANDARD, 0, 101.0)
    assert late.state is State.OPEN


def test_trials_whose_process_died_do_not_hold_it_half_open_for_ever() -> None:
    circuit = half_open(STANDARD)
    for _ in range(2):
        circuit, _ = admit(circuit, STANDARD, 131.0)
    circuit = succeeded(circuit, STANDARD, circuit.generation, 131.0)
    circuit, _ = admit(circuit, STANDARD, 132.0)
    assert not admit(circuit, STANDARD, 133.0)[1].admitted
    anew, verdict = admit(circuit, STANDARD, 130.0 + STANDARD.open_s)
    assert verdict.admitted
    assert (anew.successes, anew.generation) == (1, circuit.generation)


def test_a_clock_that_was_set_back_does_not_keep_it_open() -> None:
    assert admit(opened(STANDARD, at=1_000.0), STANDARD, 10.0)[1].admitted
