"""First results, kept: a command that is delivered again gets the answer it got before."""

import asyncio
from pathlib import Path
from typing import Protocol

from chassis.artefacts import write_once


class Results(Protocol):
    """Command id to the framed result, per tenant; the first one stands."""

    async def remember(self, tenant_id: str, command_id: str, value: bytes) -> bool:
        """Keep the result, before it is sent; False where there was one, which stands."""
        ...

    async def recall(self, tenant_id: str, command_id: str) -> bytes | None:
        """The result that was given before, or None."""
        ...


class FolderResults:
    """Results as files: `<root>/<tenant>/results/<command id>`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def remember(self, tenant_id: str, command_id: str, value: bytes) -> bool:
        """Keep the result, before it is sent; False where there was one, which stands."""
        return await asyncio.to_thread(write_once, self._path(tenant_id, command_id), value)

    async def recall(self, tenant_id: str, command_id: str) -> bytes | None:
        """The result that was given before, or None."""
        try:
            return await asyncio.to_thread(self._path(tenant_id, command_id).read_bytes)
        except FileNotFoundError:
            return None

    def _path(self, tenant_id: str, command_id: str) -> Path:
        return self._root / tenant_id / "results" / command_id
