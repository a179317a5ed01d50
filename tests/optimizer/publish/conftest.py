"""A house to publish from, a real SMTP server and a real HTTP receiver on this machine."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.optimizer.publish.builders import SECRET, House


@dataclass
class Sink:
    """Takes mails and never forgets one; answers RCPT as told, or hangs up after the data."""

    port: int = 0
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.original_content, bytes)
        for recipient in envelope.rcpt_tos:
            self.mails.append((recipient, envelope.original_content))
        if self.hang_up:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            await asyncio.sleep(0)
            raise asyncio.CancelledError
        return "250 OK"

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.mails]


@dataclass
class Receiver:
    """Keeps every request in order; answers with `statuses` in turn, then 204."""

    url: str = ""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    yield house
    await house.close()


@pytest.fixture
def sink(house: House) -> Iterator[Sink]:
    sink = Sink(port=free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    house.options["smtp_url"] = f"smtp://127.0.0.1:{sink.port}"
    yield sink
    controller.stop()


@pytest.fixture
def receiver(house: House) -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.requests.append((headers, body))
            status = receiver.statuses.pop(0) if receiver.statuses else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks?token=hush"
    house.options |= {"webhook_url": receiver.url, "webhook_secret": SECRET}
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
