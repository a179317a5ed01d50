"""Adding up what steps did: progress, cost, and names. Pure; it knows no facts."""

from collections.abc import Mapping

from contracts.envelope import Usage
from contracts.plan import PlannedStep
from services.orchestrator.saga.state import StepState


def progress(plan: tuple[PlannedStep, ...], steps: Mapping[str, StepState]) -> int:
    """The settled share of the weights, 0 to 99; only the end is 100."""
    total = settled = 0
    for planned in plan:
        total += planned.weight
        if steps[planned.name].settled:
            settled += planned.weight
    return min(99, settled * 100 // total) if total else 0


def may_progress(before: Mapping[str, StepState], after: Mapping[str, StepState]) -> bool:
    """False where no step is settled that was another state before: then the share is no more."""
    return any(state.settled for name, state in after.items() if state is not before.get(name))


def joined(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Both, in order, each value once."""
    return tuple(dict.fromkeys((*one, *other)))


def added(one: Usage, other: Usage) -> Usage:
    """What both cost together."""
    return Usage(
        tokens_in=one.tokens_in + other.tokens_in,
        tokens_out=one.tokens_out + other.tokens_out,
        cost_micros=one.cost_micros + other.cost_micros,
        duration_ms=one.duration_ms + other.duration_ms,
    )
