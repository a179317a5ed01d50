"""The edge as one application: its parts put together, every route, every error a problem."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from chassis.artefacts import FolderArtefacts
from chassis.circuits import Circuits
from chassis.clock import SystemClock
from chassis.codec import Codec
from chassis.sealing import FileKeyring
from services.orchestrator.edge import console, docs, forks, problems
from services.orchestrator.edge.api import (
    campaigns,
    control,
    decisions,
    figures,
    files,
    health,
    history,
    pauses,
    readers,
    registry,
    review_page,
    streams,
    unsubscribe,
)
from services.orchestrator.edge.bodies import SCHEMA_REF
from services.orchestrator.edge.context import Edge
from services.orchestrator.edge.hub import Hub
from services.orchestrator.edge.log import EdgeLog
from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.database import Database
from services.orchestrator.view.queries import View

DESCRIPTION = """\
Brings campaigns in, shows how they are, and lets people decide.

The tenant is named by `X-Tenant-Id` (or `?tenant=` where no header can be sent); without it the
default tenant is meant. **There is no authentication yet**: put a proxy in front that
authenticates and sets that header itself. Errors are RFC 9457 problem documents.
"""

_ROUTED = (
    campaigns,
    decisions,
    control,
    pauses,
    history,
    streams,
    figures,
    files,
    readers,
    unsubscribe,
    review_page,
    health,
    registry,
    console,
    docs,
)
_BODIES = (
    campaigns.NewCampaign,
    decisions.Decision,
    decisions.Cancelling,
    decisions.PublishingNow,
    control.Pausing,
    control.Reason,
    pauses.WidePause,
    pauses.WideResume,
    forks.Forking,
)


def make_edge(settings: OrchestratorSettings, log: EdgeLog | None = None) -> Edge:
    """The parts of an edge process; `log` is Kafka unless another is given."""
    codec = Codec()
    log = log or _kafka(settings)
    return Edge(
        settings=settings,
        log=log,
        view=View(Database(settings.database_url, settings.view_path)),
        codec=codec,
        keyring=FileKeyring(settings.keyring_dir),
        artefacts=FolderArtefacts(settings.artefacts_dir),
        clock=SystemClock(),
        hub=Hub(log, codec),
        circuits=Circuits(settings.redis_urls),
    )


def create_app(settings: OrchestratorSettings, edge: Edge | None = None) -> FastAPI:
    """The application. With `edge` its parts are given, else they are made from the settings."""
    parts = edge or make_edge(settings)
    app = FastAPI(
        title="Sagaline",
        description=DESCRIPTION,
        version=health.version_of_this(),
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.edge = parts
    problems.install(app)
    app.add_exception_handler(registry.Refusal, registry.refusal_response)
    for module in _ROUTED:
        app.include_router(module.router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
    edge: Edge = app.state.edge
    edge.hub.start()
    try:
        yield
    finally:
        await edge.hub.stop()
        await edge.log.close()
        await edge.circuits.close()
        edge.view.close()


def _kafka(settings: OrchestratorSettings) -> EdgeLog:
    from services.orchestrator.edge.kafka import KafkaEdgeLog

    return KafkaEdgeLog(settings)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The description of all routes, with the strict bodies that FastAPI does not see."""
    if app.openapi_schema is None:
        told = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        _, bodies = models_json_schema(
            [(model, "validation") for model in _BODIES], ref_template=SCHEMA_REF
        )
        told.setdefault("components", {}).setdefault("schemas", {}).update(bodies["$defs"])
        app.openapi_schema = told
    return app.openapi_schema
