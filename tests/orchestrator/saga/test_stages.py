"""The table of campaign states: every pair tried, and every saga type held against it."""

from itertools import pairwise, product

import pytest

from contracts.plan import CampaignState as State
from services.orchestrator.saga.definitions import DEFINITIONS
from services.orchestrator.saga.stages import FOLLOWS, may_follow

ROAD = [
    State.IDLE,
    State.RADAR,
    State.STRATEGY,
    State.CONTENT_PROD,
    State.AUDIT,
    State.REVIEW,
    State.PUBLISH,
    State.LEARN,
    State.COMPLETED,
]
WORKING = ROAD[1:-1]
WRONG_ENDS = [State.FAILED, State.REJECTED, State.CANCELLED]

LISTED = {
    *pairwise(ROAD),
    *((state, end) for state in WORKING for end in [State.COMPENSATING, *WRONG_ENDS]),
    *((State.COMPENSATING, end) for end in WRONG_ENDS),
    *((State.FAILED, state) for state in WORKING if state is not State.REVIEW),
    (State.AUDIT, State.CONTENT_PROD),
    (State.REVIEW, State.CONTENT_PROD),
    (State.REVIEW, State.AUDIT),
    (State.IDLE, State.CANCELLED),
    *((state, State.COMPLETED) for state in WORKING[:3]),  # the shorter saga types end there
    (State.REVIEW, State.LEARN),
    *((state, State.PAUSED) for state in [State.IDLE, *WORKING, State.COMPENSATING]),
    *((State.PAUSED, state) for state in State),
}
"""Written out from the story, not from the table."""


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_exactly_the_listed_transitions_are_allowed(before: State, after: State) -> None:
    assert may_follow(before, after) is (before is after or (before, after) in LISTED)


def test_the_table_speaks_about_every_state() -> None:
    assert set(FOLLOWS) == set(State)


def test_nothing_follows_an_end_but_a_retry_of_a_failure() -> None:
    for end in (State.COMPLETED, State.REJECTED, State.CANCELLED):
        assert FOLLOWS[end] == frozenset()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_saga_types_steps_stand_in_the_order_of_the_road(name: str) -> None:
    stages = [template.step.stage for template in DEFINITIONS[name].steps]
    road = [State.IDLE, *stages, State.COMPLETED]
    assert all(may_follow(before, after) for before, after in pairwise(road))
