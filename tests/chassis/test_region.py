"""SAGA-22: of several regions one works; a lease over three real Redis servers decides which."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from chassis.broker import Outgoing
from chassis.errors import Fenced, LeaseLost
from chassis.fuse import NO_FUSE
from chassis.lease import MIRROR, Party
from chassis.main import EXIT_LEASE, run_until_signalled
from chassis.memory import MemoryBroker
from chassis.quorum import Servers
from chassis.region import Region, lease_of
from chassis.settings import ChassisSettings
from chassis.watchdog import Watchdog
from deploy.kafka.broker import free_port
from tests.chassis.redis_servers import RedisServer, redis_servers

ROOT = Path(__file__).parents[2]
LEASE_S = 2.0
SOON_S = 20.0
LOOK_EVERY_S = 0.02
THAWED_AFTER_S = LEASE_S + 1.0

FROZEN = """
import asyncio, os, signal, sys
from chassis.fuse import KernelFuse
from chassis.memory import MemoryBroker
from chassis.region import Region
from chassis.settings import ChassisSettings

settings = ChassisSettings(region="a", region_lease_s=2.0, redis_url=sys.argv[1])
region = Region(settings, MemoryBroker(), KernelFuse())
asyncio.run(region.stand_by())
assert region.holds
os.kill(os.getpid(), signal.SIGSTOP)
print("went on", flush=True)
"""


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[RedisServer, ...]]:
    with redis_servers(3, tmp_path) as started:
        yield started


class Installation:
    """Regions that share the servers, each with a broker of its own, and their stand-bys."""

    def __init__(self, servers: tuple[RedisServer, ...]) -> None:
        self.urls = ",".join(server.url for server in servers)
        self.brokers: dict[str, MemoryBroker] = {}
        self.tasks: list[asyncio.Task[None]] = []

    def settings(self, name: str) -> ChassisSettings:
        return ChassisSettings(region=name, region_lease_s=LEASE_S, redis_url=self.urls)

    def process(self, name: str, broker: str = "") -> Region:
        """One more process of a region, with the Kafka of its own or of that name."""
        kafka = self.brokers.setdefault(broker or name, MemoryBroker())
        return Region(self.settings(name), kafka, NO_FUSE)

    def begins(self, process: Region) -> "asyncio.Task[None]":
        """The process, standing by for as long as it must."""
        self.tasks.append(asyncio.create_task(process.stand_by()))
        return self.tasks[-1]

    async def party(self, name: str) -> Party:
        return Party(name, await self.brokers[name].reader().cluster())

    async def mirrored(self, source: str, target: str) -> None:
        """As a mirror does once it has copied everything."""
        known = Servers(self.settings(target).redis_urls)
        lease = lease_of(self.settings(target), known)
        follower = (await self.party(target)).cluster
        assert await lease.follow(await self.party(source), follower)
        await known.close()


@pytest.fixture
async def both(servers: tuple[RedisServer, ...]) -> AsyncIterator[Installation]:
    made = Installation(servers)
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)


async def in_time(task: "asyncio.Task[None]") -> bool:
    done, _ = await asyncio.wait([task], timeout=SOON_S)
    return bool(done)


async def waits(process: Region, word: str) -> bool:
    """True once the process says that this is what it waits for."""
    for _ in range(int(SOON_S / LOOK_EVERY_S)):
        if word in process.vitals.waiting_for:
            return True
        await asyncio.sleep(LOOK_EVERY_S)
    return False


async def test_of_two_regions_one_works_and_the_other_stands_by_and_says_for_whom(
    both: Installation,
) -> None:
    first, second = both.process("a"), both.process("b")
    assert await in_time(both.begins(first))
    assert first.holds
    keeping = asyncio.create_task(first.keep())
    standing = both.begins(second)
    assert await waits(second, "region a holds the lease")
    await asyncio.sleep(1.5 * LEASE_S)
    assert (first.holds, second.holds, standing.done()) == (True, False, False)
    assert (second.vitals.ready, second.vitals.alive) == (False, True)
    keeping.cancel()
    second.stop()
    assert await in_time(standing)


async def test_all_processes_of_a_region_hold_the_lease_and_any_of_them_keeps_it(
    both: Installation,
) -> None:
    first, second, other = both.process("a"), both.process("a"), both.process("b")
    assert await in_time(both.begins(first))
    assert await in_time(both.begins(second))
    keeping = asyncio.create_task(second.keep())
    both.begins(other)
    await both.mirrored("a", "b")
    await asyncio.sleep(1.5 * LEASE_S)
    assert (first.holds, second.holds, other.holds) == (False, True, False)
    keeping.cancel()


async def test_two_regions_of_one_name_are_two(both: Installation) -> None:
    one, two = both.process("a"), both.process("a", "another")
    assert await in_time(both.begins(one))
    both.begins(two)
    assert await waits(two, "region a holds the lease")


async def test_a_copy_takes_over_after_the_leases_time_and_fences_its_mirror(
    both: Installation,
) -> None:
    first, second = both.process("a"), both.process("b")
    assert await in_time(both.begins(first))
    both.brokers["b"].create("log", 1)
    writer = both.brokers["b"].together(MIRROR)
    await writer.start()
    await writer.write([Outgoing("log", b"k", b"v")])
    standing = both.begins(second)
    await both.mirrored("a", "b")
    assert await in_time(standing)
    assert (first.holds, second.holds) == (False, True)
    with pytest.raises(Fenced):
        await writer.write([Outgoing("log", b"k", b"late")])


async def test_a_region_that_is_no_copy_of_the_last_one_does_not_take_over(
    both: Installation,
) -> None:
    """Nor does the one that was gone, while its heir rests."""
    first, second = both.process("a"), both.process("b")
    assert await in_time(both.begins(first))
    standing = both.begins(second)
    assert await waits(second, "a mirror from region a")
    await both.mirrored("a", "b")
    assert await in_time(standing)
    back = both.process("a")
    returned = both.begins(back)
    assert await waits(back, "a mirror from region b")
    await asyncio.sleep(LEASE_S)
    assert not returned.done()
    assert await in_time(both.begins(both.process("b")))


async def test_a_lease_that_cannot_be_extended_ends_the_work_before_its_time_is_over(
    both: Installation, servers: tuple[RedisServer, ...]
) -> None:
    process = both.process("a")
    assert await in_time(both.begins(process))
    keeping = asyncio.create_task(process.keep())
    servers[0].stop()
    await asyncio.sleep(1.5 * LEASE_S)
    assert (keeping.done(), process.holds) == (False, True)
    servers[1].stop()
    assert await in_time(keeping), "it works on without its lease"
    assert isinstance(keeping.exception(), LeaseLost)
    assert process.holds, "it noticed when it was too late"
    assert "REDIS_URL" in str(keeping.exception())


async def test_without_a_quorum_nobody_works(
    both: Installation, servers: tuple[RedisServer, ...]
) -> None:
    servers[0].stop()
    servers[1].stop()
    process = both.process("a")
    standing = both.begins(process)
    assert await waits(process, "REDIS_URL")
    servers[1].start()
    assert await in_time(standing)
    assert process.holds


def test_a_process_that_was_frozen_for_longer_than_its_lease_never_goes_on(
    servers: tuple[RedisServer, ...],
) -> None:
    urls = ",".join(server.url for server in servers)
    command = [sys.executable, "-c", FROZEN, urls]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        with suppress(subprocess.TimeoutExpired):
            process.wait(THAWED_AFTER_S)
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGCONT)
        said, _ = process.communicate(timeout=SOON_S)
        assert "went on" not in said
        assert process.returncode == -signal.SIGALRM


@pytest.mark.parametrize("service", ["analyst", "orchestrator"])
def test_a_services_process_stands_by_and_serves_nothing_but_its_health(
    service: str, tmp_path: Path
) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "REGION": "a",
        "REDIS_URL": ",".join(["redis://127.0.0.1:1/0"] * 3),
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", f"services.{service}"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE) as stood:
        said = health_of(port)
        stood.terminate()
        stood.communicate(timeout=SOON_S)
    assert [role["role"] for role in said["roles"]] == ["region"]
    assert (said["ready"], stood.returncode) == (False, 0)
    assert not (tmp_path / ".sagaline").exists()


def health_of(port: int) -> dict[str, Any]:
    """What the process at this port says of its health, once it listens."""
    for _ in range(int(SOON_S / LOOK_EVERY_S)):
        with suppress(httpx.TransportError):
            found: dict[str, Any] = httpx.get(
                f"http://127.0.0.1:{port}/health/ready", trust_env=False
            ).json()
            return found
        time.sleep(LOOK_EVERY_S)
    raise AssertionError("nobody serves the health of a stand-by")


def test_a_lost_lease_is_an_end_of_its_own() -> None:
    stopped = asyncio.Event()

    async def work() -> None:
        await stopped.wait()

    async def keep() -> None:
        raise LeaseLost("it waits for its turn")

    assert run_until_signalled(work, keep, stop=[stopped.set], dog=Watchdog()) == EXIT_LEASE


def test_a_region_needs_three_servers() -> None:
    with pytest.raises(ValidationError, match="at least 3 servers"):
        ChassisSettings(region="a", redis_url="redis://127.0.0.1:1/0,redis://127.0.0.1:2/0")
    with pytest.raises(ValidationError, match="at least 3 servers"):
        ChassisSettings(region="a", use_in_memory_store=True)
