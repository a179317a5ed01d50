"""A proxy before a broker that holds EndTxn back until the same name's next transaction.

It reads the headers of requests (https://kafka.apache.org/protocol) and passes everything else on
as it is. A held request's client is cut off, as by a network that lost the connection: it asks
again on a new one, is answered, begins its next transaction, and only then the held EndTxn arrives
at the broker, on the old connection.
"""

import asyncio
import struct
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

HOST = "127.0.0.1"
SIZE = struct.Struct(">i")
HEADER = struct.Struct(">hhi")
"""api_key, api_version, correlation_id."""

SHORT = struct.Struct(">h")
ADD_PARTITIONS, ADD_OFFSETS, END = 24, 25, 26
FLEXIBLE_FROM = {ADD_PARTITIONS: 3, ADD_OFFSETS: 3, END: 3}
"""From these versions on, requests are written in another way: librdkafka does not use them."""

CHUNK = 65_536
ANSWER_WAIT_S = 1.0
NO_ERROR = bytes(2)
ERROR_AT = 12
"""Where an answer to EndTxn has its error code: after size, correlation_id and throttle time."""


class Request(NamedTuple):
    """What the header and the first field say: which request, for which transactional id."""

    api: int
    name: str


def read_request(frame: bytes) -> Request:
    """The request in a frame (without its size); the name only where it concerns transactions."""
    api, version, _ = HEADER.unpack_from(frame)
    if api not in FLEXIBLE_FROM or version >= FLEXIBLE_FROM[api]:
        return Request(api, "")
    at = HEADER.size
    client = SHORT.unpack_from(frame, at)[0]
    at += SHORT.size + max(0, client)
    length = SHORT.unpack_from(frame, at)[0]
    at += SHORT.size
    return Request(api, frame[at : at + length].decode())


@dataclass
class _Held:
    """A request that waits, and the broker's side of the connection that it came on."""

    frame: bytes
    broker: asyncio.StreamWriter
    freed: asyncio.Event = field(default_factory=asyncio.Event)


class Proxy:
    """Between clients and the broker at `port`; counts what it held, passed on late, saw obeyed."""

    def __init__(self, port: int, seed: int, share: float) -> None:
        self._port = port
        self._random = Random(f"{seed}-proxy")
        self._share = share
        self._held: dict[str, list[_Held]] = defaultdict(list)
        self._tasks: set[asyncio.Task[None]] = set()
        self.held = 0
        self.late = 0
        self.obeyed = 0
        self.holding = True

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, from its first byte to its last."""
        try:
            back, broker = await asyncio.open_connection(HOST, self._port)
        except OSError:
            writer.close()
            return
        late = bytearray()
        answers = asyncio.create_task(_pass_on(back, writer, late))
        held: _Held | None = None
        try:
            held = await self._requests(reader, broker)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            if held is not None:
                await held.freed.wait()
                await asyncio.wait([answers], timeout=ANSWER_WAIT_S)
                self.obeyed += late[ERROR_AT : ERROR_AT + SHORT.size] == NO_ERROR
            broker.close()
            answers.cancel()
            with suppress(asyncio.CancelledError):
                await answers

    async def _requests(
        self, reader: asyncio.StreamReader, broker: asyncio.StreamWriter
    ) -> _Held | None:
        """Pass requests on; returns where one is held, which ends the connection."""
        while True:
            size = await reader.readexactly(SIZE.size)
            frame = await reader.readexactly(SIZE.unpack(size)[0])
            request = read_request(frame)
            if request.api == END and request.name and self._chosen(request.name):
                held = _Held(size + frame, broker)
                self._held[request.name].append(held)
                self.held += 1
                return held
            broker.write(size + frame)
            await broker.drain()
            if request.api in (ADD_PARTITIONS, ADD_OFFSETS):
                await self._free(request.name)

    def _chosen(self, name: str) -> bool:
        return self.holding and not self._held[name] and self._random.random() < self._share

    async def _free(self, name: str) -> None:
        """The next transaction of this name has begun: now the held end of the last one arrives."""
        for held in self._held.pop(name, []):
            self.late += 1
            with suppress(ConnectionError):
                held.broker.write(held.frame)
                await held.broker.drain()
            held.freed.set()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, late: bytearray
) -> None:
    """Answers need no reading; what comes when the client was cut off is kept in `late`."""
    with suppress(ConnectionError):
        while chunk := await reader.read(CHUNK):
            if writer.is_closing():
                late += chunk
                continue
            writer.write(chunk)
            await writer.drain()
    writer.close()
