"""A copy of the edge behind a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from services.orchestrator.edge.server import EdgeServer
from tests.orchestrator.edge.fakes import Stand


@asynccontextmanager
async def served(stand: Stand) -> AsyncIterator[str]:
    """Its address; it is asked to end when the block is left."""
    async with endable(stand) as (url, _):
        yield url


@asynccontextmanager
async def endable(stand: Stand) -> AsyncIterator[tuple[str, EdgeServer]]:
    """Its address, and the server for whoever asks it to end before that."""
    server = EdgeServer(stand.settings.model_copy(update={"port": 0}), stand.edge())
    running = asyncio.create_task(server.run())
    inner: uvicorn.Server = server._server
    while not inner.started:  # noqa: ASYNC110 - uvicorn tells in no other way
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{inner.servers[0].sockets[0].getsockname()[1]}", server
    finally:
        server.stop()
        await running
