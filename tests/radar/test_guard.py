"""The guard against fetching what is inside: every disguise of an inner address is refused."""

import ssl
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from chassis.guard import AllowList, Guard, SourceDead, SourceRefused, pinned
from services.radar.settings import RadarSettings
from tests.certificates import certificate
from tests.radar.builders import article, fetcher, page, redirect, scripted, serving

HTML = frozenset({"text/html"})

INNER = (
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.254",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.254",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
)
OUTER = ("1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111")


def answering(*addresses: str) -> Any:
    async def resolver(host: str, port: int) -> tuple[str, ...]:
        return addresses

    return resolver


async def unasked(host: str, port: int) -> tuple[str, ...]:
    raise AssertionError(f"{host} was resolved though its address should have been refused")


def guard(*addresses: str, allow: str = "") -> Guard:
    return Guard(AllowList.parse(allow), answering(*addresses))


@pytest.mark.parametrize("address", INNER)
async def test_a_name_that_leads_to_an_inner_address_is_refused(address: str) -> None:
    with pytest.raises(SourceRefused, match="not a public address"):
        await guard(address).addresses(httpx.URL("http://paper.example/"))


@pytest.mark.parametrize("address", OUTER)
async def test_a_name_that_leads_to_a_public_address_may_be_fetched(address: str) -> None:
    assert await guard(address).addresses(httpx.URL("http://paper.example/")) == (address,)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_pinned_request_keeps_the_name_of_the_site(address: str) -> None:
    request = pinned(httpx.Request("GET", "https://paper.example/page"), address)
    assert request.url.host == address
    assert request.headers["Host"] == "paper.example"
    assert request.extensions["sni_hostname"] == "paper.example"


async def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(SourceRefused, match=r"10\.0\.0\.1"):
        await guard("1.1.1.1", "10.0.0.1").addresses(httpx.URL("http://paper.example/"))


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0X7F.0.0.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "0x7f.1",
        "127.0.0.1",
        "127.0.0.1.",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:a00:1]",
        "localhost",
        "LOCALHOST.",
    ],
)
async def test_an_inner_address_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(SourceRefused):
        await fetcher().fetch(f"http://{host}/", HTML)


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://paper.example/",
        "gopher://paper.example/",
        "paper.example/page",
        "//paper.example/page",
        "http://",
        "http:///page",
        "http://reader:secret@paper.example/",
        "http://{site}/coffee/page.html",
        "http://paper.example:port/",
        "",
    ],
)
async def test_what_is_no_plain_web_address_is_refused(location: str) -> None:
    with pytest.raises(SourceRefused):
        await fetcher(resolver=unasked).fetch(location, HTML)


async def test_a_name_nobody_knows_is_a_dead_source() -> None:
    async def resolver(host: str, port: int) -> tuple[str, ...]:
        raise OSError("no such host")

    with pytest.raises(SourceDead, match=r"paper\.example"):
        await fetcher(resolver=resolver).fetch("http://paper.example/", HTML)


async def test_the_connection_goes_to_the_judged_address_under_the_name_of_the_site() -> None:
    hosts: list[str] = []

    def reply(request: BaseHTTPRequestHandler) -> None:
        hosts.append(request.headers["Host"])
        page(article("Hello."))(request)

    with scripted(page=reply) as site:
        port = site.rpartition(":")[2]
        read = fetcher(f"paper.example:{port}", resolver=answering("127.0.0.1"))
        await read.fetch(f"http://paper.example:{port}/page", HTML)
    assert hosts == [f"paper.example:{port}"]


async def test_a_name_is_resolved_once_so_a_second_answer_changes_nothing() -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("169.254.169.254",)

    with scripted(page=page(article("Hello."))) as site:
        port = site.rpartition(":")[2]
        read = fetcher("127.0.0.0/8", resolver=rebinding)
        await read.fetch(f"http://paper.example:{port}/page", HTML)
    assert asked == ["paper.example"]


async def test_a_redirect_to_an_inner_address_is_refused() -> None:
    with (
        scripted(away=redirect("http://169.254.169.254/latest/meta-data/")) as site,
        pytest.raises(SourceRefused, match=r"169\.254\.169\.254"),
    ):
        await fetcher(site).fetch(f"http://{site}/away", HTML)


async def test_a_redirect_to_another_port_of_an_allowed_host_is_refused() -> None:
    with (
        scripted(secret=page(article("Hello."))) as other,
        scripted(away=redirect(f"http://{other}/secret")) as site,
        pytest.raises(SourceRefused, match="not a public address"),
    ):
        await fetcher(site).fetch(f"http://{site}/away", HTML)


async def test_a_redirect_to_a_file_is_refused() -> None:
    with scripted(away=redirect("file:///etc/passwd")) as site, pytest.raises(SourceRefused):
        await fetcher(site).fetch(f"http://{site}/away", HTML)


async def test_a_redirect_within_the_allowed_site_is_followed() -> None:
    with scripted(old=redirect("/new"), new=page(b"<p>Hello.</p>")) as site:
        fetched = await fetcher(site).fetch(f"http://{site}/old", HTML)
    assert fetched.raw == b"<p>Hello.</p>"


async def test_a_network_may_be_opened_by_its_prefix() -> None:
    opened = guard("10.1.2.3", allow="10.1.0.0/16")
    assert await opened.addresses(httpx.URL("http://intranet.example/")) == ("10.1.2.3",)
    with pytest.raises(SourceRefused):
        await guard("10.2.2.3", allow="10.1.0.0/16").addresses(httpx.URL("http://x.example/"))


@pytest.mark.parametrize("text", ["localhost", "10.0.0.0/99", "host:", ":80", "host:http"])
def test_an_unreadable_allow_list_stops_the_service_at_its_start(text: str) -> None:
    with pytest.raises(ValidationError, match="fetch_allow"):
        RadarSettings(use_in_memory_store=True, fetch_allow=text)


@pytest.mark.parametrize(("certified", "accepted"), [("paper.example", True), ("x.example", False)])
async def test_tls_is_verified_against_the_name_and_not_against_the_pinned_address(
    tmp_path: Path, certified: str, accepted: bool
) -> None:
    pem = certificate(tmp_path, certified)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cafile=str(pem))

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page(b"<p>Hello.</p>")(self)

        def log_message(self, *said: object) -> None:
            """Silence: the tests tell what happened."""

    with serving(Hello, server) as site:
        port = site.rpartition(":")[2]
        read = fetcher("127.0.0.0/8", resolver=answering("127.0.0.1"), tls=client)
        if accepted:
            fetched = await read.fetch(f"https://paper.example:{port}/", HTML)
            assert fetched.raw == b"<p>Hello.</p>"
        else:
            with pytest.raises(SourceDead, match="certificate"):
                await read.fetch(f"https://paper.example:{port}/", HTML)
