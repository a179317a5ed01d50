"""The proxy that makes an EndTxn late: held until its owner's next transaction, then delivered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.chaos.storm.proxy import (
    ADD_OFFSETS,
    ADD_PARTITIONS,
    END,
    HEADER,
    HOST,
    SHORT,
    SIZE,
    Proxy,
    Request,
    read_request,
)

PRODUCE = 0
PATIENCE_S = 5.0


def frame(api: int, name: str, version: int = 1) -> bytes:
    """A request as librdkafka writes it, without its size: header, client id, first field."""
    client, text = b"sagaline", name.encode()
    return (
        HEADER.pack(api, version, 7)
        + (SHORT.pack(len(client)) + client)
        + (SHORT.pack(len(text)) + text)
    )


class Broker:
    """Notes each request in order and answers it with its own bytes."""

    def __init__(self) -> None:
        self.seen: list[Request] = []
        self.came = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                size = await reader.readexactly(SIZE.size)
                found = await reader.readexactly(SIZE.unpack(size)[0])
                async with self.came:
                    self.seen.append(read_request(found))
                    self.came.notify_all()
                writer.write(size + found)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def saw(self, count: int) -> list[Request]:
        async with asyncio.timeout(PATIENCE_S), self.came:
            await self.came.wait_for(lambda: len(self.seen) >= count)
        return self.seen


@asynccontextmanager
async def between(share: float) -> AsyncIterator[tuple[Broker, Proxy, int]]:
    broker, me = Broker(), asyncio.current_task()
    behind = await asyncio.start_server(broker.serve, HOST, 0)
    proxy = Proxy(behind.sockets[0].getsockname()[1], 1, share)
    front = await asyncio.start_server(proxy.take, HOST, 0)
    try:
        yield broker, proxy, front.sockets[0].getsockname()[1]
    finally:
        front.close()
        behind.close()
        async with asyncio.timeout(PATIENCE_S):
            while others := asyncio.all_tasks() - {me}:
                await asyncio.wait(others)


async def ask(port: int, *frames: bytes) -> list[bytes]:
    """Send requests on a connection of their own; the answers until it ends."""
    reader, writer = await asyncio.open_connection(HOST, port)
    answers = []
    try:
        async with asyncio.timeout(PATIENCE_S):
            for one in frames:
                writer.write(SIZE.pack(len(one)) + one)
                await writer.drain()
                size = await reader.readexactly(SIZE.size)
                answers.append(await reader.readexactly(SIZE.unpack(size)[0]))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
    return answers


async def test_what_is_not_held_passes_both_ways_unchanged() -> None:
    requests = [frame(PRODUCE, "x"), frame(ADD_PARTITIONS, "a"), frame(END, "a")]
    async with between(0.0) as (broker, proxy, port):
        assert await ask(port, *requests) == requests
        assert await broker.saw(3) == [(PRODUCE, ""), (ADD_PARTITIONS, "a"), (END, "a")]
        assert (proxy.held, proxy.late) == (0, 0)


@pytest.mark.parametrize("begin", [ADD_PARTITIONS, ADD_OFFSETS])
async def test_an_end_that_is_held_arrives_with_the_names_next_transaction(begin: int) -> None:
    async with between(1.0) as (broker, proxy, port):
        assert await ask(port, frame(END, "a")) == []
        assert proxy.held == 1
        assert len(await ask(port, frame(END, "a"))) == 1  # asked again: answered at once
        assert len(await ask(port, frame(begin, "b"))) == 1  # of another name: frees nothing
        assert proxy.late == 0
        assert len(await ask(port, frame(begin, "a"))) == 1
        assert await broker.saw(4) == [(END, "a"), (begin, "b"), (begin, "a"), (END, "a")]
        assert proxy.late == 1
