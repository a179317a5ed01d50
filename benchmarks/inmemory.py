"""The real engine on the in-memory broker: what it writes for each input, and logs to fold."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks import engine, road
from chassis.artefacts import FolderArtefacts
from chassis.broker import Incoming, Outgoing, Position, TopicPartition, Transactions
from chassis.clock import SystemClock
from chassis.main import phase_loop
from chassis.memory import MemoryBroker
from chassis.recall import MemoryRecall
from chassis.service import Wiring
from contracts import topics
from services.orchestrator.saga.role import saga_loop
from services.orchestrator.settings import OrchestratorSettings

PATIENCE_S = 120.0


class Size(NamedTuple):
    """One record that is written: where to, and how many bytes its value and headers have."""

    topic: str
    value_bytes: int
    header_bytes: int


class Shape(NamedTuple):
    """What one saga makes the engine write: for each input its records, then a phase's result."""

    inputs: tuple[tuple[Size, ...], ...]
    result: Size


class _Watched:
    """Transactions that tell what was committed."""

    def __init__(self, behind: Transactions, keep: Callable[[Sequence[Outgoing]], None]) -> None:
        self._behind = behind
        self._keep = keep

    async def start(self) -> None:
        await self._behind.start()

    async def commit(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        await self._behind.commit(records, positions, membership)
        self._keep(records)

    async def close(self) -> None:
        await self._behind.close()


class WatchedBroker(MemoryBroker):
    """A broker in memory that keeps the transactions' records, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.committed: list[tuple[Outgoing, ...]] = []
        self._ended = 0
        self._moved = asyncio.Event()
        for topic in road.USED_TOPICS:
            self.create(topic, topics.PARTITIONS)

    def transactions(  # type: ignore[override]
        self, transactional_id: str, *, group: str, topics: Sequence[str]
    ) -> Transactions:
        inner = super().transactions(transactional_id, group=group, topics=topics)
        return _Watched(inner, self._keep)

    async def until_ended(self, sagas: int) -> None:
        """Until so many sagas have completed."""
        while self._ended < sagas:
            self._moved.clear()
            await self._moved.wait()

    async def all_of(self, topic: str) -> list[Incoming]:
        """Every record of a topic, per partition in order."""
        reader = self.reader()
        partitions = [TopicPartition(topic, n) for n in range(topics.PARTITIONS)]
        ends = await reader.ends(partitions)
        bounds = {p: end for p, (_, end) in ends.items()}
        return [record async for record in reader.read(dict.fromkeys(partitions, 0), bounds)]

    def _keep(self, records: Sequence[Outgoing]) -> None:
        self.committed.append(tuple(records))
        self._ended += sum(("ce_type", b"WorkflowCompleted") in one.headers for one in records)
        self._moved.set()


def shape() -> Shape:
    """Drive one saga through the engine and measure what it writes."""
    return asyncio.run(_shape())


def log_of(sagas: int) -> list[Incoming]:
    """The whole log of so many finished sagas."""
    return asyncio.run(_log_of(sagas))


async def _shape() -> Shape:
    async with _driven(1) as broker:
        results = await broker.all_of(topics.RESULTS)
        inputs = tuple(tuple(map(_size, records)) for records in broker.committed)
    headers = sum(len(name) + len(value) for name, value in results[0].headers)
    return Shape(inputs, Size(topics.RESULTS, len(results[0].value or b""), headers))


async def _log_of(sagas: int) -> list[Incoming]:
    async with _driven(sagas) as broker:
        return await broker.all_of(topics.LOG)


@asynccontextmanager
async def _driven(sagas: int) -> AsyncIterator[WatchedBroker]:
    """A broker whose engine has finished so many sagas."""
    broker = WatchedBroker()
    with tempfile.TemporaryDirectory(prefix="sagaline-bench-") as state:
        settings = OrchestratorSettings(use_in_memory_store=True, state_dir=Path(state))
        jobs = _jobs(broker, settings)
        running = asyncio.gather(*(job() for job, _ in jobs))
        speech = road.codec()
        await broker.producer().send([road.request(f"m{n}", speech)[1] for n in range(sagas)])
        async with asyncio.timeout(PATIENCE_S):
            await broker.until_ended(sagas)
        for _, stop in jobs:
            stop()
        await running
        yield broker


def _jobs(broker: WatchedBroker, settings: OrchestratorSettings) -> list[engine.Job]:
    codec, clock = road.codec(), SystemClock()
    wiring = Wiring(FolderArtefacts(settings.artefacts_dir), MemoryRecall(clock), clock)
    saga = saga_loop(settings, broker, clock, codec, road.definitions())
    phases = [phase_loop(role, settings, broker, wiring, codec) for role in road.roles()]
    return [(saga.run, saga.stop), *((loop.run, loop.stop) for loop in phases)]


def _size(record: Outgoing) -> Size:
    headers = sum(len(name) + len(value) for name, value in record.headers)
    return Size(record.topic, len(record.value or b""), headers)
