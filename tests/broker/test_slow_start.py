"""A broker that takes long over a name: who asked for it goes on, and is not fenced by itself."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from chassis.broker import Outgoing
from chassis.errors import Fenced, Retryable
from chassis.kafka import KafkaBroker
from chassis.kafka import transactions as module
from chassis.settings import ChassisSettings
from contracts import topics
from deploy.kafka.broker import HOST, LocalBroker, free_port
from deploy.topics import TopicsSettings, ensure_topics
from tests.chaos.storm.proxy import SIZE, read_request

INIT_PRODUCER_ID = 22
"""Kafka's protocol guide: the request that gives a name its producer, and fences who had it."""

HELD_S, START_S = 4.0, 1.0
CHUNK = 65_536


class Slow:
    """Between clients and the broker at `port`: the first request for a name arrives late."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.held = 0
        self.arrived = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()

    def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection."""
        self._connections.add(asyncio.create_task(self._carry(reader, writer)))

    async def end(self) -> None:
        """Cut every connection."""
        for one in self._connections:
            one.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, broker = await asyncio.open_connection(HOST, self._port)
        answers = asyncio.create_task(self._pass_on(back, writer))
        try:
            while True:
                size = await reader.readexactly(SIZE.size)
                frame = await reader.readexactly(SIZE.unpack(size)[0])
                mine = read_request(frame).api == INIT_PRODUCER_ID and not self.held
                if mine:
                    self.held += 1
                    await asyncio.sleep(HELD_S)
                broker.write(size + frame)
                await broker.drain()
                if mine:
                    self.arrived.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            answers.cancel()
            for one in (writer, broker):
                one.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(CHUNK):
                writer.write(chunk)
                await writer.drain()


@asynccontextmanager
async def behind_a_slow_door(folder: Path) -> AsyncIterator[tuple[Slow, str]]:
    """A broker that clients reach through the proxy alone, and the address that they use."""
    port = free_port()
    slow = Slow(port)
    server = await asyncio.start_server(slow.take, HOST, 0)
    address = f"{HOST}:{server.sockets[0].getsockname()[1]}"
    advertised = {"advertised.listeners": f"CLIENTS://{address}"}
    node = LocalBroker(folder, port=port, properties=advertised)
    await asyncio.to_thread(node.__enter__)
    try:
        yield slow, address
    finally:
        await asyncio.to_thread(node.__exit__, None, None, None)
        server.close()
        await slow.end()


async def test_a_name_whose_start_was_late_is_not_fenced_by_what_it_asked_for_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "START_TIMEOUT_S", START_S)
    async with behind_a_slow_door(tmp_path / "kafka") as (slow, address):
        await asyncio.to_thread(ensure_topics, TopicsSettings(kafka_bootstrap=address))
        settings = ChassisSettings(kafka_bootstrap=address, use_in_memory_store=True)
        owner = KafkaBroker(settings).transactions("saga-0", group="saga", topics=(topics.LOG,))
        late, deadline = 0, time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                await owner.start()
                break
            except Retryable:
                late += 1
        assert late, "the start was not late"
        await asyncio.wait_for(slow.arrived.wait(), 2 * HELD_S)
        await asyncio.sleep(START_S)
        fenced = ""
        try:
            await owner.write([Outgoing(topics.LOG, b"key", b"value")])
        except Fenced as fence:
            fenced = str(fence)
        await owner.close()
    assert not fenced
