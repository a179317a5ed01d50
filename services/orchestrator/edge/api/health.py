"""Is it alive, can it work, how is it: health and figures."""

import asyncio
import time
from collections.abc import Awaitable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse

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
async def live() -> dict[str, str]:
    """200 as long as the process answers."""
    return {"status": "alive"}


@router.get("/health/ready")
async def ready(edge: EdgeNow) -> Response:
    """200 where requests can be taken; 503 names what does not answer."""
    found = await _dependencies(edge)
    fine = all(state == OK for state in found.values())
    told = {"status": "ready" if fine else "not ready", "dependencies": found}
    return JSONResponse(told, 200 if fine else 503)


@router.get("/health")
async def health(edge: EdgeNow) -> dict[str, Any]:
    """How the edge is; always 200 while it answers."""
    found = await _dependencies(edge)
    return {
        "status": "healthy" if all(state == OK for state in found.values()) else "degraded",
        "version": version_of_this(),
        "uptime_seconds": round(time.monotonic() - _BORN, 3),
        "dependencies": found,
        "streams": {"active_connections": edge.hub.streams},
    }


@router.get("/metrics", response_class=PlainTextResponse)
@router.get("/health/metrics", response_class=PlainTextResponse)
async def metrics() -> Response:
    """Figures in Prometheus text."""
    return Response(metrics_text(), media_type=METRICS_TYPE)


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
