"""Letters and marks as SVG: lines of text, the brand's mark or logo, the call to action."""

import html
from functools import partial

from services.visual import typeface
from services.visual.layout import Box, Fitted, Measure, TextStyle, fit
from services.visual.likeness import Logo, plate_for
from services.visual.palette import from_hex
from services.visual.ports import DoesNotFit
from services.visual.typeface import Weight

TRACKING = -0.014
"""Letter spacing of headlines in em: large bold letters look loose at the spacing of body text."""

BRAND = TextStyle(size_max=38, size_min=24, lines_max=2, leading=1.2)
ACTION = TextStyle(size_max=34, size_min=24, lines_max=1)
BRAND_HEIGHT = 76.0
LOGO_HEIGHT, LOGO_WIDTH_MAX = 74.0, 330.0
WORDMARK_FROM = 2.2
"""Width by height from which a logo is taken to spell the name itself."""

CLEAR = 0.25
"""Free space round a logo on a plate, as a part of its height."""

_MARK = 60.0


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


def measure_of(weight: Weight, tracking: float = 0.0) -> Measure:
    """How wide a text of this weight runs, in em."""
    return partial(_measured, weight=weight, tracking=tracking)


def _measured(text: str, weight: Weight, tracking: float = 0.0) -> float:
    return typeface.width(text, weight) + tracking * len(text)


def brand_svg(
    name: str, box: Box, y: float, colors: dict[str, str], logo: Logo | None = None
) -> tuple[str, float]:
    """The brand's logo or mark with its name, centred on `y`, and the name's size (0 where the
    logo spells it).

    Raises DoesNotFit where the name does not fit beside the mark.
    """
    mark, indent = "", _MARK
    if logo:
        most = Box(0, 0, LOGO_WIDTH_MAX, LOGO_HEIGHT)
        mark, indent = logo_svg(logo, (box.x, y), colors, most)
    if logo and logo.aspect >= WORDMARK_FROM:
        return mark, 0.0
    indent += 22
    room = Box(box.x + indent, y, box.width - indent, BRAND_HEIGHT)
    fitted = fit(name, room, BRAND, measure_of(Weight.SEMIBOLD))
    if fitted is None:
        raise DoesNotFit(
            f"business_name: its {len(name)} characters do not fit; use the short form of the name"
        )
    mark = mark or mark_svg(name, (box.x, y - _MARK / 2), _MARK, colors)
    top = y - (fitted.cap + (len(fitted.lines) - 1) * fitted.leading) * fitted.size / 2
    words = text_svg(fitted, (room.x, top), Weight.SEMIBOLD, colors["ink"])
    return mark + words, fitted.size


def logo_svg(
    logo: Logo, at: tuple[float, float], colors: dict[str, str], most: Box
) -> tuple[str, float]:
    """The logo from `at` (left, centre line) on, at `most` so large, and the width it takes up.

    On a plate of its own where too little of it would show on the ground.
    """
    left, y = at
    plate = plate_for(logo, (from_hex(colors["ground"]), from_hex(colors["ground_far"])))
    height = min(most.height, most.width / logo.aspect)
    width = height * logo.aspect
    backing, pad = "", 0.0
    if plate:
        pad = CLEAR * height
        backing = (
            f'<rect x="{left:.2f}" y="{y - height / 2 - pad:.2f}" width="{width + 2 * pad:.2f}" '
            f'height="{height + 2 * pad:.2f}" rx="{pad:.2f}" fill="{plate}"/>'
        )
    image = image_svg(logo.uri, Box(left + pad, y - height / 2, width, height))
    return backing + image, width + 2 * pad


def image_svg(uri: str, box: Box) -> str:
    """A picture that fills the box exactly."""
    return (
        f'<image x="{box.x:.2f}" y="{box.y:.2f}" width="{box.width:.2f}" '
        f'height="{box.height:.2f}" preserveAspectRatio="none" href="{uri}"/>'
    )


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


def action_svg(
    text: str, box: Box, y: float, colors: dict[str, str], *, pill: bool
) -> tuple[str, float] | None:
    """The call to action, centred on `y`, and its size; None where it does not fit the box."""
    words, padding = f"{text} →", 40.0
    room = Box(box.x, y, box.width - (2 * padding if pill else 0), 80)
    fitted = fit(words, room, ACTION, measure_of(Weight.SEMIBOLD))
    if fitted is None:
        return None
    top = y - fitted.cap * fitted.size / 2
    true_width = typeface.advance(words, Weight.SEMIBOLD) * fitted.size
    if pill:
        shape = (
            f'<rect x="{box.x:.2f}" y="{y - 44:.2f}" width="{true_width + 2 * padding:.2f}" '
            f'height="88" rx="44" fill="{colors["accent"]}"/>'
        )
        at, ink = (box.x + padding, top), colors["on_accent"]
    else:
        shape = (
            f'<rect x="{box.x:.2f}" y="{y + 30:.2f}" width="{true_width:.2f}" height="7" rx="3.5" '
            f'fill="{colors["accent"]}"/>'
        )
        at, ink = (box.x, top), colors["ink"]
    return shape + text_svg(fitted, at, Weight.SEMIBOLD, ink), fitted.size
