"""What each scene of a film looks like: its drawings, as SVG layers with how they move.

Coordinates are those of the pictures: 900 units high and 1600 wide, or upright the other way.
"""

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from services.visual.animate import Motion
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
from services.visual.picture import svg
from services.visual.ports import DoesNotFit, FilmOrder
from services.visual.storyboard import Scene, SceneKind
from services.visual.typeface import Weight

WIDE, UPRIGHT = Canvas(1600.0, 900.0), Canvas(900.0, 1600.0)
ENTER_S = 0.55
STAGGER_S = 0.11
WINGS = 1.3
"""How much wider than the frame shapes are drawn, so that none shows a cut edge as it drifts."""

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
    """One drawing over the ground, and how it moves (in units of the picture's 900)."""

    drawing: str
    motion: Motion


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
    size, canvas = (order.width, order.height), _canvas(order)

    def document(content: str) -> str:
        return svg(size, canvas, content)

    shapes = [
        _shape(order, filled(_drawing(name), colors, WIDE), Motion(**motion))
        for name, motion in look["shapes"]
    ]
    words = [Layer(document(part), motion) for part, motion in _words(order, scene, colors)]
    ground = document(_ground(order, scene, look["ground"], colors))
    return Stage(ground, (*shapes, *words), from_hex(colors["accent"]))


def _canvas(order: FilmOrder) -> Canvas:
    return UPRIGHT if order.height > order.width else WIDE


def _ground(order: FilmOrder, scene: Scene, name: str, colors: dict[str, str]) -> str:
    """The scene's flat ground; the headline's is the photo under a scrim, where there is one."""
    canvas = _canvas(order)
    if not order.photo or scene.kind is not SceneKind.HEADLINE:
        return filled(_drawing(name), colors, canvas)
    photo = cropped(order.photo, (order.width, order.height))
    share = scrim_for(photo, from_hex(colors["ground"]), (from_hex(colors["ink"]),))
    whole = Box(0, 0, canvas.width, canvas.height)
    return image_svg(photo.uri, whole) + (
        f'<rect width="{canvas.width:.2f}" height="{canvas.height:.2f}" '
        f'fill="{colors["ground"]}" fill-opacity="{share:.3f}"/>'
    )


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


def _words(order: FilmOrder, scene: Scene, colors: dict[str, str]) -> list[tuple[str, Motion]]:
    column = COLUMNS[order.height > order.width]
    box = Box(column.left, column.top, column.width, column.height)
    parts: list[tuple[str, Motion]] = []
    kind = scene.kind
    detail = _fitted(scene.detail, "website", Box(0, 0, box.width - 2 * PADDING, 110), DETAIL)
    spare = 2 * PADDING + GAP if detail else 0.0
    above = _above(order, kind)
    room = Box(box.x, box.y, box.width, box.height - spare - above)
    text = _fitted(scene.text, FIELDS[kind], room, STYLES[kind])
    assert text is not None
    top = box.y + (box.height - above - text.height - spare) / 2
    if kind is SceneKind.OPENING:
        parts.append((_mark(order, (box.x, top), colors), _entrance(0)))
    else:
        logo = logo_of(order.logo) if order.logo else None
        brand, _ = brand_svg(order.business_name, box, column.brand_y, colors, logo)
        parts.append((brand, Motion()))
    if kind is SceneKind.MESSAGE:
        parts.append((_number(scene.number, (box.x, top), colors), _entrance(0)))
    top += above
    for place, line in enumerate(_lines(text, (box.x, top), colors), 1):
        parts.append((line, _entrance(place)))
    if detail is not None:
        drawing = _pill(detail, (box.x, top + text.height + GAP), colors)
        parts.append((drawing, _entrance(len(parts) + 1)))
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


def _lines(fitted: Fitted, at: tuple[float, float], colors: dict[str, str]) -> list[str]:
    """Each line as a drawing of its own, so that each can enter by itself."""
    left, top = at
    step = fitted.leading * fitted.size
    return [
        text_svg(
            Fitted((line,), fitted.size, fitted.leading, fitted.cap, fitted.width, fitted.height),
            (left, top + index * step),
            Weight.BOLD,
            colors["ink"],
            TRACKING,
        )
        for index, line in enumerate(fitted.lines)
    ]


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
