"""A saga that only waits for a person: no phase is needed to move it, time alone ends it."""

from contracts.plan import CampaignState, PlannedStep, StepKind
from services.orchestrator.saga.definitions import SagaDefinition, StepTemplate

GATE_TIMEOUT_MS = 1_500

GATED = {
    "gated": SagaDefinition(
        name="gated",
        version=1,
        steps=(
            StepTemplate(
                PlannedStep(
                    name="review",
                    kind=StepKind.GATE,
                    stage=CampaignState.REVIEW,
                    timeout_ms=GATE_TIMEOUT_MS,
                )
            ),
        ),
    )
}
