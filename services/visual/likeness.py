"""The brand's logo and photo: decodes foreign pictures within limits, crops, backs, darkens.

It runs in the drawing process only. Every refusal names the field and what to give instead.
"""

import base64
import io
import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
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
    """A photo's focal area as a data URI, with its channels' extremes."""

    uri: str
    brightest: Rgb
    darkest: Rgb


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
    small = np.asarray(picture.resize((48, 48), Image.Resampling.BOX)).reshape(-1, 4)
    seen = small[small[:, 3] > 127]
    colors = tuple((int(r), int(g), int(b)) for r, g, b in (seen if len(seen) else small)[:, :3])
    opaque = bool((small[:, 3] > 250).all())
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
def cropped(raw: bytes, size: tuple[int, int]) -> Cropped:
    """The photo's focal area at exactly `size`: the crop with the most detail near the middle.

    Raises DoesNotFit where the photo cannot be drawn.
    """
    with _opened("photo", raw, PHOTO_PIXELS_MAX, PHOTO_SIDE_MIN) as image:
        image.draft("RGB", (size[0] * 2, size[1] * 2))
        upright = ImageOps.exif_transpose(image)
        picture = _flattened(upright)
    window = _focal(picture, size[0] / size[1])
    part = picture.resize(size, Image.Resampling.LANCZOS, box=window, reducing_gap=3.0)
    pixels = np.asarray(part).reshape(-1, 3)
    high, low = pixels.max(axis=0), pixels.min(axis=0)
    return Cropped(
        _uri(part, "JPEG"),
        (int(high[0]), int(high[1]), int(high[2])),
        (int(low[0]), int(low[1]), int(low[2])),
    )


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


def _focal(picture: Image.Image, aspect: float) -> tuple[float, float, float, float]:
    """The largest window of this aspect with the most detail in it: left, top, right, bottom."""
    width, height = picture.size
    if width / height > aspect:
        span, whole = height * aspect, float(width)
    else:
        span, whole = width / aspect, float(height)
    sideways = width / height > aspect
    begin = _begin(_detail(picture, sideways=sideways), span / whole) * whole
    begin = min(begin, whole - span)
    if sideways:
        return (begin, 0.0, begin + span, float(height))
    return (0.0, begin, float(width), begin + span)


def _detail(picture: Image.Image, *, sideways: bool) -> NDArray[np.float64]:
    """How much happens in each column (or row) of the picture, less towards its ends."""
    small = picture.resize((FOCUS_SIDE, FOCUS_SIDE), Image.Resampling.BOX).convert("L")
    light = np.asarray(small, dtype=np.float64)
    edges = np.abs(np.diff(light, axis=0, prepend=light[:1]))
    edges += np.abs(np.diff(light, axis=1, prepend=light[:, :1]))
    along = edges.sum(axis=0 if sideways else 1)
    off = np.abs(np.linspace(-1, 1, FOCUS_SIDE))
    pulled: NDArray[np.float64] = along * (1 - CENTRE_PULL * off) + 1e-6
    return pulled


def _begin(detail: NDArray[np.float64], share: float) -> float:
    """Where, in 0..1, a window as long as `share` begins so that it holds the most detail.

    Of equally good ones the most central: sums are compared after rounding.
    """
    length = max(1, round(share * len(detail)))
    sums = np.convolve(
        detail, 1 - EDGE_FADE * np.abs(np.linspace(-1, 1, length)), mode="valid"
    ).round(3)
    middle = (len(sums) - 1) / 2
    best = max(range(len(sums)), key=lambda at: (sums[at], -abs(at - middle)))
    return best / len(detail)


def _uri(picture: Image.Image, kind: str) -> str:
    file = io.BytesIO()
    if kind == "PNG":
        picture.save(file, format="PNG", compress_level=3)
    else:
        picture.save(file, format="JPEG", quality=92, subsampling=0)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"
