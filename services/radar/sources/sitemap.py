"""Sitemaps: the pages that a site names itself, the newest first, read as pages are.

https://www.sitemaps.org/protocol.html. A sitemap may only name addresses of its own host.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from contracts.goal import Source
from services.radar.fetching import Fetching
from services.radar.ports import Extracted, Passage, Reading, TextKind
from services.radar.sources.page import Pages
from services.radar.sources.several import read_pages

ACCEPTED = frozenset({"application/xml", "text/xml"})
INDEX = "sitemapindex"
"""What the child titles a sitemap that names other sitemaps."""

INNER_MAX = 3
"""Of an index so many sitemaps are read; an index within an index is not."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)


async def read_sitemap(source: Source, pages: Pages, *, maps: Fetching) -> Reading:
    """The pages that the sitemap names. Raises SourceRefused or SourceDead where it is not read."""
    top = await _read(source.location, pages, maps)
    named = _named(source.location, [top])
    if top.title == INDEX:
        inner = [await _read(location, pages, maps) for location in named[:INNER_MAX]]
        named = _named(source.location, [one for one in inner if one.title != INDEX])
    return await read_pages(source, named, pages)


async def _read(location: str, pages: Pages, maps: Fetching) -> Extracted:
    fetched = await maps.fetch(location, ACCEPTED)
    return await pages.extractor.extract(TextKind.SITEMAP, fetched.raw)


def _named(location: str, sitemaps: Iterable[Extracted]) -> list[str]:
    """Addresses of the sitemap's own host, those that changed last first."""
    entries: list[tuple[Passage, str]] = [
        (one, read.text[one.start : one.end].strip()) for read in sitemaps for one in read.passages
    ]
    entries.sort(key=lambda entry: entry[0].published_at or LONG_AGO, reverse=True)
    return [address for _, address in entries if _host(address) == _host(location)]


def _host(location: str) -> str:
    try:
        parts = urlsplit(location)
        return f"{parts.hostname}:{parts.port}" if parts.scheme in ("http", "https") else "-"
    except ValueError:
        return "-"
