"""The outside witness: a webhook and a mail server in a process of their own that only append.

One line of JSON per arrival, in order. Now and then a call meets with a mishap, as with receivers:
the sender then has to ask again under the same key.
"""

import asyncio
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from aiosmtpd.smtp import SMTP

from services.optimizer.publish.webhook import TIMEOUT_S
from tests.chaos.storm.crew import forking, live

HOST = "127.0.0.1"
POST, RETRACTION, MAIL = "post", "retraction", "mail"
HANG_UP, SLOW = "noted, and never answered", "noted, and answered too late"
DROPPED, REFUSED, BUSY = "cut off", "503", "429"
MISHAPS = (HANG_UP, SLOW, DROPPED, REFUSED, BUSY)
SLOW_S = TIMEOUT_S + 1
_UNNOTED = (DROPPED, REFUSED, BUSY)
_UNANSWERED = (HANG_UP, DROPPED)
_WORDS = {REFUSED: "503 Service Unavailable", BUSY: "429 Too Many Requests"}
_TAKEN = "204 No Content"

DIGEST_CHARS = 16
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
Note = Callable[[str, str, bytes], None]
"""Takes down an arrival's kind, key and content."""

_KINDS = {"campaign.published": POST, "campaign.retracted": RETRACTION}


class Arrival(NamedTuple):
    """What came, when (seconds of the machine's clock), under which key, with which content."""

    kind: str
    key: str
    at: float
    content: str


class Manners(NamedTuple):
    """How often which mishaps come; what happens to a key's n-th call follows from the seed."""

    seed: int = 0
    rate: float = 0.01
    mishaps: tuple[str, ...] = (HANG_UP,)

    def mishap(self, key: str, call: int) -> str:
        """What happens to this call; empty where nothing does."""
        random = Random(f"{self.seed}/{key}/{call}")
        return random.choice(self.mishaps) if random.random() < self.rate else ""


USUAL = Manners()


def arrivals(path: Path) -> list[Arrival]:
    """Everything that the witness noted."""
    return [Arrival(**json.loads(line)) for line in path.read_text().splitlines()]


@contextmanager
def witness(path: Path, log: Path, manners: Manners = USUAL) -> Iterator[tuple[int, int]]:
    """A witness that notes in `path`; the ports of its webhook and its mail server."""
    ours, theirs = forking().Pipe()
    arguments = (log, serve, path, theirs, manners)
    process = forking().Process(target=live, args=arguments, name="witness")
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


def serve(path: Path, ports: Connection, manners: Manners) -> int:
    """Witness until killed; the ports (webhook, mail) are sent once they are open."""
    with path.open("a", buffering=1) as notes:

        def note(kind: str, key: str, content: bytes) -> None:
            digest = hashlib.sha256(content).hexdigest()[:DIGEST_CHARS]
            arrival = Arrival(kind, key, time.time(), digest)
            notes.write(json.dumps(arrival._asdict()) + "\n")

        asyncio.run(_serve(note, ports, manners))
    return 0


async def _serve(note: Note, ports: Connection, manners: Manners) -> None:
    calls = Counter[str]()

    async def on_call(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            key, body = await _call(reader)
            calls[key] += 1
            mishap = manners.mishap(key, calls[key])
            if mishap not in _UNNOTED:
                note(_KINDS[json.loads(body)["type"]], key, body)
            if mishap == SLOW:
                await asyncio.sleep(SLOW_S)
            if mishap not in _UNANSWERED:
                words = _WORDS.get(mishap, _TAKEN)
                writer.write(f"HTTP/1.1 {words}\r\nconnection: close\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the sender died before it had said everything, or would not wait for an answer
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


async def _call(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """A call's key and its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    return headers["idempotency-key"], await reader.readexactly(int(headers["content-length"]))
