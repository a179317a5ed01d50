"""RSS and Atom feeds: every entry's title and summary, each with its own date."""

from contracts.goal import Source
from services.radar.fetching import Fetching
from services.radar.ports import Extractor, ReadSource, TextKind

ACCEPTED = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/xml", "text/xml", "text/html"}
)
"""Many feeds are served as text/html; what is no feed is refused when it is parsed."""


async def read_feed(source: Source, *, fetcher: Fetching, extractor: Extractor) -> ReadSource:
    """The feed's entries as one text, a passage each. Raises SourceRefused or SourceDead.

    Findings are cited under the feed's own address: an entry's link is the feed's word only.
    """
    fetched = await fetcher.fetch(source.location, ACCEPTED)
    content = await extractor.extract(TextKind.FEED, fetched.raw, charset=fetched.charset)
    return ReadSource(source.location, fetched.raw, fetched.media_type, content)
