"""Whether the Redis that copies share answers. It does not know what anybody keeps there."""

import asyncio


async def redis_problem(url: str, wait_s: float) -> str:
    """Why Redis cannot be used now, without its password; empty where it answers in time."""
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    try:
        client = Redis.from_url(url)
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
