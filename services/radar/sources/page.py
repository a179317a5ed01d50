"""Web pages: fetched through the guard, read in the child; it knows nothing of findings."""

from dataclasses import dataclass, replace
from typing import Protocol

from chassis.guard import SourceTrouble
from contracts.goal import Source
from services.radar.fetching import Fetched, Fetching
from services.radar.ports import Extractor, ReadSource, TextKind

HTML = frozenset({"text/html", "application/xhtml+xml"})
PLAIN = frozenset({"text/plain", "text/markdown"})
PDF = "application/pdf"
ACCEPTED = HTML | PLAIN | {PDF}


class Renderer(Protocol):
    """Runs a page's scripts."""

    async def render(self, html: str) -> str:
        """The page's HTML after its scripts ran. Raises SourceTrouble where they cannot run."""
        ...


@dataclass(frozen=True, slots=True)
class Pages:
    """What pages are read with."""

    fetcher: Fetching
    extractor: Extractor
    renderer: Renderer


async def read_page(source: Source, pages: Pages) -> ReadSource:
    """The page's main text, or that of the elements its CSS selector names; or a PDF's text.

    A page that is to be rendered and cannot be is read as it was sent, which its `shortfall` says.
    Raises SourceRefused or SourceDead.
    """
    fetched = await pages.fetcher.fetch(source.location, ACCEPTED)
    shortfall = ""
    if source.render:
        fetched, shortfall = await _rendered(fetched, pages.renderer)
    content = await pages.extractor.extract(
        _kind(fetched.media_type), fetched.raw, charset=fetched.charset, selector=source.selector
    )
    return ReadSource(
        source.location, fetched.raw, fetched.media_type, content, shortfall=shortfall
    )


async def _rendered(fetched: Fetched, renderer: Renderer) -> tuple[Fetched, str]:
    if fetched.media_type not in HTML:
        return fetched, ""
    try:
        html = await renderer.render(_text(fetched))
    except SourceTrouble as trouble:
        return fetched, f"read without running its scripts: {trouble}"
    return replace(fetched, raw=html.encode(), charset="utf-8"), ""


def _text(fetched: Fetched) -> str:
    try:
        return fetched.raw.decode(fetched.charset or "utf-8", errors="replace")
    except LookupError:
        return fetched.raw.decode(errors="replace")


def _kind(media_type: str) -> TextKind:
    if media_type == PDF:
        return TextKind.PDF
    return TextKind.TEXT if media_type in PLAIN else TextKind.PAGE
