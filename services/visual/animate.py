"""Moving picture layers over a ground, frame by frame, with numpy; it knows no text and no film.

Pixels are RGB bytes; a sprite's colours are premultiplied by its alpha (Porter and Duff, 1984).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Height x width x 3 (RGB) or x 4 (RGBA)."""


@dataclass(frozen=True, slots=True)
class Sprite:
    """A layer cut to what is visible of it; `x`, `y` is where its corner rests."""

    color: NDArray[np.float32]
    alpha: NDArray[np.float32]
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


def cut(layer: Pixels) -> Sprite | None:
    """The visible part of an RGBA layer as a sprite; None where nothing is visible."""
    visible = layer[:, :, 3] > 0
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    if rows.size == 0:
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    part = layer[top:bottom, left:right].astype(np.float32)
    # One empty column on the right: a sprite between two pixels reaches into it.
    part = np.pad(part, ((0, 0), (0, 1), (0, 0)))
    alpha = part[:, :, 3:] / np.float32(255)
    return Sprite(part[:, :, :3] * alpha, alpha, int(left), int(top))


def place(frame: Pixels, sprite: Sprite, motion: Motion, at_s: float) -> None:
    """Draw the sprite into the frame as it is `at_s` seconds after its scene began."""
    age = at_s - motion.delay_s
    if age < 0 and motion.enter_s > 0:
        return
    share = ease(age / motion.enter_s) if motion.enter_s > 0 else 1.0
    x = sprite.x + motion.from_x * (1 - share) + motion.drift_x * at_s
    y = sprite.y + motion.from_y * (1 - share) + motion.drift_y * at_s
    _blend(frame, sprite, (x, y), share)


def wipe(frame: Pixels, before: Pixels, share: float, color: tuple[int, int, int]) -> None:
    """Cover the right part of the frame with what was `before`; a bar of `color` between them."""
    width = frame.shape[1]
    edge = round(ease(share) * width)
    frame[:, edge:] = before[:, edge:]
    bar = max(2, round(width * 0.16 * (1 - share)))
    frame[:, edge : edge + bar] = color


def progress(frame: Pixels, share: float, color: tuple[int, int, int]) -> None:
    """A bar along the lower edge that is as long as the film has run."""
    height, width = frame.shape[:2]
    thick = max(2, height // 90)
    frame[height - thick :, : round(width * share)] = color


def ease(share: float) -> float:
    """Fast at first, then slower: cubic ease-out over 0..1."""
    rest = 1.0 - min(max(share, 0.0), 1.0)
    return 1.0 - rest * rest * rest


def _blend(frame: Pixels, sprite: Sprite, at: tuple[float, float], opacity: float) -> None:
    x, y = int(np.floor(at[0])), round(at[1])
    between = np.float32(at[0] - x)
    height, width = frame.shape[:2]
    left, top = max(x, 0), max(y, 0)
    right = min(x + sprite.alpha.shape[1], width)
    bottom = min(y + sprite.alpha.shape[0], height)
    if left >= right or top >= bottom:
        return
    rows, columns = slice(top - y, bottom - y), slice(left - x, right - x)
    color, alpha = sprite.color[rows, columns], sprite.alpha[rows, columns]
    if between > 0.01:
        color, alpha = _shifted(color, between), _shifted(alpha, between)
    if opacity < 1.0:
        color, alpha = color * np.float32(opacity), alpha * np.float32(opacity)
    under = frame[top:bottom, left:right]
    mixed = under * (np.float32(1) - alpha)
    mixed += color
    mixed += np.float32(0.5)
    frame[top:bottom, left:right] = mixed.astype(np.uint8)


def _shifted(layer: NDArray[np.float32], between: np.float32) -> NDArray[np.float32]:
    """The layer moved right by a part of a pixel, so that slow movement does not jerk."""
    moved = layer * (np.float32(1) - between)
    moved[:, 1:] += layer[:, :-1] * between
    return moved
