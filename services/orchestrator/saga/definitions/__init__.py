"""Every saga type that the orchestrator runs, by name, and what their steps ask of the phases."""

from collections.abc import Mapping

from contracts.goal import Channel
from services.orchestrator.saga.definitions.campaign import CAMPAIGN
from services.orchestrator.saga.definitions.definition import SagaDefinition, StepTemplate
from services.orchestrator.saga.definitions.shorter import (
    MULTI_AGENT,
    PROJECT,
    RESEARCH_ONLY,
    SESSION,
)

__all__ = ["DEFINITIONS", "SagaDefinition", "StepTemplate", "activities"]

DEFINITIONS: Mapping[str, SagaDefinition] = {
    definition.name: definition
    for definition in (CAMPAIGN, PROJECT, SESSION, MULTI_AGENT, RESEARCH_ONLY)
}


def activities(definitions: Mapping[str, SagaDefinition] = DEFINITIONS) -> tuple[str, ...]:
    """Everything a phase can be asked to do or undo, per channel where the step is per channel."""
    found: set[str] = set()
    for definition in definitions.values():
        for template in definition.steps:
            values = [f":{channel}" for channel in Channel] if template.for_each else [""]
            asked = filter(None, (template.step.command, template.step.undo))
            found.update(name + value for name in asked for value in values)
    return tuple(sorted(found))
