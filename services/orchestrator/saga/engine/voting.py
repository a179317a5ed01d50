"""What votes and reminders change in a gate's state. Pure; it decides nothing."""

from collections.abc import Mapping
from typing import Any

from contracts.saga import ReviewReminded, ReviewVoted
from services.orchestrator.saga.engine.fact import Fact
from services.orchestrator.saga.engine.steps import with_step
from services.orchestrator.saga.state import Saga, Vote


def voted(event: ReviewVoted, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    """One more approval of what is shown."""
    state = saga.steps[event.step]
    vote = Vote(voter=event.voter, at=fact.at, reason=event.reason)
    return with_step(saga, event.step, votes=(*state.votes, vote))


def reminded(event: ReviewReminded, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    """The gate has reminded; it does so once for each question."""
    return with_step(saga, event.step, reminded_at=fact.at)
