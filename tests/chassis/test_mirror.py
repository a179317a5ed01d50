"""SAGA-22: a mirror copies each committed record once, and only into the region that follows."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import pytest

from chassis import mirror, telemetry
from chassis.broker import Incoming, Outgoing, TopicPartition
from chassis.errors import ChassisError
from chassis.lease import MIRROR, Party, RegionLease
from chassis.memory import Fault, MemoryBroker
from chassis.mirror import COPY_HEADER, MIRRORED, Mirror, MirrorRefused, Route
from chassis.quorum import Servers
from contracts import topics
from tests.chassis.redis_servers import redis_servers

NAMES = (topics.REQUESTS, topics.LOG, topics.commands_of("research"))
PARTITIONS = 2
LEASE_S = 1.0
SOON_S = 20.0
LOOK_S = 0.02
GIVEN_MS = 1_760_000_000_123


class Regions:
    """The Kafka of region a, which works, that of region b, and mirrors between them."""

    def __init__(self, lease: RegionLease) -> None:
        self.source, self.target = MemoryBroker(), MemoryBroker()
        for broker in (self.source, self.target):
            for name in NAMES:
                broker.create(name, PARTITIONS)
        self.lease = lease
        self._running: list[asyncio.Task[None]] = []

    async def party(self, name: str, broker: MemoryBroker) -> Party:
        return Party(name, await broker.reader().cluster())

    def mirror(self) -> "asyncio.Task[None]":
        """One more mirror process."""
        made = Mirror(Route(self.source, self.target, NAMES), self.lease)
        self._running.append(asyncio.create_task(made.run()))
        return self._running[-1]

    async def kill(self) -> None:
        """End all mirrors where they stand."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running.clear()

    async def write(self, *values: bytes, topic: str = topics.LOG, partition: int = 0) -> None:
        made = [Outgoing(topic, b"key", value, partition=partition) for value in values]
        await self.source.producer().send(made)

    async def copies(self, topic: str = topics.LOG, partition: int = 0) -> list[Incoming]:
        return await read(self.target, topic, partition)

    async def copied(self, enough: Callable[[list[Incoming]], bool]) -> list[Incoming]:
        """The log's copies once it is so, or after too long."""
        for _ in range(int(SOON_S / LOOK_S)):
            if enough(found := await self.copies()):
                return found
            await asyncio.sleep(LOOK_S)
        return await self.copies()


async def read(broker: MemoryBroker, topic: str, partition: int) -> list[Incoming]:
    reader, source = broker.reader(), TopicPartition(topic, partition)
    _, end = (await reader.ends([source]))[source]
    return [record async for record in reader.read({source: 0}, {source: end})]


async def refusal(task: "asyncio.Task[None]") -> str:
    done, _ = await asyncio.wait([task], timeout=SOON_S)
    assert done, "it was not refused"
    with pytest.raises(MirrorRefused) as found:
        task.result()
    return str(found.value)


@pytest.fixture
async def regions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Regions]:
    for name in ("ROUND_EVERY_S", "LOOK_EVERY_S", "RETRY_S"):
        monkeypatch.setattr(mirror, name, LOOK_S)
    with redis_servers(3, tmp_path) as servers:
        known = Servers([server.url for server in servers], node_wait_s=5.0)
        made = Regions(RegionLease(known, "", LEASE_S))
        assert await made.lease.take(await made.party("a", made.source))
        yield made
        await made.kill()
        await known.close()


def test_everything_is_mirrored_but_what_holds_offsets_of_the_other_kafka() -> None:
    assert {spec.name for spec in topics.TOPICS} - set(MIRRORED) == {topics.SNAPSHOTS}


async def test_a_copy_is_the_record_as_it_stood_and_says_what_it_is_a_copy_of(
    regions: Regions,
) -> None:
    headers = (("ce_id", b"1"), (COPY_HEADER, b"of old@7"))
    given = Outgoing(topics.LOG, b"key", b"value", headers, 1, GIVEN_MS)
    await regions.write(b"other")
    await regions.source.producer().send([given])
    regions.mirror()
    await regions.copied(lambda found: len(found) == 1)
    (copy,) = await regions.copies(partition=1)
    assert (copy.key, copy.value, copy.timestamp_ms) == (b"key", b"value", GIVEN_MS)
    cluster = await regions.source.reader().cluster()
    assert copy.headers == (("ce_id", b"1"), (COPY_HEADER, f"{cluster}@0".encode()))


async def test_what_was_never_committed_is_not_copied(regions: Regions) -> None:
    dying = regions.source.together("saga-0")
    await dying.start()
    regions.source.fail_next(Fault.TRANSACTION_ABORTS)
    with pytest.raises(ChassisError):
        await dying.write([Outgoing(topics.LOG, b"key", b"aborted", partition=0)])
    await regions.write(b"stands")
    regions.mirror()
    found = await regions.copied(lambda found: len(found) >= 1)
    assert [record.value for record in found] == [b"stands"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.TRANSACTION_ABORTS,
        Fault.TRANSACTION_UNKNOWN_COMMITTED,
        Fault.TRANSACTION_UNKNOWN_LEFT_OPEN,
        Fault.START,
    ],
)
async def test_each_record_is_copied_once_whatever_stops_the_mirror(
    regions: Regions, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "CHUNK_RECORDS", 3)
    written = [b"%d" % number for number in range(20)]
    await regions.write(*written[:10])
    regions.target.fail_next(fault, 2)
    regions.mirror()
    await regions.copied(lambda found: len(found) >= 3)
    await regions.kill()
    await regions.write(*written[10:])
    regions.mirror()
    found = await regions.copied(lambda found: len(found) >= 20)
    await asyncio.sleep(10 * LOOK_S)
    assert [record.value for record in found] == written
    assert await regions.copies() == found


async def test_a_mirror_into_the_region_that_works_writes_nothing(regions: Regions) -> None:
    await read(regions.source, topics.LOG, 0)
    regions.source, regions.target = regions.target, regions.source
    await regions.write(b"an old log's")
    assert "Turn --from and --to round" in await refusal(regions.mirror())
    assert await regions.copies() == []


async def test_a_mirror_from_a_region_that_did_not_work_last_writes_nothing(
    regions: Regions,
) -> None:
    regions.source = MemoryBroker()
    for name in NAMES:
        regions.source.create(name, PARTITIONS)
    await regions.write(b"an old log's")
    assert "worked last" in await refusal(regions.mirror())
    assert await regions.copies() == []


async def test_a_log_that_is_not_the_one_copied_before_is_refused(regions: Regions) -> None:
    """As of a Kafka that came back without its last records."""
    await regions.write(b"one", b"two")
    regions.mirror()
    await regions.copied(lambda found: len(found) == 2)
    await regions.kill()
    restored = MemoryBroker()
    restored._ledger.cluster = regions.source._ledger.cluster
    for name in NAMES:
        restored.create(name, PARTITIONS)
    regions.source = restored
    await regions.write(b"one", b"another two", b"three")
    assert "it lost facts, or is another log" in await refusal(regions.mirror())
    assert [record.value for record in await regions.copies()] == [b"one", b"two"]


async def test_a_target_with_facts_of_its_own_is_no_copy(regions: Regions) -> None:
    await regions.target.producer().send([Outgoing(topics.LOG, b"key", b"own", partition=1)])
    assert "facts of its own" in await refusal(regions.mirror())


async def test_once_everything_is_copied_the_target_may_take_over_and_not_before(
    regions: Regions,
) -> None:
    heir = await regions.party("b", regions.target)
    await asyncio.sleep(1.5 * LEASE_S)
    assert not await regions.lease.take(heir)
    await regions.write(b"one")
    running = regions.mirror()
    for _ in range(int(SOON_S / LOOK_S)):
        if await regions.lease.take(heir):
            break
        await asyncio.sleep(LOOK_S)
    assert await regions.lease.extend(heir)
    assert [record.value for record in await regions.copies()] == [b"one"]
    assert "region b" in await refusal(running)


async def test_a_region_that_takes_over_fences_the_mirror_that_writes_into_it(
    regions: Regions,
) -> None:
    running = regions.mirror()
    await regions.write(b"before")
    await regions.copied(lambda found: len(found) == 1)
    await regions.target.together(MIRROR).start()
    await regions.write(b"after")
    assert "has taken over" in await refusal(running)
    assert [record.value for record in await regions.copies()] == [b"before"]


async def test_a_mirror_says_how_much_it_copied_and_since_when_it_is_behind(
    regions: Regions,
) -> None:
    made = Mirror(Route(regions.source, regions.target, NAMES), regions.lease)
    await regions.write(b"one", b"two")
    running = asyncio.create_task(made.run())
    await regions.copied(lambda found: len(found) == 2)
    regions.source.fail_next(Fault.READ, 1_000_000)
    await asyncio.sleep(5 * LOOK_S)
    behind = made.lag_s
    await asyncio.sleep(5 * LOOK_S)
    assert (made.copied, made.lag_s > behind) == (2, True)
    assert b"sagaline_mirror_lag_seconds" in telemetry.metrics_text()
    assert b'sagaline_mirrored_total{topic="campaign.log"}' in telemetry.metrics_text()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_no_command_arrives_before_the_fact_that_asked_for_it(regions: Regions) -> None:
    """Both are committed while the mirror looks how far it has to copy."""
    made = Mirror(Route(regions.source, regions.target, NAMES), regions.lease)
    looked, looks, over = made._source.ends, 0, asyncio.Event()

    async def ends(
        partitions: Sequence[TopicPartition],
    ) -> Mapping[TopicPartition, tuple[int, int]]:
        nonlocal looks
        if looks == 2:
            over.set()
            await asyncio.Event().wait()
        found = await looked(partitions)
        if looks or partitions[0].topic != topics.LOG:  # the first look of a round
            looks += 1
        if looks == 1:
            await regions.write(b"fact")
            await regions.write(b"command", topic=topics.commands_of("research"))
        return found

    await regions.write(b"first")
    running = asyncio.create_task(made.run())
    await regions.copied(lambda found: len(found) == 1)
    made._source.ends = ends  # type: ignore[method-assign]
    async with asyncio.timeout(SOON_S):
        await over.wait()
    assert [record.value for record in await regions.copies()] == [b"first", b"fact"]
    assert await regions.copies(topics.commands_of("research")) == []
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
