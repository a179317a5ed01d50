"""HTML from templates, with the headers that keep a page to itself. It knows no page's content."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.orchestrator.edge.addresses import web_address
from services.orchestrator.edge.markdown import readable

HERE = Path(__file__).parent
STATIC = HERE / "static"

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; media-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
FORM_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""For a page that is a form and runs nothing."""

REVIEW_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""For a form that shows pictures and runs nothing."""


def _environment() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["web_address"] = web_address
    pages.filters["moment"] = lambda text: (text or "")[:16].replace("T", " ")
    pages.filters["readable"] = readable
    pages.filters["words"] = lambda text: str(text).replace("_", " ").lower()
    return pages


_PAGES = _environment()


def html(
    template: str,
    values: Mapping[str, Any],
    *,
    policy: str = POLICY,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The page, never kept by a cache."""
    text = _PAGES.get_template(template).render(**values)
    own = {"Content-Security-Policy": policy, "Cache-Control": "no-store", **(headers or {})}
    return HTMLResponse(text, headers=own)
