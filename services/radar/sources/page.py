"""Web pages: fetched through the guard, read in the child; it knows nothing of findings."""

from contracts.goal import Source
from services.radar.fetching import Fetching
from services.radar.ports import Extractor, ReadSource, TextKind

ACCEPTED = frozenset({"text/html", "application/xhtml+xml", "text/plain", "text/markdown"})
PLAIN = frozenset({"text/plain", "text/markdown"})


async def read_page(source: Source, *, fetcher: Fetching, extractor: Extractor) -> ReadSource:
    """The page's main text, or that of the elements its CSS selector names.

    Raises SourceRefused or SourceDead.
    """
    fetched = await fetcher.fetch(source.location, ACCEPTED)
    kind = TextKind.TEXT if fetched.media_type in PLAIN else TextKind.PAGE
    content = await extractor.extract(
        kind, fetched.raw, charset=fetched.charset, selector=source.selector
    )
    return ReadSource(source.location, fetched.raw, fetched.media_type, content)
