"""Request bodies: JSON only, strict, unknown fields refused, each fault named with an example."""

import difflib
import json
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from services.orchestrator.edge.examples import EXAMPLES
from services.orchestrator.edge.problems import Problem, fault, invalid

M = TypeVar("M", bound=BaseModel)

ERRORS_MAX = 50
SCHEMA_REF = "#/components/schemas/{model}"


async def body_of(request: Request, model: type[M]) -> M:
    """The request's body as `model`. Raises Problem, naming every place that is wrong."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(
            "not-json", 415, f"Content-Type is {kind or 'missing'}: send application/json"
        )
    return parsed(await raw_of(request), model)


async def raw_of(request: Request) -> bytes:
    """The body's bytes. Raises Problem as soon as there are too many."""
    limit: int = request.app.state.edge.settings.request_bytes_max
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > limit:
            raise Problem("too-large", 413, f"the body has more than {limit} bytes")
    return bytes(raw)


def parsed(raw: bytes, model: type[M]) -> M:
    """Strictly parsed JSON. Raises Problem."""
    try:
        return model.model_validate_json(raw)
    except ValidationError as cause:
        raise refused(cause, model) from cause


def refused(cause: ValidationError, model: type[BaseModel], prefix: str = "") -> Problem:
    """The problem that tells every fault of a body, without repeating what was sent."""
    faults = cause.errors(include_url=False, include_input=False, include_context=False)
    return invalid(*(_fault(error, model, prefix) for error in faults[:ERRORS_MAX]))


def described(model: type[BaseModel]) -> dict[str, Any]:
    """What a route's `openapi_extra` says about its body."""
    reference = {"$ref": SCHEMA_REF.format(model=model.__name__)}
    content = {"schema": reference, "example": EXAMPLES.get(model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def _fault(error: ErrorDetails, model: type[BaseModel], prefix: str) -> dict[str, str]:
    path = tuple(part for part in error["loc"] if part != "[key]")
    field = ".".join(str(part) for part in (*((prefix,) if prefix else ()), *path)) or "(body)"
    example = EXAMPLES.get(model.__name__, {})
    if error["type"] == "extra_forbidden":
        known = _at(example, path[:-1])
        names = sorted(known) if isinstance(known, dict) else []
        near = difflib.get_close_matches(str(path[-1]), names, n=1)
        meant = near[0] if near else f"one of {', '.join(names)}"
        return fault(field, "there is no such field", meant)
    shown = _at(example, path)
    rule = error["msg"]
    if error["type"] == "json_invalid":
        return fault("(body)", f"it is not JSON: {rule}", json.dumps(example)[:300])
    return fault(field, rule, json.dumps(shown) if shown is not None else "see /docs")


def _at(example: Any, path: tuple[int | str, ...]) -> Any:  # noqa: ANN401 - any JSON value
    """The example's value at a path; of a list always the first item."""
    for part in path:
        if isinstance(part, int):
            example = example[0] if isinstance(example, list) and example else None
        elif isinstance(example, dict):
            example = example.get(part)
        else:
            return None
    return example
