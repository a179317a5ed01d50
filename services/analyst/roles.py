"""The analyst's roles: strategy and content, each with its own topic, group and replicas."""

from functools import partial

from chassis.service import Role, Wiring
from contracts.content import DeleteContentDrafts, WriteContent
from contracts.envelope import AppName
from contracts.strategy import BuildStrategy
from services.analyst.context import Weights
from services.analyst.engines.llm.asking import Limits
from services.analyst.engines.llm.strategist import Strategist
from services.analyst.engines.llm.tokens import count
from services.analyst.engines.llm.writer import LlmWriter
from services.analyst.handlers import Memory, build_strategy, delete_content_drafts, write_content
from services.analyst.settings import AnalystSettings


def roles(settings: AnalystSettings, wiring: Wiring) -> tuple[Role, ...]:
    """Both roles, bound to what the chassis gives; models plan and write where there is one."""
    weights = Weights(
        relevance=settings.context_relevance,
        kind=settings.context_kind,
        recency=settings.context_recency,
        diversity=settings.context_diversity,
    )
    strategist = Strategist(
        wiring.door,
        settings.planners,
        count=count,
        weights=weights,
        limits=Limits(settings.strategist_seconds_max, 1),
    )
    writer = LlmWriter(
        wiring.door,
        settings.models,
        count=count,
        weights=weights,
        limits=Limits(settings.writer_seconds_max, settings.writer_calls_at_once),
    )
    strategy = Role(
        name="strategy",
        app=AppName.ANALYST,
        handlers={
            BuildStrategy: partial(
                build_strategy,
                memory=Memory(wiring.recall, settings.lessons_limit),
                clock=wiring.clock,
                strategist=strategist,
            )
        },
        max_in_flight=settings.max_in_flight,
        recalls=True,
    )
    content = Role(
        name="content",
        app=AppName.ANALYST,
        handlers={
            WriteContent: partial(write_content, writer=writer),
            DeleteContentDrafts: delete_content_drafts,
        },
        max_in_flight=settings.max_in_flight,
    )
    return strategy, content
