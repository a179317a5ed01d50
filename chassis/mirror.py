"""Copies one region's topics into another region's Kafka, record by record, and only that way.

1. Take the mirror's transactional name at the target: whatever mirror was there before is fenced,
   and so is this one as soon as the target's region begins to work (chassis/region.py).
2. Look who worked last: the source's region, or nothing is written. After step 1 that cannot be
   overtaken: a region that takes the lease later fences us before its first step.
3. Find where to go on: each copy says in a header which record it is of.
4. Round by round: take the ends of everything else first and of the log after them, and write the
   log first. So no command arrives before the fact that asked for it.

A copy keeps partition, key, value, headers and time; records and nothing else are written, in
transactions, committed ones only, each once however often the mirror dies. Snapshots are left out:
they hold offsets of the other Kafka.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import structlog

from chassis import telemetry
from chassis.broker import Broker, Incoming, Outgoing, Reader, TopicPartition
from chassis.errors import ChassisError, Fenced, OutcomeUnknown, Retryable
from chassis.lease import MIRROR, NOBODY, Party, RegionLease
from contracts import topics

MIRRORED = tuple(spec.name for spec in topics.TOPICS if spec.name != topics.SNAPSHOTS)
COPY_HEADER = "sagaline_copy_of"
"""On every copy: the source's cluster id, `@`, and the record's offset there."""

ROUND_EVERY_S = 0.2
LOOK_EVERY_S = 2.0
RETRY_S = 1.0
CHUNK_RECORDS = 1_000
CHUNK_BYTES = 4_000_000
TAIL_RECORDS = 64
TAIL_GROWTH = 16

log = structlog.get_logger()

Places = dict[TopicPartition, int]


class MirrorRefused(ChassisError):
    """Copying would go the wrong way round, or mix two histories; the message says what to do."""


class Route(NamedTuple):
    """From which Kafka to which, and what is copied."""

    source: Broker
    target: Broker
    names: Sequence[str] = MIRRORED


class Mirror:
    """One mirror process."""

    def __init__(self, route: Route, lease: RegionLease) -> None:
        self.vitals = telemetry.Vitals(MIRROR)
        self.vitals.waits("the Kafkas of both regions")
        self.copied = 0
        self._source, self._target = route.source.reader(), route.target.reader()
        self._writer = route.target.together(MIRROR)
        self._names = route.names
        self._lease = lease
        self._clusters = ("", "")
        self._even_at = 0.0
        self._began = time.time()

    @property
    def lag_s(self) -> float:
        """How long ago everything of the source was at the target, too."""
        return time.time() - (self._even_at or self._began)

    async def run(self) -> None:
        """Copy for ever. Raises MirrorRefused where that would do harm."""
        telemetry.MIRROR_LAG.set_function(lambda: self.lag_s)
        copying = asyncio.create_task(self._copy_for_ever())
        looking = asyncio.create_task(self._look_for_ever())
        try:
            await asyncio.wait([copying, looking], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (copying, looking):
                task.cancel()
            outcomes = await asyncio.gather(copying, looking, return_exceptions=True)
            for part in (self._source, self._target, self._writer):
                await part.close()
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    async def _copy_for_ever(self) -> None:
        while True:
            self.vitals.turned()
            try:
                await self._writer.start()
                self._clusters = (await self._source.cluster(), await self._target.cluster())
                last = await self._require_direction()
                places = await self._round(await self._places())
                await self._lease.follow(last, self._clusters[1])
                self.vitals.works()
                while True:
                    self.vitals.turned()
                    places = await self._round(places)
                    await asyncio.sleep(ROUND_EVERY_S)
            except Fenced as fence:
                raise MirrorRefused(
                    "the target's region has taken over, or another mirror writes there: "
                    f"{fence}. Run one mirror, into the region that does not work"
                ) from fence
            except (Retryable, OutcomeUnknown) as hindrance:
                self.vitals.waits(str(hindrance))
                log.warning("mirror_waits", reason=str(hindrance))
                await asyncio.sleep(RETRY_S)

    async def _look_for_ever(self) -> None:
        """Tell servers that forgot it that the target is a copy; end where its region works.

        It goes on while the source does not answer.
        """
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if all(self._clusters):
                try:
                    last = await self._require_direction()
                except Retryable as hindrance:
                    log.warning("mirror_waits", reason=str(hindrance))
                    continue
                if self._even_at:
                    await self._lease.follow(last, self._clusters[1])

    async def _require_direction(self) -> Party:
        """The region that worked last, which must be the source's. Raises MirrorRefused."""
        source, target = self._clusters
        seen = await self._lease.seen()
        if seen is None:
            raise Retryable("too few servers of REDIS_URL answer: nobody knows which region works")
        if target in (seen.last.cluster, seen.holder.cluster):
            raise MirrorRefused(
                f"the target is the Kafka of region {seen.last.name}, which works or worked last: "
                "a mirror into it would mix two histories. Turn --from and --to round"
            )
        if seen.last == NOBODY:
            raise Retryable("no region has worked yet")
        if seen.last.cluster != source:
            raise MirrorRefused(
                f"the source is not the Kafka of region {seen.last.name}, which worked last: its "
                "log is behind, or was cut off. Name that region's brokers with --from"
            )
        return seen.last

    async def _places(self) -> Places:
        """Where to go on reading. Raises MirrorRefused where the target's log is no copy."""
        found = {}
        for topic in self._names:
            tails = await self._tails(topic)
            for partition, tail in tails.items():
                cluster, offset = _origin(tail)
                if cluster != self._clusters[0]:
                    raise MirrorRefused(
                        f"{topic} at the target is a copy of another Kafka ({cluster}): mirror "
                        "into an empty one"
                    )
                found[partition] = offset + 1
            if topic == topics.LOG:
                await self._require_same(tails)
            starts = await _bounds(self._source, topic)
            for partition, (begin, _) in starts.items():
                found[partition] = max(begin, found.get(partition, begin))
        return found

    async def _tails(self, topic: str) -> dict[TopicPartition, Incoming]:
        """The last copy in each partition of the target that has one."""
        bounds = await _bounds(self._target, topic)
        found: dict[TopicPartition, Incoming] = {}
        left, window = set(bounds), TAIL_RECORDS
        while left:
            starts = {tp: max(bounds[tp][0], bounds[tp][1] - window) for tp in left}
            ends = {tp: bounds[tp][1] for tp in left}
            last: dict[TopicPartition, Incoming] = {}
            async for record in self._target.read(starts, ends):
                last[record.source] = record
                if _is_copy(record):
                    found[record.source] = record
            self._require_copies(topic, last)
            left = {tp for tp in left - found.keys() if starts[tp] > bounds[tp][0]}
            window *= TAIL_GROWTH
        return found

    def _require_copies(self, topic: str, last: Mapping[TopicPartition, Incoming]) -> None:
        own = [tp for tp, record in last.items() if not _is_copy(record)]
        if topic == topics.LOG and own:
            raise MirrorRefused(
                f"the target's {topic} has facts of its own (partition {own[0].partition}): it is "
                "no copy. Mirror into an empty Kafka"
            )

    async def _require_same(self, tails: Mapping[TopicPartition, Incoming]) -> None:
        """The source still has, where it stood, what was copied last: it is the same log."""
        starts = {tp: _origin(tail)[1] for tp, tail in tails.items()}
        bounds = await _bounds(self._source, topics.LOG)
        there = {tp: at for tp, at in starts.items() if bounds[tp][0] <= at < bounds[tp][1]}
        found = {
            record.source: record.value
            async for record in self._source.read(there, {tp: at + 1 for tp, at in there.items()})
        }
        for tp, tail in tails.items():
            if found.get(tp) != tail.value:
                raise MirrorRefused(
                    f"the source's {tp.topic}, partition {tp.partition}, has not what was copied "
                    f"from it at {starts[tp]}: it lost facts, or is another log. Mirror into an "
                    "empty Kafka, or have the target's region go on"
                )

    async def _round(self, places: Places) -> Places:
        """Copy what is there now; where to go on."""
        began = time.time()
        others = [tp for tp in places if tp.topic != topics.LOG]
        logs = [tp for tp in places if tp.topic == topics.LOG]
        behind = await self._source.ends(others)
        ahead = await self._source.ends(logs)
        for bounds in (ahead, behind):
            ends = {tp: end for tp, (_, end) in bounds.items()}
            await self._copy({tp: places[tp] for tp in ends}, ends)
        self._even_at = began
        return {tp: max(places[tp], end) for tp, (_, end) in (*ahead.items(), *behind.items())}

    async def _copy(self, starts: Places, ends: Places) -> None:
        chunk: list[Incoming] = []
        size = 0
        async for record in self._source.read(starts, ends):
            chunk.append(record)
            size += len(record.value or b"")
            if len(chunk) >= CHUNK_RECORDS or size >= CHUNK_BYTES:
                await self._write(chunk)
                chunk, size = [], 0
        await self._write(chunk)

    async def _write(self, chunk: Sequence[Incoming]) -> None:
        if chunk:
            await self._writer.write([copy_of(record, self._clusters[0]) for record in chunk])
            self.copied += len(chunk)
            for record in chunk:
                telemetry.MIRRORED.labels(record.topic).inc()


def copy_of(record: Incoming, cluster: str) -> Outgoing:
    """The record as it is to stand at the target; what it was a copy of before is left out."""
    headers = tuple(pair for pair in record.headers if pair[0] != COPY_HEADER)
    return Outgoing(
        record.topic,
        record.key,
        record.value,
        (*headers, (COPY_HEADER, f"{cluster}@{record.offset}".encode())),
        record.partition,
        record.timestamp_ms,
    )


def _is_copy(record: Incoming) -> bool:
    return COPY_HEADER in dict(record.headers)


def _origin(copy: Incoming) -> tuple[str, int]:
    """Which Kafka's which record a copy is of."""
    cluster, _, offset = dict(copy.headers)[COPY_HEADER].decode().partition("@")
    return cluster, int(offset)


async def _bounds(reader: Reader, topic: str) -> Mapping[TopicPartition, tuple[int, int]]:
    count = await reader.partitions(topic)
    return await reader.ends([TopicPartition(topic, number) for number in range(count)])
