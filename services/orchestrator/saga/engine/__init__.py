"""The saga engine: two pure functions. It knows steps and plans, no campaign, broker or clock."""

from services.orchestrator.saga.engine.decide import Decision, decide
from services.orchestrator.saga.engine.evolve import evolve
from services.orchestrator.saga.engine.fact import Fact
from services.orchestrator.saga.engine.pausing import conforms
from services.orchestrator.saga.engine.story import Owner, awaits

__all__ = ["Decision", "Fact", "Owner", "awaits", "conforms", "decide", "evolve"]
