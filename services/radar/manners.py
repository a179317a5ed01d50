"""Politeness: what a site's robots.txt forbids is not read, and a host is not asked too often."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlsplit

from chassis.guard import SourceDead, SourceRefused
from services.radar.fetching import Fetched, Fetching
from services.radar.ports import SourceMissing
from services.radar.robots import ANYTHING, Robots, robots_of

KEPT_S = 3_600.0
"""How long a robots.txt is remembered; RFC 9309, 2.4 allows a day."""

SITES_MAX = 1_000
WAIT_S_MAX = 30.0
"""Longest that a page waits for its turn at a host."""

ACCEPTED = frozenset({"text/plain", "text/html", "text/markdown", "application/octet-stream"})
"""Many sites answer with a page where they have no rules; it holds none."""

Opened = Callable[[str], bool]
"""Whether an operator opened the address in FETCH_ALLOW."""


class Manners:
    """The rules and the turns of a process; every part of it that fetches shares one."""

    def __init__(
        self, fetcher: Fetching, *, delay_s: float = 0.0, opened: Opened = lambda _: False
    ) -> None:
        """`fetcher` gets robots.txt. A host that is `opened` is waited for only if it asks for."""
        self._fetcher = fetcher
        self._delay_s = delay_s
        self._opened = opened
        self._rules: OrderedDict[str, tuple[float, Robots]] = OrderedDict()
        self._asked: dict[str, asyncio.Lock] = {}
        self._free_at: OrderedDict[str, float] = OrderedDict()

    async def permit(self, location: str) -> None:
        """Raises SourceRefused, naming the rule, where robots.txt forbids the address.

        Raises SourceDead where the site does not answer for it: then nothing may be read (2.3.1.4).
        """
        rule = (await self._robots(location)).forbidding(location)
        if rule is not None:
            raise SourceRefused(
                f"robots.txt of {_site(location)} forbids it ({rule}); "
                "ask the site, or name another page"
            )

    async def turn(self, location: str) -> None:
        """Wait until the host may be asked again. Raises SourceDead where that takes too long."""
        host = urlsplit(location).hostname or "-"
        now = time.monotonic()
        at = max(now, self._free_at.get(host, 0.0))
        if at - now > WAIT_S_MAX:
            raise SourceDead(
                f"{host} is asked so seldom that this page would wait {at - now:.0f} s; "
                "name fewer of its pages, or try again later"
            )
        self._free_at[host] = at + self._pause_s(location)
        self._free_at.move_to_end(host)
        if len(self._free_at) > SITES_MAX:
            self._free_at.popitem(last=False)
        if at > now:
            await asyncio.sleep(at - now)

    def _pause_s(self, location: str) -> float:
        _, known = self._rules.get(_site(location), (0.0, ANYTHING))
        return max(known.delay_s, 0.0 if self._opened(location) else self._delay_s)

    async def _robots(self, location: str) -> Robots:
        site = _site(location)
        asked = self._asked.setdefault(site, asyncio.Lock())
        try:
            async with asked:
                until, known = self._rules.get(site, (0.0, ANYTHING))
                if time.monotonic() >= until:
                    known = await self._read(site)
                    self._rules[site] = time.monotonic() + KEPT_S, known
                    self._rules.move_to_end(site)
        finally:
            if not asked.locked():
                self._asked.pop(site, None)
        if len(self._rules) > SITES_MAX:
            self._rules.popitem(last=False)
        return known

    async def _read(self, site: str) -> Robots:
        try:
            found = await self._fetcher.fetch(f"{site}/robots.txt", ACCEPTED)
        except SourceMissing:
            return ANYTHING
        except SourceDead as trouble:
            raise SourceDead(f"robots.txt of {site} cannot be read: {trouble}") from None
        return robots_of(found.raw)


class PoliteFetcher:
    """A Fetching that keeps the manners: `rules` are those of pages, not of feeds and sitemaps.

    Feeds and sitemaps are published for programs to read; they only wait for their turn.
    """

    def __init__(self, fetcher: Fetching, manners: Manners, *, rules: bool) -> None:
        self._fetcher = fetcher
        self._manners = manners
        self._rules = rules

    async def fetch(self, location: str, accepted: frozenset[str]) -> Fetched:
        """The body at `location`. Raises SourceRefused or SourceDead."""
        if _is_web(location):
            if self._rules:
                await self._manners.permit(location)
            await self._manners.turn(location)
        return await self._fetcher.fetch(location, accepted)


def _site(location: str) -> str:
    """Scheme, host and port: what a robots.txt is for."""
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_web(location: str) -> bool:
    """False for what the fetcher refuses anyhow."""
    try:
        return urlsplit(location).scheme in ("http", "https")
    except ValueError:
        return False
