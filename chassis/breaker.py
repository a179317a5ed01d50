"""A circuit breaker as pure functions: states, edges and counts. It knows no store and no clock.

CLOSED counts failures without a success between them; at the profile's number it opens. OPEN lets
nothing through until its time is over. HALF_OPEN admits a few trial calls: enough successes close
it, one failure opens it again. Trials that nobody reported (their process died) do not hold it
half open for ever: after another such time as many are admitted anew.

Every change of state raises `generation`; what a call of an earlier generation reports is ignored.
"""

from dataclasses import dataclass, replace
from enum import IntEnum


class State(IntEnum):
    """The number is the gauge's value."""

    CLOSED = 0
    OPEN = 1
    HALF_OPEN = 2


@dataclass(frozen=True, slots=True)
class Profile:
    """When a breaker opens, for how many seconds, and what closes it again."""

    failures: int = 5
    open_s: float = 30.0
    trials: int = 3
    successes: int = 3


STANDARD = Profile()
"""5 failures, 30 s, 3 trial calls at once, 3 successes."""

PATIENT = Profile(failures=5, open_s=60.0, trials=2, successes=2)
"""For dependencies that recover slowly: 5 failures, 60 s, 2 successes."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """A breaker's memory. `since` is when its state, or its half-open period, began (epoch s)."""

    state: State = State.CLOSED
    generation: int = 0
    failures: int = 0
    successes: int = 0
    trials: int = 0
    since: float = 0.0


NEW = Circuit()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call may go out; if not, after how many seconds asking again makes sense."""

    admitted: bool
    wait_s: float = 0.0


ADMITTED = Verdict(admitted=True)


def admit(circuit: Circuit, profile: Profile, now: float) -> tuple[Circuit, Verdict]:
    """The circuit with one more call under way, or the refusal of that call."""
    if circuit.state is State.CLOSED:
        return circuit, ADMITTED
    # A clock that was set back must not keep a circuit open for longer than its time.
    over = not 0 <= now - circuit.since < profile.open_s
    if circuit.state is State.OPEN and not over:
        return circuit, Verdict(admitted=False, wait_s=profile.open_s - (now - circuit.since))
    if circuit.state is State.OPEN or over:
        trying = Circuit(State.HALF_OPEN, circuit.generation + 1, since=now)
        if circuit.state is State.HALF_OPEN:
            trying = replace(trying, generation=circuit.generation, successes=circuit.successes)
        return replace(trying, trials=1), ADMITTED
    if circuit.trials < profile.trials:
        return replace(circuit, trials=circuit.trials + 1), ADMITTED
    return circuit, Verdict(admitted=False, wait_s=profile.open_s - (now - circuit.since))


def succeeded(circuit: Circuit, profile: Profile, generation: int, now: float) -> Circuit:
    """The circuit once a call that was admitted in `generation` went well."""
    if generation != circuit.generation or circuit.state is State.OPEN:
        return circuit
    if circuit.state is State.CLOSED:
        return replace(circuit, failures=0) if circuit.failures else circuit
    successes = circuit.successes + 1
    if successes >= profile.successes:
        return Circuit(State.CLOSED, generation + 1, since=now)
    return replace(circuit, successes=successes, trials=max(0, circuit.trials - 1))


def failed(circuit: Circuit, profile: Profile, generation: int, now: float) -> Circuit:
    """The circuit once a call that was admitted in `generation` went wrong."""
    if generation != circuit.generation or circuit.state is State.OPEN:
        return circuit
    failures = circuit.failures + 1
    if circuit.state is State.CLOSED and failures < profile.failures:
        return replace(circuit, failures=failures)
    return Circuit(State.OPEN, generation + 1, failures=failures, since=now)


def given_up(circuit: Circuit, generation: int) -> Circuit:
    """The circuit once a call of `generation` ended without telling anything: its place is free."""
    if generation != circuit.generation or circuit.state is not State.HALF_OPEN:
        return circuit
    return replace(circuit, trials=max(0, circuit.trials - 1))
