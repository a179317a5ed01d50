"""Which stack and which API a command means: what is named, else what runs here."""

import os
from pathlib import Path
from typing import Annotated

import typer

from deploy.stack.background import running
from deploy.stack.plan import StackSettings
from deploy.stack.record import StackRecord

API_DEFAULT = "http://127.0.0.1:8000"
API_VARIABLE = "SAGALINE_API"

Api = Annotated[
    str, typer.Option("--api", envvar=API_VARIABLE, help="the API; without it, the stack's here")
]
Tenant = Annotated[str, typer.Option("--tenant", help="the tenant, a UUID")]
Json = Annotated[bool, typer.Option("--json", help="answer as JSON on stdout")]


def state_dir() -> Path:
    """Where the stack of this folder keeps its state."""
    return StackSettings().state_dir.absolute()


def stack_here() -> StackRecord | None:
    """The stack that runs here now."""
    return running(state_dir())


def api_url(named: str) -> str:
    """The API's address."""
    record = stack_here()
    return named or (record.edge_url if record else "") or API_DEFAULT


def mean_the_stack_here() -> None:
    """Make settings that are read from now on those of the running stack, where one runs."""
    record = stack_here()
    known = {
        "STATE_DIR": str(state_dir()),
        "KAFKA_BOOTSTRAP": record.kafka_bootstrap if record else "",
        "REDIS_URL": record.redis_url if record else "",
    }
    os.environ.update({name: value for name, value in known.items() if value})
    # A command keeps nothing between copies.
    os.environ.setdefault("USE_IN_MEMORY_STORE", "true")
