"""RES-03, RES-12: breakers that copies share on a real Redis, and what a copy does without it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from chassis.breaker import STANDARD, State
from chassis.circuits import ASK_AGAIN_S, CIRCUITS_MAX, Circuits
from chassis.errors import CircuitOpen, Retryable
from tests.chassis.redis_servers import RedisServer, redis_servers

NAME = "slack"

OTHER_COPY = """
import asyncio, json, sys
from chassis.breaker import STANDARD
from chassis.circuits import Circuits
from chassis.errors import CircuitOpen

async def copy(url, failures):
    circuits = Circuits([url], wait_s=10.0)
    admitted = 0
    for _ in range(failures):
        try:
            generation = await circuits.admit("slack", STANDARD)
        except CircuitOpen:
            break
        admitted += 1
        await circuits.failed("slack", STANDARD, generation)
    found = (await circuits.look(["slack"]))["slack"]
    print(json.dumps([admitted, found.state.name, circuits.degraded]))
    await circuits.close()

asyncio.run(copy(sys.argv[1], int(sys.argv[2])))
"""


class Time:
    def __init__(self) -> None:
        self.s = 1_000.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_servers(1, tmp_path) as (started,):
        yield started


@pytest.fixture
async def copies() -> AsyncIterator[Callable[..., Circuits]]:
    made: list[Circuits] = []

    def make(*urls: str, now: Time) -> Circuits:
        made.append(Circuits(urls, now=now, monotonic=now, wait_s=10.0))
        return made[-1]

    yield make
    for circuits in made:
        await circuits.close()


async def fail(circuits: Circuits, times: int) -> None:
    for _ in range(times):
        await circuits.failed(NAME, STANDARD, await circuits.admit(NAME, STANDARD))


def other_process(server: RedisServer, failures: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", OTHER_COPY, server.url, str(failures)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def told(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, _ = process.communicate(timeout=60)
    admitted, state, degraded = json.loads(out)
    return admitted, state, degraded


def test_two_processes_count_their_failures_together(server: RedisServer) -> None:
    assert told(other_process(server, 3)) == (3, "CLOSED", "")
    assert told(other_process(server, 3)) == (2, "OPEN", "")
    assert told(other_process(server, 1)) == (0, "OPEN", "")


def test_processes_that_report_at_the_same_time_all_count(server: RedisServer) -> None:
    at_once = [other_process(server, 5) for _ in range(2)]
    found = [told(process) for process in at_once]
    assert all(state == "OPEN" for _, state, _ in found)
    assert sum(admitted for admitted, _, _ in found) in (5, 6)


async def test_what_one_copy_opened_the_other_refuses_and_a_trial_closes_for_both(
    server: RedisServer, copies: Callable[..., Circuits]
) -> None:
    now = Time()
    one, other = copies(server.url, now=now), copies(server.url, now=now)
    await fail(one, STANDARD.failures)
    with pytest.raises(CircuitOpen) as refusal:
        await other.admit(NAME, STANDARD)
    assert refusal.value.delay_s == STANDARD.open_s
    now.s += STANDARD.open_s
    for copy in (one, other, one):
        await copy.succeeded(NAME, STANDARD, await copy.admit(NAME, STANDARD))
    assert (await other.look([NAME]))[NAME].state is State.CLOSED
    await other.admit(NAME, STANDARD)


async def test_half_open_places_are_shared(
    server: RedisServer, copies: Callable[..., Circuits]
) -> None:
    now = Time()
    both = copies(server.url, now=now), copies(server.url, now=now)
    await fail(both[0], STANDARD.failures)
    now.s += STANDARD.open_s
    asked = [copy.admit(NAME, STANDARD) for copy in both for _ in range(4)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, int) for one in found) == STANDARD.trials


async def test_reports_of_many_calls_at_once_are_none_lost(
    server: RedisServer, copies: Callable[..., Circuits]
) -> None:
    now = Time()
    many = [copies(server.url, now=now) for _ in range(4)]
    generations = [await copy.admit(NAME, STANDARD) for copy in many]
    await asyncio.gather(
        *(c.failed(NAME, STANDARD, g) for c, g in zip(many, generations, strict=True))
    )
    assert (await many[0].look([NAME]))[NAME].failures == 4


async def test_an_open_circuit_is_refused_from_memory_without_asking_redis(
    server: RedisServer, copies: Callable[..., Circuits]
) -> None:
    circuits = copies(server.url, now=Time())
    await fail(circuits, STANDARD.failures)
    asked = await commands_of(server)
    for _ in range(100):
        with pytest.raises(CircuitOpen):
            await circuits.admit(NAME, STANDARD)
    assert await commands_of(server) - asked <= 2  # those of asking for the count itself


async def commands_of(server: RedisServer) -> int:
    client: Redis = Redis.from_url(server.url)
    try:
        return int((await client.info("stats"))["total_commands_processed"])
    finally:
        await client.aclose()


async def test_a_restarted_copy_finds_the_circuit_still_open(
    server: RedisServer, copies: Callable[..., Circuits]
) -> None:
    now = Time()
    await fail(copies(server.url, now=now), STANDARD.failures)
    with pytest.raises(CircuitOpen):
        await copies(server.url, now=now).admit(NAME, STANDARD)


async def test_without_redis_a_copy_counts_alone_and_says_so_until_redis_is_back(
    server: RedisServer, copies: Callable[..., Circuits]
) -> None:
    now = Time()
    circuits = copies(server.url, now=now)
    await fail(circuits, 2)
    assert circuits.degraded == ""
    server.stop()
    now.s += 1
    await fail(circuits, 3)
    assert "in this process only" in circuits.degraded
    with pytest.raises(CircuitOpen):
        await circuits.admit(NAME, STANDARD)
    server.start()
    now.s += STANDARD.open_s + ASK_AGAIN_S
    await circuits.succeeded(NAME, STANDARD, await circuits.admit(NAME, STANDARD))
    assert circuits.degraded == ""


async def test_no_redis_at_all_is_degraded_from_the_start(
    copies: Callable[..., Circuits],
) -> None:
    circuits = copies(now=Time())
    assert "no Redis is configured" in circuits.degraded
    await fail(circuits, STANDARD.failures)
    with pytest.raises(CircuitOpen) as refusal:
        await circuits.check(NAME, STANDARD)
    assert isinstance(refusal.value, Retryable)


async def test_what_a_process_holds_has_a_bound(copies: Callable[..., Circuits]) -> None:
    circuits = copies(now=Time())
    for number in range(CIRCUITS_MAX + 10):
        await circuits.failed(f"web-fetch:{number}", STANDARD, 0)
    assert len(circuits.known) == CIRCUITS_MAX
