"""Files below the one allowed folder; a path that leaves it, by dots or by links, is refused."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from chassis.guard import SourceDead, SourceRefused
from contracts.goal import Source
from services.radar.ports import Extractor, ReadSource, TextKind

KINDS = {
    ".html": (TextKind.PAGE, "text/html"),
    ".md": (TextKind.TEXT, "text/markdown"),
    ".txt": (TextKind.TEXT, "text/plain"),
    ".csv": (TextKind.TABLE, "text/csv"),
    ".pdf": (TextKind.PDF, "application/pdf"),
}


@dataclass(frozen=True, slots=True)
class Folder:
    """The one folder that files are read from, and how many bytes one may have."""

    path: Path
    bytes_max: int


async def read_file(source: Source, *, folder: Folder, extractor: Extractor) -> ReadSource:
    """The file's text, cited as `file:<location>`. Raises SourceRefused or SourceDead."""
    suffix = Path(source.location).suffix.lower()
    if suffix not in KINDS:
        raise SourceRefused(f"files of type {suffix or 'none'!r} are not read, {sorted(KINDS)} are")
    kind, media_type = KINDS[suffix]
    raw = await asyncio.to_thread(bytes_below, folder.path, source.location, folder.bytes_max)
    content = await extractor.extract(kind, raw, selector=source.selector)
    content = content.titled(Path(source.location).name)
    return ReadSource(f"file:{source.location}", raw, media_type, content)


def bytes_below(folder: Path, location: str, bytes_max: int) -> bytes:
    """The file's bytes. Raises SourceRefused for a path that leaves the folder or too many bytes,
    and SourceDead where there is no file."""
    root = folder.resolve()
    try:
        path = (root / location).resolve()
    except (ValueError, OSError, RuntimeError):
        raise SourceRefused("this is not a path; give one below the folder SOURCES_DIR") from None
    if Path(location).is_absolute() or not path.is_relative_to(root):
        raise SourceRefused("the path leaves the folder SOURCES_DIR; give one below it")
    if not path.is_file():
        raise SourceDead("there is no such file below SOURCES_DIR; check the path")
    with path.open("rb") as file:
        raw = file.read(bytes_max + 1)
    if len(raw) > bytes_max:
        raise SourceRefused(f"the file is larger than {bytes_max:,} bytes; give a smaller one")
    return raw
