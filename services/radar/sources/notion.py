"""Pages of a Notion database, through the door's adapter; the database's id is the location."""

from chassis.adapters.door import Door
from chassis.adapters.vendors.notion import FoundPage, FoundPages, PageText
from chassis.guard import SourceDead, SourceTrouble
from contracts.goal import LOCATION_CHARS_MAX, Source
from services.radar.outside import through
from services.radar.ports import Asking, Extractor, Reading, ReadSource, TextKind

NOTION = "notion"
QUERY_CHARS_MAX = 300


async def read_notion(
    source: Source, asking: Asking, *, door: Door, extractor: Extractor
) -> Reading:
    """The pages that name the audience in their title, or where none does the first of all.

    A `selector` names another property to look in. Raises SourceRefused or SourceDead.
    """
    found = await _search(source, asking.audience[:QUERY_CHARS_MAX], door)
    found = found or await _search(source, "", door)
    documents: list[ReadSource] = []
    troubles: list[tuple[str, SourceTrouble]] = []
    for page in found:
        try:
            documents.append(await _read(page, door, extractor))
        except SourceTrouble as trouble:
            troubles.append((_address(page), trouble))
    return Reading(tuple(documents), tuple(troubles))


async def _search(source: Source, query: str, door: Door) -> tuple[FoundPage, ...]:
    args = {"database_id": source.location, "query": query, "limit": source.pages_max}
    if source.selector:
        args["property"] = source.selector
    done = await through(door, NOTION, "search_database", args)
    if not isinstance(done.outcome, FoundPages):
        raise SourceDead("notion: no pages came back")
    return done.outcome.pages


async def _read(page: FoundPage, door: Door, extractor: Extractor) -> ReadSource:
    done = await through(door, NOTION, "read_page", {"page_id": page.id})
    if not isinstance(done.outcome, PageText):
        raise SourceDead("notion: no text came back")
    # A block is a line there and a paragraph here.
    raw = done.outcome.text.replace("\n", "\n\n").encode()
    content = await extractor.extract(TextKind.TEXT, raw)
    short = "the page is longer than one answer holds; its beginning was read"
    return ReadSource(
        _address(page),
        raw,
        "text/plain",
        content.titled(page.title),
        shortfall=short if done.outcome.cut else "",
    )


def _address(page: FoundPage) -> str:
    return page.url[:LOCATION_CHARS_MAX] or f"notion:{page.id}"
