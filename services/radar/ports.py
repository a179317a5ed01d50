"""What research needs of the world: sources read into text, and two ways of not getting one."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chassis.guard import SourceDead, SourceTrouble
from contracts.envelope import Usage
from contracts.goal import Source
from contracts.research import FindingKind

FREE = Usage()
"""What reading costs where nobody is paid."""


class SourceMissing(SourceDead):
    """The server is there, but has no page at this address."""


class TextKind(StrEnum):
    """How foreign bytes become text."""

    PAGE = "page"
    FEED = "feed"
    TEXT = "text"
    TABLE = "table"
    PDF = "pdf"
    SITEMAP = "sitemap"


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a text with its own title and date: a whole page, or one entry of a feed."""

    start: int
    end: int
    title: str
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of foreign bytes.

    One block a line; headings begin with `# `, list items with `- `, cells are split by ` | `.
    """

    title: str
    text: str
    passages: tuple[Passage, ...]

    def titled(self, title: str) -> "Extracted":
        """The same text; where it has no title of its own, under this one."""
        if self.title:
            return self
        passages = (replace(one, title=one.title or title) for one in self.passages)
        return Extracted(title, self.text, tuple(passages))


@dataclass(frozen=True, slots=True)
class Remembered:
    """How near a finding of earlier research is to what memory was asked, and of which kind."""

    score: float
    kind: FindingKind


@dataclass(frozen=True, slots=True)
class ReadSource:
    """A document that was read: its address, its bytes and their text.

    `shortfall` says what was asked for and not done; it is empty where all was.
    """

    location: str
    raw: bytes
    media_type: str
    content: Extracted
    competitor: bool = False
    shortfall: str = ""
    remembered: Remembered | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """For whom a source is read: what a database or memory is asked with."""

    tenant_id: str
    audience: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source gave: its documents, the pages that it names and that gave none, the cost."""

    documents: tuple[ReadSource, ...] = ()
    troubles: tuple[tuple[str, SourceTrouble], ...] = ()
    usage: Usage = FREE


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that a search engine names."""

    url: str
    title: str = ""


class SearchEngine(Protocol):
    """Finds pages in the web."""

    async def find(self, query: str, limit: int) -> tuple[tuple[Hit, ...], Usage]:
        """At most `limit` pages, best first, and what asking cost. Raises SourceTrouble."""
        ...


class Extractor(Protocol):
    """Turns foreign bytes into text without trusting them."""

    async def extract(
        self, kind: TextKind, raw: bytes, *, charset: str = "", selector: str = ""
    ) -> Extracted:
        """The text of `raw`. Raises SourceRefused where it cannot be read within the limits."""
        ...


class Library(Protocol):
    """Reads sources."""

    async def read(self, source: Source, asking: Asking) -> Reading:
        """What the source gives. Raises SourceRefused or SourceDead where that is nothing."""
        ...

    async def picture(self, location: str, accepted: frozenset[str]) -> bytes:
        """The bytes at an address or a path, as they came; `accepted` are media types.

        Raises SourceRefused or SourceDead.
        """
        ...
