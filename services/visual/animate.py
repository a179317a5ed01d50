"""Moving picture layers over a ground, frame by frame, with numpy; it knows no text and no film.

A frame is planes of bytes: red, green and blue, or as films store them: luma, and two of chroma
at half the size. A sprite's colours are premultiplied by its alpha (Porter and Duff, 1984).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Height x width x 3 (RGB) or x 4 (RGBA)."""

Plane = NDArray[np.uint8]
"""Height x width of one component; a view into its frame's memory."""

Real = NDArray[np.float32]
Fixed = NDArray[np.uint16]
"""Numbers from 0 to 256 in steps of 1/256, times 256 (a colour) or as parts of 256 (a weight)."""

PHASES = 4
"""Places between two pixels that a sprite may have: a slow movement in whole pixels jerks."""

CELL = 2
"""The side of the largest cell: sprites begin and end at its multiples."""


@dataclass(frozen=True, slots=True)
class Space:
    """How a pixel's red, green and blue become components, and how many pixels (`cells`, each
    way) share one value of each."""

    matrix: tuple[tuple[float, float, float], ...]
    offset: tuple[float, float, float]
    cells: tuple[int, int, int]

    def values(self, pixels: Pixels) -> tuple[Real, ...]:
        """Each component of RGB pixels, height x width."""
        channels = [pixels[:, :, at].astype(np.float32) for at in range(3)]
        found = []
        for row, offset in zip(self.matrix, self.offset, strict=True):
            component = np.full(channels[0].shape, offset, np.float32)
            for weight, channel in zip(row, channels, strict=True):
                if weight:
                    component += channel * np.float32(weight)
            found.append(component)
        return tuple(found)

    def color(self, color: tuple[int, int, int]) -> tuple[int, ...]:
        """One colour's components."""
        one = self.values(np.array([[color]], np.uint8))
        return tuple(round(float(component[0, 0])) for component in one)


RGB = Space(((1, 0, 0), (0, 1, 0), (0, 0, 1)), (0, 0, 0), (1, 1, 1))
FILM = Space(
    (
        (0.182586, 0.614231, 0.062007),
        (-0.100644, -0.338572, 0.439216),
        (0.439216, -0.398942, -0.040274),
    ),
    (16, 128, 128),
    (1, 2, 2),
)
"""Y'CbCr of ITU-R BT.709-6, 8 bits, limited range, 4:2:0."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Planes one after the other in one piece of memory."""

    data: NDArray[np.uint8]
    planes: tuple[Plane, ...]
    cells: tuple[int, int, int]

    def copy(self) -> "Frame":
        """The same picture in memory of its own."""
        data = self.data.copy()
        return Frame(data, _planes(data, self.planes[0].shape, self.cells), self.cells)

    def show(self, other: "Frame") -> None:
        """Become the same picture as `other`."""
        np.copyto(self.data, other.data)


@dataclass(frozen=True, slots=True)
class Part:
    """What a sprite adds to one plane: premultiplied colour and alpha (0..1), one value a cell."""

    color: Real
    alpha: Real
    cell: int
    moved: dict[tuple[int, int], tuple[Fixed, Fixed]] = field(default_factory=dict)
    """Colour and what it leaves of its ground, by where between two cells it is placed."""

    def between(self, right: int, down: int) -> tuple[Fixed, Fixed]:
        """The part moved by `right` and `down` parts of a cell, of PHASES * cell."""
        if (right, down) not in self.moved:
            whole = PHASES * self.cell
            color, alpha = (
                _shifted(_shifted(one, right / whole, 1), down / whole, 0)
                for one in (self.color, self.alpha)
            )
            self.moved[right, down] = _fixed(color, alpha)
        return self.moved[right, down]


@dataclass(frozen=True, slots=True)
class Sprite:
    """A layer cut to what is visible of it, by plane; `x`, `y` is where its corner rests."""

    parts: tuple[Part, ...]
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Motion:
    """How a sprite enters: after `delay_s`, in `enter_s`, from `from_x`, `from_y` pixels away.

    Then it drifts on by `drift_x`, `drift_y` pixels per second.
    """

    delay_s: float = 0.0
    enter_s: float = 0.0
    from_x: float = 0.0
    from_y: float = 0.0
    drift_x: float = 0.0
    drift_y: float = 0.0


def framed(pixels: Pixels, space: Space) -> Frame:
    """An RGB picture, whose sides are even, as a frame."""
    parts = map(_per_cell, space.values(pixels), space.cells)
    data = np.concatenate([np.rint(part).clip(0, 255).astype(np.uint8).ravel() for part in parts])
    return Frame(data, _planes(data, pixels.shape[:2], space.cells), space.cells)


def cut(layer: Pixels, at: tuple[int, int], space: Space) -> Sprite | None:
    """The visible part of an RGBA layer, whose corner is `at` (even), as a sprite; None where
    nothing is visible."""
    visible = layer[:, :, 3] > 0
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    if rows.size == 0:
        return None
    top, left = int(rows[0]) // CELL * CELL, int(columns[0]) // CELL * CELL
    part = layer[top : rows[-1] + 1, left : columns[-1] + 1]
    # An empty cell at the lower right: a sprite between two pixels reaches into it.
    spare = [(0, CELL + side % CELL) for side in part.shape[:2]]
    part = np.pad(part, (*spare, (0, 0)))
    alpha = part[:, :, 3].astype(np.float32) / np.float32(255)
    parts = tuple(
        Part(_per_cell(component * alpha, cell), _per_cell(alpha, cell), cell)
        for component, cell in zip(space.values(part[:, :, :3]), space.cells, strict=True)
    )
    return Sprite(parts, at[0] + left, at[1] + top)


def place(frame: Frame, sprite: Sprite, motion: Motion, at_s: float) -> None:
    """Draw the sprite into the frame as it is `at_s` seconds after its scene began."""
    age = at_s - motion.delay_s
    if age < 0 and motion.enter_s > 0:
        return
    share = ease(age / motion.enter_s) if motion.enter_s > 0 else 1.0
    x = sprite.x + motion.from_x * (1 - share) + motion.drift_x * at_s
    y = sprite.y + motion.from_y * (1 - share) + motion.drift_y * at_s
    at = (round(x * PHASES), round(y) * PHASES)
    for plane, part in zip(frame.planes, sprite.parts, strict=True):
        _blend(plane, part, at, share)


def wipe(frame: Frame, before: Frame, share: float, color: tuple[int, ...]) -> None:
    """Cover the right part of the frame with what was `before`; a bar of `color` between them."""
    width = frame.planes[0].shape[1]
    edge = round(ease(share) * width / CELL) * CELL
    bar = max(CELL, round(width * 0.16 * (1 - share)))
    for plane, old, value, cell in zip(
        frame.planes, before.planes, color, frame.cells, strict=True
    ):
        plane[:, edge // cell :] = old[:, edge // cell :]
        plane[:, edge // cell : (edge + bar) // cell] = value


def progress(frame: Frame, share: float, color: tuple[int, ...]) -> None:
    """A bar along the lower edge that is as long as the film has run."""
    height, width = frame.planes[0].shape
    thick = max(CELL, height // 90 // CELL * CELL)
    for plane, value, cell in zip(frame.planes, color, frame.cells, strict=True):
        plane[(height - thick) // cell :, : round(width * share / cell)] = value


def ease(share: float) -> float:
    """Fast at first, then slower: cubic ease-out over 0..1."""
    rest = 1.0 - min(max(share, 0.0), 1.0)
    return 1.0 - rest * rest * rest


def _blend(plane: Plane, part: Part, at: tuple[int, int], opacity: float) -> None:
    """`at` is where the part's corner is, in pixels times PHASES."""
    step = PHASES * part.cell
    (x, right), (y, down) = divmod(at[0], step), divmod(at[1], step)
    height, width = plane.shape
    left, top = max(x, 0), max(y, 0)
    end_x = min(x + part.alpha.shape[1], width)
    end_y = min(y + part.alpha.shape[0], height)
    if left >= end_x or top >= end_y:
        return
    rows, columns = slice(top - y, end_y - y), slice(left - x, end_x - x)
    color, kept = (one[rows, columns] for one in part.between(right, down))
    if opacity < 1.0:
        color, kept = _faded(color, kept, opacity)
    under = plane[top:end_y, left:end_x]
    mixed = under * kept
    mixed += color
    mixed >>= 8
    under[...] = mixed


def _faded(color: Fixed, kept: Fixed, opacity: float) -> tuple[Fixed, Fixed]:
    share = min(255, round(opacity * 256))
    thinner = (color.astype(np.uint32) * share) >> 8
    left = 256 - (((256 - kept) * share + 255) >> 8)
    return thinner.astype(np.uint16), left.astype(np.uint16)


def _fixed(color: Real, alpha: Real) -> tuple[Fixed, Fixed]:
    """Rounded down both: their sum over any ground stays below 2**16."""
    return (
        (color * 256 + np.float32(127)).astype(np.uint16),
        (256 - np.ceil(alpha * 256)).astype(np.uint16),
    )


def _shifted(layer: Real, by: float, axis: int) -> Real:
    """The layer moved by a part of a cell, to the right (axis 1) or down (axis 0)."""
    if by == 0:
        return layer
    moved = layer * np.float32(1 - by)
    if axis:
        moved[:, 1:] += layer[:, :-1] * np.float32(by)
    else:
        moved[1:] += layer[:-1] * np.float32(by)
    return moved


def _per_cell(values: Real, cell: int) -> Real:
    """The mean of each cell."""
    if cell == 1:
        return np.ascontiguousarray(values)
    height, width = values.shape
    cells = values.reshape(height // cell, cell, width // cell, cell)
    mean: Real = cells.mean(axis=(1, 3), dtype=np.float32)
    return mean


def _planes(
    data: NDArray[np.uint8], size: tuple[int, ...], cells: tuple[int, int, int]
) -> tuple[Plane, ...]:
    height, width = size
    found, start = [], 0
    for cell in cells:
        shape = (height // cell, width // cell)
        end = start + shape[0] * shape[1]
        found.append(data[start:end].reshape(shape))
        start = end
    return tuple(found)
