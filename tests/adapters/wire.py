"""A local server that answers as a vendor's documentation says, and what a call must send it."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from chassis.adapters.catalogue import vendors
from chassis.adapters.door import Done, Door
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.web import Web
from chassis.clock import ManualClock
from tests.optimizer.publish.builders import NOON

KEY = "0f6c1b1e-5a52-5d6e-9b5c-3f1f6a7c2d10"
"""An effect key, as the saga derives them."""


@dataclass(frozen=True)
class Says:
    """One recorded answer of a vendor; `body` is JSON, or bytes as they are."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Exchange:
    """One request as the documentation wants it, and the documented answer."""

    method: str
    path: str
    says: Says
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    body: object = None


@dataclass(frozen=True)
class Protocol:
    """One action on the wire. `source` is the page of the documentation that it follows."""

    tool: str
    action: str
    source: str
    settings: Mapping[str, str]
    args: Mapping[str, Any]
    exchanges: tuple[Exchange, ...]
    outcome: Mapping[str, Any]
    key: str = KEY
    repeat: bool = False
    note: str = ""

    def __str__(self) -> str:
        return f"{self.tool}.{self.action}{self.note and f' {self.note}'}"


@dataclass
class Request:
    """What reached the server."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> object:
        return json.loads(self.raw) if self.raw else None


@dataclass
class Desk:
    """The server's side: what it was sent, and what it will answer."""

    root: str
    answers: list[Says] | Callable[[Request], Says]
    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Says:
        if callable(self.answers):
            return self.answers(request)
        return self.answers.pop(0) if self.answers else Says({"error": "no answer left"}, 500)


@contextmanager
def serving(answers: list[Says] | Callable[[Request], Says]) -> Iterator[Desk]:
    """A server on this machine that answers in turn, and 500 after the last; or as it is told."""
    desk = Desk("", answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            desk.requests.append(
                Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, raw)
            )
            says = desk.answer(desk.requests[-1])
            self.send_response(says.status)
            for name, value in says.headers.items():
                self.send_header(name, value)
            if "content-type" not in says.headers:
                self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(says.raw)))
            self.end_headers()
            self.wfile.write(says.raw)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    desk.root = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield desk
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Tampering(httpx.AsyncBaseTransport):
    """The wire, with one thing taken out of one request on its way."""

    def __init__(self, number: int, part: str, name: str) -> None:
        self._left, self._part, self._name = number, part, name
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._left == 0:
            request = self._without(request)
        self._left -= 1
        return await self._inner.handle_async_request(request)

    def _without(self, request: httpx.Request) -> httpx.Request:
        url, content = request.url, request.content
        dropped = {"content-length"} | ({self._name} if self._part == "header" else set())
        headers = {n: v for n, v in request.headers.items() if n.lower() not in dropped}
        if self._part == "param":
            url = url.copy_remove_param(self._name)
        if self._part == "body":
            body = json.loads(content)
            del body[self._name]
            content = json.dumps(body).encode()
        return httpx.Request(request.method, url, headers=headers, content=content)

    async def aclose(self) -> None:
        await self._inner.aclose()


def door_to(
    settings: Mapping[str, object], transport: httpx.AsyncBaseTransport | None = None
) -> Door:
    """A door to all vendors with these settings and no others."""
    given: Any = settings
    return Door(
        vendors(AdapterSettings.model_construct(**given)),
        web=Web(transport),
        clock=ManualClock(NOON),
    )


@asynccontextmanager
async def opened(door: Door) -> AsyncIterator[Door]:
    try:
        yield door
    finally:
        await door.close()
        await asyncio.sleep(0)


async def speak(protocol: Protocol, transport: httpx.AsyncBaseTransport | None = None) -> Done:
    """Make the call against a server that answers as documented, and compare all that was sent."""
    with serving([exchange.says for exchange in protocol.exchanges]) as desk:
        settings = {
            name: value.replace("{root}", desk.root) for name, value in protocol.settings.items()
        }
        async with opened(door_to(settings, transport)) as door:
            done = await door.execute(
                protocol.tool,
                protocol.action,
                protocol.args,
                key=protocol.key,
                repeat=protocol.repeat,
            )
    assert len(desk.requests) == len(protocol.exchanges)
    for request, exchange in zip(desk.requests, protocol.exchanges, strict=True):
        assert (request.method, request.path) == (exchange.method, exchange.path)
        sent = {name: request.headers.get(name) for name in exchange.headers}
        assert sent == dict(exchange.headers)
        assert request.params == dict(exchange.params)
        assert request.body == exchange.body
    found = done.outcome.model_dump(mode="json")
    assert {name: found.get(name) for name in protocol.outcome} == dict(protocol.outcome)
    return done


def droppable(protocol: Protocol) -> Iterator[tuple[int, str, str]]:
    """Everything that a request of this protocol must carry: its number, the part, the name."""
    for number, exchange in enumerate(protocol.exchanges):
        yield from ((number, "header", name) for name in exchange.headers)
        yield from ((number, "param", name) for name in exchange.params)
        if isinstance(exchange.body, dict):
            yield from ((number, "body", name) for name in exchange.body)
