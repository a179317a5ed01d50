"""Pages that a search engine names: its words are not cited, only the pages themselves are."""

from contracts.goal import Source
from services.radar.ports import Reading, SearchEngine
from services.radar.sources.page import Pages
from services.radar.sources.several import read_pages


async def read_search(source: Source, pages: Pages, *, engine: SearchEngine) -> Reading:
    """The pages found for the source's words. Raises SourceRefused or SourceDead."""
    hits, usage = await engine.find(source.location, source.pages_max)
    return await read_pages(source, [hit.url for hit in hits], pages, usage)
