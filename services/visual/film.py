"""Films a storyboard: draws each scene's layers once, moves them, encodes; the child's long task.

Every drawing is made once; a frame is only arithmetic on finished layers.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from services.visual.animate import (
    FILM,
    RGB,
    Frame,
    Motion,
    Pixels,
    Space,
    Sprite,
    cut,
    framed,
    place,
    progress,
    wipe,
)
from services.visual.designs import SHORT_SIDE
from services.visual.encode import encode, prove_encoder
from services.visual.ports import FilmOrder
from services.visual.raster import rasterise
from services.visual.scenery import Stage, stage
from services.visual.storyboard import SceneKind

WIPE_S = 0.44

Progress = Callable[..., None]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A layer as pixels, where its upper left corner is, and how it moves in pixels."""

    pixels: Pixels
    corner: tuple[int, int]
    motion: Motion


def shoot(order: FilmOrder, folder: Path, report: Progress) -> None:
    """Write `film.mp4` and `poster.png` into the folder; `report` hears of every scene.

    Raises EncoderMissing before anything is drawn, and DoesNotFit before anything is encoded.
    """
    prove_encoder()
    stages = [stage(order, scene) for scene in order.scenes]
    camera = _Camera(order, stages, folder, report)
    size = (order.width, order.height)
    encode(camera.frames(), folder / "film.mp4", size, order.frames_per_second)


class _Camera:
    """Yields the film's frames in order, all in one piece of memory; keeps the settled headline
    scene as the poster."""

    def __init__(
        self, order: FilmOrder, stages: list[Stage], folder: Path, report: Progress
    ) -> None:
        self._order = order
        self._stages = stages
        self._folder = folder
        self._report = report
        self._total = sum(scene.frames for scene in order.scenes)

    def frames(self) -> Iterator[Frame]:
        before: Frame | None = None
        done = 0
        pairs = zip(self._order.scenes, self._stages, strict=True)
        for number, (scene, scenery) in enumerate(pairs, 1):
            ground, layers = self._drawn(scenery)
            accent = FILM.color(scenery.accent)
            rest, moving = framed(ground, FILM), _sprites(layers, FILM)
            frame = rest.copy()
            for index in range(scene.frames):
                at_s = index / self._order.frames_per_second
                frame.show(rest)
                for sprite, motion in moving:
                    place(frame, sprite, motion, at_s)
                if before is not None and at_s < WIPE_S:
                    wipe(frame, before, at_s / WIPE_S, accent)
                progress(frame, (done + index + 1) / self._total, accent)
                yield frame
            before, done = frame, done + scene.frames
            if scene.kind is SceneKind.HEADLINE:
                at_s = (scene.frames - 1) / self._order.frames_per_second
                self._keep(ground, layers, at_s, (done / self._total, scenery.accent))
            self._report(
                scene=number,
                scenes=len(self._order.scenes),
                kind=scene.kind.value,
                frames=done,
                frames_total=self._total,
            )

    def _drawn(self, scenery: Stage) -> tuple[Pixels, list[_Drawn]]:
        """The scene's ground and layers as pixels, and their motions in pixels."""
        scale = min(self._order.width, self._order.height) / SHORT_SIDE
        layers = [
            _Drawn(_pixels(layer.drawing, "RGBA"), layer.corner, _scaled(layer.motion, scale))
            for layer in scenery.layers
        ]
        return _pixels(scenery.ground, "RGB"), layers

    def _keep(
        self,
        ground: Pixels,
        layers: list[_Drawn],
        at_s: float,
        bar: tuple[float, tuple[int, int, int]],
    ) -> None:
        """The scene as it is then, as the poster: from its own colours, not from the film's, of
        which four pixels share one."""
        frame = framed(ground, RGB)
        for sprite, motion in _sprites(layers, RGB):
            place(frame, sprite, motion, at_s)
        progress(frame, *bar)
        poster = Image.fromarray(np.dstack(frame.planes))
        poster.save(self._folder / "poster.png", format="PNG", optimize=False, compress_level=6)


def _sprites(layers: list[_Drawn], space: Space) -> list[tuple[Sprite, Motion]]:
    cuts = ((cut(layer.pixels, layer.corner, space), layer.motion) for layer in layers)
    return [(sprite, motion) for sprite, motion in cuts if sprite is not None]


def _scaled(motion: Motion, scale: float) -> Motion:
    return replace(
        motion,
        from_x=motion.from_x * scale,
        from_y=motion.from_y * scale,
        drift_x=motion.drift_x * scale,
        drift_y=motion.drift_y * scale,
    )


def _pixels(drawing: str, mode: str) -> Pixels:
    with Image.open(io.BytesIO(rasterise(drawing))) as image:
        return np.asarray(image.convert(mode))
