"""Given some facts, when an input comes, then these facts: the engine's tests in three words."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import NamedTuple

from contracts.message import LogEvent
from services.orchestrator.saga.engine import Fact, Owner, decide, evolve
from services.orchestrator.saga.engine.inputs import Input
from services.orchestrator.saga.state import Life, Saga, StepStatus, UndoStatus

CAMPAIGN_ID = "11111111-1111-4111-8111-111111111111"
TENANT_ID = "22222222-2222-4222-8222-222222222222"
CORRELATION_ID = "33333333-3333-4333-8333-333333333333"
MORNING = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)

Status = StepStatus | UndoStatus


def fact(event: LogEvent, cause: str = "", at: datetime = MORNING) -> Fact:
    """The event as this page's campaign would have logged it."""
    return Fact(event, at, CAMPAIGN_ID, TENANT_ID, CORRELATION_ID, cause or "the input before")


def folded(facts: tuple[Fact, ...], saga: Saga | None = None) -> Saga | None:
    """The saga that the facts give."""
    return reduce(evolve, facts, saga)


class Outcome(NamedTuple):
    """What an input brought about."""

    facts: tuple[Fact, ...]
    saga: Saga | None

    def then(self, *expected: type[LogEvent] | LogEvent) -> "Outcome":
        """Exactly these facts, in this order: by type, or by value."""
        events = [fact.event for fact in self.facts]
        names = [type(event).__name__ for event in events]
        wanted = [w.__name__ if isinstance(w, type) else type(w).__name__ for w in expected]
        assert names == wanted
        for event, want in zip(events, expected, strict=True):
            assert isinstance(want, type) or event == want
        return self

    def leaving(self, life: Life, **steps: Status) -> "Outcome":
        """The saga in this life, and steps on the way forward or back as given."""
        assert self.saga is not None
        assert self.saga.life is life
        for name, status in steps.items():
            state = self.saga.steps[name]
            found = state.undo if isinstance(status, UndoStatus) else state.status
            assert found is status, f"{name} is {found}"
        return self


class Situation(NamedTuple):
    """The saga that some facts gave."""

    saga: Saga | None

    def when(self, message: Input, *, after: timedelta = timedelta(), by: str = "new") -> Outcome:
        """Let the engine decide on the input; `by` is the input's id."""
        owner = Owner(CAMPAIGN_ID, TENANT_ID, CORRELATION_ID, by)
        start = self.saga.updated_at if self.saga else MORNING
        decision = decide(self.saga, message, owner, start + after)
        assert folded(decision.facts, self.saga) == decision.saga
        return Outcome(decision.facts, decision.saga)


def given(*facts: Fact | LogEvent) -> Situation:
    """The saga after these facts; none of them: the saga that is not there yet."""
    told = tuple(one if isinstance(one, Fact) else fact(one) for one in facts)
    return Situation(folded(told))
