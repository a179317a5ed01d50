"""The outside witness: a webhook and a mail server in a process of their own that only append.

One line of JSON per arrival, in order. Now and then it notes a call and hangs up without an answer,
as receivers do: the sender then has to ask again under the same key.
"""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.smtp import SMTP

from tests.chaos.storm.crew import forking, live

HOST = "127.0.0.1"
POST, RETRACTION, MAIL = "post", "retraction", "mail"
HANG_UP_EVERY = 100
"""One call in so many is noted, and never answered."""

DIGEST_CHARS = 16
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_KINDS = {"campaign.published": POST, "campaign.retracted": RETRACTION}


class Arrival(NamedTuple):
    """What came, when (seconds of the machine's clock), under which key, with which content."""

    kind: str
    key: str
    at: float
    content: str


def arrivals(path: Path) -> list[Arrival]:
    """Everything that the witness noted."""
    return [Arrival(**json.loads(line)) for line in path.read_text().splitlines()]


@contextmanager
def witness(path: Path, log: Path) -> Iterator[tuple[int, int]]:
    """A witness that notes in `path`; the ports of its webhook and its mail server."""
    ours, theirs = forking().Pipe()
    process = forking().Process(target=live, args=(log, serve, path, theirs), name="witness")
    process.start()
    try:
        webhook, mail = ours.recv()
        yield webhook, mail
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()
        theirs.close()


def serve(path: Path, ports: Connection) -> int:
    """Witness until killed; the ports (webhook, mail) are sent once they are open."""
    with path.open("a", buffering=1) as notes:

        def note(kind: str, key: str, content: bytes) -> None:
            digest = hashlib.sha256(content).hexdigest()[:DIGEST_CHARS]
            arrival = Arrival(kind, key, time.time(), digest)
            notes.write(json.dumps(arrival._asdict()) + "\n")

        asyncio.run(_serve(note, ports))
    return 0


async def _serve(note: Callable[[str, str, bytes], None], ports: Connection) -> None:
    calls = 0

    async def on_call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            body = await reader.readexactly(int(headers["content-length"]))
            note(_KINDS[json.loads(body)["type"]], headers["idempotency-key"], body)
            calls += 1
            if calls % HANG_UP_EVERY:
                writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the sender died before it had said everything: nothing arrived
        finally:
            writer.close()

    class Mailbox:
        async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
            message = message_from_bytes(envelope.content)
            found = _UUID.search(str(message["Message-ID"]))
            note(MAIL, found.group() if found else "", envelope.content)
            return "250 kept"

    loop = asyncio.get_running_loop()
    webhook = await asyncio.start_server(on_call, HOST, 0, backlog=1_000)
    mail = await loop.create_server(lambda: SMTP(Mailbox(), hostname=HOST, loop=loop), HOST, 0)
    ports.send(tuple(server.sockets[0].getsockname()[1] for server in (webhook, mail)))
    await webhook.serve_forever()
