"""A local site, a job and a library for the tests of research; all of them real, none a mock."""

import functools
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import structlog
import yaml

from chassis.adapters.catalogue import unconfigured
from chassis.adapters.door import Door
from chassis.artefacts import FolderArtefacts, StepArtefacts
from chassis.claims import FolderClaims
from chassis.clock import SystemClock
from chassis.guard import AllowList, Guard, Resolver, system_resolver
from chassis.recall import MemoryRecall, Recall
from chassis.service import Job
from contracts.envelope import StepCall
from contracts.goal import CampaignBrief, SealedText
from contracts.research import RunResearch
from services.radar.engines import DoorSearch
from services.radar.extraction import ExtractionPool
from services.radar.fetching import Fetcher, FetchLimits, Permit
from services.radar.library import Inside, SourceLibrary
from services.radar.manners import Manners, PoliteFetcher
from services.radar.outside import DoorRenderer
from services.radar.sources.file import Folder
from services.radar.sources.page import Pages

EXAMPLES = Path(__file__).parents[2] / "examples"
UUID = "0b7e3f5a-6c1d-4e2f-8a9b-1c2d3e4f5a6b"
Reply = Callable[[BaseHTTPRequestHandler], None]


class _Files(SimpleHTTPRequestHandler):
    def guess_type(self, path: Any) -> str:
        """Feeds are served as feeds."""
        return "application/rss+xml" if str(path).endswith(".xml") else super().guess_type(path)

    def log_message(self, *said: object) -> None:
        """Silence: the tests tell what happened."""


@contextmanager
def serving(
    handler: Callable[..., BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """A server in a thread; yields its `127.0.0.1:<port>`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def example_site() -> Any:
    """The example sites, served."""
    return serving(functools.partial(_Files, directory=str(EXAMPLES / "sites")))


def _nothing(request: BaseHTTPRequestHandler) -> None:
    request.send_error(404)


def scripted(**replies: Reply) -> Any:
    """A server that answers `/<name>` by calling the reply of that name, with `_` for a dot."""

    class Scripted(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            named = self.path.strip("/").partition("?")[0]
            replies.get(named.replace(".", "_"), _nothing)(self)

        def log_message(self, *said: object) -> None:
            """Silence: the tests tell what happened."""

    return serving(Scripted)


def page(body: bytes, content_type: str = "text/html; charset=utf-8", **headers: str) -> Reply:
    """A reply with this body."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", content_type)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        try:
            request.wfile.write(body)
        except ConnectionError:
            return

    return reply


def redirect(location: str) -> Reply:
    """A reply that sends the reader elsewhere."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", location)
        request.end_headers()

    return reply


def article(*sentences: str, title: str = "Coffee subscriptions grow") -> bytes:
    """A small page that says these sentences."""
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return (
        f"<html><head><title>{title}</title></head><body><article>{paragraphs}</article>".encode()
    )


def fetcher(
    allow: str = "",
    *,
    resolver: Resolver = system_resolver,
    limits: FetchLimits | None = None,
    tls: ssl.SSLContext | None = None,
    permit: Permit | None = None,
) -> Fetcher:
    """A fetcher behind a guard."""
    guard = Guard(AllowList.parse(allow), resolver)
    return Fetcher(guard, limits or FetchLimits(seconds=5.0), tls, permit)


def library(
    pool: ExtractionPool,
    allow: str,
    *,
    door: Door | None = None,
    recall: Recall | None = None,
    folder: Path = EXAMPLES / "sources",
) -> SourceLibrary:
    """A library over the web, as `allow` opens it, the example sources, a door and memory.

    Nothing is configured behind the door, and nothing remembered, where none is given.
    """
    door = door or unconfigured()
    manners = Manners(fetcher(allow))
    polite = fetcher(allow, permit=manners.permit)
    return SourceLibrary(
        pages=Pages(PoliteFetcher(polite, manners, rules=True), pool, DoorRenderer(door)),
        feeds=PoliteFetcher(fetcher(allow), manners, rules=False),
        folder=Folder(folder, 5_000_000),
        inside=Inside(door, DoorSearch(door), recall or MemoryRecall(SystemClock())),
    )


def brief(slug: str, site: str) -> CampaignBrief:
    """An example brief, validated as the edge does it."""
    text = (EXAMPLES / "briefs" / f"{slug}.yaml").read_text(encoding="utf-8")
    loaded = yaml.safe_load(text.replace("{site}", site))
    return CampaignBrief.model_validate_json(json.dumps(loaded))


def command(slug: str, site: str) -> RunResearch:
    """The command that a brief leads to."""
    wishes = brief(slug, site)
    return RunResearch(
        business_name=wishes.business_name,
        industry=wishes.industry,
        target_audience=wishes.target_audience,
        goals=wishes.goals,
        sources=wishes.sources,
        competitor_urls=wishes.competitor_urls,
    )


def job(root: Path, feedback: tuple[str, ...] = ()) -> Job:
    """A job over folders; nothing in research may unseal."""

    def unseal(sealed: SealedText) -> str:
        raise AssertionError(f"research unsealed {sealed.subject_id}")

    return Job(
        tenant_id=UUID,
        campaign_id=UUID,
        command_id=UUID,
        call=StepCall(
            step="research",
            attempt=1,
            round=0,
            effect_key=UUID,
            not_after=datetime(2026, 11, 1, tzinfo=UTC),
            feedback=feedback,
        ),
        artefacts=StepArtefacts(FolderArtefacts(root), UUID, UUID, "research"),
        claims=FolderClaims(root, UUID),
        unseal=unseal,
        log=structlog.get_logger(),
    )
