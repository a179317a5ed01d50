"""The designs as data: which there are, where each puts texts and art on a canvas of any shape.

Coordinates are units: a wide canvas is 900 high, a tall one 900 wide, so a design knows no pixels.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any

from services.visual.bands import bands
from services.visual.layout import Box, TextStyle
from services.visual.palette import Scheme, from_hex, luminance
from services.visual.ports import PictureOrder

SHORT_SIDE = 900.0
BRIGHT = 0.4
"""Relative luminance above which a colour loses its character when it is darkened to a ground."""

TALL_BELOW = 1.1
"""Width by height below which art goes under the text and not beside it."""

TALL_MARGIN = 72.0
TALL_BRAND_Y = 118.0
TALL_FOOT, STORY_FOOT = 92.0, 116.0
"""From the call to action's centre line to the art below it."""

STORY_FROM = 1400.0
"""Units of height from which a canvas is a story: apps lay their controls over both its ends."""

STORY_TOP, STORY_BOTTOM = 0.14, 0.20
"""The parts of a story's height that stay free of text."""

ART_SHARES = ((1000.0, 0.28), (STORY_FROM, 0.36), (float("inf"), 0.38))
"""The part of a tall canvas's height that is art, by the height up to which that holds."""

MIDDLE = (0.5, 0.5)

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture's area in units."""

    width: float
    height: float

    @property
    def tall(self) -> bool:
        """True where text stands above the art, not beside it."""
        return self.width / self.height < TALL_BELOW

    @property
    def story(self) -> bool:
        """True where apps cover both ends."""
        return self.height >= STORY_FROM


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a design's texts go on one canvas: centre lines of brand and action, and the box of
    headline and supporting text. `art` is the rectangle that art or a photo fills, and `focus`
    the place in it (0..1 across and down) where the middle of what shows of a photo is."""

    brand_y: float
    headline: Box
    action_y: float
    art: Box
    focus: tuple[float, float] = MIDDLE


@dataclass(frozen=True, slots=True)
class PictureTemplate:
    """One design: its drawings with placeholders, by kind, and where its texts go."""

    name: str
    drawings: dict[str, str]
    scheme: Scheme
    data: dict[str, Any]

    @property
    def covers(self) -> bool:
        """True where a photo fills the whole picture and texts stand on it."""
        return bool(self.data.get("covers"))

    @property
    def headline_style(self) -> TextStyle:
        """The sizes that the headline may have."""
        plan = self.data["headline"]
        return TextStyle(plan["size_max"], plan["size_min"], plan["lines_max"], leading=1.1)

    def plan(self, canvas: Canvas) -> Plan:
        """Where everything goes on the canvas."""
        if not canvas.tall:
            return self._beside(canvas)
        art = self._art_depth(canvas)
        bottom = canvas.height - art
        brand_y = TALL_BRAND_Y
        if canvas.story:
            brand_y = canvas.height * STORY_TOP + 44
            bottom = min(bottom, canvas.height * (1 - STORY_BOTTOM))
        action_y = bottom - (STORY_FOOT if canvas.story else TALL_FOOT)
        box = Box(TALL_MARGIN, brand_y + 104, canvas.width - 2 * TALL_MARGIN, 0)
        headline = Box(box.x, box.y, box.width, action_y - 84 - box.y)
        rest = Box(0, canvas.height - art, canvas.width, art)
        whole = Box(0, 0, canvas.width, canvas.height)
        stood = self.data["tall"]["way"] == "stood"
        focus = MIDDLE if stood else (0.5, self._focus)
        return Plan(brand_y, headline, action_y, whole if self.covers else rest, focus)

    def drawing(self, canvas: Canvas, colors: dict[str, str], photo: str = "") -> str:
        """Ground and art as SVG; a `photo` is the colour of the design's window for one."""
        kind = "photo" if photo else ""
        stood = canvas.tall and self.data["tall"]["way"] == "stood"
        drawing = self.drawings[kind]
        if stood:
            drawing = self.drawings.get(f"tall{kind}", drawing)
        if not canvas.tall or stood:
            at = (canvas.width, 0.0)
            if stood:
                at = (float(self.data["tall"]["art_x"]), canvas.height - self._art_depth(canvas))
            return filled(drawing, colors, canvas, {"photo": photo}, at)
        return self._turned(drawing, colors, canvas, photo)

    def _turned(self, drawing: str, colors: dict[str, str], canvas: Canvas, photo: str) -> str:
        """A wide drawing turned by a right angle: what was at its right edge is at the bottom."""
        slide = float(self.data["tall"]["depth"]) - self._art_depth(canvas)
        long = canvas.height + slide
        content = filled(
            drawing,
            colors,
            Canvas(long, SHORT_SIDE),
            {"photo": photo, "sheet": ""},
            (long, 0.0),
        )
        turned = f'<g transform="translate({SHORT_SIDE:.0f} 0) rotate(90)">{content}</g>'
        return sheet(colors, canvas) + turned

    def _beside(self, canvas: Canvas) -> Plan:
        plan, left = self.data["headline"], float(self.data["left"])
        free = canvas.width - left - float(self.data["right_free"])
        headline = Box(left, plan["top"], free, plan["bottom"] - plan["top"])
        across = canvas.width if self.covers else float(self.data["photo_width"])
        art = Box(canvas.width - across, 0, across, canvas.height)
        brand_y, action_y = float(self.data["brand_y"]), float(self.data["action"]["y"])
        return Plan(brand_y, headline, action_y, art, (self._focus, 0.5))

    @property
    def _focus(self) -> float:
        return float(self.data.get("photo_focus", 0.5))

    def _art_depth(self, canvas: Canvas) -> float:
        share = next(share for height, share in ART_SHARES if canvas.height < height)
        tall = self.data["tall"]
        wanted = min(float(tall["depth"]), share * canvas.height)
        step = float(tall.get("step", 0))
        return max(step, wanted // step * step) if step else wanted


@lru_cache(maxsize=1)
def templates() -> tuple[PictureTemplate, ...]:
    """Every design that needs no photo, by name."""
    return tuple(template for template in _all() if not template.covers)


def ranked(order: PictureOrder) -> tuple[PictureTemplate, ...]:
    """The designs in the order to try them, decided by channel and words alone.

    Designs made for a headline of this length and for a colour this bright come first. Every
    `turn` (work sent back) begins one design further on.
    """
    words = f"{order.channel}/{order.business_name}/{order.headline}".encode()
    known = _all() if order.photo else templates()
    by_chance = sorted(known, key=lambda t: hashlib.sha256(words + t.name.encode()).digest())
    bright = luminance(from_hex(order.primary)) > BRIGHT

    def misfits(template: PictureTemplate) -> int:
        too_long = len(order.headline) > int(template.data["headline_chars_max"])
        return int(too_long) + int(bright and template.scheme is Scheme.DEEP)

    apt = sorted(by_chance, key=misfits)
    turn = order.turn % len(apt)
    return (*apt[turn:], *apt[:turn])


def canvas_of(width: int, height: int) -> Canvas:
    """The canvas of a picture of so many pixels."""
    if width / height < TALL_BELOW:
        return Canvas(SHORT_SIDE, SHORT_SIDE * height / width)
    return Canvas(SHORT_SIDE * width / height, SHORT_SIDE)


def filled(
    drawing: str,
    colors: dict[str, str],
    canvas: Canvas,
    further: dict[str, str] | None = None,
    art: tuple[float, float] = (0.0, 0.0),
) -> str:
    """A drawing with its colours, its ground (`sheet`), its area, and the point that its art is
    drawn from."""
    return Template(drawing).substitute(
        {
            **colors,
            "sheet": sheet(colors, canvas),
            "width": f"{canvas.width:.2f}",
            "height": f"{canvas.height:.2f}",
            "art_x": f"{art[0]:.2f}",
            "art_y": f"{art[1]:.2f}",
            **(further or {}),
        }
    )


def sheet(colors: dict[str, str], canvas: Canvas) -> str:
    """The ground over the whole area: lit from above."""
    first, last = from_hex(colors["ground"]), from_hex(colors["ground_far"])
    return bands(canvas.width, canvas.height, first, last)


@lru_cache(maxsize=1)
def _all() -> tuple[PictureTemplate, ...]:
    found = []
    for file in sorted(_TEMPLATES.glob("*.json")):
        data = json.loads(file.read_text("utf-8"))
        kinds = {"": "", "photo": ".photo", "tall": ".tall", "tallphoto": ".tall.photo"}
        paths = {kind: file.with_name(f"{file.stem}{part}.svg") for kind, part in kinds.items()}
        drawings = {kind: path.read_text("utf-8") for kind, path in paths.items() if path.exists()}
        found.append(PictureTemplate(file.stem, drawings, Scheme(data["scheme"]), data))
    return tuple(found)
