"""One step of a saga changed, and nothing else: what most facts do. Pure."""

from typing import Any

from services.orchestrator.saga.state import Saga


def with_step(saga: Saga, step: str, **changes: object) -> dict[str, Any]:
    """The saga's field `steps` with one of them changed."""
    return {"steps": {**saga.steps, step: saga.steps[step].model_copy(update=changes)}}
