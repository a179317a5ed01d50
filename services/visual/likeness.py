"""The brand's logo and photo: decodes foreign pictures within limits, crops, backs, darkens.

It runs in the drawing process only. Every refusal names the field and what to give instead.
"""

import base64
import io
import operator
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from PIL import Image, ImageOps, UnidentifiedImageError

from services.visual.foreign_svg import NotSafe, looks_like_svg, tamed
from services.visual.palette import BLACK, WHITE, Rgb, contrast, mix, to_hex
from services.visual.ports import DoesNotFit
from services.visual.raster import rasterise

FORMATS = ("PNG", "JPEG", "WEBP")
LOGO_PIXELS_MAX = 16_000_000
PHOTO_PIXELS_MAX = 60_000_000
LOGO_SIDE_MIN, PHOTO_SIDE_MIN = 32, 320
LOGO_SIDE = 640
"""Pixels of a logo's longer side as it is kept: four times what the largest picture shows."""

SHOWS_FROM = 3.0
"""WCAG 2.2, 1.4.11: what a graphic needs of contrast to be made out."""

SHOWN_SHARE = 0.7
"""The part of a logo's pixels that must reach it on the ground; else a plate goes behind."""

SCRIM_CONTRAST = 4.6
SCRIM_MIN = 0.35
FOCUS_SIDE = 96
EDGE_FADE = 0.8
"""How much less detail at the edge of a crop counts: what matters belongs in its middle."""

CENTRE_PULL = 0.35
"""How much less the edge of a photo counts than its middle when its focal area is sought."""


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo as a data URI; `colors` are samples of its visible pixels."""

    uri: str
    aspect: float
    colors: tuple[Rgb, ...]
    opaque: bool


@dataclass(frozen=True, slots=True)
class Cropped:
    """A photo's focal area (RGB), with its channels' extremes."""

    image: Image.Image
    brightest: Rgb
    darkest: Rgb

    @property
    def uri(self) -> str:
        """The picture as a data URI."""
        return _uri(self.image, "JPEG")


@lru_cache(maxsize=4)
def logo_of(raw: bytes) -> Logo:
    """The logo, without its empty margin. Raises DoesNotFit where it cannot be drawn."""
    with _opened("logo", _png_of_svg(raw), LOGO_PIXELS_MAX, LOGO_SIDE_MIN) as image:
        picture = image.convert("RGBA")
    edge = picture.getchannel("A").getbbox()
    if edge is None:
        raise DoesNotFit("logo: it is wholly transparent; give one with something to see")
    picture = picture.crop(edge)
    picture.thumbnail((LOGO_SIDE, LOGO_SIDE), Image.Resampling.LANCZOS)
    small = picture.resize((48, 48), Image.Resampling.BOX).tobytes()
    pixels = list(zip(*(small[part::4] for part in range(4)), strict=True))
    seen = [pixel for pixel in pixels if pixel[3] > 127]
    colors = tuple((r, g, b) for r, g, b, _ in seen or pixels)
    opaque = min(small[3::4]) > 250
    aspect = picture.width / picture.height
    return Logo(_uri(picture, "PNG"), aspect, colors, opaque)


def plate_for(logo: Logo, grounds: tuple[Rgb, ...]) -> str:
    """The colour to put behind the logo, white or near black; empty where it shows without.

    An opaque logo brings its own backing.
    """
    shown = min(_shown_on(logo, ground) for ground in grounds)
    if logo.opaque or shown >= SHOWN_SHARE:
        return ""
    dark = mix(grounds[0], BLACK, 0.85)
    best = max((WHITE, dark), key=lambda plate: _shown_on(logo, plate))
    return to_hex(best) if _shown_on(logo, best) > shown else ""


@lru_cache(maxsize=4)
def cropped(raw: bytes, size: tuple[int, int], focus: tuple[float, float] = (0.5, 0.5)) -> Cropped:
    """The photo's focal area at exactly `size`: the crop with the most detail near its `focus`,
    the place (0..1 across and down) that will be seen best.

    Raises DoesNotFit where the photo cannot be drawn.
    """
    with _opened("photo", raw, PHOTO_PIXELS_MAX, PHOTO_SIDE_MIN) as image:
        image.draft("RGB", (size[0] * 2, size[1] * 2))
        upright = ImageOps.exif_transpose(image)
        picture = _flattened(upright)
    window = _focal(picture, size[0] / size[1], focus)
    part = picture.resize(size, Image.Resampling.LANCZOS, box=window, reducing_gap=3.0)
    red, green, blue = cast("tuple[tuple[int, int], ...]", part.getextrema())
    low, high = zip(red, green, blue, strict=True)
    return Cropped(part, brightest=high, darkest=low)


def scrim_for(photo: Cropped, ground: Rgb, inks: tuple[Rgb, ...]) -> float:
    """The least share of `ground` over the photo that makes every ink readable on every pixel."""
    for step in range(round(SCRIM_MIN * 100), 101):
        share = step / 100
        behind = [mix(pixel, ground, share) for pixel in (photo.brightest, photo.darkest)]
        if all(contrast(ink, back) >= SCRIM_CONTRAST for ink in inks for back in behind):
            return share
    return 1.0


def _shown_on(logo: Logo, ground: Rgb) -> float:
    reached = sum(contrast(color, ground) >= SHOWS_FROM for color in logo.colors)
    return reached / len(logo.colors)


def _png_of_svg(raw: bytes) -> bytes:
    if not looks_like_svg(raw):
        return raw
    try:
        return rasterise(tamed(raw, LOGO_SIDE))
    except (NotSafe, ValueError) as reason:
        raise DoesNotFit(f"logo: {reason}") from None


def _opened(field: str, raw: bytes, pixels_max: int, side_min: int) -> Image.Image:
    """The picture with its header read and judged, and nothing decoded yet."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(raw), formats=FORMATS)
            width, height = image.size
            if width * height > pixels_max:
                raise DoesNotFit(
                    f"{field}: its {width} x {height} pixels are more than {pixels_max:,}; give a "
                    "smaller one"
                )
            if min(width, height) < side_min:
                raise DoesNotFit(
                    f"{field}: its {width} x {height} pixels are too few to look sharp; give at "
                    f"least {side_min} each way"
                )
            image.load() if image.format != "JPEG" else None
            return image
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as reason:
        told = str(reason).split(" <")[0][:200]
        raise DoesNotFit(
            f"{field}: it cannot be decoded ({told}); give a whole {', '.join(FORMATS)} file"
        ) from None


def _flattened(image: Image.Image) -> Image.Image:
    try:
        if image.mode in ("RGBA", "LA", "P", "PA"):
            layer = image.convert("RGBA")
            sheet = Image.new("RGBA", layer.size, (255, 255, 255, 255))
            return Image.alpha_composite(sheet, layer).convert("RGB")
        return image.convert("RGB")
    except (OSError, SyntaxError) as reason:
        raise DoesNotFit(f"photo: it cannot be decoded ({reason}); give a whole file") from None


def _focal(
    picture: Image.Image, aspect: float, focus: tuple[float, float]
) -> tuple[float, float, float, float]:
    """The largest window of this aspect with the most detail in it: left, top, right, bottom."""
    width, height = picture.size
    if width / height > aspect:
        span, whole = height * aspect, float(width)
    else:
        span, whole = width / aspect, float(height)
    sideways = width / height > aspect
    place = focus[0] if sideways else focus[1]
    begin = _begin(_detail(picture, sideways=sideways), span / whole, place) * whole
    begin = min(begin, whole - span)
    if sideways:
        return (begin, 0.0, begin + span, float(height))
    return (0.0, begin, float(width), begin + span)


def _detail(picture: Image.Image, *, sideways: bool) -> list[float]:
    """How much happens in each column (or row) of the picture, less towards its ends."""
    side = FOCUS_SIDE
    small = picture.resize((side, side), Image.Resampling.BOX).convert("L")
    light = (small if sideways else small.transpose(Image.Transpose.TRANSPOSE)).tobytes()
    rows = [light[start : start + side] for start in range(0, side * side, side)]
    sums = [0] * side
    for above, row in zip((rows[0], *rows), rows, strict=False):
        beside = row[:1] + row
        for at, pixel in enumerate(row):
            sums[at] += abs(pixel - above[at]) + abs(pixel - beside[at])
    return [
        found * (1 - CENTRE_PULL * off) for found, off in zip(sums, _off(side, 0.5), strict=True)
    ]


def _begin(detail: list[float], share: float, place: float) -> float:
    """Where, in 0..1, a window as long as `share` begins so that it holds the most detail, which
    counts most at its `place` (0..1).

    Of equally good ones the most central: sums are compared after rounding.
    """
    length = max(1, round(share * len(detail)))
    weights = [1 - EDGE_FADE * off for off in _off(length, place)]
    sums = [
        round(sum(map(operator.mul, detail[begin : begin + length], weights)), 3)
        for begin in range(len(detail) - length + 1)
    ]
    middle = (len(sums) - 1) / 2
    best = max(range(len(sums)), key=lambda at: (sums[at], -abs(at - middle)))
    return best / len(detail)


def _off(length: int, place: float) -> list[float]:
    """How far each of so many points is from the `place` (0..1) among them: 1 at the far end."""
    last = max(length - 1, 1)
    far = max(place, 1 - place) * last
    return [abs(at - place * last) / far for at in range(length)]


def _uri(picture: Image.Image, kind: str) -> str:
    file = io.BytesIO()
    if kind == "PNG":
        picture.save(file, format="PNG", compress_level=3)
    else:
        picture.save(file, format="JPEG", quality=92, subsampling=0)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"
