"""SAGA-13: one of several copies holds a lock, by quorum over three real Redis servers."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from chassis.mutex import Held, Mutex
from tests.chassis.redis_servers import RedisServer, redis_servers

NAME = "canary"
LONG_S = 60.0
SHORT_S = 1.5
SOON_S = 20.0

HOLDER = """
import asyncio, sys
from chassis.mutex import Mutex

async def hold():
    print((await Mutex(sys.argv[2:], 5.0).acquire("canary", float(sys.argv[1]))).fence, flush=True)
    await asyncio.sleep(600)

asyncio.run(hold())
"""


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[RedisServer, ...]]:
    with redis_servers(3, tmp_path) as started:
        yield started


@pytest.fixture
async def worker(servers: tuple[RedisServer, ...]) -> AsyncIterator[Callable[[], Mutex]]:
    """Makes copies that share the three servers."""
    made: list[Mutex] = []

    def make() -> Mutex:
        made.append(Mutex([server.url for server in servers], node_wait_s=5.0))
        return made[-1]

    yield make
    for mutex in made:
        await mutex.close()


async def sooner_or_later(mutex: Mutex) -> Held:
    """The lock, asked for until it is free."""
    until = time.monotonic() + SOON_S
    while time.monotonic() < until:
        if (held := await mutex.acquire(NAME, LONG_S)) is not None:
            return held
        await asyncio.sleep(0.1)
    raise AssertionError("the lock never became free")


async def test_of_two_workers_that_ask_at_once_at_most_one_holds_the_lock(
    worker: Callable[[], Mutex],
) -> None:
    workers = [worker(), worker()]
    for round_ in range(10):
        name = f"{NAME} {round_}"
        found = await asyncio.gather(*(one.acquire(name, LONG_S) for one in workers))
        assert sum(held is not None for held in found) <= 1


async def test_who_comes_second_gets_nothing_until_the_first_gives_it_up(
    worker: Callable[[], Mutex],
) -> None:
    first, second = worker(), worker()
    held = await first.acquire(NAME, LONG_S)
    assert held is not None
    assert (held.valid, held.degraded, first.degraded) == (True, False, "")
    assert await second.acquire(NAME, LONG_S) is None
    await second.release(Held(NAME, "somebody else", 0.0, 0))
    assert await second.acquire(NAME, LONG_S) is None
    await first.release(held)
    assert await second.acquire(NAME, LONG_S) is not None


async def test_two_of_three_servers_are_enough_and_one_is_not(
    worker: Callable[[], Mutex], servers: tuple[RedisServer, ...]
) -> None:
    servers[2].stop()
    first, second = worker(), worker()
    held = await first.acquire(NAME, LONG_S)
    assert held is not None
    assert not held.degraded
    assert await second.acquire(NAME, LONG_S) is None
    servers[1].stop()
    assert await first.extend(held, LONG_S) is None
    own = await second.acquire("another", LONG_S)
    assert own is not None
    assert own.degraded
    assert "1 of 3" in second.degraded


async def test_a_holder_of_one_server_only_does_not_stand_in_the_way(
    worker: Callable[[], Mutex], servers: tuple[RedisServer, ...]
) -> None:
    """One wins with 2 of 3: the third server is in another's hand."""
    straggler = Mutex([servers[0].url], node_wait_s=5.0)
    assert await straggler.acquire(NAME, LONG_S) is not None
    assert await worker().acquire(NAME, LONG_S) is not None
    await straggler.close()


async def test_who_gets_no_quorum_leaves_nothing_behind(
    worker: Callable[[], Mutex], servers: tuple[RedisServer, ...]
) -> None:
    split = [Mutex([server.url], node_wait_s=5.0) for server in servers[:2]]
    holds = [await one.acquire(NAME, LONG_S) for one in split]
    assert await worker().acquire(NAME, LONG_S) is None
    third = Redis.from_url(servers[2].url)
    assert await third.get(f"sagaline:mutex:{NAME}") is None
    for one, held in zip(split, holds, strict=True):
        assert held is not None
        await one.release(held)
        await one.close()
    await third.aclose()
    assert await worker().acquire(NAME, LONG_S) is not None


async def test_the_death_of_a_holder_frees_the_lock_when_its_time_is_over(
    worker: Callable[[], Mutex], servers: tuple[RedisServer, ...]
) -> None:
    command = [sys.executable, "-c", HOLDER, str(SHORT_S), *(server.url for server in servers)]
    holder = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    fence = int(await holder.stdout.readline())
    holder.send_signal(signal.SIGKILL)
    await holder.wait()
    held = await sooner_or_later(worker())
    assert held.fence > fence > 0


async def test_a_lock_lasts_for_as_long_as_it_is_extended_and_no_longer(
    worker: Callable[[], Mutex],
) -> None:
    first, second = worker(), worker()
    held = await first.acquire(NAME, SHORT_S)
    assert held is not None
    longer = await first.extend(held, LONG_S)
    assert longer is not None
    assert (longer.fence, longer.until > held.until) == (held.fence, True)
    await asyncio.sleep(SHORT_S)
    assert not held.valid
    assert await second.acquire(NAME, LONG_S) is None
    shorter = await first.extend(longer, SHORT_S)
    assert shorter is not None
    await sooner_or_later(second)
    assert await first.extend(shorter, LONG_S) is None


async def test_every_holder_has_a_larger_fencing_token_than_the_one_before(
    worker: Callable[[], Mutex], servers: tuple[RedisServer, ...]
) -> None:
    """Also where another pair of servers answers each time."""
    ahead = Redis.from_url(servers[0].url)
    await ahead.set(f"sagaline:fence:{NAME}", 100)
    await ahead.aclose()
    fences: list[int] = []
    for away in (2, 1):
        one = worker()
        servers[away].stop()
        held = await one.acquire(NAME, LONG_S)
        assert held is not None
        fences.append(held.fence)
        await one.release(held)
        servers[away].start()
    assert fences == [101, 102]


async def test_without_servers_a_lock_excludes_within_this_process_and_says_so() -> None:
    mutex = Mutex(())
    held = await mutex.acquire(NAME, LONG_S)
    assert held is not None
    assert (held.degraded, held.fence, bool(mutex.degraded)) == (True, 0, True)
    assert await mutex.acquire(NAME, LONG_S) is None
    assert await mutex.extend(held, LONG_S) is not None
    await mutex.release(held)
    assert await mutex.acquire(NAME, LONG_S) is None  # the extended one holds
