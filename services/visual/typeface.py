"""The bundled typeface (Inter 4, OFL-1.1): where its files are, what it draws, how wide it runs.

It is the only place that knows which font is used. Reads: OpenType 1.9, table `cmap`.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FAMILY = "Inter"
FOLDER = Path(__file__).parent / "fonts"

_UNITS_PER_EM = 2048
_MEASURED_MAX = 20_000
_KERNING_MAX = 0.024
_CALM_RANGES = ((0x20, 0x7E), (0xC0, 0xFF), (0x388, 0x3CE), (0x400, 0x45F))
_CALM = frozenset(
    [chr(code) for first, last in _CALM_RANGES for code in range(first, last + 1)]
    + list("ґҐłŁőűŐŰşŞţșțčřšžČŘŠŽěůťňążęćńśźć\u2018\u2019\u201c\u201d…—€→·")
) - frozenset("*_ÎÏÐïΐΪϊЇї")
"""Found by setting every pair of these with and without kerning (tests draw samples of it)."""


class Weight(IntEnum):
    """The bundled weights, as CSS numbers them."""

    MEDIUM = 500
    SEMIBOLD = 600
    BOLD = 700


FILES = {
    Weight.MEDIUM: FOLDER / "Inter-Medium.ttf",
    Weight.SEMIBOLD: FOLDER / "Inter-SemiBold.ttf",
    Weight.BOLD: FOLDER / "Inter-Bold.ttf",
}


def drawable(character: str) -> bool:
    """True where the typeface has a glyph for the character."""
    return ord(character) in _code_points()


def kerned(text: str) -> bool:
    """True where kerning may be on: no pair of these letters is set wider by it than `width` says.

    Dotted and broken letters (ï, ї, đ) push their neighbours away: such a text is set unkerned.
    """
    return _CALM.issuperset(text)


@lru_cache(maxsize=_MEASURED_MAX)
def width(text: str, weight: Weight) -> float:
    """The text's width in em; never less than what is drawn, and commonly some 4 % more."""
    return advance(text, weight) + (_KERNING_MAX * len(text) if kerned(text) else 0.0)


def advance(text: str, weight: Weight) -> float:
    """The text's width in em without kerning: to centre by, not to fit by."""
    return float(_measuring(weight).getlength(text)) / _UNITS_PER_EM


@lru_cache(maxsize=len(Weight))
def _measuring(weight: Weight) -> ImageFont.FreeTypeFont:
    # BASIC needs no optional library, so the same text has the same width on every machine.
    return ImageFont.truetype(
        str(FILES[weight]), size=_UNITS_PER_EM, layout_engine=ImageFont.Layout.BASIC
    )


@lru_cache(maxsize=1)
def _code_points() -> frozenset[int]:
    data = FILES[Weight.BOLD].read_bytes()
    table = _table(data, b"cmap")
    (count,) = struct.unpack_from(">H", data, table + 2)
    found: set[int] = set()
    for index in range(count):
        (offset,) = struct.unpack_from(">4xI", data, table + 4 + 8 * index)
        (layout,) = struct.unpack_from(">H", data, table + offset)
        if layout == 4:
            found.update(_segments(data, table + offset))
        elif layout == 12:
            found.update(_groups(data, table + offset))
    return frozenset(found)


def _table(data: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", data, 4)
    for index in range(count):
        name, offset = struct.unpack_from(">4s4xI", data, 12 + 16 * index)
        if name == tag:
            return int(offset)
    raise ValueError(f"the bundled font has no table {tag.decode()}; restore {FOLDER.name}/")


def _segments(data: bytes, start: int) -> Iterator[int]:
    """Code points of a format 4 subtable that lead to a glyph."""
    (twice,) = struct.unpack_from(">H", data, start + 6)
    count = twice // 2
    ends = struct.unpack_from(f">{count}H", data, start + 14)
    starts = struct.unpack_from(f">{count}H", data, start + 16 + twice)
    deltas = struct.unpack_from(f">{count}H", data, start + 16 + 2 * twice)
    ranges_at = start + 16 + 3 * twice
    ranges = struct.unpack_from(f">{count}H", data, ranges_at)
    for index in range(count):
        for code in range(starts[index], min(ends[index], 0xFFFE) + 1):
            glyph = code
            if ranges[index]:
                at = ranges_at + 2 * index + ranges[index] + 2 * (code - starts[index])
                (glyph,) = struct.unpack_from(">H", data, at)
            if glyph and (glyph + deltas[index]) & 0xFFFF:
                yield code


def _groups(data: bytes, start: int) -> Iterator[int]:
    """Code points of a format 12 subtable."""
    (count,) = struct.unpack_from(">I", data, start + 12)
    for index in range(count):
        first, last, glyph = struct.unpack_from(">III", data, start + 16 + 12 * index)
        yield from (code for code in range(first, last + 1) if glyph + code - first)
