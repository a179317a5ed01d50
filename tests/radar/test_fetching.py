"""The limits of a fetch: bytes before and after unpacking, seconds, redirects, types."""

import gzip
import time
import tracemalloc
from http.server import BaseHTTPRequestHandler

import pytest

from chassis.guard import SourceDead, SourceRefused
from services.radar.fetching import REDIRECTS_MAX, FetchLimits
from tests.radar.builders import fetcher, page, redirect, scripted

HTML = frozenset({"text/html"})
SMALL = FetchLimits(seconds=5.0, bytes_max=10_000)


async def test_a_body_at_the_limit_is_read_and_one_byte_more_is_refused() -> None:
    with scripted(fits=page(b"x" * 10_000), not_quite=page(b"x" * 10_001)) as site:
        assert (
            len((await fetcher(site, limits=SMALL).fetch(f"http://{site}/fits", HTML)).raw)
            == 10_000
        )
        with pytest.raises(SourceRefused, match="larger than 10,000 bytes"):
            await fetcher(site, limits=SMALL).fetch(f"http://{site}/not_quite", HTML)


async def test_a_gzip_bomb_is_refused_without_being_unfolded() -> None:
    bomb = gzip.compress(b"\0" * 100_000_000)
    with scripted(bomb=page(bomb, Content_Encoding="gzip")) as site:
        tracemalloc.start()
        try:
            with pytest.raises(SourceRefused, match="larger than 10,000 bytes"):
                await fetcher(site, limits=SMALL).fetch(f"http://{site}/bomb", HTML)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert most < 10_000_000


async def test_a_gzip_page_is_unpacked() -> None:
    packed = gzip.compress(b"<p>Hello.</p>")
    with scripted(page=page(packed, Content_Encoding="gzip")) as site:
        assert (await fetcher(site).fetch(f"http://{site}/page", HTML)).raw == b"<p>Hello.</p>"


async def test_a_cut_off_or_false_gzip_page_is_dead() -> None:
    packed = gzip.compress(b"<p>Hello.</p>" * 100)
    with scripted(
        cut=page(packed[:-20], Content_Encoding="gzip"), false=page(b"<p>", Content_Encoding="gzip")
    ) as site:
        for name in ("cut", "false"):
            with pytest.raises(SourceDead):
                await fetcher(site).fetch(f"http://{site}/{name}", HTML)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
async def test_an_encoding_nobody_asked_for_is_refused(encoding: str) -> None:
    with (
        scripted(page=page(b"x", Content_Encoding=encoding)) as site,
        pytest.raises(SourceRefused, match="content encoding"),
    ):
        await fetcher(site).fetch(f"http://{site}/page", HTML)


@pytest.mark.parametrize("content_type", ["application/pdf", "image/png", "text/htmlx", ""])
async def test_a_type_nobody_reads_is_refused(content_type: str) -> None:
    with (
        scripted(page=page(b"%PDF", content_type)) as site,
        pytest.raises(SourceRefused, match="the server sent"),
    ):
        await fetcher(site).fetch(f"http://{site}/page", HTML)


async def test_a_server_that_drips_is_given_up_when_the_time_is_over() -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        try:
            for _ in range(40):
                request.wfile.write(b"<p>")
                time.sleep(0.05)
        except ConnectionError:
            return

    with scripted(slow=drip) as site:
        begun = time.monotonic()
        with pytest.raises(SourceDead, match=r"within 0\.3 s"):
            await fetcher(site, limits=FetchLimits(seconds=0.3)).fetch(f"http://{site}/slow", HTML)
        assert time.monotonic() - begun < 1.5


async def test_redirects_in_a_circle_end_after_the_fifth() -> None:
    seen: list[str] = []

    def circle(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.path)
        redirect("/circle")(request)

    with scripted(circle=circle) as site, pytest.raises(SourceDead, match="redirects"):
        await fetcher(site).fetch(f"http://{site}/circle", HTML)
    assert len(seen) == REDIRECTS_MAX + 1


async def test_an_error_page_is_a_dead_source() -> None:
    with (
        scripted(gone=lambda request: request.send_error(404)) as site,
        pytest.raises(SourceDead, match="404"),
    ):
        await fetcher(site).fetch(f"http://{site}/gone", HTML)


async def test_a_server_that_is_not_there_is_a_dead_source() -> None:
    with scripted() as site:
        pass
    with pytest.raises(SourceDead, match="connection failed"):
        await fetcher(site).fetch(f"http://{site}/page", HTML)
