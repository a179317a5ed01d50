"""SAGA-13: of several copies of the edge one flies the canaries, and another when that one goes."""

import asyncio
from pathlib import Path

import httpx

from chassis.mutex import Mutex
from services.orchestrator.edge.canary import Canary, Journey, fly_for_ever
from services.orchestrator.edge.flights import Election
from tests.chassis.redis_servers import redis_servers

LEASE_S = 120.0


async def test_one_copy_is_elected_and_stays_so_until_it_resigns(tmp_path: Path) -> None:
    with redis_servers(3, tmp_path) as servers:
        urls = [server.url for server in servers]
        one, two = (Election(Mutex(urls, node_wait_s=5.0), LEASE_S) for _ in range(2))
        assert [await one.won(), await two.won(), await one.won(), await two.won()] == [
            True,
            False,
            True,
            False,
        ]
        await one.resign()
        assert await two.won()
        await two.resign()


async def test_without_a_store_every_copy_flies_its_own() -> None:
    one, two = (Election(Mutex(()), LEASE_S) for _ in range(2))
    assert [await one.won(), await two.won(), await one.won()] == [True, True, True]


async def test_who_is_not_elected_sends_nothing_and_asks_again() -> None:
    asked = asyncio.Event()
    words = iter((False, False))

    async def elected() -> bool:
        word = next(words, None)
        if word is None:
            asked.set()
            await asyncio.Event().wait()
        return bool(word)

    def nobody(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"{request.url} was asked")

    async with httpx.AsyncClient(transport=httpx.MockTransport(nobody)) as client:
        canary = Canary(client, Journey("canary.md", 5.0))
        flying = asyncio.create_task(fly_for_ever(canary, 0.01, elected=elected))
        async with asyncio.timeout(10):
            await asked.wait()
        flying.cancel()
        await asyncio.gather(flying, return_exceptions=True)
