"""The library: one way to read a source of any kind, and the same source always the same way."""

from pathlib import Path

from contracts.goal import Source, SourceKind
from services.radar.fetching import Fetching
from services.radar.ports import Extractor, ReadSource
from services.radar.sources.feed import read_feed
from services.radar.sources.file import read_file
from services.radar.sources.page import read_page


class SourceLibrary:
    """A Library over the web (through the guard) and one folder."""

    def __init__(
        self, *, fetcher: Fetching, extractor: Extractor, folder: Path, bytes_max: int
    ) -> None:
        self._fetcher = fetcher
        self._extractor = extractor
        self._folder = folder
        self._bytes_max = bytes_max

    async def read(self, source: Source) -> ReadSource:
        """The source's text. Raises SourceRefused or SourceDead."""
        if source.kind is SourceKind.FILE:
            return await read_file(
                source,
                folder=self._folder,
                bytes_max=self._bytes_max,
                extractor=self._extractor,
            )
        read = read_feed if source.kind is SourceKind.FEED else read_page
        return await read(source, fetcher=self._fetcher, extractor=self._extractor)
