"""What a stack is to consist of: parts, ports, copies, and what its children are told."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.kafka.broker import HEAP_DEFAULT, HOST
from deploy.stack.members import ChildSpec, redis_serves

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE_SITES = ROOT / "examples" / "sites"
EXAMPLE_SOURCES = ROOT / "examples" / "sources"

EDGE_SERVICE = "orchestrator"
SERVICES = ("radar", "analyst", "visual", "optimizer", EDGE_SERVICE)
KAFKA, REDIS, SITE = "kafka", "redis", "site"

SETTING_OF: Mapping[str, str] = {
    **{name: f"{name.upper()}_PORT" for name in (KAFKA, REDIS, SITE, *SERVICES)},
    EDGE_SERVICE: "EDGE_PORT",
}
"""The setting that moves each part to another port."""


class StackSettings(BaseSettings):
    """Settings of the local stack; a port of 0 takes a free one."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    state_dir: Path = Field(Path(".sagaline"), description="where local state is kept")
    kafka_bootstrap: str = Field(
        "", description="an outside Kafka to use, host:port[,…]; empty: start one here"
    )
    kafka_port: int = Field(9092, ge=0, le=65_535, description="port of the local Kafka")
    kafka_heap: str = Field(HEAP_DEFAULT, description="its memory, as Java's -Xmx takes it")
    redis_url: str = Field("", description="an outside Redis to use; empty: start one if there")
    redis_port: int = Field(
        0, ge=0, le=65_535, description="port of the local Redis; 0: 6379, else a free one"
    )
    edge_port: int = Field(8000, ge=0, le=65_535, description="port of API, streams, console")
    radar_port: int = Field(8001, ge=0, le=65_535, description="health port of research")
    analyst_port: int = Field(8002, ge=0, le=65_535, description="health port of the analyst")
    visual_port: int = Field(8003, ge=0, le=65_535, description="health port of the visual service")
    optimizer_port: int = Field(8004, ge=0, le=65_535, description="health port of the optimizer")
    site_port: int = Field(
        0, ge=0, le=65_535, description="port of the example site; 0: as before, else a free one"
    )
    example_site: bool = Field(
        True, description="serve examples/sites to research on 127.0.0.1, and open it for research"
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """A stack's parts. A port that is not named, or 0, is a free one.

    `environment` goes to every service; `copies` counts the processes of a service (1 is the
    default, 0 leaves it out); the first copy has the service's port, the others free ones.
    """

    ports: Mapping[str, int] = field(default_factory=dict)
    copies: Mapping[str, int] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    kafka_bootstrap: str = ""
    kafka_heap: str = HEAP_DEFAULT
    redis_url: str = ""
    site: Path | None = None
    site_port_before: int = 0

    @classmethod
    def of(cls, settings: StackSettings, *, site_port_before: int = 0) -> "Plan":
        """The plan that the settings describe."""
        return cls(
            ports={
                KAFKA: settings.kafka_port,
                REDIS: settings.redis_port,
                SITE: settings.site_port,
                EDGE_SERVICE: settings.edge_port,
                "radar": settings.radar_port,
                "analyst": settings.analyst_port,
                "visual": settings.visual_port,
                "optimizer": settings.optimizer_port,
            },
            kafka_bootstrap=settings.kafka_bootstrap,
            kafka_heap=settings.kafka_heap,
            redis_url=settings.redis_url,
            site=EXAMPLE_SITES if settings.example_site and EXAMPLE_SITES.is_dir() else None,
            site_port_before=site_port_before,
        )


def told(environment: Mapping[str, str], name: str, default: str = "") -> str:
    """A setting as a child will see it, `.env` left aside."""
    return environment.get(name) or os.environ.get(name) or default


def given(model: type[BaseSettings], environment: Mapping[str, str]) -> dict[str, Any]:
    """Those settings of `model` that `environment` has, to be handed to its constructor."""
    return {
        name: environment[name.upper()]
        for name in model.model_fields
        if name.upper() in environment
    }


def service_spec(name: str, instance: int, port: int, environment: Mapping[str, str]) -> ChildSpec:
    """One copy of a service; the first is called as the service, others `<service>-<n>`."""
    own = {"HOST": HOST, "PORT": str(port), "INSTANCE": str(instance)}
    return ChildSpec(
        name=f"{name}-{instance}" if instance else name,
        command=(sys.executable, "-m", f"services.{name}"),
        port=port,
        instance=instance,
        environment={**environment, **own},
    )


def site_spec(folder: Path, port: int) -> ChildSpec:
    """The example site: Python's own file server on 127.0.0.1."""
    server = (sys.executable, "-m", "http.server", str(port))
    return ChildSpec(
        name=SITE,
        command=(*server, "--bind", HOST, "--directory", str(folder)),
        port=port,
        environment={"PYTHONUNBUFFERED": "1"},
        health=False,
    )


def redis_program() -> str | None:
    """Where redis-server is; Debian keeps it outside some users' PATH."""
    return shutil.which("redis-server") or shutil.which("redis-server", path="/usr/bin:/usr/sbin")


def redis_spec(program: str, folder: Path, port: int) -> ChildSpec:
    """A Redis on 127.0.0.1 that keeps what it holds over a restart."""
    folder.mkdir(parents=True, exist_ok=True)
    listening = ("--port", str(port), "--bind", HOST)
    keeping = ("--dir", str(folder), "--appendonly", "yes", "--save", "")
    return ChildSpec(
        name=REDIS,
        command=(program, *listening, *keeping),
        port=port,
        health=False,
        probe=redis_serves,
    )
