"""Seconds that research takes: 20 pages and 3 feeds of a local server, read as the role does."""

import asyncio
import random
import statistics
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import structlog
from pydantic import BaseModel

from chassis.artefacts import FolderArtefacts, StepArtefacts
from chassis.claims import FolderClaims
from chassis.clock import SystemClock
from chassis.recall import MemoryRecall
from chassis.service import Answer, Handler, Job, Wiring
from contracts.envelope import StepCall
from contracts.goal import SealedText, Source, SourceKind
from contracts.research import ResearchCompleted, RunResearch
from services.radar.roles import roles
from services.radar.settings import RadarSettings

PAGES, FEEDS, COMPETITORS = 20, 3, 4
SOURCES_AT_ONCE: int = RadarSettings.model_fields["sources_at_once"].default
"""As many as the role reads at a time as it comes."""

PARAGRAPHS, ENTRIES = 40, 30
ROUNDS, ROUNDS_QUICK = 7, 1
TENANT = "11111111-1111-4111-8111-111111111111"
FIRST_DAY = datetime(2026, 1, 5, 8, tzinfo=UTC)

WHO = ("Households", "Offices", "Young adults", "Roasters", "Cafés", "Subscribers", "Shops")
WHAT = ("coffee subscriptions", "fresh beans", "oat milk", "espresso machines", "roasting dates")
HOW = ("grew by", "fell by", "rose to", "reached", "accounted for")
WHERE = ("in Avonmere", "in the valley", "in three cities", "along the coast")
IDLE = "The morning light falls through the window of the café and somebody reads a paper."


class Reading(BaseModel):
    """What was read, what came of it, and the seconds from command to answer.

    `first_s` starts the extraction children; the others find them ready.
    """

    pages: int
    feeds: int
    kilobytes: int
    findings: int
    trends: int
    competitors: int
    rounds: int
    first_s: float
    median_s: float
    slowest_s: float


def measure(*, quick: bool, seed: int) -> Reading:
    """The research of one brief over a site made by chance from `seed`."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        site.mkdir()
        _build(site, random.Random(seed))
        with _served(site) as host:
            size = sum(path.stat().st_size for path in site.iterdir())
            return asyncio.run(_measured(host, size, ROUNDS_QUICK if quick else ROUNDS))


def seconds_of(*, at_once: int, wait_s: float, rounds: int, seed: int) -> list[float]:
    """The same with a server that waits before each answer, so many sources read at a time."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        _build(site, random.Random(seed))
        with _served(site, wait_s) as host:
            return asyncio.run(_rounds(host, at_once, rounds))


def table(found: Reading) -> str:
    """The figures as a table for docs/performance.md."""
    return (
        "| read | findings | first | median | slowest |\n"
        "| --- | --- | --- | --- | --- |\n"
        f"| {found.pages} pages and {found.feeds} feeds, {found.kilobytes:,} kB "
        f"| {found.findings} | {found.first_s:.2f} s | {found.median_s:.2f} s "
        f"| {found.slowest_s:.2f} s |"
    )


async def _measured(host: str, size: int, rounds: int) -> Reading:
    async with _reader(host, SOURCES_AT_ONCE) as read:
        first_s, answer = await read()
        later = [(await read())[0] for _ in range(rounds)]
    assert isinstance(answer.body, ResearchCompleted)
    return Reading(
        pages=PAGES,
        feeds=FEEDS,
        kilobytes=size // 1_000,
        findings=len(answer.body.findings),
        trends=len(answer.body.trends),
        competitors=len(answer.body.competitors),
        rounds=rounds,
        first_s=round(first_s, 3),
        median_s=round(statistics.median(later), 3),
        slowest_s=round(max(later), 3),
    )


async def _rounds(host: str, at_once: int, rounds: int) -> list[float]:
    """Seconds of each round; one before them starts the extraction children."""
    async with _reader(host, at_once) as read:
        return [(await read())[0] for _ in range(rounds + 1)][1:]


@asynccontextmanager
async def _reader(
    host: str, at_once: int
) -> AsyncIterator[Callable[[], Awaitable[tuple[float, Answer]]]]:
    """The role's research of the server, as often as it is called."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        settings = RadarSettings(
            use_in_memory_store=True, fetch_allow=host, sources_dir=root, sources_at_once=at_once
        )
        clock = SystemClock()
        wiring = Wiring(FolderArtefacts(root), MemoryRecall(clock), clock)
        (role,) = roles(settings, wiring)
        yield partial(_timed, role.handlers[RunResearch], host, root)
        await wiring.door.close()


async def _timed(handler: Handler, host: str, root: Path) -> tuple[float, Answer]:
    began = time.perf_counter()
    answer = await handler(_command(host), _job(root))
    took_s = time.perf_counter() - began
    assert not answer.notes, answer.notes
    return took_s, answer


def _command(host: str) -> RunResearch:
    pages = [f"http://{host}/page-{number}.html" for number in range(PAGES)]
    feeds = [f"http://{host}/feed-{number}.xml" for number in range(FEEDS)]
    return RunResearch(
        business_name="Northfold Coffee",
        industry="specialty coffee subscriptions",
        target_audience="home coffee drinkers who care about freshness",
        goals=("Win 500 new subscribers", "Show why the roasting date matters"),
        sources=(
            *(Source(location=page) for page in pages[COMPETITORS:]),
            *(Source(kind=SourceKind.FEED, location=feed) for feed in feeds),
        ),
        competitor_urls=tuple(pages[:COMPETITORS]),
    )


def _job(root: Path) -> Job:
    def unseal(sealed: SealedText) -> str:
        raise AssertionError(f"research unsealed {sealed.subject_id}")

    return Job(
        tenant_id=TENANT,
        campaign_id=TENANT,
        command_id=TENANT,
        call=StepCall(
            step="research",
            attempt=1,
            round=0,
            effect_key=TENANT,
            not_after=datetime.now(UTC) + timedelta(minutes=5),
        ),
        artefacts=StepArtefacts(FolderArtefacts(root), TENANT, TENANT, "research"),
        claims=FolderClaims(root, TENANT),
        unseal=unseal,
        log=structlog.get_logger(),
    )


def _build(site: Path, chance: random.Random) -> None:
    """Pages as long as a paper's articles, and feeds of short entries."""
    for number in range(PAGES):
        (site / f"page-{number}.html").write_text(_page(number, chance), encoding="utf-8")
    for number in range(FEEDS):
        (site / f"feed-{number}.xml").write_text(_feed(number, chance), encoding="utf-8")


def _page(number: int, chance: random.Random) -> str:
    said = (_competing if number < COMPETITORS else _said)(chance)
    paragraphs = []
    for _ in range(PARAGRAPHS):
        paragraphs.append(f"<p>{next(said)} {IDLE} {next(said)} {IDLE}</p>")
        if chance.random() < 0.2:
            paragraphs.append(f"<h2>{chance.choice(WHAT).capitalize()}</h2>")
    day = FIRST_DAY + timedelta(days=7 * number)
    links = "".join(f"<li><a href='/{one}'>Section {one}</a></li>" for one in range(60))
    return (
        f"<!DOCTYPE html><html><head><title>Coffee paper {number} | The Paper</title>"
        f"<meta name='date' content='{day:%Y-%m-%d}'></head><body><nav><ul>{links}</ul></nav>"
        f"<main><article><h1>Coffee paper {number}</h1>{''.join(paragraphs)}</article></main>"
        f"<footer>© 2026 The Paper</footer></body></html>"
    )


def _feed(number: int, chance: random.Random) -> str:
    said = _said(chance)
    items = "".join(
        f"<item><title>News {number}.{one}</title><description>{next(said)} {next(said)}"
        f"</description><pubDate>{FIRST_DAY + timedelta(days=3 * one):%a, %d %b %Y %H:%M:%S} GMT"
        "</pubDate></item>"
        for one in range(ENTRIES)
    )
    head = "<?xml version='1.0'?><rss version='2.0'><channel><title>News</title>"
    return f"{head}{items}</channel></rss>"


def _said(chance: random.Random) -> Iterator[str]:
    while True:
        who, what, how, where = (chance.choice(words) for words in (WHO, WHAT, HOW, WHERE))
        share, year = chance.randint(2, 97), chance.randint(2021, 2026)
        yield f"{who} {where} say that {what} {how} {share} percent of all orders in {year}."


def _competing(chance: random.Random) -> Iterator[str]:
    while True:
        plan, price = chance.choice(("Taster", "Explorer", "Captain")), chance.randint(8, 60)
        yield f"The {plan} plan of Harbour Club costs £{price} a month and includes free delivery."


@contextmanager
def _served(folder: Path, wait_s: float = 0.0) -> Iterator[str]:
    class Files(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(wait_s)
            super().do_GET()

        def guess_type(self, path: Any) -> str:  # noqa: ANN401 - as the library has it
            return "application/rss+xml" if str(path).endswith(".xml") else "text/html"

        def log_message(self, *said: object) -> None:
            """Silence: the figures tell what happened."""

    handler = partial(Files, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
