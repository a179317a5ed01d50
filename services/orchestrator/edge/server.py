"""The edge role: one HTTP server round the application."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import uvicorn

from chassis.telemetry import Vitals
from services.orchestrator.edge.app import create_app, make_edge
from services.orchestrator.edge.context import Edge
from services.orchestrator.settings import OrchestratorSettings

GRACE_S = 3
"""How long open streams are given at the end; their clients reconnect elsewhere."""


class EdgeServer:
    """One copy of the edge."""

    def __init__(
        self,
        settings: OrchestratorSettings,
        edge: Edge | None = None,
        *,
        vitals: Sequence[Vitals] = (),
    ) -> None:
        """With `edge` its parts are given; `vitals` are those of the process's other roles."""
        parts = edge or make_edge(settings)
        parts = replace(parts, vitals=(*parts.vitals, *vitals))
        self._closing = parts.closing
        self._server = _Quiet(
            uvicorn.Config(
                create_app(settings, parts),
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
            )
        )

    def stop(self) -> None:
        """Make `run` return: no new connections, and the open ones end soon."""
        self._closing.set()
        self._server.should_exit = True

    async def run(self) -> None:
        """Serve until stopped."""
        await self._server.serve()


class _Quiet(uvicorn.Server):
    """Leaves signals to the process, which may run other roles too."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Captures none: the process decides when to stop."""
        yield
