"""Every saga type that the orchestrator runs, by name."""

from collections.abc import Mapping

from services.orchestrator.saga.definitions.campaign import CAMPAIGN, RESEARCH_ONLY
from services.orchestrator.saga.definitions.definition import SagaDefinition, StepTemplate

__all__ = ["DEFINITIONS", "SagaDefinition", "StepTemplate"]

DEFINITIONS: Mapping[str, SagaDefinition] = {
    definition.name: definition for definition in (CAMPAIGN, RESEARCH_ONLY)
}
