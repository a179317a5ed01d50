"""Bytes over HTTP: artefacts by digest, and published static sites."""

import asyncio
import mimetypes
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from chassis.artefacts import ArtefactMissing
from contracts.message import DIGEST_PATTERN, UUID_PATTERN
from services.orchestrator.edge.context import EdgeNow, Tenant
from services.orchestrator.edge.problems import not_found

router = APIRouter(tags=["files"])

SHOWN_TYPES = frozenset({"image/png", "image/jpeg", "video/mp4", "text/vtt", "text/plain"})
"""What a browser may show in place; anything else is offered as a download."""

_FOREIGN = (
    "default-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""Published pages and artefacts run no script on the console's origin."""

_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": _FOREIGN}

PUBLIC = frozenset({"", "index.html", "rss.xml", "posts", "media", "social"})
"""What of a site's folder is for readers; its claims and locks are not."""

Digest = Annotated[str, InPath(pattern=DIGEST_PATTERN)]
Uuid = Annotated[str, InPath(pattern=UUID_PATTERN)]


@router.get("/artefacts/{digest}", response_class=FileResponse)
async def artefact(digest: Digest, edge: EdgeNow, tenant: Tenant) -> Response:
    """Bytes that one of the tenant's campaigns refers to; a digest alone is no permission.

    Parts of them by `Range` (RFC 9110), so that a browser can seek in a film.
    """
    ref = await edge.view.artefact(tenant, digest)
    if ref is None:
        raise not_found("artefact", digest)
    try:
        found = await edge.artefacts.file(tenant, digest)
    except ArtefactMissing as cause:
        raise not_found("artefact", digest) from cause
    kind = ref.media_type.partition(";")[0].strip().lower()
    headers = {"ETag": f'"{digest}"', "Cache-Control": "private, max-age=31536000, immutable"}
    if kind not in SHOWN_TYPES:
        headers["Content-Disposition"] = "attachment"
    return FileResponse(found, media_type=ref.media_type, headers=_SAFE | headers)


@router.get("/site/{tenant_id}", response_class=FileResponse)
@router.get("/site/{tenant_id}/{path:path}", response_class=FileResponse)
async def site(tenant_id: Uuid, edge: EdgeNow, path: str = "") -> Response:
    """A published page or file. Public, as a published site is."""
    root = edge.settings.site_dir / tenant_id
    found = await asyncio.to_thread(_file_below, root, path)
    if found is None:
        raise not_found("published file", path or "index.html")
    kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    return FileResponse(found, media_type=kind, headers=_SAFE)


def _file_below(root: Path, path: str) -> Path | None:
    """The file at `path` below `root`, or None; nothing outside, whatever the path says."""
    parts = path.split("/")
    if "\x00" in path or parts[0] not in PUBLIC or any(part.startswith(".") for part in parts):
        return None
    inside = root.resolve()
    wanted = (inside / path).resolve()
    if not wanted.is_relative_to(inside):
        return None
    if wanted.is_dir():
        wanted = (wanted / "index.html").resolve()
    return wanted if wanted.is_file() and wanted.is_relative_to(inside) else None
