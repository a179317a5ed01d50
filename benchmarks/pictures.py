"""CPU time of a picture of every design and size, and CPU and wall time of films of 20 s."""

import asyncio
import io
import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import structlog
from PIL import Image, ImageChops
from pydantic import BaseModel

from services.visual.child import ChildDraw, ChildShoot
from services.visual.designs import ranked
from services.visual.likeness import cropped, logo_of
from services.visual.ports import FilmOrder, PictureOrder
from services.visual.raster import prove_fonts
from services.visual.render import draw_picture
from services.visual.storyboard import Script, duration_ms, storyboard

SIZES = ((1200, 600), (1600, 900), (1080, 1080), (1080, 1350), (1080, 1920))
"""The e-mail's and the widest channel's size, and every further format."""

FILM_SIZES = ((1920, 1080), (1080, 1920))
ROUNDS = 3
FRAMES_PER_SECOND = 25
TIMEOUT_S = 1_200.0
ORDER = PictureOrder(
    channel="blog",
    width=1200,
    height=600,
    business_name="Nordlicht Energie",
    headline="Cut your heating bill by a third before winter arrives",
    primary="#1f4b99",
    accent="#f2a33a",
    support="A blower-door test finds every leak in two hours.",
    action="Book a free check",
)
SCRIPT = Script(
    business_name=ORDER.business_name,
    headline=ORDER.headline,
    messages=(
        "Most of the heat in older houses leaves through the roof, not through the windows.",
        "A blower-door test finds the leaks in two hours, and costs less than a month of gas.",
        "Grants pay up to 40% of insulation until the end of the year.",
    ),
    action=ORDER.action,
    website="https://nordlicht.example/",
)


class PictureCost(BaseModel):
    """One design at one size: the median of its rounds, and the file's size."""

    design: str
    photo: bool
    width: int
    height: int
    cpu_ms: float
    png_kib: int


class FilmCost(BaseModel):
    """One film: what its process cost, how long it took, and how large it is."""

    width: int
    height: int
    film_s: float
    cpu_s: float
    wall_s: float
    mp4_kib: int


class Reading(BaseModel):
    """Every picture, what a picture costs with its process, and films."""

    pictures: list[PictureCost]
    process_ms: float
    films: list[FilmCost]


def measure(*, quick: bool) -> Reading:
    """Each picture in this process, without start; films in processes of their own."""
    prove_fonts()
    pictures = [_picture(order, 1 if quick else ROUNDS) for order in _orders(quick=quick)]
    films = [] if quick else [asyncio.run(_film(size)) for size in FILM_SIZES]
    return Reading(pictures=pictures, process_ms=asyncio.run(_process_ms()), films=films)


def table(reading: Reading) -> str:
    """The figures as tables for docs/performance.md."""
    titles = [f"{width}x{height}" for width, height in SIZES]
    rows = ["| design, CPU ms (KiB) | " + " | ".join(titles) + " |", "| --- " * 6 + "|"]
    shown = {(c.design, c.photo, c.width, c.height): c for c in reading.pictures}
    for design, photo in dict.fromkeys((c.design, c.photo) for c in reading.pictures):
        costs = [shown.get((design, photo, *size)) for size in SIZES]
        cells = [f"{c.cpu_ms:.0f} ({c.png_kib})" if c else "" for c in costs]
        rows.append(f"| {design}{', photo' * photo} | {' | '.join(cells)} |")
    rows += ["", f"one of 1200x600 with its process: {reading.process_ms:.0f} ms", ""]
    rows += ["| film | length | CPU | wall | KiB |", "| --- | --- | --- | --- | --- |"]
    rows += [
        f"| {f.width}x{f.height} | {f.film_s:.1f} s | {f.cpu_s:.1f} s | {f.wall_s:.1f} s "
        f"| {f.mp4_kib:,} |"
        for f in reading.films
    ]
    return "\n".join(rows)


def _orders(*, quick: bool) -> Iterator[PictureOrder]:
    """An order for every design that `ranked` knows, without and with a photo, in every size."""
    sizes: Sequence[tuple[int, int]] = SIZES[:1] if quick else SIZES
    for photo in (b"", _photo()):
        for width, height in sizes:
            order = replace(ORDER, width=width, height=height, photo=photo)
            yield from (replace(order, turn=turn) for turn in range(len(ranked(order))))


def _picture(order: PictureOrder, rounds: int) -> PictureCost:
    took, png = [], b""
    for _ in range(rounds):
        cropped.cache_clear()
        logo_of.cache_clear()
        begun = time.process_time()
        png = draw_picture(order).png
        took.append((time.process_time() - begun) * 1e3)
    return PictureCost(
        design=ranked(order)[0].name,
        photo=bool(order.photo),
        width=order.width,
        height=order.height,
        cpu_ms=round(statistics.median(took), 1),
        png_kib=len(png) // 1024,
    )


async def _process_ms() -> float:
    took = []
    for _ in range(ROUNDS):
        draw, before = ChildDraw(asyncio.Semaphore(1), TIMEOUT_S), _children_s()
        await draw(ORDER)
        await draw.close()  # what a process used is counted when it has ended
        took.append((_children_s() - before) * 1e3)
    return round(statistics.median(took), 1)


async def _film(size: tuple[int, int]) -> FilmCost:
    scenes, _ = storyboard(SCRIPT, FRAMES_PER_SECOND)
    order = FilmOrder(
        width=size[0],
        height=size[1],
        frames_per_second=FRAMES_PER_SECOND,
        business_name=ORDER.business_name,
        primary=ORDER.primary,
        accent=ORDER.accent,
        scenes=scenes,
    )
    begun, before = time.monotonic(), _children_s()
    film = await ChildShoot(TIMEOUT_S)(order, structlog.get_logger())
    return FilmCost(
        width=size[0],
        height=size[1],
        film_s=duration_ms(scenes, FRAMES_PER_SECOND) / 1_000,
        cpu_s=round(_children_s() - before, 1),
        wall_s=round(time.monotonic() - begun, 1),
        mp4_kib=len(film.mp4) // 1024,
    )


def _children_s() -> float:
    """CPU seconds of the processes that this one started and that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _photo() -> bytes:
    """What a photo costs: light that changes everywhere, with grain."""
    grain = Image.effect_noise((1_600, 1_200), 12)
    light = Image.radial_gradient("L").resize(grain.size)
    shades = [ImageChops.add(light, grain, 2), grain, ImageChops.invert(light)]
    file = io.BytesIO()
    Image.merge("RGB", shades).save(file, format="JPEG", quality=90)
    return file.getvalue()
