"""Pages and feeds as adapters: through the guard only, a breaker per host, dead hosts left out."""

import base64
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler

import pytest

from chassis.adapters.door import Door
from chassis.adapters.failures import CallFailed
from chassis.breaker import STANDARD
from chassis.guard import SourceDead, SourceRefused
from contracts.envelope import FailureReason
from services.radar.extraction import ExtractionPool
from services.radar.outside import FetcherAtTheDoor, adapters
from services.radar.ports import SourceMissing
from services.radar.sources.page import ACCEPTED
from tests.radar.builders import article, fetcher, page, scripted

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Bread news</title>
<item><title>Flour is dearer</title><description>Prices rose by 4 %.</description>
<pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>"""


@pytest.fixture
async def pool() -> AsyncIterator[ExtractionPool]:
    made = ExtractionPool(memory_limit_mb=512, seconds_max=20.0, children=1)
    yield made
    await made.close()


def not_there(request: BaseHTTPRequestHandler) -> None:
    request.send_response(404)
    request.end_headers()


def door_for(allow: str, pool: ExtractionPool) -> Door:
    return Door(adapters(fetcher(allow), pool, 5.0))


async def test_a_page_comes_with_what_the_server_says_it_is(pool: ExtractionPool) -> None:
    body = article("Demand grew by 4 %.")
    with scripted(page=page(body)) as site:
        wanted = {"location": f"http://{site}/page"}
        done = await door_for(site, pool).execute("web-fetch", "fetch_page", wanted)
    found = done.outcome.model_dump()
    assert base64.b64decode(found["content"]) == body
    assert found["media_type"] == "text/html"


async def test_a_feed_comes_as_its_entries(pool: ExtractionPool) -> None:
    with scripted(rss=page(RSS, "application/rss+xml")) as site:
        wanted = {"location": f"http://{site}/rss"}
        done = await door_for(site, pool).execute("feeds", "read_feed", wanted)
    found = done.outcome.model_dump()
    (entry,) = found["entries"]
    assert found["title"] == "Bread news"
    assert entry["title"] == "Flour is dearer"
    assert "Prices rose by 4 %." in entry["text"]
    assert entry["published_at"] == "2026-11-20T08:00:00+00:00"


@pytest.mark.parametrize(("tool", "action"), [("web-fetch", "fetch_page"), ("feeds", "read_feed")])
async def test_what_is_inside_is_not_fetched_through_the_door_either(
    tool: str, action: str, pool: ExtractionPool
) -> None:
    wanted = {"location": "http://127.0.0.1:8000/page"}
    with pytest.raises(CallFailed, match="not a public address") as refusal:
        await door_for("", pool).execute(tool, action, wanted)
    assert refusal.value.reason is FailureReason.REJECTED


async def test_research_gets_the_same_troubles_through_the_door(pool: ExtractionPool) -> None:
    with scripted(page=page(b"x"), none=not_there) as site:
        through = FetcherAtTheDoor(fetcher(site), door_for(site, pool))
        assert (await through.fetch(f"http://{site}/page", ACCEPTED)).raw == b"x"
        with pytest.raises(SourceMissing, match="404"):
            await through.fetch(f"http://{site}/none", ACCEPTED)
        with pytest.raises(SourceRefused):
            await through.fetch("http://127.0.0.1:1/", ACCEPTED)
        with pytest.raises(SourceRefused):
            await through.fetch("http://[", ACCEPTED)


async def test_a_dead_host_is_left_alone_and_the_others_are_read(pool: ExtractionPool) -> None:
    with scripted(page=page(b"x")) as site:
        port = site.rpartition(":")[2]
        allow = f"{site},localhost:{port},127.0.0.1:1"
        through = FetcherAtTheDoor(fetcher(allow), door_for(allow, pool))
        for _ in range(STANDARD.failures):
            with pytest.raises(SourceDead, match="connection failed"):
                await through.fetch("http://127.0.0.1:1/", ACCEPTED)
        with pytest.raises(SourceDead, match="left alone"):
            await through.fetch("http://127.0.0.1:1/", ACCEPTED)
        assert (await through.fetch(f"http://localhost:{port}/page", ACCEPTED)).raw == b"x"


async def test_pages_that_are_not_there_open_no_breaker(pool: ExtractionPool) -> None:
    with scripted(page=page(b"x"), none=not_there) as site:
        through = FetcherAtTheDoor(fetcher(site), door_for(site, pool))
        for _ in range(STANDARD.failures + 1):
            with pytest.raises(SourceMissing):
                await through.fetch(f"http://{site}/none", ACCEPTED)
        assert (await through.fetch(f"http://{site}/page", ACCEPTED)).raw == b"x"
