"""Claims on effects: whoever creates the claim first may act; the outcome is written beside it.

A claim without an outcome means that somebody died between deciding and knowing: the effect may
or may not have happened, and the channel's policy decides (hold, or send again).
"""

import asyncio
from pathlib import Path
from typing import Protocol

from chassis.artefacts import write_once


class Claims(Protocol):
    """Put-if-absent records of one tenant."""

    async def claim(self, key: str, owner: str) -> bool:
        """True where the claim is new; False where anybody made it before, this caller too."""
        ...

    async def owner(self, key: str) -> str | None:
        """Who made the claim, or None."""
        ...

    async def settle(self, key: str, outcome: bytes) -> None:
        """Record what came of it; the first outcome stands."""
        ...

    async def outcome(self, key: str) -> bytes | None:
        """What came of it; None while unknown."""
        ...


class FolderClaims:
    """Claims as files created exclusively: `<tenant>/claims/<key>` and `<key>.outcome`."""

    def __init__(self, root: Path, tenant_id: str) -> None:
        self._root = root
        self._tenant_id = tenant_id

    async def claim(self, key: str, owner: str) -> bool:
        """True where the claim is new."""
        return await asyncio.to_thread(write_once, self._folder / key, owner.encode())

    async def owner(self, key: str) -> str | None:
        """Who made the claim, or None."""
        found = await self._read(self._folder / key)
        return None if found is None else found.decode()

    async def settle(self, key: str, outcome: bytes) -> None:
        """Record what came of it; the first outcome stands."""
        await asyncio.to_thread(write_once, self._folder / f"{key}.outcome", outcome)

    async def outcome(self, key: str) -> bytes | None:
        """What came of it; None while unknown."""
        return await self._read(self._folder / f"{key}.outcome")

    @property
    def _folder(self) -> Path:
        return self._root / self._tenant_id / "claims"

    async def _read(self, path: Path) -> bytes | None:
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return None
