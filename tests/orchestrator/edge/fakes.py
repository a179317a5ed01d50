"""The edge with a log in memory: what is sent there the real engine answers, if it may."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import httpx

from chassis.artefacts import FolderArtefacts
from chassis.broker import Incoming, Outgoing
from chassis.clock import SystemClock
from chassis.codec import Codec
from chassis.sealing import FileKeyring
from contracts import topics
from services.orchestrator.edge.app import create_app
from services.orchestrator.edge.context import Edge
from services.orchestrator.edge.hub import Hub
from services.orchestrator.edge.log import LogUnavailable, SendUncertain
from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.database import Database
from services.orchestrator.view.projector import Projector
from services.orchestrator.view.queries import View
from tests.orchestrator.view.stories import Desk

CODEC = Codec()


class MemoryLog:
    """An EdgeLog without Kafka. `sent` is what the edge wrote, `desk.log` what came of it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sent: list[Outgoing] = []
        self.engagement: list[Incoming] = []
        self.reachable = True
        self.loses_answers = False
        self.after_send: Callable[[], None] | None = None
        self.answers = True
        self.project: Any = None
        self._tails: list[asyncio.Queue[bytes]] = []

    async def send(self, record: Outgoing) -> None:
        await self.check()
        self.sent.append(record)
        if self.loses_answers:
            raise SendUncertain("no answer from 127.0.0.1:9092")
        if self.after_send is not None:
            self.after_send()
        if record.topic == topics.REQUESTS and self.answers and record.value is not None:
            self.desk.take(record.value)
            await self.publish()
        if record.topic == topics.ENGAGEMENT and self.project is not None:
            self.engagement.append(
                Incoming(record.topic, 0, len(self.engagement), record.key, record.value)
            )
            await asyncio.to_thread(self.project, self.engagement)

    async def publish(self) -> None:
        """Let the view, and the tails, have what the desk wrote since."""
        if self.project is not None:
            await asyncio.to_thread(self.project, self.desk.log)

    def tell(self, first: int, last: int) -> None:
        """Let the tails hear these records of the desk's log."""
        for record in self.desk.log[first:last]:
            for tail in self._tails:
                assert record.value is not None
                tail.put_nowait(record.value)

    async def tail(self) -> AsyncGenerator[bytes, None]:
        await self.check()
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._tails.append(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._tails.remove(queue)

    async def check(self) -> None:
        if not self.reachable:
            raise LogUnavailable("nobody answers at 127.0.0.1:9092")

    async def close(self) -> None:
        pass


class Stand:
    """One edge (or several copies of it) over one log and one view."""

    def __init__(self, state_dir: Path, **settings: Any) -> None:
        wanted = {"read_wait_s": 0.3, "view_poll_s": 0.05, "dependency_wait_s": 1.0, **settings}
        self.settings = OrchestratorSettings(
            use_in_memory_store=True, state_dir=state_dir, **wanted
        )
        self.desk = Desk(CODEC)
        self.log = MemoryLog(self.desk)
        nothing: Any = None
        self.alarms: list[tuple[str, str]] = []
        self.projector = Projector(
            self.settings, nothing, CODEC, lambda who, why: self.alarms.append((who, why))
        )
        self.projector._database.prepare()
        self.log.project = self.projector.apply
        self._views: list[View] = []

    def edge(self) -> Edge:
        """One copy's parts."""
        view = View(Database("", self.settings.view_path))
        self._views.append(view)
        return Edge(
            settings=self.settings,
            log=self.log,
            view=view,
            codec=CODEC,
            keyring=FileKeyring(self.settings.keyring_dir),
            artefacts=FolderArtefacts(self.settings.artefacts_dir),
            clock=SystemClock(),
            hub=Hub(self.log, CODEC),
        )

    def client(self, **headers: str) -> httpx.AsyncClient:
        """Somebody who talks to a copy of the edge, without a network."""
        app = create_app(self.settings, self.edge())
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://edge",
            headers=headers,
        )

    def stored_bytes(self) -> bytes:
        """Everything that was sent, logged or put into the view."""
        sent = [record.value or b"" for record in self.log.sent]
        logged = [record.value or b"" for record in self.desk.log]
        files = [path.read_bytes() for path in self.settings.state_dir.rglob("*") if path.is_file()]
        return b"\n".join([*sent, *logged, *files])

    def close(self) -> None:
        for view in self._views:
            view.close()
        self.projector._database.close()
