"""A ground that goes from one colour into another, as flat bands: one for each colour on the way.

The rasteriser works a gradient out for every pixel, which costs more than all the rest of a
picture. With 8 bits a channel a gradient between two near colours has only so many steps, and
drawn as so many flat shapes it looks the same.
"""

from dataclasses import dataclass
from itertools import pairwise

from services.visual.palette import Rgb, mix, to_hex

LAP = 2.0
"""Units by which bands overlap."""


VEIL_STEPS = 60


@dataclass(frozen=True, slots=True)
class Veil:
    """How a veil thins out, from left to right or `down`: its share of a colour is `strong` until
    `end`, and `weak` from `fade` on (both parts of the way)."""

    strong: float
    weak: float
    end: float
    fade: float
    down: bool


def bands(width: float, height: float, first: Rgb, last: Rgb) -> str:
    """Shapes that cover the area: `first` along its upper edge, `last` along its lower one.

    They are level, as then each line of a picture repeats the one above it, and a PNG of it is
    made in half the time and is a fifth as long.
    """
    ends = [0.0, *(mark * height for mark in _changes(first, last)), height]
    shapes = []
    for begin, end in pairwise(ends):
        color = to_hex(mix(first, last, (begin + end) / 2 / height))
        # Each reaches under the next one: so no ground shows between two.
        path = f"M0 {begin:.2f}H{width:.2f}V{end + LAP:.2f}H0Z"
        shapes.append(f'<path d="{path}" fill="{color}"/>')
    return f'<g shape-rendering="crispEdges">{"".join(shapes)}</g>'


def veil(width: float, height: float, color: Rgb, way: Veil) -> str:
    """Shapes of one colour over the area, of which ever more of what is behind shows through."""
    long = height if way.down else width
    parts = [step / VEIL_STEPS for step in range(VEIL_STEPS + 1)]
    steps = [way.end + (way.fade - way.end) * part for part in parts]
    shares = [way.strong + (way.weak - way.strong) * part for part in parts[1:]]
    spans = zip(pairwise([0.0, *steps, 1.0]), (way.strong, *shares, way.weak), strict=True)
    shapes = []
    for (begin, end), share in spans:
        at, until = f"{begin * long:.2f}", f"{end * long:.2f}"
        path = f"M0 {at}H{width:.2f}V{until}H0Z" if way.down else f"M{at} 0V{height:.2f}H{until}V0Z"
        shapes.append(f'<path d="{path}" fill-opacity="{share:.3f}"/>')
    head = f'<g fill="{to_hex(color)}" shape-rendering="crispEdges">'
    return f"{head}{''.join(shapes)}</g>"


def _changes(first: Rgb, last: Rgb) -> list[float]:
    """Where on the way, in 0..1, a channel goes on to its next whole value."""
    return sorted(
        {
            (value + 0.5 - begin) / (end - begin)
            for begin, end in zip(first, last, strict=True)
            for value in range(min(begin, end), max(begin, end))
        }
    )
