"""Telling facts one after another, each folded at once: the way every decision is written."""

from datetime import datetime

from contracts.message import LogEvent
from contracts.saga import CompensationRequested, ToolCallRequested
from services.orchestrator.saga.engine.evolve import evolve
from services.orchestrator.saga.engine.fact import Fact
from services.orchestrator.saga.state import Life, Pause, Saga, StepStatus, UndoStatus


class Owner:
    """Whose story is told, and the input that it answers."""

    def __init__(self, campaign_id: str, tenant_id: str, correlation_id: str, cause: str) -> None:
        self.campaign_id = campaign_id
        self.tenant_id = tenant_id
        self.correlation_id = correlation_id
        self.cause = cause


class Story:
    """The facts of one decision, and the saga as they leave it."""

    def __init__(
        self, saga: Saga | None, owner: Owner, now: datetime, wider: tuple[Pause, ...] = ()
    ) -> None:
        self._saga = saga
        self._owner = owner
        self.now = now
        self.wider = wider
        self.facts: list[Fact] = []

    @property
    def cause(self) -> str:
        """The id of the input that this story answers."""
        return self._owner.cause

    @property
    def saga(self) -> Saga:
        """The saga so far. Asking before it exists is our own bug."""
        assert self._saga is not None
        return self._saga

    def clock(self, step: str) -> datetime:
        """The step's own time: it stands still while a pause holds the step."""
        return self.saga.held_since(step) or self.now

    def tell(self, event: LogEvent) -> None:
        """Add a fact and fold it."""
        owner = self._owner
        fact = Fact(
            event, self.now, owner.campaign_id, owner.tenant_id, owner.correlation_id, owner.cause
        )
        self._saga = evolve(self._saga, fact)
        self.facts.append(fact)


def awaits(saga: Saga, asked: ToolCallRequested | CompensationRequested) -> bool:
    """True while the saga still waits for the answer to this very command."""
    state = saga.steps[asked.step]
    if isinstance(asked, ToolCallRequested):
        waits = saga.life is Life.RUNNING and state.status is StepStatus.CALLED
        return waits and state.command_id == asked.command_id
    waits = saga.life is Life.COMPENSATING and state.undo is UndoStatus.CALLED
    return waits and state.undo_command_id == asked.command_id
