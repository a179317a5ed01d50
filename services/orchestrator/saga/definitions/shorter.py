"""Saga types that walk a part of the campaign's road: they share its steps, and add none."""

from datetime import timedelta

from services.orchestrator.saga.definitions.campaign import (
    ANNOUNCE,
    AUDIT,
    CONTENT,
    DESIGN,
    FINISH_WITHIN,
    LEARN,
    RESEARCH,
    REVIEW,
    REVIEW_WISHES,
    STRATEGY,
    VIDEO,
)
from services.orchestrator.saga.definitions.definition import SagaDefinition, StepTemplate

ONE_DAY = timedelta(days=1)
"""Nobody waits longer for what has no gate."""

RESEARCH_ONLY = SagaDefinition(
    name="research-only", version=4, finish_within=ONE_DAY, steps=(StepTemplate(RESEARCH),)
)
"""Findings and nothing after them."""

MULTI_AGENT = SagaDefinition(
    name="multi-agent",
    version=4,
    finish_within=ONE_DAY,
    steps=(StepTemplate(RESEARCH), StepTemplate(STRATEGY)),
)
"""The research agents and the strategist: a cited plan for people to work from."""

SESSION = SagaDefinition(
    name="session",
    version=4,
    finish_within=ONE_DAY,
    steps=(StepTemplate(RESEARCH), StepTemplate(STRATEGY), StepTemplate(CONTENT)),
)
"""A writing session: drafts, without pictures, gate or publication."""

PROJECT = SagaDefinition(
    name="project",
    version=4,
    finish_within=FINISH_WITHIN,
    steps=(
        StepTemplate(RESEARCH),
        StepTemplate(STRATEGY),
        StepTemplate(CONTENT),
        StepTemplate(DESIGN),
        StepTemplate(VIDEO, when="generate_video"),
        StepTemplate(AUDIT),
        StepTemplate(ANNOUNCE, when="review_notices"),
        StepTemplate(REVIEW, wishes=REVIEW_WISHES),
        StepTemplate(LEARN.model_copy(update={"after": (REVIEW.name,)})),
    ),
)
"""Approved material for somebody else to publish: the whole road but its publications."""
