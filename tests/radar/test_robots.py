"""robots.txt as RFC 9309 reads it, and how politely a host is asked."""

import asyncio
import time
from http.server import BaseHTTPRequestHandler

import pytest

from chassis.guard import SourceDead, SourceRefused
from services.radar import manners
from services.radar.manners import Manners, PoliteFetcher
from services.radar.robots import robots_of
from tests.radar.builders import fetcher, page, redirect, scripted

HTML = frozenset({"text/html"})
SITE = "https://paper.example"


def rule_for(path: str, *lines: str) -> str:
    """The rule that forbids the path, or an empty text."""
    rule = robots_of("\n".join(lines).encode()).forbidding(SITE + path)
    return str(rule) if rule else ""


@pytest.mark.parametrize(
    ("lines", "path", "forbidden"),
    [
        pytest.param((), "/a", "", id="no rules"),
        pytest.param(("User-agent: *", "Disallow:"), "/a", "", id="an empty rule"),
        pytest.param(
            ("User-agent: *", "Disallow: /"), "/a", "line 2, Disallow: /", id="everything"
        ),
        pytest.param(
            ("User-agent: *", "Disallow: /shop", "Allow: /shop/open"),
            "/shop/open/1",
            "",
            id="the longest decides",
        ),
        pytest.param(
            ("User-agent: *", "Disallow: /page", "Allow: /page"), "/page", "", id="a tie allows"
        ),
        pytest.param(
            ("User-agent: *", "Disallow: /*.pdf$"),
            "/a/b.pdf",
            "line 2, Disallow: /*.pdf$",
            id="a wildcard and an end",
        ),
        pytest.param(
            ("User-agent: *", "Disallow: /*.pdf$"), "/a/b.pdf?x=1", "", id="not at the end"
        ),
        pytest.param(
            ("User-agent: *", "Disallow: /", "", "User-agent: Sagaline-Radar", "Disallow: /no"),
            "/a",
            "",
            id="our own group replaces everybody's",
        ),
        pytest.param(
            ("User-agent: other", "User-agent: SAGALINE-RADAR/2", "Disallow: /no"),
            "/no",
            "line 3, Disallow: /no",
            id="a group of two agents",
        ),
        pytest.param(
            ("User-agent: other", "Disallow: /"), "/a", "", id="a group for somebody else"
        ),
        pytest.param(
            ("# hi", "USER-AGENT : * # all", "disallow: /a # why", "Sitemap: x", "rubbish"),
            "/a",
            "line 3, Disallow: /a",
            id="comments, case and rubbish",
        ),
        pytest.param(("Disallow: /",), "/a", "", id="a rule for nobody"),
        pytest.param(
            ("User-agent: *", "Disallow: /käse"),
            "/k%C3%A4se",
            "line 2, Disallow: /k%C3%A4se",
            id="percent-encoded",
        ),
        pytest.param(("User-agent: *", "Disallow: /"), "/robots.txt", "", id="the file itself"),
        pytest.param(
            ("User-agent: *", "Disallow: /" + "a*" * 500 + "b"), "/" + "a" * 2_000, "", id="hostile"
        ),
    ],
)
def test_the_rule_that_decides_is_named(lines: tuple[str, ...], path: str, forbidden: str) -> None:
    assert rule_for(path, *lines) == forbidden


def test_a_delay_is_read_and_rubbish_is_none() -> None:
    assert robots_of(b"User-agent: *\nCrawl-delay: 2.5\n").delay_s == 2.5
    assert robots_of(b"User-agent: *\nCrawl-delay: soon\n").delay_s == 0.0
    assert robots_of(b"\xff\xfe\x00<html>").rules == ()


def polite(site: str, *, delay_s: float = 0.0) -> tuple[PoliteFetcher, Manners]:
    kept = Manners(fetcher(site), delay_s=delay_s)
    return PoliteFetcher(fetcher(site, permit=kept.permit), kept, rules=True), kept


async def test_a_forbidden_page_is_refused_with_the_rule_and_never_asked_for() -> None:
    asked: list[str] = []

    def seen(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        page(b"<p>Hello.</p>")(request)

    closed = page(b"User-agent: *\nDisallow: /closed\n", "text/plain")
    with scripted(robots_txt=closed, closed=seen, open=seen) as site:
        reads, _ = polite(site)
        await reads.fetch(f"http://{site}/open", HTML)
        with pytest.raises(SourceRefused, match=r"robots\.txt .*line 2, Disallow: /closed"):
            await reads.fetch(f"http://{site}/closed", HTML)
    assert asked == ["/open"]


async def test_robots_txt_is_asked_for_once_however_many_pages_follow() -> None:
    asked: list[str] = []

    def robots(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        page(b"User-agent: *\nDisallow: /closed\n", "text/plain")(request)

    with scripted(robots_txt=robots, a=page(b"<p>a"), b=page(b"<p>b")) as site:
        reads, _ = polite(site)
        await asyncio.gather(*(reads.fetch(f"http://{site}/{name}", HTML) for name in "abab"))
    assert asked == ["/robots.txt"]


async def test_a_redirect_into_what_is_forbidden_is_refused() -> None:
    closed = page(b"User-agent: *\nDisallow: /closed\n", "text/plain")
    with scripted(robots_txt=closed, closed=page(b"<p>a"), away=redirect("/closed")) as site:
        reads, _ = polite(site)
        with pytest.raises(SourceRefused, match="Disallow: /closed"):
            await reads.fetch(f"http://{site}/away", HTML)


async def test_a_site_that_cannot_say_its_rules_is_not_read_for_now() -> None:
    broken = scripted(robots_txt=lambda request: request.send_error(503), a=page(b"<p>a"))
    with broken as site, pytest.raises(SourceDead, match=r"robots\.txt .*503"):
        await polite(site)[0].fetch(f"http://{site}/a", HTML)


async def test_a_site_without_rules_may_be_read() -> None:
    with scripted(a=page(b"<p>a")) as site:
        assert (await polite(site)[0].fetch(f"http://{site}/a", HTML)).raw == b"<p>a"


async def test_a_host_is_asked_again_only_after_the_delay() -> None:
    with scripted(a=page(b"<p>a")) as site:
        reads, _ = polite(site, delay_s=0.1)
        begun = time.monotonic()
        await asyncio.gather(*(reads.fetch(f"http://{site}/a", HTML) for _ in range(3)))
        assert time.monotonic() - begun >= 0.2


async def test_the_delay_that_a_site_asks_for_counts_and_a_long_wait_is_given_up() -> None:
    slow = page(b"User-agent: *\nCrawl-delay: 600\n", "text/plain")
    with scripted(robots_txt=slow, a=page(b"<p>a")) as site:
        reads, _ = polite(site)
        await reads.fetch(f"http://{site}/a", HTML)
        with pytest.raises(SourceDead, match="name fewer of its pages"):
            await reads.fetch(f"http://{site}/a", HTML)


async def test_a_host_that_an_operator_opened_is_not_waited_for() -> None:
    with scripted(a=page(b"<p>a")) as site:
        kept = Manners(fetcher(site), delay_s=600.0, opened=fetcher(site)._guard.opened)
        reads = PoliteFetcher(fetcher(site), kept, rules=True)
        for _ in range(3):
            await reads.fetch(f"http://{site}/a", HTML)


async def test_what_is_kept_of_sites_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manners, "SITES_MAX", 2)
    with scripted() as one, scripted() as two, scripted() as three:
        kept = Manners(fetcher(f"{one},{two},{three}"))
        for site in (one, two, three):
            await kept.permit(f"http://{site}/a")
        assert (len(kept._rules), len(kept._asked)) == (2, 0)
