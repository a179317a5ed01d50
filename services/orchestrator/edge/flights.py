"""Canaries of the edge's own process: they knock at its own door, as everybody does.

Of several copies of the edge one flies them: the one that holds the lock (chassis/mutex.py). Two
that fly at once, where the lock is degraded or its holder stood still, cost a campaign and no harm.
"""

import httpx
import structlog

from chassis.mutex import Held, Mutex
from services.orchestrator.edge.canary import Canary, Journey, fly_for_ever
from services.orchestrator.settings import OrchestratorSettings

LOCAL = "127.0.0.1"
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound to
LOCK = "canary"

log = structlog.get_logger()


class Election:
    """Whether this copy is the one that flies. It keeps the lock for as long as it can."""

    def __init__(self, mutex: Mutex, ttl_s: float) -> None:
        """`ttl_s` must outlast a flight and the rest behind it."""
        self._mutex = mutex
        self._ttl_s = ttl_s
        self._held: Held | None = None

    async def won(self) -> bool:
        """True where this copy holds the lock from now on, or still does."""
        before = self._held
        if before is not None:
            self._held = await self._mutex.extend(before, self._ttl_s)
        if self._held is None:
            self._held = await self._mutex.acquire(LOCK, self._ttl_s)
        if (self._held is None) is not (before is None):
            log.info("canary_election", elected=self._held is not None)
        return self._held is not None

    async def resign(self) -> None:
        """Let another copy fly at once."""
        if self._held is not None:
            await self._mutex.release(self._held)
        await self._mutex.close()


async def canaries(settings: OrchestratorSettings) -> None:
    """Send one every CANARY_EVERY_S until cancelled, while no other copy of the edge does."""
    host = LOCAL if settings.host in EVERYWHERE else settings.host
    door = f"http://[{host}]" if ":" in host else f"http://{host}"
    journey = Journey(settings.canary_source, settings.canary_patience_s)
    every_s = settings.canary_every_s
    log.info("canaries_fly", every_s=every_s, source=settings.canary_source)
    election = Election(Mutex(settings.redis_urls), every_s + settings.canary_patience_s)
    # trust_env: a proxy of the environment must not be asked for this machine.
    try:
        async with httpx.AsyncClient(base_url=f"{door}:{settings.port}", trust_env=False) as client:
            await fly_for_ever(Canary(client, journey), every_s, elected=election.won)
    finally:
        await election.resign()
