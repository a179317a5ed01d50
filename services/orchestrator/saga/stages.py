"""Which campaign states may follow which: the table that people, views and tests rely on."""

from collections.abc import Mapping

from contracts.plan import CampaignState as State

_ENDS = frozenset({State.PAUSED, State.COMPENSATING, State.FAILED, State.REJECTED, State.CANCELLED})

FOLLOWS: Mapping[State, frozenset[State]] = {
    State.IDLE: frozenset({State.RADAR, State.PAUSED, State.CANCELLED}),
    State.RADAR: frozenset({State.STRATEGY, State.COMPLETED}) | _ENDS,
    State.STRATEGY: frozenset({State.CONTENT_PROD, State.COMPLETED}) | _ENDS,
    State.CONTENT_PROD: frozenset({State.AUDIT, State.COMPLETED}) | _ENDS,
    State.AUDIT: frozenset({State.REVIEW, State.CONTENT_PROD}) | _ENDS,
    State.REVIEW: frozenset({State.PUBLISH, State.CONTENT_PROD, State.AUDIT, State.LEARN}) | _ENDS,
    State.PUBLISH: frozenset({State.LEARN}) | _ENDS,
    State.LEARN: frozenset({State.COMPLETED}) | _ENDS,
    State.PAUSED: frozenset(State) - {State.PAUSED},
    State.COMPENSATING: _ENDS - {State.COMPENSATING},
    State.COMPLETED: frozenset(),
    State.FAILED: frozenset(
        {State.RADAR, State.STRATEGY, State.CONTENT_PROD, State.AUDIT, State.PUBLISH, State.LEARN}
    ),
    State.REJECTED: frozenset(),
    State.CANCELLED: frozenset(),
}
"""RADAR may end in COMPLETED for a research-only run; FAILED goes on where a retry resumes.

Answers are taken in during a pause, so after it a campaign may stand anywhere, even at its end.
"""


def may_follow(before: State, after: State) -> bool:
    """True where a campaign in `before` may be seen in `after` next."""
    return before is after or after in FOLLOWS[before]
