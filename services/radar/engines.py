"""The search engines behind the door: a SearxNG of one's own, or Perplexity; or neither."""

from chassis.adapters.door import Door
from chassis.adapters.vendors.chat import Researched
from chassis.adapters.vendors.searxng import Results
from chassis.guard import SourceRefused
from contracts.envelope import Usage
from services.radar.outside import through
from services.radar.ports import Hit

SEARXNG, PERPLEXITY = "searxng", "perplexity"


class DoorSearch:
    """A SearchEngine: SearxNG where SEARXNG_URL is set, else Perplexity where its key is."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def find(self, query: str, limit: int) -> tuple[tuple[Hit, ...], Usage]:
        """At most `limit` pages, best first, and what asking cost. Raises SourceTrouble."""
        if self._door.configured(SEARXNG):
            done = await through(self._door, SEARXNG, "search", {"query": query})
            found = done.outcome.results if isinstance(done.outcome, Results) else ()
            return tuple(Hit(one.url, one.title) for one in found)[:limit], done.usage
        if self._door.configured(PERPLEXITY):
            asked = {"messages": [{"role": "user", "content": query}]}
            done = await through(self._door, PERPLEXITY, "search", asked)
            sources = done.outcome.sources if isinstance(done.outcome, Researched) else ()
            return tuple(Hit(one.url, one.title) for one in sources)[:limit], done.usage
        raise SourceRefused(
            "no search engine is configured; set SEARXNG_URL or PERPLEXITY_API_KEY, "
            "or name pages instead of a search"
        )
