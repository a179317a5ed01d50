"""What each scene of a film looks like: its drawings, as SVG layers with how they move.

Coordinates are those of the pictures: 900 units high and 1600 wide, or upright the other way.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from services.visual.animate import CELL, Motion
from services.visual.bands import Veil, veil
from services.visual.designs import BRIGHT, Canvas, filled
from services.visual.layout import Box, Fitted, TextStyle, fit
from services.visual.lettering import (
    TRACKING,
    brand_svg,
    image_svg,
    logo_svg,
    mark_svg,
    measure_of,
    text_svg,
)
from services.visual.likeness import cropped, logo_of, scrim_for
from services.visual.palette import Rgb, Scheme, from_hex, luminance, palette_of
from services.visual.picture import SCRIM_FADE, SCRIM_REST, svg
from services.visual.ports import DoesNotFit, FilmOrder
from services.visual.storyboard import Scene, SceneKind
from services.visual.typeface import Weight

WIDE, UPRIGHT = Canvas(1600.0, 900.0), Canvas(900.0, 1600.0)
ENTER_S = 0.55
STAGGER_S = 0.11
WINGS = 1.3
"""How much wider than the frame shapes are drawn, so that none shows a cut edge as it drifts."""

SPARE = 64.0
"""Free space that is drawn round words, for what reaches out of them: plates, accents."""

MARK = 112.0
RISE = 46.0
GAP = 48.0
PADDING = 44.0


@dataclass(frozen=True, slots=True)
class Column:
    """Where a film's texts are: its left edge and width, the brand's line, the text's box."""

    left: float
    width: float
    brand_y: float
    top: float
    height: float


COLUMNS = {False: Column(130, 1030, 118, 230, 520), True: Column(72, 756, 290, 390, 640)}
"""By whether the film is upright: then both ends stay free, for what apps lay over them."""

STYLES = {
    SceneKind.OPENING: TextStyle(150, 52, 3, leading=1.1),
    SceneKind.HEADLINE: TextStyle(114, 48, 6, leading=1.1),
    SceneKind.MESSAGE: TextStyle(92, 46, 7, leading=1.18),
    SceneKind.CLOSING: TextStyle(128, 52, 4, leading=1.1),
}
FIELDS = {
    SceneKind.OPENING: "business_name",
    SceneKind.HEADLINE: "headline",
    SceneKind.MESSAGE: "brief.key_messages",
    SceneKind.CLOSING: "call_to_action",
}
DETAIL = TextStyle(42, 24, 1)

_SCENERY = Path(__file__).parent / "templates" / "film"


@dataclass(frozen=True, slots=True)
class Layer:
    """One drawing over the ground, and how it moves (in units of the picture's 900).

    `corner` is where its upper left pixel is: only what it covers is drawn.
    """

    drawing: str
    motion: Motion
    corner: tuple[int, int] = (0, 0)


class _Part(NamedTuple):
    """Words or a mark, how they move, and the lines of the canvas that they take up."""

    drawing: str
    motion: Motion
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Stage:
    """A scene ready to film: its ground, its layers from back to front, its accent colour."""

    ground: str
    layers: tuple[Layer, ...]
    accent: Rgb


def stage(order: FilmOrder, scene: Scene) -> Stage:
    """The scene's drawings. Raises DoesNotFit where its text is too long to be read."""
    look = _looks()[scene.kind.value]
    schemes = look["schemes"]
    scheme = Scheme(schemes[max(0, scene.number - 1) % len(schemes)])
    if scheme is Scheme.DEEP and luminance(from_hex(order.primary)) > BRIGHT:
        scheme = Scheme.VIVID
    colors = palette_of(order.primary, order.accent, scheme).as_hex()
    shapes = [
        _shape(order, filled(_drawing(name), colors, WIDE), Motion(**motion))
        for name, motion in look["shapes"]
        if not _on_photo(order, scene)
    ]
    words = [_windowed(order, part) for part in _words(order, scene, colors)]
    drawn = _ground(order, scene, look["ground"], colors)
    ground = svg((order.width, order.height), _canvas(order), drawn)
    return Stage(ground, (*shapes, *words), from_hex(colors["accent"]))


def _canvas(order: FilmOrder) -> Canvas:
    return UPRIGHT if order.height > order.width else WIDE


def _on_photo(order: FilmOrder, scene: Scene) -> bool:
    """Whether the photo is behind the scene: then no shapes are, which would hide what it shows."""
    return bool(order.photo) and scene.kind is SceneKind.HEADLINE


def _ground(order: FilmOrder, scene: Scene, name: str, colors: dict[str, str]) -> str:
    """The scene's ground; the headline's is the photo under a scrim, where there is one."""
    canvas = _canvas(order)
    if not _on_photo(order, scene):
        return filled(_drawing(name), colors, canvas)
    photo = cropped(order.photo, (order.width, order.height))
    share = scrim_for(photo, from_hex(colors["ground"]), (from_hex(colors["ink"]),))
    whole = Box(0, 0, canvas.width, canvas.height)
    down = order.height > order.width
    column = COLUMNS[down]
    end = (column.left + column.width) / canvas.width
    if down:
        end = (column.top + column.height) / canvas.height
    way = Veil(share, SCRIM_REST, end, min(1.0, end + SCRIM_FADE), down)
    scrim = veil(canvas.width, canvas.height, from_hex(colors["ground"]), way)
    return image_svg(photo.uri, whole) + scrim


def _shape(order: FilmOrder, content: str, motion: Motion) -> Layer:
    """A shape longer than the frame; upright it is turned by a right angle, motion and all."""
    if order.height <= order.width:
        width = round(order.width * WINGS)
        canvas = Canvas(width * WIDE.height / order.height, WIDE.height)
        return Layer(svg((width, order.height), canvas, content), motion)
    height = round(order.height * WINGS)
    canvas = Canvas(UPRIGHT.width, height * UPRIGHT.width / order.width)
    turned = f'<g transform="translate({UPRIGHT.width:.0f} 0) rotate(90)">{content}</g>'
    moved = replace(
        motion,
        from_x=-motion.from_y,
        from_y=motion.from_x,
        drift_x=-motion.drift_y,
        drift_y=motion.drift_x,
    )
    return Layer(svg((order.width, height), canvas, turned), moved)


def _windowed(order: FilmOrder, part: _Part) -> Layer:
    """The part in a drawing of only the column's width and its own lines."""
    canvas, column = _canvas(order), COLUMNS[order.height > order.width]
    scale = order.width / canvas.width
    left, top = (max(0, int(at * scale) // CELL * CELL) for at in (column.left - SPARE, part.top))
    right = min(order.width, math.ceil((column.left + column.width + SPARE) * scale))
    bottom = min(order.height, math.ceil((part.top + part.height) * scale))
    size = (right - left, bottom - top)
    area = Canvas(size[0] / scale, size[1] / scale)
    drawing = svg(size, area, part.drawing, (left / scale, top / scale))
    return Layer(drawing, part.motion, (left, top))


def _words(order: FilmOrder, scene: Scene, colors: dict[str, str]) -> list[_Part]:
    column = COLUMNS[order.height > order.width]
    box = Box(column.left, column.top, column.width, column.height)
    parts: list[_Part] = []
    kind = scene.kind
    detail = _fitted(scene.detail, "website", Box(0, 0, box.width - 2 * PADDING, 110), DETAIL)
    spare = 2 * PADDING + GAP if detail else 0.0
    above = _above(order, kind)
    room = Box(box.x, box.y, box.width, box.height - spare - above)
    text = _fitted(scene.text, FIELDS[kind], room, STYLES[kind])
    assert text is not None
    top = box.y + (box.height - above - text.height - spare) / 2
    if kind is SceneKind.OPENING:
        mark = _mark(order, (box.x, top), colors)
        parts.append(_Part(mark, _entrance(0), top - SPARE, MARK + 2 * SPARE))
    else:
        logo = logo_of(order.logo) if order.logo else None
        brand, _ = brand_svg(order.business_name, box, column.brand_y, colors, logo)
        parts.append(_Part(brand, Motion(), column.brand_y - SPARE, 2 * SPARE))
    if kind is SceneKind.MESSAGE:
        bars = _number(scene.number, (box.x, top), colors)
        parts.append(_Part(bars, _entrance(0), top - SPARE, 2 * SPARE))
    top += above
    for place, (line, at) in enumerate(_lines(text, (box.x, top), colors), 1):
        # Accents stand over the capitals that `at` is the top of, descenders hang below.
        parts.append(_Part(line, _entrance(place), at - text.size / 2, 2 * text.size))
    if detail is not None:
        at = top + text.height + GAP
        drawing = _pill(detail, (box.x, at), colors)
        entrance = _entrance(len(parts) + 1)
        parts.append(_Part(drawing, entrance, at - SPARE, 2 * PADDING + 2 * SPARE))
    return parts


def _above(order: FilmOrder, kind: SceneKind) -> float:
    """What the mark or the bars over a scene's text take up."""
    if kind is SceneKind.OPENING:
        return 216.0 if order.logo else 178.0
    return 64.0 if kind is SceneKind.MESSAGE else 0.0


def _mark(order: FilmOrder, at: tuple[float, float], colors: dict[str, str]) -> str:
    """The opening's mark, its corner at `at`: the logo where there is one."""
    if not order.logo:
        return mark_svg(order.business_name, at, MARK, colors)
    box = Box(at[0], at[1], COLUMNS[order.height > order.width].width, MARK)
    return logo_svg(logo_of(order.logo), (at[0], at[1] + MARK / 2), colors, box)[0]


def _fitted(text: str, field: str, box: Box, style: TextStyle) -> Fitted | None:
    if not text:
        return None
    fitted = fit(text, box, style, measure_of(Weight.BOLD, TRACKING))
    if fitted is None:
        raise DoesNotFit(
            f"{field}: its {len(text)} characters do not fit a scene at a size that can be read; "
            "shorten it"
        )
    return fitted


def _lines(
    fitted: Fitted, at: tuple[float, float], colors: dict[str, str]
) -> Iterator[tuple[str, float]]:
    """Each line as a drawing of its own, so that each can enter by itself, and its top."""
    left, top = at
    for index, line in enumerate(fitted.lines):
        corner = (left, top + index * fitted.leading * fitted.size)
        alone = replace(fitted, lines=(line,))
        yield text_svg(alone, corner, Weight.BOLD, colors["ink"], TRACKING), corner[1]


def _pill(fitted: Fitted, corner: tuple[float, float], colors: dict[str, str]) -> str:
    left, top = corner
    width = fitted.width + 2 * PADDING
    at = (left + PADDING, top + PADDING - fitted.cap * fitted.size / 2)
    return (
        f'<rect x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" height="{2 * PADDING:.2f}" '
        f'rx="{PADDING:.2f}" fill="{colors["accent"]}"/>'
    ) + text_svg(fitted, at, Weight.BOLD, colors["on_accent"], TRACKING)


def _number(number: int, at: tuple[float, float], colors: dict[str, str]) -> str:
    """A message's place in the film: one bar of the accent colour per message so far."""
    return "".join(
        f'<rect x="{at[0] + index * 86:.0f}" y="{at[1]:.2f}" width="70" height="14" rx="7" '
        f'fill="{colors["accent"]}"/>'
        for index in range(number)
    )


def _entrance(place: int) -> Motion:
    return Motion(delay_s=0.18 + place * STAGGER_S, enter_s=ENTER_S, from_y=RISE)


@lru_cache(maxsize=1)
def _looks() -> dict[str, Any]:
    looks: dict[str, Any] = json.loads((_SCENERY / "looks.json").read_text("utf-8"))
    return looks


@lru_cache(maxsize=16)
def _drawing(name: str) -> str:
    return (_SCENERY / f"{name}.svg").read_text("utf-8")
