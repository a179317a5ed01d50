"""A bar chart as SVG text, the same for the same readings; it knows no benchmark."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple
from xml.sax.saxutils import escape

from benchmarks.outcome import Spread, number

WIDTH, LABELS, RIGHT = 760, 250, 90
CHARACTER = 7
"""Pixels of a character in a wide font."""

TOP, LINE, ROW, BAR, GAP = 56, 16, 24, 14, 10
CUT = 6
COLOURS = ("#2563eb", "#94a3b8", "#d97706", "#bfdbfe")
GOAL_COLOUR, TEXT_COLOUR, PAPER = "#b91c1c", "#0f172a", "#ffffff"

Point = tuple[float, float]


class Bar(NamedTuple):
    """One bar: the median, with a whisker from the lowest to the highest reading."""

    label: str
    value: Spread
    colour: int = 0
    after: bool = False
    """Whether a gap stands before it, as where another group begins."""


class Goal(NamedTuple):
    """A line across the bars."""

    value: float
    says: str


class Axis(NamedTuple):
    """Where values stand, from `left` to as far as bars may go."""

    left: int
    most: float

    def at(self, value: float) -> float:
        """The place of a value, at the end where it is beyond."""
        return self.left + min(value / self.most, 1.0) * (WIDTH - RIGHT - self.left)


def chart(title: str, about: str, bars: Sequence[Bar], goal: Goal | None = None) -> str:
    """Horizontal bars from 0 on, with their values beside them; `about` says units and machine.

    `about` may have several lines. The axis ends at CUT times the median bar: what is longer is
    cut there, which a gap in it shows, and its value says more.
    """
    most = max([*(bar.value.high for bar in bars), goal.value if goal else 0.0])
    usual = median([bar.value.middle for bar in bars])
    most = min(most, max(CUT * usual, goal.value if goal else 0.0)) or 1.0
    left = max([LABELS, *(CHARACTER * len(bar.label) for bar in bars)])
    axis, told = Axis(left, most), about.split("\n")
    top = TOP + LINE * (len(told) - 1)
    drawn, y = [], top
    for bar in bars:
        y += GAP if bar.after else 0
        drawn += _bar(bar, y, axis)
        y += ROW
    lines = _goal(goal, (top, y), axis) if goal else []
    height = y + (26 if goal else 10)
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    style = f'font-family="system-ui, sans-serif" font-size="12" fill="{TEXT_COLOUR}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style} role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
        _text(12, 22, title, size=15, weight=600),
        *(_text(12, 40 + LINE * place, line) for place, line in enumerate(told)),
    )
    return "\n".join((*head, *drawn, *lines, "</svg>")) + "\n"


def _bar(bar: Bar, y: int, axis: Axis) -> list[str]:
    low, middle, high = (axis.at(value) for value in bar.value[:3])
    text_y, line_y = y + BAR - 3, y + BAR / 2
    size = f'width="{middle - axis.left:.1f}" height="{BAR}" rx="2"'
    found = [
        _text(axis.left - 8, text_y, bar.label, anchor="end"),
        f'<rect x="{axis.left}" y="{y}" {size} fill="{COLOURS[bar.colour]}"/>',
        _text(max(middle, high) + 6, text_y, number(bar.value.middle)),
    ]
    if bar.value.middle > axis.most:
        gap = (middle - 24, y + BAR), (middle - 16, y)
        found.append(_line(*gap, PAPER, ' stroke-width="5"'))
    if bar.value.readings > 1:
        found.append(_line((low, line_y), (high, line_y), TEXT_COLOUR))
        found += [_line((x, line_y - 4), (x, line_y + 4), TEXT_COLOUR) for x in (low, high)]
    return found


def _goal(goal: Goal, between: tuple[int, int], axis: Axis) -> list[str]:
    x, (top, bottom) = axis.at(goal.value), between
    anchor = "end" if x > WIDTH / 2 else "start"
    return [
        _line((x, top - 8), (x, bottom), GOAL_COLOUR, ' stroke-dasharray="4 3"'),
        _text(x, bottom + 16, goal.says, anchor=anchor, colour=GOAL_COLOUR),
    ]


def _line(start: Point, end: Point, colour: str, style: str = "") -> str:
    (x1, y1), (x2, y2) = start, end
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}"{style}/>'


def _text(x: float, y: float, text: str, **style: str | int) -> str:
    names = {"anchor": "text-anchor", "size": "font-size", "weight": "font-weight"}
    own = "".join(f' {names.get(name, "fill")}="{value}"' for name, value in style.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{own}>{escape(text)}</text>'
