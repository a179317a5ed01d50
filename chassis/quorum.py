"""Several independent Redis servers that are asked the same thing at once. It knows no key."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis.asyncio import Redis

NODE_WAIT_S = 0.5
"""One server may take so long to answer; the time of what is asked for runs on meanwhile."""

DRIFT = 0.01
DRIFT_S = 0.002
"""Clocks of servers and copies run apart by so much of a time, and at least so long."""


class Servers:
    """The servers behind REDIS_URL; more than half of them are a quorum."""

    def __init__(self, urls: Sequence[str], node_wait_s: float = NODE_WAIT_S) -> None:
        """Raises ValueError for an address that is none."""
        self._nodes = tuple(_node(url, node_wait_s) for url in urls)
        self._wait_s = node_wait_s
        self.count = len(self._nodes)
        self.quorum = self.count // 2 + 1

    async def ask(self, script: str, keys: Sequence[str], *given: str) -> list[Any]:
        """What each server's run of the Lua script answers; None where it is silent for too long.

        A script must not answer nil.
        """
        asked = (self._ask(node, script, keys, *given) for node in self._nodes)
        return list(await asyncio.gather(*asked))

    async def close(self) -> None:
        """Give the connections up."""
        for node in self._nodes:
            await node.aclose()

    async def _ask(self, node: "Redis", script: str, keys: Sequence[str], *given: str) -> Any:  # noqa: ANN401 - whatever the script answers
        from redis.exceptions import RedisError

        try:
            async with asyncio.timeout(self._wait_s):
                return await node.eval(script, len(keys), *keys, *given)
        except (RedisError, OSError, TimeoutError):
            return None


def lasts_until(began: float, ttl_s: float) -> float:
    """When what was asked for at `began` for so long is surely over, by the asker's clock."""
    return began + ttl_s - ttl_s * DRIFT - DRIFT_S


def _node(url: str, wait_s: float) -> "Redis":
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    once_more = Retry(NoBackoff(), 1)  # a connection from before the server's restart is stale
    client: Redis = Redis.from_url(
        url, socket_timeout=wait_s, socket_connect_timeout=wait_s, retry=once_more
    )
    return client
