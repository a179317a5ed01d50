"""What each scene of a film looks like: its drawings, as SVG layers with how they move.

Coordinates are those of the pictures: 900 units high, here 1600 wide.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from services.visual.animate import Motion
from services.visual.designs import BRIGHT, Canvas, filled
from services.visual.designs import SHORT_SIDE as HEIGHT
from services.visual.layout import Box, Fitted, TextStyle, fit
from services.visual.lettering import TRACKING, brand_svg, mark_svg, measure_of, text_svg
from services.visual.palette import Rgb, Scheme, from_hex, luminance, palette_of
from services.visual.picture import svg
from services.visual.ports import DoesNotFit, FilmOrder
from services.visual.storyboard import Scene, SceneKind
from services.visual.typeface import Weight

WIDTH = 1600.0
FRAME = Canvas(WIDTH, HEIGHT)
LEFT = 130.0
COLUMN = 1030.0
BRAND_Y = 118.0
ENTER_S = 0.55
STAGGER_S = 0.11
WINGS = 1.3
"""How much wider than the frame shapes are drawn, so that none shows a cut edge as it drifts."""

RISE = 46.0
GAP = 48.0
PADDING = 44.0

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
    size = (order.width, order.height)

    def document(content: str) -> str:
        return svg(size, FRAME, content)

    shapes = [
        Layer(_wide(order, filled(_drawing(name), colors, FRAME)), Motion(**motion))
        for name, motion in look["shapes"]
    ]
    words = [Layer(document(part), motion) for part, motion in _words(order, scene, colors)]
    ground = document(filled(_drawing(look["ground"]), colors, FRAME))
    return Stage(ground, (*shapes, *words), from_hex(colors["accent"]))


def _wide(order: FilmOrder, content: str) -> str:
    width = round(order.width * WINGS)
    return svg((width, order.height), Canvas(width * HEIGHT / order.height, HEIGHT), content)


def _words(order: FilmOrder, scene: Scene, colors: dict[str, str]) -> list[tuple[str, Motion]]:
    box = Box(LEFT, 230, COLUMN, 520)
    parts: list[tuple[str, Motion]] = []
    kind = scene.kind
    detail = _fitted(scene.detail, "website", Box(LEFT, 0, COLUMN - 2 * PADDING, 110), DETAIL)
    spare = 2 * PADDING + GAP if detail else 0.0
    above = 178.0 if kind is SceneKind.OPENING else 64.0 if kind is SceneKind.MESSAGE else 0.0
    room = Box(box.x, box.y, box.width, box.height - spare - above)
    text = _fitted(scene.text, FIELDS[kind], room, STYLES[kind])
    assert text is not None
    top = box.y + (box.height - above - text.height - spare) / 2
    if kind is SceneKind.OPENING:
        parts.append((mark_svg(scene.text, (LEFT, top), 112, colors), _entrance(0)))
    else:
        brand_box = Box(LEFT, 0, COLUMN, HEIGHT)
        parts.append((brand_svg(order.business_name, brand_box, BRAND_Y, colors)[0], Motion()))
    if kind is SceneKind.MESSAGE:
        parts.append((_number(scene.number, top, colors), _entrance(0)))
    top += above
    for place, line in enumerate(_lines(text, top, colors), 1):
        parts.append((line, _entrance(place)))
    if detail is not None:
        drawing = _pill(detail, top + text.height + GAP, colors)
        parts.append((drawing, _entrance(len(parts) + 1)))
    return parts


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


def _lines(fitted: Fitted, top: float, colors: dict[str, str]) -> list[str]:
    """Each line as a drawing of its own, so that each can enter by itself."""
    step = fitted.leading * fitted.size
    return [
        text_svg(
            Fitted((line,), fitted.size, fitted.leading, fitted.cap, fitted.width, fitted.height),
            (LEFT, top + index * step),
            Weight.BOLD,
            colors["ink"],
            TRACKING,
        )
        for index, line in enumerate(fitted.lines)
    ]


def _pill(fitted: Fitted, top: float, colors: dict[str, str]) -> str:
    width = fitted.width + 2 * PADDING
    at = (LEFT + PADDING, top + PADDING - fitted.cap * fitted.size / 2)
    return (
        f'<rect x="{LEFT:.2f}" y="{top:.2f}" width="{width:.2f}" height="{2 * PADDING:.2f}" '
        f'rx="{PADDING:.2f}" fill="{colors["accent"]}"/>'
    ) + text_svg(fitted, at, Weight.BOLD, colors["on_accent"], TRACKING)


def _number(number: int, top: float, colors: dict[str, str]) -> str:
    """A message's place in the film: one bar of the accent colour per message so far."""
    return "".join(
        f'<rect x="{LEFT + index * 86:.0f}" y="{top:.2f}" width="70" height="14" rx="7" '
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
