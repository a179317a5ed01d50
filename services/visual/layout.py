"""Text into boxes: wraps and sizes it so that nothing overflows; it knows no font, only widths."""

import re
from collections.abc import Callable
from dataclasses import dataclass

Measure = Callable[[str], float]
"""The width of a text in em (multiply by the size), never less than what will be drawn."""

_BREAK = re.compile(r"(?<=\w[-/])(?=\w)")
_BALANCE_STEPS = 12


@dataclass(frozen=True, slots=True)
class Box:
    """Where a text may be: left, top, width and height in the picture's own units."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a text may be set: the sizes to try from large to small, and the most lines.

    `leading` is the distance of two baselines and `cap` the height of a capital, both in em.
    """

    size_max: float
    size_min: float
    lines_max: int
    leading: float = 1.14
    cap: float = 0.73
    step: float = 2.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text that fits: its lines from top to bottom, its size, and what it takes up.

    `height` reaches from the top of the first line's capitals to below the last line's descenders.
    """

    lines: tuple[str, ...]
    size: float
    leading: float
    cap: float
    width: float
    height: float

    def baselines(self, top: float) -> tuple[float, ...]:
        """Each line's baseline where the first line's capitals begin at `top`."""
        first = top + self.cap * self.size
        return tuple(first + index * self.leading * self.size for index in range(len(self.lines)))


def fit(text: str, box: Box, style: TextStyle, measure: Measure) -> Fitted | None:
    """The text at the largest size that fits the box, or None where even the smallest does not."""
    size = style.size_max
    while size >= style.size_min:
        fitted = _at_size(text, box, style, size, measure)
        if fitted is not None:
            return fitted
        size -= style.step
    return None


def room_for(box: Box, style: TextStyle, measure: Measure) -> int:
    """About how many characters of running text the box holds at the smallest size."""
    sample = "the quick brown fox jumps over a lazy dog "
    per_line = box.width / (measure(sample) / len(sample) * style.size_min)
    lines = min(style.lines_max, _lines_in(box.height, style, style.size_min))
    return max(0, int(per_line * 0.9) * lines)


def wrap(text: str, width: float, measure: Measure) -> tuple[str, ...] | None:
    """Lines no wider than `width` (em), broken at spaces and after hyphens; None where a word is
    wider than a line."""
    lines: list[str] = []
    line = ""
    for piece, glue in _pieces(text):
        longer = line + glue + piece if line else piece
        if line and measure(longer) > width:
            lines.append(line)
            longer = piece
        if measure(longer) > width:
            return None
        line = longer
    return (*lines, line) if line else None


def balanced(text: str, width: float, measure: Measure) -> tuple[str, ...] | None:
    """`wrap` with the same number of lines, made as even as they can be."""
    lines = wrap(text, width, measure)
    if lines is None or len(lines) == 1:
        return lines
    low, high = width / 2, width
    for _ in range(_BALANCE_STEPS):
        middle = (low + high) / 2
        tighter = wrap(text, middle, measure)
        if tighter is not None and len(tighter) == len(lines):
            lines, high = tighter, middle
        else:
            low = middle
    return lines


def _at_size(text: str, box: Box, style: TextStyle, size: float, measure: Measure) -> Fitted | None:
    lines = balanced(text, box.width / size, measure)
    if lines is None or len(lines) > min(style.lines_max, _lines_in(box.height, style, size)):
        return None
    return Fitted(
        lines=lines,
        size=size,
        leading=style.leading,
        cap=style.cap,
        width=max(measure(line) for line in lines) * size,
        height=_height(len(lines), style, size),
    )


def _height(lines: int, style: TextStyle, size: float) -> float:
    descender = 0.25
    return (style.cap + (lines - 1) * style.leading + descender) * size


def _lines_in(height: float, style: TextStyle, size: float) -> int:
    lines = 0
    while _height(lines + 1, style, size) <= height:
        lines += 1
    return lines


def _pieces(text: str) -> list[tuple[str, str]]:
    return [
        (piece, " " if index == 0 else "")
        for word in text.split()
        for index, piece in enumerate(_BREAK.split(word))
    ]
