"""Bytes outside the log: stored per tenant under their own SHA-256, referenced per campaign step.

An undo drops references, never bytes: two campaigns may share them. Unreferenced bytes are for a
sweep. A digest is not a permission: whoever reads names the tenant. What an undo released stays
released: a copy that was given up and still works on the same effect cannot refer any more.
"""

import asyncio
import hashlib
import json
import os
import secrets
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from chassis.errors import StepError
from contracts.envelope import ArtefactRef, FailureReason
from contracts.message import Digest

UNDONE = ".undone"


class ArtefactMissing(LookupError):
    """This tenant has no bytes under that digest."""


class ArtefactStore(Protocol):
    """Where the bytes are. Tenants never see each other's."""

    async def put(self, tenant_id: str, data: bytes) -> Digest:
        """Store `data` under its SHA-256; storing the same again changes nothing."""
        ...

    async def get(self, tenant_id: str, digest: Digest) -> bytes:
        """The bytes. Raises ArtefactMissing."""
        ...

    async def refer(
        self, tenant_id: str, campaign_id: str, step: str, ref: ArtefactRef, effect_key: str = ""
    ) -> bool:
        """Note that this step of this campaign needs the bytes, as part of an effect.

        False where the effect was undone before: then nothing is noted.
        """
        ...

    async def references(
        self, tenant_id: str, campaign_id: str, step: str
    ) -> tuple[ArtefactRef, ...]:
        """What the step refers to, by name."""
        ...

    async def release(
        self, tenant_id: str, campaign_id: str, step: str, undone: Collection[str] = ()
    ) -> int:
        """Drop all references of the step; how many there were.

        The effects named as `undone` get none any more.
        """
        ...


class FolderArtefacts:
    """An ArtefactStore in a folder: `<tenant>/blobs/…` and `<tenant>/refs/<campaign>/<step>/…`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, tenant_id: str, data: bytes) -> Digest:
        """Store `data` under its SHA-256; readers never see half a file."""
        digest = hashlib.sha256(data).hexdigest()
        await asyncio.to_thread(write_once, self._blob(tenant_id, digest), data)
        return digest

    async def get(self, tenant_id: str, digest: Digest) -> bytes:
        """The bytes. Raises ArtefactMissing."""
        try:
            return await asyncio.to_thread(self._blob(tenant_id, digest).read_bytes)
        except FileNotFoundError:
            raise ArtefactMissing(f"tenant {tenant_id} has no artefact {digest}") from None

    async def file(self, tenant_id: str, digest: Digest) -> Path:
        """Where the bytes lie, to be read in parts and never written. Raises ArtefactMissing."""
        path = self._blob(tenant_id, digest)
        if not await asyncio.to_thread(path.is_file):
            raise ArtefactMissing(f"tenant {tenant_id} has no artefact {digest}")
        return path

    async def refer(
        self, tenant_id: str, campaign_id: str, step: str, ref: ArtefactRef, effect_key: str = ""
    ) -> bool:
        """Note that this step needs the bytes; False where the effect was undone before."""
        noted = ref.model_dump_json().encode()
        # Named after the whole reference: two names may stand for the same bytes.
        name = f"{hashlib.sha256(noted + effect_key.encode()).hexdigest()}.json"
        folder = self._refs(tenant_id, campaign_id, step)

        def note() -> bool:
            if _undone(folder, effect_key):
                return False
            write_once(folder / name, noted)
            if not _undone(folder, effect_key):
                return True
            (folder / name).unlink(missing_ok=True)  # the undo came in between
            return False

        return await asyncio.to_thread(note)

    async def references(
        self, tenant_id: str, campaign_id: str, step: str
    ) -> tuple[ArtefactRef, ...]:
        """What the step refers to, by name."""
        folder = self._refs(tenant_id, campaign_id, step)

        def load() -> tuple[ArtefactRef, ...]:
            refs: list[ArtefactRef] = []
            for file in sorted(folder.glob("*.json")) if folder.is_dir() else []:
                with suppress(FileNotFoundError):  # released since it was listed
                    refs.append(ArtefactRef.model_validate(json.loads(file.read_bytes())))
            ordered = sorted(refs, key=lambda ref: (ref.name, ref.digest))
            return tuple(dict.fromkeys(ordered))  # two rounds may have made the same

        return await asyncio.to_thread(load)

    async def release(
        self, tenant_id: str, campaign_id: str, step: str, undone: Collection[str] = ()
    ) -> int:
        """Drop all references of the step; how many there were. `undone` get none any more."""
        folder = self._refs(tenant_id, campaign_id, step)

        def drop() -> int:
            for effect_key in undone:
                write_once(folder / f"{effect_key}{UNDONE}", b"")
            files = list(folder.glob("*.json")) if folder.is_dir() else []
            for file in files:
                file.unlink(missing_ok=True)
            return len(files)

        return await asyncio.to_thread(drop)

    def _blob(self, tenant_id: str, digest: str) -> Path:
        return self._root / tenant_id / "blobs" / digest[:2] / digest

    def _refs(self, tenant_id: str, campaign_id: str, step: str) -> Path:
        return self._root / tenant_id / "refs" / campaign_id / step


class StepArtefacts:
    """An ArtefactStore as one step of one campaign sees it, while it works on one effect."""

    def __init__(
        self,
        store: ArtefactStore,
        tenant_id: str,
        campaign_id: str,
        step: str,
        effect_key: str = "",
    ) -> None:
        self._store = store
        self._owner = (tenant_id, campaign_id, step)
        self._effect_key = effect_key

    async def put(self, data: bytes, *, name: str, media_type: str) -> ArtefactRef:
        """Store bytes and refer to them from this step. StepError CANCELLED after its undo."""
        digest = await self._store.put(self._owner[0], data)
        ref = ArtefactRef(name=name, digest=digest, media_type=media_type, size_bytes=len(data))
        if not await self._store.refer(*self._owner, ref, self._effect_key):
            raise StepError(
                FailureReason.CANCELLED,
                f"the step `{self._owner[2]}` was undone before `{name}` was kept; nothing refers "
                "to it. Start a new round of the step to make it again",
            )
        return ref

    async def get(self, digest: Digest) -> bytes:
        """Bytes of this tenant. Raises ArtefactMissing."""
        return await self._store.get(self._owner[0], digest)

    async def references(self) -> tuple[ArtefactRef, ...]:
        """What this step refers to."""
        return await self._store.references(*self._owner)

    async def release(self) -> int:
        """Drop this step's references; how many there were."""
        return await self._store.release(*self._owner)


class UndoneArtefacts(StepArtefacts):
    """The same as the step's undo sees it: what it releases stays released.

    It undoes the effects of every round so far: a copy that was given up may still work on an
    earlier one.
    """

    def __init__(
        self,
        store: ArtefactStore,
        tenant_id: str,
        campaign_id: str,
        step: str,
        effect_keys: tuple[str, ...],
    ) -> None:
        super().__init__(store, tenant_id, campaign_id, step, effect_keys[-1])
        self._effect_keys = effect_keys

    async def release(self) -> int:
        """Drop this step's references for good; how many there were."""
        return await self._store.release(*self._owner, self._effect_keys)


def _undone(folder: Path, effect_key: str) -> bool:
    return bool(effect_key) and (folder / f"{effect_key}{UNDONE}").exists()


def write_once(path: Path, data: bytes, *, secret: bool = False) -> bool:
    """Create `path` with `data`, whole or not at all; False where it exists already.

    A `secret` file is its owner's alone from its first byte, and on the disk when this returns.
    """
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    # Random: threads may share `data`, and processes of two containers their number.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write(draft, data, secret=secret)
        os.link(draft, path)
        if secret:
            _sync(path.parent)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def replace_secret(path: Path, data: bytes) -> None:
    """Put `data` in the place of `path`, for its owner only; readers see the old or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write(draft, data, secret=True)
        draft.replace(path)
        _sync(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _write(path: Path, data: bytes, *, secret: bool) -> None:
    how = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, how, 0o600 if secret else 0o666), "wb") as file:
        file.write(data)
        if secret:
            file.flush()
            os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Bring the folder's entries to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
