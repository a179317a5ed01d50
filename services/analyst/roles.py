"""The analyst's roles: strategy and content, each with its own topic, group and replicas."""

from functools import partial

from chassis.service import Role, Wiring
from contracts.content import DeleteContentDrafts, WriteContent
from contracts.envelope import AppName
from contracts.strategy import BuildStrategy
from services.analyst.engines.embedded.writer import EmbeddedWriter
from services.analyst.handlers import build_strategy, delete_content_drafts, write_content
from services.analyst.settings import AnalystSettings


def roles(settings: AnalystSettings, wiring: Wiring) -> tuple[Role, ...]:
    """Both roles, bound to what the chassis gives and to the embedded writer."""
    strategy = Role(
        name="strategy",
        app=AppName.ANALYST,
        handlers={
            BuildStrategy: partial(
                build_strategy,
                recall=wiring.recall,
                clock=wiring.clock,
                lessons_limit=settings.lessons_limit,
            )
        },
        max_in_flight=settings.max_in_flight,
        recalls=True,
    )
    content = Role(
        name="content",
        app=AppName.ANALYST,
        handlers={
            WriteContent: partial(write_content, writer=EmbeddedWriter()),
            DeleteContentDrafts: delete_content_drafts,
        },
        max_in_flight=settings.max_in_flight,
    )
    return strategy, content
