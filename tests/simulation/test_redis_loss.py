"""RES-12: Redis is lost in mid-run: campaigns end all the same, health says so while it lasts."""

import asyncio
from pathlib import Path
from typing import Any

from chassis.mutex import Mutex
from services.orchestrator.edge.flights import Election
from tests.chassis.redis_servers import redis_servers
from tests.simulation.driving import World, example
from tests.simulation.world import running

PATIENCE_S = 100
LEASE_S = 120.0
BRIEF = example("coffee", generate_video=False)


async def health(world: World) -> dict[str, Any]:
    told: dict[str, Any] = (await world.api.get("/health")).json()
    return told


async def test_a_campaign_ends_without_redis_and_health_is_degraded_meanwhile(
    tmp_path: Path,
) -> None:
    with redis_servers(1, tmp_path) as (redis,):
        shared = {"use_in_memory_store": False, "redis_url": redis.url}
        async with asyncio.timeout(PATIENCE_S), running(tmp_path, **shared) as world:
            mutex = Mutex(world.settings.redis_urls, node_wait_s=5.0)
            election = Election(mutex, LEASE_S)
            assert (await election.won(), mutex.degraded) == (True, "")
            assert (await health(world))["status"] == "healthy"

            campaign_id = await world.create(BRIEF)
            await world.start(campaign_id)
            redis.stop()
            run = await world.follow(campaign_id)
            assert run.detail["state"] == "COMPLETED"
            told = await health(world)
            assert told["status"] == "degraded"
            assert "Redis does not answer" in told["degraded"]["store"]
            assert await election.won(), "a copy that nobody answers goes on by itself"
            assert "0 of 1" in mutex.degraded

            redis.start()
            assert (await health(world))["status"] == "healthy"
            assert (await election.won(), mutex.degraded) == (True, "")
            await election.resign()
