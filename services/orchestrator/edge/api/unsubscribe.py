"""The way out of a mailing: a page with one button, and the one-click POST of RFC 8058.

The link itself is the permission, so nobody logs in. Mail programs fetch links on their own: a
GET changes nothing.
"""

import asyncio
import re

import structlog
from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from chassis.claims import FolderClaims
from chassis.optout import opt_out, opted_out
from chassis.sealing import Shredded
from contracts.message import UUID_PATTERN
from services.orchestrator.edge.context import Edge, EdgeNow
from services.orchestrator.edge.pages import FORM_POLICY, html
from services.orchestrator.edge.problems import not_found

router = APIRouter(prefix="/unsubscribe", tags=["readers"], default_response_class=HTMLResponse)

_UUID = re.compile(UUID_PATTERN)
_HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


@router.get("/{tenant_id}/{subject_id}")
async def ask(tenant_id: str, subject_id: str, edge: EdgeNow) -> Response:
    """The page with the button, or the confirmation where it was pressed before."""
    claims = await _claims_of(edge, tenant_id, subject_id)
    return _page(done=await opted_out(claims, subject_id))


@router.post("/{tenant_id}/{subject_id}")
async def leave(tenant_id: str, subject_id: str, edge: EdgeNow, campaign: str = "") -> Response:
    """Record the wish for no more mail from this sender; said again, it changes nothing.

    The body (`List-Unsubscribe=One-Click`) tells nothing that the address does not, so a mail
    program that sends it in another form is understood as well.
    """
    claims = await _claims_of(edge, tenant_id, subject_id)
    because_of = campaign if _UUID.fullmatch(campaign) else ""
    said = f"{edge.clock.now().isoformat()} {because_of}".strip()
    new = await opt_out(claims, subject_id, said=said)
    structlog.get_logger("edge").info(
        "opted_out", tenant_id=tenant_id, subject_id=subject_id, workflow_id=because_of, new=new
    )
    return _page(done=True)


async def _claims_of(edge: Edge, tenant_id: str, subject_id: str) -> FolderClaims:
    """The tenant's claims. Raises Problem (404) where the tenant never wrote to that person."""
    known = bool(_UUID.fullmatch(tenant_id) and _UUID.fullmatch(subject_id))
    if known and subject_id != tenant_id:  # under its own id lies the tenant's pepper
        try:
            await asyncio.to_thread(edge.keyring.key, tenant_id, subject_id, create=False)
        except Shredded:
            known = False
    if not known or subject_id == tenant_id:
        raise not_found("subscription", subject_id)
    return FolderClaims(edge.settings.artefacts_dir, tenant_id)


def _page(*, done: bool) -> Response:
    return html("unsubscribe.html", {"done": done}, policy=FORM_POLICY, headers=_HEADERS)
