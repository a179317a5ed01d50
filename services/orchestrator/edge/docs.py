"""The API's interactive description. Its script and style are served here: no network is needed.

Swagger UI 5.35.0 (Apache-2.0) stands under static/swagger as published, its licences beside it.
"""

from fastapi import APIRouter, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse

from services.orchestrator.edge.pages import STATIC
from services.orchestrator.edge.problems import not_found

router = APIRouter(prefix="/docs", include_in_schema=False)

ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Swagger UI starts from a script in the page and styles its elements; nothing foreign loads."""


@router.get("", response_class=HTMLResponse)
async def docs(request: Request) -> Response:
    """Every route, to be read and tried."""
    app = request.app
    page = get_swagger_ui_html(
        openapi_url=app.openapi_url,
        title=f"{app.title} API",
        swagger_js_url="/docs/swagger-ui-bundle.js",
        swagger_css_url="/docs/swagger-ui.css",
        swagger_favicon_url="data:,",
    )
    page.headers["Content-Security-Policy"] = POLICY
    return page


@router.get("/{name}")
async def asset(name: str) -> Response:
    """Swagger UI's own files."""
    if name not in ASSETS:
        raise not_found("file of the docs", name)
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return FileResponse(STATIC / "swagger" / name, media_type=ASSETS[name], headers=headers)
