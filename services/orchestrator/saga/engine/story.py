"""Telling facts one after another, each folded at once: the way every decision is written."""

from datetime import datetime

from contracts.message import LogEvent
from services.orchestrator.saga.engine.evolve import evolve
from services.orchestrator.saga.engine.fact import Fact
from services.orchestrator.saga.state import Saga


class Owner:
    """Whose story is told, and the input that it answers."""

    def __init__(self, campaign_id: str, tenant_id: str, correlation_id: str, cause: str) -> None:
        self.campaign_id = campaign_id
        self.tenant_id = tenant_id
        self.correlation_id = correlation_id
        self.cause = cause


class Story:
    """The facts of one decision, and the saga as they leave it."""

    def __init__(self, saga: Saga | None, owner: Owner, now: datetime) -> None:
        self._saga = saga
        self._owner = owner
        self.now = now
        self.facts: list[Fact] = []

    @property
    def saga(self) -> Saga:
        """The saga so far. Asking before it exists is our own bug."""
        assert self._saga is not None
        return self._saga

    def tell(self, event: LogEvent) -> None:
        """Add a fact and fold it."""
        owner = self._owner
        fact = Fact(
            event, self.now, owner.campaign_id, owner.tenant_id, owner.correlation_id, owner.cause
        )
        self._saga = evolve(self._saga, fact)
        self.facts.append(fact)
