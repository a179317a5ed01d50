"""Errors as RFC 9457 problem documents: a stable type, what is wrong where, and what to do."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from chassis.reviewlink import hinted
from services.orchestrator.edge.log import LogUnavailable, SendUncertain
from services.orchestrator.view.database import ViewUnavailable

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:sagaline:problem:"
RETRY_AFTER_S = "2"

TITLES: dict[str, str] = {
    "invalid-input": "The request says something that cannot be accepted",
    "not-found": "There is no such thing for this tenant",
    "idempotency-conflict": "This Idempotency-Key was used for something else",
    "refused": "The campaign refuses this request as it stands",
    "unavailable": "Something that this needs does not answer now",
    "too-large": "The request is too large",
    "not-json": "The request's body must be JSON",
    "not-allowed": "This address does not take that method",
    "internal": "Something went wrong here",
}
"""The kinds of problems, by the last part of their type; for ever."""


class Problem(Exception):
    """An answer that is no success; `errors` name each place that is wrong."""

    def __init__(
        self, kind: str, status: int, detail: str, *, errors: Sequence[dict[str, str]] = ()
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)


def not_found(what: str, name: str) -> Problem:
    """Unknown here, or another tenant's: nobody can tell which."""
    return Problem("not-found", 404, f"this tenant has no {what} {name}")


def invalid(*errors: dict[str, str]) -> Problem:
    """The input is wrong at these places; nothing was accepted."""
    places = ", ".join(error["field"] for error in errors)
    return Problem("invalid-input", 422, f"nothing was accepted; see {places}", errors=errors)


def fault(field: str, rule: str, example: str) -> dict[str, str]:
    """One wrong place: where, which rule it breaks, and what would be right."""
    return {"field": field, "rule": rule, "example": example}


def document(problem: Problem, instance: str = "") -> Response:
    """The answer that carries a problem."""
    content: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.kind,
        "title": TITLES[problem.kind],
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
    }
    if problem.errors:
        content["errors"] = list(problem.errors)
    headers = {"Retry-After": RETRY_AFTER_S} if problem.status == 503 else None
    return JSONResponse(content, problem.status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem document."""
    handlers: dict[type[Exception], Callable[[Request, Any], Awaitable[Response]]] = {
        Problem: _of_problem,
        LogUnavailable: _of_unavailable,
        SendUncertain: _of_uncertain,
        ViewUnavailable: _of_unavailable,
        RequestValidationError: _of_parameters,
        HTTPException: _of_http,
        Exception: _of_bug,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _of_problem(request: Request, problem: Problem) -> Response:
    return document(problem, request.url.path)


async def _of_unavailable(request: Request, cause: Exception) -> Response:
    detail = f"{cause}; nothing was accepted, make the same call again"
    return document(Problem("unavailable", 503, detail), request.url.path)


async def _of_uncertain(request: Request, cause: SendUncertain) -> Response:
    detail = f"{cause}; it may have been accepted: look at the campaign, then make the call again"
    return document(Problem("unavailable", 503, detail), request.url.path)


async def _of_parameters(request: Request, cause: RequestValidationError) -> Response:
    """A path, query or header value of the wrong form."""
    errors = [
        fault(
            ".".join(str(part) for part in error["loc"]), error["msg"], _EXAMPLES[error["loc"][-1]]
        )
        if error["loc"][-1] in _EXAMPLES
        else fault(".".join(str(part) for part in error["loc"]), error["msg"], "see /docs")
        for error in cause.errors()
    ]
    return document(invalid(*errors), request.url.path)


async def _of_http(request: Request, cause: HTTPException) -> Response:
    """Starlette's own errors: unknown address, wrong method, body too large."""
    kinds = {404: "not-found", 405: "not-allowed", 413: "too-large"}
    kind = kinds.get(cause.status_code, "invalid-input")
    answer = document(Problem(kind, cause.status_code, str(cause.detail)), request.url.path)
    answer.headers.update(cause.headers or {})
    return answer


async def _of_bug(request: Request, cause: Exception) -> Response:
    structlog.get_logger("edge").error(
        "request_failed", path=hinted(request.url.path), method=request.method, exc_info=cause
    )
    detail = "the failure is in the edge's log; a request may or may not have been accepted"
    return document(Problem("internal", 500, detail), request.url.path)


_EXAMPLES: dict[Any, str] = {
    "campaign_id": "8f14e45f-ceea-567f-a9c4-1d2b3c4d5e6f",
    "link_id": "8f14e45f-ceea-567f-a9c4-1d2b3c4d5e6f",
    "digest": "64 hexadecimal digits",
    "state": "COMPLETED",
    "limit": "50",
    "after": "42",
    "last_seen_sequence": "42",
}
