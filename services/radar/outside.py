"""The web as two adapters of the door, pages and feeds, each host with a breaker of its own.

Addresses are a user's, so every fetch goes through the guard; a host whose breaker is open is a
dead source for now, and research goes on without it.
"""

import base64
from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel

from chassis.adapters.description import READING, Action, Adapter, Args, Call, Kind, Outcome
from chassis.adapters.door import Done, Door
from chassis.adapters.failures import CallFailed
from chassis.adapters.vendors.browser import RenderedPage
from chassis.errors import CircuitOpen, StepError
from chassis.guard import SourceDead, SourceRefused, SourceTrouble
from contracts.envelope import FailureReason
from contracts.goal import Source, SourceKind
from services.radar.fetching import Fetched, Fetching
from services.radar.ports import Extractor, SourceMissing
from services.radar.sources import page
from services.radar.sources.feed import read_feed

WEB, FEEDS = "web-fetch", "feeds"
FETCH, READ = "fetch_page", "read_feed"
BROWSER = "browser"
EXTRACTION_S = 30.0
"""More than a feed's extraction may take; it has limits of its own."""

T = TypeVar("T")

_TROUBLES: Mapping[FailureReason, type[SourceTrouble]] = {
    FailureReason.NOT_CONFIGURED: SourceRefused,
    FailureReason.INVALID_INPUT: SourceRefused,
    FailureReason.REJECTED: SourceMissing,
}
"""What a failed call means for a source; in all other cases it may answer another time."""


class Address(Args):
    """A public address, as a user may give it."""

    location: str


class FetchedPage(Outcome):
    """A page's bytes, in base64, and what the server says they are."""

    media_type: str
    charset: str
    content: str


class Entry(BaseModel):
    """One entry of a feed; `published_at` is RFC 3339, or empty."""

    title: str
    text: str
    published_at: str = ""


class Feed(Outcome):
    """A feed's entries, in its order."""

    title: str
    entries: tuple[Entry, ...]


class FetcherAtTheDoor:
    """A Fetching whose every fetch goes through the door."""

    def __init__(self, fetcher: Fetching, door: Door) -> None:
        self._fetcher = fetcher
        self._door = door

    async def fetch(self, location: str, accepted: frozenset[str]) -> Fetched:
        """The body at `location`. Raises SourceRefused or SourceDead."""
        try:
            return await self._door.guard(
                WEB,
                FETCH,
                lambda: _failing(self._fetcher.fetch(location, accepted)),
                part=_host(location),
            )
        except CircuitOpen as circuit:
            raise SourceDead(str(circuit)) from None
        except CallFailed as failure:
            trouble = failure.__cause__
            raise (
                trouble if isinstance(trouble, SourceTrouble) else SourceDead(failure.message)
            ) from None


class DoorRenderer:
    """A Renderer by the door's browser, which has no network: a page's own scripts run, no more."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def render(self, html: str) -> str:
        """The page's HTML after its scripts ran. Raises SourceTrouble where they cannot run."""
        done = await through(self._door, BROWSER, "render_page", {"html": html})
        if not isinstance(done.outcome, RenderedPage):
            raise SourceDead("the browser gave no page")
        return done.outcome.html


async def through(door: Door, tool: str, action: str, args: Mapping[str, Any]) -> Done:
    """The call's answer. Raises SourceRefused, SourceMissing or SourceDead where it failed."""
    try:
        return await door.execute(tool, action, args)
    except CircuitOpen as circuit:
        raise SourceDead(str(circuit)) from None
    except StepError as failure:
        raise _TROUBLES.get(failure.reason, SourceDead)(failure.message) from None


def adapters(fetcher: Fetching, extractor: Extractor, seconds_max: float) -> tuple[Adapter, ...]:
    """What research adds to the door; a fetch takes at most `seconds_max`."""

    async def fetch(args: Address, call: Call) -> FetchedPage:
        found = await _failing(fetcher.fetch(args.location, page.ACCEPTED))
        content = base64.b64encode(found.raw).decode()
        return FetchedPage(media_type=found.media_type, charset=found.charset, content=content)

    async def read(args: Address, call: Call) -> Feed:
        source = Source(kind=SourceKind.FEED, location=args.location)
        found = await _failing(read_feed(source, fetcher=fetcher, extractor=extractor))
        text = found.content.text
        entries = (
            Entry(
                title=one.title,
                text=text[one.start : one.end].strip(),
                published_at=one.published_at.isoformat() if one.published_at else "",
            )
            for one in found.content.passages
        )
        return Feed(title=found.content.title, entries=tuple(entries))

    return (
        Adapter(
            name=WEB,
            kind=Kind.RESEARCH,
            about="pages of the public web, through the guard",
            actions=(
                Action(
                    name=FETCH,
                    about="get one page",
                    args=Address,
                    outcome=FetchedPage,
                    run=fetch,
                    timeout_s=seconds_max + 1,
                    circuit_of=lambda args: _host(args.location),
                ),
            ),
        ),
        Adapter(
            name=FEEDS,
            kind=Kind.RESEARCH,
            about="RSS and Atom feeds of the public web, through the guard",
            actions=(
                Action(
                    name=READ,
                    about="read a feed's entries",
                    args=Address,
                    outcome=Feed,
                    run=read,
                    timeout_s=seconds_max + EXTRACTION_S,
                    retry=READING,
                    circuit_of=lambda args: _host(args.location),
                ),
            ),
        ),
    )


async def _failing(work: Awaitable[T]) -> T:
    """What the work gives; a source's trouble as the door knows failures."""
    try:
        return await work
    except SourceTrouble as trouble:
        away = isinstance(trouble, SourceDead) and not isinstance(trouble, SourceMissing)
        reason = FailureReason.UNAVAILABLE if away else FailureReason.REJECTED
        raise CallFailed(reason, str(trouble)) from trouble


def _host(location: str) -> str:
    """The host that an address names, without its port; `-` where it names none."""
    try:
        return (urlsplit(location).hostname or "-").lower()
    except ValueError:
        return "-"
