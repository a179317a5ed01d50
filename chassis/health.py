"""Every process's small HTTP face: is it alive, is it ready, and its metrics."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from chassis.errors import ChassisError
from chassis.settings import ChassisSettings
from chassis.telemetry import Vitals, metrics_text

REQUEST_BYTES_MAX = 8_192
REQUEST_TIMEOUT_S = 5.0
PATHS = "/health/live, /health/ready, /health/metrics, /health, /metrics"

Outside = Callable[[], Mapping[str, Any]]
"""How the process's adapters are: what `Door.health` tells."""

log = structlog.get_logger()


def _nothing_outside() -> Mapping[str, Any]:
    return {}


class AddressUnusable(ChassisError):
    """Nothing can listen at HOST and PORT; the message says why and what to do."""


async def serve_health(
    settings: ChassisSettings, vitals: Sequence[Vitals], outside: Outside = _nothing_outside
) -> None:
    """Serve until cancelled; a port of 0 takes a free one and says which.

    Raises AddressUnusable where the port is taken or the host is none of this machine's.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                head = await reader.readuntil(b"\r\n\r\n")
                parts = head.split(b" ", 2)
                path = parts[1].decode(errors="replace") if len(parts) > 1 else ""
                writer.write(response(path.split("?")[0], vitals, outside))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            log.debug("health_request_broken")
        finally:
            writer.close()

    try:
        server = await asyncio.start_server(
            answer, settings.host, settings.port, limit=REQUEST_BYTES_MAX
        )
    except OSError as cause:
        raise unusable(settings, cause) from cause
    address = server.sockets[0].getsockname()
    log.info("health_served", host=address[0], port=address[1])
    async with server:
        await server.serve_forever()


def unusable(settings: ChassisSettings, cause: OSError) -> AddressUnusable:
    """What to tell an operator whose address cannot be listened at."""
    return AddressUnusable(
        f"cannot listen at {settings.host}:{settings.port} ({cause.strerror or cause}); stop what "
        "holds the port, or set HOST and PORT (0 takes a free port)"
    )


def response(path: str, vitals: Sequence[Vitals], outside: Outside = _nothing_outside) -> bytes:
    """The whole HTTP response for a path."""
    roles = [vital.report() for vital in vitals]
    if path in ("/metrics", "/health/metrics"):
        return _http(200, metrics_text(), "text/plain; version=0.0.4")
    if path == "/health/live":
        alive = all(vital.alive for vital in vitals)
        return _http(200 if alive else 503, _json({"alive": alive, "roles": roles}))
    if path in ("/health", "/health/ready"):
        ready = all(vital.ready for vital in vitals)
        told = {"ready": ready, "roles": roles, "outside": outside()}
        return _http(200 if ready else 503, _json(told))
    return _http(404, _json({"error": f"there is no {path}; there are {PATHS}"}))


def _json(body: object) -> bytes:
    return json.dumps(body).encode()


def _http(status: int, body: bytes, media_type: str = "application/json") -> bytes:
    reason = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}[status]
    head = (
        f"HTTP/1.1 {status} {reason}\r\ncontent-type: {media_type}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body
