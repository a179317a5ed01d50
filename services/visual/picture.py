"""One picture as SVG: picks a template, fits the words into it, colours it; it draws no pixel.

All coordinates are in units of a 900th of the picture's height, so that a template knows no size.
"""

import hashlib
import html
import json
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from string import Template
from typing import Any

from services.visual import typeface
from services.visual.layout import Box, Fitted, Measure, TextStyle, fit, room_for
from services.visual.palette import Scheme, from_hex, luminance, palette_of
from services.visual.ports import DoesNotFit, PictureOrder
from services.visual.typeface import Weight

HEIGHT = 900.0
TRACKING = -0.014
"""Letter spacing of headlines in em: large bold letters look loose at the spacing of body text."""

SUPPORT = TextStyle(size_max=36, size_min=30, lines_max=3, leading=1.36)
BRAND = TextStyle(size_max=38, size_min=24, lines_max=2, leading=1.2)
ACTION = TextStyle(size_max=34, size_min=24, lines_max=1)
BRIGHT = 0.4
"""Relative luminance above which a colour loses its character when it is darkened to a ground."""

BRAND_HEIGHT = 76.0
SUPPORT_GAP = 44.0
SUPPORT_SHARE = 0.7
"""The part of the headline's box that the headline may take where a second text follows."""

_TEMPLATES = Path(__file__).parent / "templates"
_MARK = 60.0


@dataclass(frozen=True, slots=True)
class PictureTemplate:
    """One design: its drawing with placeholders, and where its texts go."""

    name: str
    drawing: str
    scheme: Scheme
    plan: dict[str, Any]

    @property
    def headline_style(self) -> TextStyle:
        """The sizes that the headline may have."""
        plan = self.plan["headline"]
        return TextStyle(plan["size_max"], plan["size_min"], plan["lines_max"], leading=1.1)

    def headline_box(self, width: float) -> Box:
        """Where the headline goes in a picture `width` units wide."""
        plan, left = self.plan["headline"], float(self.plan["left"])
        free = width - left - float(self.plan["right_free"])
        return Box(left, plan["top"], free, plan["bottom"] - plan["top"])


@lru_cache(maxsize=1)
def templates() -> tuple[PictureTemplate, ...]:
    """Every design in the folder, by name."""
    found = []
    for file in sorted(_TEMPLATES.glob("*.json")):
        plan = json.loads(file.read_text("utf-8"))
        drawing = file.with_suffix(".svg").read_text("utf-8")
        found.append(PictureTemplate(file.stem, drawing, Scheme(plan["scheme"]), plan))
    return tuple(found)


def ranked(order: PictureOrder) -> tuple[PictureTemplate, ...]:
    """The designs in the order to try them, decided by channel and words alone.

    Designs made for a headline of this length and for a colour this bright come first. Every
    `turn` (work sent back) begins one design further on.
    """
    words = f"{order.channel}/{order.business_name}/{order.headline}".encode()
    by_chance = sorted(templates(), key=lambda t: hashlib.sha256(words + t.name.encode()).digest())
    bright = luminance(from_hex(order.primary)) > BRIGHT

    def misfits(template: PictureTemplate) -> int:
        too_long = len(order.headline) > int(template.plan["headline_chars_max"])
        return int(too_long) + int(bright and template.scheme is Scheme.DEEP)

    apt = sorted(by_chance, key=misfits)
    turn = order.turn % len(apt)
    return (*apt[turn:], *apt[:turn])


def compose(order: PictureOrder) -> tuple[str, tuple[str, ...]]:
    """The picture's SVG and notes on what was left out.

    Raises DoesNotFit where the headline fits no design at a size that can be read.
    """
    width = HEIGHT * order.width / order.height
    choices = ranked(order)
    for template in choices:
        box = template.headline_box(width)
        measure = partial(_measured, weight=Weight.BOLD, tracking=TRACKING)
        headline = fit(order.headline, box, template.headline_style, measure)
        if headline is not None:
            return _drawn(order, template, headline)
    room = max(
        room_for(t.headline_box(width), t.headline_style, partial(_measured, weight=Weight.BOLD))
        for t in choices
    )
    raise DoesNotFit(
        f"headline: its {len(order.headline)} characters do not fit a picture of "
        f"{order.width}x{order.height} at a size that can be read; shorten it to about {room} "
        "characters, with no very long word"
    )


def text_svg(
    fitted: Fitted, at: tuple[float, float], weight: Weight, fill: str, tracking: float = 0.0
) -> str:
    """`<text>` elements for fitted lines whose first capitals begin at `at` (left, top)."""
    left, top = at
    style = "" if all(map(typeface.kerned, fitted.lines)) else ' style="font-kerning:none"'
    head = (
        f'font-family="{typeface.FAMILY}" font-weight="{weight.value}" fill="{fill}" '
        f'font-size="{fitted.size:.2f}" letter-spacing="{tracking * fitted.size:.3f}"{style}'
    )
    return "".join(
        f'<text x="{left:.2f}" y="{y:.2f}" {head}>{html.escape(line)}</text>'
        for line, y in zip(fitted.lines, fitted.baselines(top), strict=True)
    )


def filled(drawing: str, colors: dict[str, str], width: float) -> str:
    """A template's drawing with its colours and its width; `$right_190` is 190 from the right."""
    rights = {f"right_{d}": f"{width - d:.2f}" for d in (190, 675)}
    return Template(drawing).substitute(colors, width=f"{width:.2f}", **rights)


def svg(size: tuple[int, int], width: float, content: str) -> str:
    """A whole document of `size` pixels over `width` x 900 units."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
        f'viewBox="0 0 {width:.4f} {HEIGHT:.0f}">{content}</svg>'
    )


def measure_of(weight: Weight, tracking: float = 0.0) -> Measure:
    """How wide a text of this weight runs, in em."""
    return partial(_measured, weight=weight, tracking=tracking)


def _measured(text: str, weight: Weight, tracking: float = 0.0) -> float:
    return typeface.width(text, weight) + tracking * len(text)


def _drawn(
    order: PictureOrder, template: PictureTemplate, headline: Fitted
) -> tuple[str, tuple[str, ...]]:
    width = HEIGHT * order.width / order.height
    colors = palette_of(order.primary, order.accent, template.scheme).as_hex()
    box = template.headline_box(width)
    notes: list[str] = []
    parts = [filled(template.drawing, colors, width)]
    parts.append(brand_svg(order.business_name, box, template.plan["brand_y"], colors))
    parts.append(_middle(order, template, headline, colors, notes))
    if order.action:
        parts.append(_action(order.action, box, template.plan["action"], colors, notes))
    return svg((order.width, order.height), width, "".join(parts)), tuple(notes)


def brand_svg(name: str, box: Box, y: float, colors: dict[str, str]) -> str:
    """The brand's mark (its initial on the accent colour) and name, centred on `y`.

    Raises DoesNotFit where the name does not fit beside the mark.
    """
    indent = _MARK + 22
    room = Box(box.x + indent, y, box.width - indent, BRAND_HEIGHT)
    fitted = fit(name, room, BRAND, measure_of(Weight.SEMIBOLD))
    if fitted is None:
        raise DoesNotFit(
            f"business_name: its {len(name)} characters do not fit; use the short form of the name"
        )
    mark = mark_svg(name, (box.x, y - _MARK / 2), _MARK, colors)
    top = y - (fitted.cap + (len(fitted.lines) - 1) * fitted.leading) * fitted.size / 2
    return mark + text_svg(fitted, (room.x, top), Weight.SEMIBOLD, colors["ink"])


def mark_svg(name: str, at: tuple[float, float], side: float, colors: dict[str, str]) -> str:
    """A square of the accent colour with the name's first letter, its corner at `at`."""
    left, top = at
    square = (
        f'<rect x="{left:.2f}" y="{top:.2f}" width="{side}" height="{side}" '
        f'rx="{side * 0.27:.2f}" fill="{colors["accent"]}"/>'
    )
    room = Box(0, 0, side * 0.8, side)
    letter = fit(
        name[0].upper(), room, TextStyle(side * 0.57, side * 0.2, 1), measure_of(Weight.BOLD)
    )
    if letter is None:
        return square
    indent = (side - typeface.advance(letter.lines[0], Weight.BOLD) * letter.size) / 2
    drop = (side - letter.cap * letter.size) / 2
    at = (left + indent, top + drop)
    return square + text_svg(letter, at, Weight.BOLD, colors["on_accent"])


def _middle(
    order: PictureOrder,
    template: PictureTemplate,
    headline: Fitted,
    colors: dict[str, str],
    notes: list[str],
) -> str:
    """Headline and supporting text as one block, centred in the headline's box."""
    width = HEIGHT * order.width / order.height
    box = template.headline_box(width)
    support = None
    if order.support:
        upper = Box(box.x, box.y, box.width, box.height * SUPPORT_SHARE)
        smaller = fit(
            order.headline, upper, template.headline_style, measure_of(Weight.BOLD, TRACKING)
        )
        if smaller is not None:
            lower = Box(box.x, 0, box.width, box.height - smaller.height - SUPPORT_GAP)
            support = fit(order.support, lower, SUPPORT, measure_of(Weight.MEDIUM))
            headline = smaller if support is not None else headline
        if support is None:
            notes.append(f"{order.channel}: no room for the supporting text; it is left out")
    total = headline.height + (SUPPORT_GAP + support.height if support else 0.0)
    top = box.y + (box.height - total) / 2
    parts = [text_svg(headline, (box.x, top), Weight.BOLD, colors["ink"], TRACKING)]
    if support is not None:
        under = (box.x, top + headline.height + SUPPORT_GAP)
        parts.append(text_svg(support, under, Weight.MEDIUM, colors["muted"]))
    return "".join(parts)


def _action(
    text: str, box: Box, plan: dict[str, Any], colors: dict[str, str], notes: list[str]
) -> str:
    words = f"{text} →"
    y, padding = float(plan["y"]), 40.0
    pill = plan["style"] == "pill"
    room = Box(box.x, y, box.width - (2 * padding if pill else 0), 80)
    fitted = fit(words, room, ACTION, measure_of(Weight.SEMIBOLD))
    if fitted is None:
        notes.append("the call to action is too long for a picture; it is left out")
        return ""
    top = y - fitted.cap * fitted.size / 2
    true_width = typeface.advance(words, Weight.SEMIBOLD) * fitted.size
    if pill:
        return (
            f'<rect x="{box.x:.2f}" y="{y - 44:.2f}" width="{true_width + 2 * padding:.2f}" '
            f'height="88" rx="44" fill="{colors["accent"]}"/>'
        ) + text_svg(fitted, (box.x + padding, top), Weight.SEMIBOLD, colors["on_accent"])
    return (
        f'<rect x="{box.x:.2f}" y="{y + 30:.2f}" width="{true_width:.2f}" height="7" rx="3.5" '
        f'fill="{colors["accent"]}"/>'
    ) + text_svg(fitted, (box.x, top), Weight.SEMIBOLD, colors["ink"])
