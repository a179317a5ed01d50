"""Several pages that one source names, read one after another within that source's time."""

import asyncio
from collections.abc import Iterable

from chassis.guard import SourceDead, SourceTrouble
from contracts.envelope import Usage
from contracts.goal import LOCATION_CHARS_MAX, Source
from services.radar.ports import FREE, Reading, ReadSource
from services.radar.sources.page import Pages, read_page

SECONDS_MAX = 120.0
"""How long the pages of one source may take together; those left then are reported as not read."""


async def read_pages(
    source: Source, locations: Iterable[str], pages: Pages, usage: Usage = FREE
) -> Reading:
    """The pages at `locations`, at most `pages_max` of them; one that fails leaves the others."""
    documents: list[ReadSource] = []
    troubles: list[tuple[str, SourceTrouble]] = []
    usable = (one for one in locations if 0 < len(one) <= LOCATION_CHARS_MAX)
    wanted = list(dict.fromkeys(usable))[: source.pages_max]
    try:
        async with asyncio.timeout(SECONDS_MAX):
            for location in wanted:
                page = Source(location=location, selector=source.selector, render=source.render)
                try:
                    documents.append(await read_page(page, pages))
                except SourceTrouble as trouble:
                    troubles.append((location, trouble))
    except TimeoutError:
        late = SourceDead(f"the pages of {source.location} took more than {SECONDS_MAX:g} s")
        done = len(documents) + len(troubles)
        troubles.extend((location, late) for location in wanted[done:])
    return Reading(tuple(documents), tuple(troubles), usage)
