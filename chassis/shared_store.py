"""Whether the Redis that copies share answers. It does not know what anybody keeps there."""

import asyncio
from collections.abc import Sequence


async def redis_problem(urls: Sequence[str], wait_s: float) -> str:
    """Why Redis cannot be used now, without its password; empty where a majority answers in time.

    One address is one server; several are independent servers, of which more than half must answer.
    """
    found = await asyncio.gather(*(_problem(url, wait_s) for url in urls))
    problems = [problem for problem in found if problem]
    if len(urls) - len(problems) > len(urls) // 2:
        return ""
    count = f"{len(problems)} of {len(urls)}: " if len(urls) > 1 else ""
    return f"{count}{problems[0]}" if problems else "REDIS_URL names no server"


async def _problem(url: str, wait_s: float) -> str:
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError

    try:
        # Tried once: the client's own pauses between tries are longer than anybody waits here.
        client = Redis.from_url(url, retry=Retry(NoBackoff(), 0))
    except ValueError as cause:
        return f"REDIS_URL cannot be used: {cause}"
    try:
        async with asyncio.timeout(wait_s):
            await client.ping()
    except TimeoutError:
        return f"Redis gave no answer within {wait_s} s: copies share nothing until it does"
    except (RedisError, OSError) as cause:
        return (
            f"Redis does not answer ({type(cause).__name__}): copies share nothing until it does; "
            "start it, or correct REDIS_URL"
        )
    finally:
        await client.aclose()
    return ""
