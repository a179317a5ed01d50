"""Two regions on one machine: a Kafka and a crew each, a mirror between them, three Redis servers.

The folder of artefacts, claims and keys is one: the regions need such a store together, as copies
of one region do (docs/decisions/0013).
"""

import asyncio
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Self

from chassis.broker import Incoming, Reader, TopicPartition
from chassis.errors import Retryable
from chassis.kafka import KafkaBroker
from chassis.lease import Seen
from chassis.mirror import COPY_HEADER
from chassis.quorum import Servers
from chassis.region import lease_of
from chassis.telemetry import configure_logs
from contracts import topics
from deploy.cli.mirror import follow
from deploy.kafka.broker import LocalBroker
from tests.chaos.storm.crew import Crew, Seat
from tests.chaos.storm.ground import Ground
from tests.chaos.storm.roles import seats
from tests.chaos.storm.sagas import USED_TOPICS
from tests.chaos.storm.witness import HOST, Manners, witness
from tests.chassis.redis_servers import RedisServer, redis_servers
from tests.road.records import read_all

COMPLETED = "WorkflowCompleted"
LEASE_S = 8.0
SESSION_S = 3.0
LED_AGAIN_S = 30.0
LOOK_EVERY_S = 0.3
MIRRORED = tuple(name for name in USED_TOPICS if name != topics.SNAPSHOTS)


class Fact(NamedTuple):
    """A record of a region's log: whose, which, where, of which record a copy, when it was seen."""

    campaign_id: str
    name: str
    source: TopicPartition
    copy_of: str
    at: float


class Region:
    """One region: its Kafka, its Redis, its processes."""

    def __init__(self, ground: Ground, kafka: LocalBroker, redis: RedisServer, crew: Crew) -> None:
        self.ground = ground
        self.kafka = kafka
        self.redis = redis
        self.crew = crew

    def kill(self) -> None:
        """Everything at once, by force; nobody starts it again."""
        for seat in self.crew.seats:
            seat.signal(signal.SIGKILL)
        self.kafka.kill()
        self.redis.stop()

    async def log(self) -> list[Fact]:
        """All committed facts."""
        return [_fact(record) for record in await self.records(topics.LOG)]

    async def records(self, topic: str) -> list[Incoming]:
        """All committed records of a topic."""
        reader = KafkaBroker(self.ground.settings()).reader()
        bounds = await _bounds(reader, topic)
        starts, ends = ({tp: bound[place] for tp, bound in bounds.items()} for place in (0, 1))
        found = [record async for record in reader.read(starts, ends)]
        await reader.close()
        return found

    async def written(self) -> list[tuple[int, int]]:
        """Partition and offset of all that was ever written to the log, committed or not.

        Of a Kafka that was killed, committed records alone may not be readable to their end: its
        transactions may hang until the name that began them comes back to work.
        """
        reader = KafkaBroker(self.ground.settings()).reader()
        await _bounds(reader, topics.LOG)
        await reader.close()
        found = await asyncio.to_thread(
            lambda: list(read_all(self.ground.bootstrap, [topics.LOG], committed_only=False))
        )
        return sorted((message.partition() or 0, message.offset() or 0) for message in found)


class Followed:
    """A region's log as it grows."""

    def __init__(self, region: Region) -> None:
        self.facts: list[Fact] = []
        self.completed: set[str] = set()
        self._reader = KafkaBroker(region.ground.settings()).reader()

    async def follow(self) -> None:
        """Take in what comes, for ever."""
        starts = {TopicPartition(topics.LOG, number): 0 for number in range(topics.PARTITIONS)}
        async for record in self._reader.tail(starts):
            fact = _fact(record)
            self.facts.append(fact)
            if fact.name == COMPLETED:
                self.completed.add(fact.campaign_id)

    @property
    def own(self) -> list[Fact]:
        """What the region wrote itself."""
        return [fact for fact in self.facts if not fact.copy_of]


async def _bounds(reader: Reader, topic: str) -> Mapping[TopicPartition, tuple[int, int]]:
    """Where the topic's partitions begin and end, once its brokers lead all of them (again)."""
    partitions = [TopicPartition(topic, number) for number in range(topics.PARTITIONS)]
    for _ in range(int(LED_AGAIN_S / LOOK_EVERY_S)):
        with suppress(Retryable):
            return await reader.ends(partitions)
        await asyncio.sleep(LOOK_EVERY_S)
    return await reader.ends(partitions)


def _fact(record: Incoming) -> Fact:
    headers = dict(record.headers)
    copy_of = headers.get(COPY_HEADER, b"").decode()
    key, name = (record.key or b"").decode(), headers.get("ce_type", b"").decode()
    return Fact(key, name, record.source, copy_of, time.monotonic())


class Pair:
    """Region a, which works first, region b, which follows, and what is outside of both."""

    def __init__(self, home: Path) -> None:
        self.noted = home / "witness.jsonl"
        self._home = home
        self._running = ExitStack()

    def __enter__(self) -> Self:
        enter, home = self._running.enter_context, self._home
        with self._running:
            redis = enter(redis_servers(3, home))
            webhook, _ = enter(witness(self.noted, home / "logs" / "witness.log", Manners(rate=0)))
            urls = ",".join(server.url for server in redis)
            self.a, self.b = (
                enter(_region(name, home, server, (webhook, urls)))
                for name, server in zip("ab", redis, strict=False)
            )
            self._running = self._running.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    async def begin(self) -> None:
        """Region a begins to work, then b to follow: who comes first gets the lease."""
        self.a.crew.add(seats(self.a.ground, copies=1))
        async with asyncio.timeout(LED_AGAIN_S):
            while not await self._first_holds():  # noqa: ASYNC110 - another process tells Redis
                await asyncio.sleep(LOOK_EVERY_S)
        self.b.crew.add(seats(self.b.ground, copies=1))
        addresses = (self.b.ground, self.a.ground.bootstrap, self.b.ground.bootstrap)
        self.mirror = Seat("mirror", 0, mirror, addresses)
        self.b.crew.add([self.mirror])

    async def copied(self) -> None:
        """Return once the servers know region b as a copy of region a."""
        reader = KafkaBroker(self.b.ground.settings()).reader()
        cluster = await reader.cluster()
        await reader.close()
        async with asyncio.timeout(LED_AGAIN_S):
            while await self._copy() != cluster:  # noqa: ASYNC110 - another process tells Redis
                await asyncio.sleep(LOOK_EVERY_S)

    async def _copy(self) -> str:
        seen = await self._seen()
        return seen.copy if seen is not None else ""

    async def _first_holds(self) -> bool:
        seen = await self._seen()
        return seen is not None and seen.holder.name == self.a.ground.region

    async def _seen(self) -> Seen | None:
        settings = self.b.ground.settings()
        servers = Servers(settings.redis_urls)
        try:
            return await lease_of(settings, servers).seen()
        finally:
            await servers.close()

    def log_of(self, region: Region, seat: str) -> str:
        """What a process of a region said."""
        return (self._home / "logs" / region.ground.region / f"{seat}.log").read_text()


@contextmanager
def _region(
    name: str, home: Path, redis: RedisServer, outside: tuple[int, str]
) -> Iterator[Region]:
    webhook, urls = outside
    place = home / f"kafka-{name}"
    place.mkdir()
    with LocalBroker(place) as kafka, Crew(home / "logs" / name) as crew:
        ground = Ground(
            bootstrap=kafka.bootstrap,
            home=home,
            session_s=SESSION_S,
            webhook_url=f"http://{HOST}:{webhook}/hook",
            region=name,
            redis_url=urls,
            lease_s=LEASE_S,
        )
        ground.make_topics(USED_TOPICS)
        yield Region(ground, kafka, redis, crew)


def mirror(ground: Ground, source: str, target: str) -> int:
    """Run a mirror until it is refused."""
    configure_logs("INFO", "mirror")
    asyncio.run(follow(ground.settings(), source, target, MIRRORED))
    return 0
