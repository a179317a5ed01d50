"""Is it alive, can it work, how is it: health and figures."""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from chassis.adapters.catalogue import NAMES
from chassis.main import IN_MEMORY
from chassis.shared_store import redis_problem
from chassis.telemetry import metrics_text
from services.orchestrator.edge.context import Edge, EdgeNow
from services.orchestrator.edge.log import LogUnavailable
from services.orchestrator.view.database import ViewUnavailable

router = APIRouter(tags=["health"])

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OK = "ok"

_BORN = time.monotonic()


def version_of_this() -> str:
    """The installed version; `unknown` where the code runs without being installed."""
    try:
        return version("sagaline")
    except PackageNotFoundError:
        return "unknown"


@router.get("/health/live")
async def live(edge: EdgeNow) -> Response:
    """200 while the process answers and no role in it stands still; 503 asks for a restart."""
    alive = all(vital.alive for vital in edge.vitals)
    told = {"status": "alive" if alive else "stalled", "roles": _roles(edge)}
    return JSONResponse(told, 200 if alive else 503)


@router.get("/health/ready")
async def ready(edge: EdgeNow) -> Response:
    """200 where every role of the process can work; 503 names what is waited for."""
    found = await _dependencies(edge)
    fine = _answering(found) and all(vital.ready for vital in edge.vitals)
    told = {
        "status": "ready" if fine else "not ready",
        "dependencies": found,
        "roles": _roles(edge),
    }
    return JSONResponse(told, 200 if fine else 503)


@router.get("/health")
async def health(edge: EdgeNow) -> dict[str, Any]:
    """How the process is; always 200 while it answers.

    `degraded` names what works, but with less than was promised; `circuits` are the adapters'
    breakers as all copies share them.
    """
    found, store, circuits = await asyncio.gather(
        _dependencies(edge), _store(edge), edge.circuits.look(NAMES)
    )
    degraded = {"store": store} if store else {}
    full = not degraded and all(v.ready and not v.degraded for v in edge.vitals)
    return {
        "status": "healthy" if full and _answering(found) else "degraded",
        "version": version_of_this(),
        "uptime_seconds": round(time.monotonic() - _BORN, 3),
        "dependencies": found,
        "degraded": degraded,
        "circuits": {
            name: {"state": one.state.name.lower(), "failures": one.failures}
            for name, one in circuits.items()
        },
        "roles": _roles(edge),
        "streams": {
            "active_connections": edge.hub.streams,
            "campaigns_with_connections": edge.hub.campaigns,
        },
    }


@router.get("/metrics", response_class=PlainTextResponse)
@router.get("/health/metrics", response_class=PlainTextResponse)
async def metrics() -> Response:
    """Figures in Prometheus text."""
    return Response(metrics_text(), media_type=METRICS_TYPE)


def _roles(edge: Edge) -> list[dict[str, Any]]:
    return [vital.report() for vital in edge.vitals]


def _answering(dependencies: Mapping[str, str]) -> bool:
    return all(state == OK for state in dependencies.values())


async def _store(edge: Edge) -> str:
    """Why copies do not share what they should; empty where they do."""
    if edge.settings.use_in_memory_store:
        return IN_MEMORY
    return await redis_problem(edge.settings.redis_urls, edge.settings.dependency_wait_s)


async def _dependencies(edge: Edge) -> dict[str, str]:
    wait_s = edge.settings.dependency_wait_s
    broker, view = await asyncio.gather(
        _state(edge.log.check(), wait_s), _state(edge.view.check(), wait_s)
    )
    return {"broker": broker, "view": view}


async def _state(check: Awaitable[None], wait_s: float) -> str:
    try:
        async with asyncio.timeout(wait_s):
            await check
    except (LogUnavailable, ViewUnavailable) as cause:
        return str(cause)
    except TimeoutError:
        return f"no answer within {wait_s} s"
    return OK
