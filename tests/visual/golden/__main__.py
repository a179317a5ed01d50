"""`python -m tests.visual.golden` draws the kept pictures anew: look at each before you commit it.

Every design is kept wide and upright, without and with a photo: smaller than it is made, and in
few colours, as what they are compared by needs no more.
"""

import io
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from services.visual.designs import ranked
from services.visual.picture import Drawing, compose
from services.visual.ports import PictureOrder
from services.visual.render import png_of

FOLDER = Path(__file__).resolve().parent
COLORS = 256
BLOCK = 8
MEAN_MAX, WORST_MAX = 1.2, 8.0
"""Levels (of 255) by which a kept picture and a new one may differ, by the blocks' mean colours."""

LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><path d="M32 4 58 18V46L32 60 '
    b'6 46V18Z" fill="#0f6b57"/><path d="M32 16 46 24V40L32 48 18 40V24Z" fill="#ffd9a0"/></svg>'
)
WIDE = PictureOrder(
    channel="email",
    width=1200,
    height=600,
    business_name="Nordlicht Energie",
    headline="Cut your heating bill by a third before winter arrives",
    primary="#1f4b99",
    accent="#f2a33a",
    action="Book a free check",
)
STORY = PictureOrder(
    channel="story",
    width=1080,
    height=1920,
    business_name="Café Araña",
    headline="¿Tu café sabe a viernes? Tostado cada semana",
    primary="#0f6b57",
    accent="#ff7a59",
    support="El paquete lleva la fecha de tueste, no la de caducidad.",
    action="Prueba un paquete",
)


class Case(NamedTuple):
    """One kept picture: its name, what it is drawn from, and how much smaller it is kept."""

    name: str
    order: PictureOrder
    smaller: int


class Difference(NamedTuple):
    """How far two pictures are apart, in levels: on average, at worst, and where that is."""

    mean: float
    worst: float
    where: tuple[int, int]

    @property
    def seen(self) -> bool:
        """True where a person would call them different."""
        return self.mean > MEAN_MAX or self.worst > WORST_MAX


def cases() -> Iterator[Case]:
    """Every design of each kind of order."""
    photo = landscape()
    kinds = {
        "wide": (WIDE, 2),
        "story": (STORY, 3),
        "square": (replace(WIDE, channel="square", width=1080, height=1080), 3),
        "wide-photo": (replace(WIDE, width=1600, height=900, photo=photo), 3),
        "story-photo": (replace(STORY, photo=photo, logo=LOGO), 3),
    }
    for kind, (order, smaller) in kinds.items():
        for turn in range(len(ranked(order))):
            turned = replace(order, turn=turn)
            yield Case(f"{ranked(turned)[0].name}-{kind}", turned, smaller)


def picture_of(drawing: Drawing, smaller: int) -> Image.Image:
    """The drawing as a picture, so many times smaller."""
    with Image.open(io.BytesIO(png_of(drawing))) as image:
        return image.convert("RGB").reduce(smaller)


def difference(kept: Image.Image, new: Image.Image) -> Difference:
    """Compares the mean colours of blocks of BLOCK pixels each way."""
    assert kept.size == new.size
    one, other = (np.asarray(image.convert("RGB").reduce(BLOCK), float) for image in (kept, new))
    apart = np.abs(one - other).max(axis=2)
    row, column = np.unravel_index(int(apart.argmax()), apart.shape)
    where = (int(column) * BLOCK, int(row) * BLOCK)
    return Difference(float(apart.mean()), float(apart.max()), where)


def landscape() -> bytes:
    """A photo of nowhere: sky, hills, a house on the right that the crop has to keep."""
    width, height = 1_500, 1_000
    light = Image.linear_gradient("L").resize((width, height))
    sky, haze = (Image.new("RGB", light.size, color) for color in ("#7fb2dd", "#f6dcb4"))
    image = Image.composite(haze, sky, light)
    draw = ImageDraw.Draw(image)
    for hill, color in enumerate(("#8fa9a0", "#6f9080", "#4d7560", "#2f5a44")):
        ridge = [
            (x, height * (0.5 + 0.11 * hill) - 60 * math.sin(x / (230 + 70 * hill) + 2 * hill))
            for x in range(0, width + 1, 10)
        ]
        draw.polygon([(0, height), *ridge, (width, height)], fill=color)
    draw.rectangle((980, 520, 1230, 720), fill="#efe6d2")
    draw.polygon([(950, 525), (1105, 410), (1260, 525)], fill="#a8442f")
    for left in (1010, 1085, 1160):
        draw.rectangle((left, 570, left + 40, 630), fill="#38506b")
    file = io.BytesIO()
    image.save(file, format="JPEG", quality=92)
    return file.getvalue()


def main() -> None:
    """Write every case whose kept picture is missing or differs; print which."""
    for case in cases():
        path = FOLDER / f"{case.name}.png"
        new = picture_of(compose(case.order), case.smaller)
        if path.exists():
            with Image.open(path) as kept:
                if kept.size == new.size and not difference(kept, new).seen:
                    continue
        _few_colors(new).save(path, format="PNG", optimize=True)
        print(f"drawn: {path.name}")


def _few_colors(picture: Image.Image) -> Image.Image:
    """The picture in COLORS colours; dithered, so that a block's mean colour stays what it was."""
    sample = picture.quantize(COLORS, Image.Quantize.MEDIANCUT, kmeans=1)
    return picture.quantize(palette=sample, dither=Image.Dither.FLOYDSTEINBERG)


if __name__ == "__main__":
    main()
