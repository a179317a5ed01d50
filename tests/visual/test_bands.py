"""Bands and veils: the colours of a gradient, with no ground between them."""

import io

import numpy as np
import pytest
from PIL import Image

from services.visual.bands import Veil, bands, veil
from services.visual.palette import Rgb, mix
from services.visual.raster import rasterise

WIDTH, HEIGHT = 40, 300


def pixels(content: str, scale: float = 1.0) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
    size = f'width="{round(WIDTH * scale)}" height="{round(HEIGHT * scale)}"'
    document = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {HEIGHT}">'
    with Image.open(io.BytesIO(rasterise(f"{document}{content}</svg>"))) as image:
        return np.asarray(image.convert("RGBA")).astype(np.int16)


@pytest.mark.parametrize("last", [(9, 23, 46), (31, 75, 153), (255, 255, 255), (31, 75, 150)])
@pytest.mark.parametrize("scale", [1.0, 2 / 3, 1.2])
def test_bands_are_the_gradient_in_whole_colours(last: Rgb, scale: float) -> None:
    first = (31, 75, 153)
    drawn = pixels(bands(WIDTH, HEIGHT, first, last), scale)
    assert (drawn[:, :, 3] == 255).all(), "the ground shows between two bands"
    assert (drawn == drawn[:, :1]).all(), "bands are level"
    rows = len(drawn)
    for row in range(0, rows, 7):
        wanted = mix(first, last, (row + 0.5) / rows)
        assert np.abs(drawn[row, 0, :3] - wanted).max() <= 1


@pytest.mark.parametrize("down", [True, False])
def test_a_veil_thins_out_and_never_doubles(*, down: bool) -> None:
    drawn = pixels(veil(WIDTH, HEIGHT, (0, 0, 0), Veil(0.6, 0.1, 0.5, 0.8, down=down)))
    shares = drawn[:, 0, 3] if down else drawn[0, :, 3]
    assert abs(int(shares[0]) - 153) <= 1
    assert abs(int(shares[-1]) - 26) <= 1
    assert (np.diff(shares) <= 0).all()
