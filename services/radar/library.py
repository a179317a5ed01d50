"""The library: one way to read a source of any kind, and the same source always the same way."""

import asyncio
from dataclasses import dataclass

from chassis.adapters.door import Door
from chassis.recall import Recall
from contracts.goal import Source, SourceKind
from services.radar.fetching import Fetching
from services.radar.memory import read_memory
from services.radar.ports import Asking, Reading, SearchEngine
from services.radar.sources.feed import read_feed
from services.radar.sources.file import Folder, bytes_below, read_file
from services.radar.sources.notion import read_notion
from services.radar.sources.page import Pages, read_page
from services.radar.sources.search import read_search
from services.radar.sources.sitemap import read_sitemap


@dataclass(frozen=True, slots=True)
class Inside:
    """What is behind the door and in memory."""

    door: Door
    engine: SearchEngine
    recall: Recall


class SourceLibrary:
    """A Library over the web (through the guard), one folder, and what is behind the door."""

    def __init__(self, *, pages: Pages, feeds: Fetching, folder: Folder, inside: Inside) -> None:
        """`feeds` gets feeds and sitemaps, which are made for programs."""
        self._pages = pages
        self._feeds = feeds
        self._folder = folder
        self._inside = inside

    async def read(self, source: Source, asking: Asking) -> Reading:
        """What the source gives. Raises SourceRefused or SourceDead where that is nothing."""
        extractor, inside = self._pages.extractor, self._inside
        match source.kind:
            case SourceKind.PAGE:
                return Reading((await read_page(source, self._pages),))
            case SourceKind.FEED:
                found = await read_feed(source, fetcher=self._feeds, extractor=extractor)
                return Reading((found,))
            case SourceKind.FILE:
                return Reading((await read_file(source, folder=self._folder, extractor=extractor),))
            case SourceKind.SITEMAP:
                return await read_sitemap(source, self._pages, maps=self._feeds)
            case SourceKind.NOTION:
                return await read_notion(source, asking, door=inside.door, extractor=extractor)
            case SourceKind.SEARCH:
                return await read_search(source, self._pages, engine=inside.engine)
            case SourceKind.MEMORY:
                return await read_memory(source, asking, recall=inside.recall)

    async def picture(self, location: str, accepted: frozenset[str]) -> bytes:
        """The picture's bytes, by the guard or from the folder. Raises as `read` does."""
        if "://" in location:
            return (await self._feeds.fetch(location, accepted)).raw
        folder = self._folder
        return await asyncio.to_thread(bytes_below, folder.path, location, folder.bytes_max)
