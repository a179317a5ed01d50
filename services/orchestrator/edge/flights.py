"""Canaries of the edge's own process: they knock at its own door, as everybody does."""

import httpx
import structlog

from services.orchestrator.edge.canary import Canary, Journey, fly_for_ever
from services.orchestrator.settings import OrchestratorSettings

LOCAL = "127.0.0.1"
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound to

log = structlog.get_logger()


async def canaries(settings: OrchestratorSettings) -> None:
    """Send one every CANARY_EVERY_S until cancelled."""
    host = LOCAL if settings.host in EVERYWHERE else settings.host
    door = f"http://[{host}]" if ":" in host else f"http://{host}"
    journey = Journey(settings.canary_source, settings.canary_patience_s)
    log.info("canaries_fly", every_s=settings.canary_every_s, source=settings.canary_source)
    # trust_env: a proxy of the environment must not be asked for this machine.
    async with httpx.AsyncClient(base_url=f"{door}:{settings.port}", trust_env=False) as client:
        await fly_for_ever(Canary(client, journey), settings.canary_every_s)
