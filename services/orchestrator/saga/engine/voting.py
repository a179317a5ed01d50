"""What votes and reminders change in a gate's state. Pure; it decides nothing."""

from collections.abc import Mapping
from typing import Any

from contracts.saga import ReviewReminded, ReviewVoted
from services.orchestrator.saga.engine.fact import Fact
from services.orchestrator.saga.state import Saga, Vote


def voted(event: ReviewVoted, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    """One more approval of what is shown."""
    state = saga.steps[event.step]
    vote = Vote(voter=event.voter, at=fact.at, reason=event.reason)
    return _changed(saga, event.step, votes=(*state.votes, vote))


def reminded(event: ReviewReminded, saga: Saga, fact: Fact) -> Mapping[str, Any]:
    """The gate has reminded; it does so once for each question."""
    return _changed(saga, event.step, reminded_at=fact.at)


def _changed(saga: Saga, step: str, **changes: object) -> dict[str, Any]:
    return {"steps": {**saga.steps, step: saga.steps[step].model_copy(update=changes)}}
