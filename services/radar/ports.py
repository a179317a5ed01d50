"""What research needs of the world: sources read into text, and two ways of not getting one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from contracts.goal import Source


class SourceTrouble(Exception):
    """A source gave no text; the message says why, for the operator."""


class SourceRefused(SourceTrouble):
    """Our own rules forbid it: an inner address, too many bytes, a type nobody reads."""


class SourceDead(SourceTrouble):
    """It did not answer, or not with a page; the same source may answer another time."""


class SourceMissing(SourceDead):
    """The server is there, but has no page at this address."""


class TextKind(StrEnum):
    """How foreign bytes become text."""

    PAGE = "page"
    FEED = "feed"
    TEXT = "text"
    TABLE = "table"


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


@dataclass(frozen=True, slots=True)
class ReadSource:
    """A source that was read: its address as the brief gave it, its bytes and their text."""

    location: str
    raw: bytes
    media_type: str
    content: Extracted
    competitor: bool = False


class Extractor(Protocol):
    """Turns foreign bytes into text without trusting them."""

    async def extract(
        self, kind: TextKind, raw: bytes, *, charset: str = "", selector: str = ""
    ) -> Extracted:
        """The text of `raw`. Raises SourceRefused where it cannot be read within the limits."""
        ...


class Library(Protocol):
    """Reads sources."""

    async def read(self, source: Source) -> ReadSource:
        """The source's text. Raises SourceRefused or SourceDead."""
        ...
