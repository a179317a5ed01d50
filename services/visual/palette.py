"""Readable colours from two brand colours, with WCAG 2.2 contrast; it knows no picture.

Formulas: relative luminance and contrast ratio as defined by WCAG 2.2
(https://www.w3.org/TR/WCAG22/#dfn-relative-luminance).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

Rgb = tuple[int, int, int]

TEXT_CONTRAST_MIN = 4.5
"""WCAG 2.2, success criterion 1.4.3 (AA), for text of any size."""

INK_CONTRAST_MIN = 7.0
"""What headlines get: 1.4.6 (AAA), wherever the scheme leaves the choice."""

SHAPE_CONTRAST_MIN = 1.25
"""Decoration needs no ratio by WCAG; below this it cannot be told from its ground."""

WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
_STEPS = 50


class Scheme(StrEnum):
    """How the brand's primary colour is used as ground."""

    DEEP = "deep"
    VIVID = "vivid"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by role. Text roles: `ink`, `muted`, `on_accent`, `on_panel`; the rest are grounds.

    `ink` and `muted` are readable on `ground`, `ground_far` and `tint`; `on_accent` on `accent`;
    `on_panel` on `panel`.
    """

    ground: Rgb
    ground_far: Rgb
    tint: Rgb
    lift: Rgb
    ink: Rgb
    muted: Rgb
    accent: Rgb
    accent_soft: Rgb
    on_accent: Rgb
    panel: Rgb
    on_panel: Rgb

    def as_hex(self) -> dict[str, str]:
        """Every role as `#rrggbb`, for a template's placeholders."""
        return {role: to_hex(getattr(self, role)) for role in self.__slots__}


def from_hex(color: str) -> Rgb:
    """The colour that `#rrggbb` names. Raises ValueError for anything else."""
    if len(color) != 7 or color[0] != "#":
        raise ValueError(f"{color!r} is no colour of the form #rrggbb")
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def to_hex(color: Rgb) -> str:
    """`#rrggbb` in lower case."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def luminance(color: Rgb) -> float:
    """Relative luminance: 0 for black, 1 for white."""
    red, green, blue = (_linear(part / 255) for part in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast ratio, 1 (the same) to 21 (black on white)."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """`one` with `share` (0..1) of `other` in it, per sRGB channel."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def readable(wanted: Rgb, grounds: Iterable[Rgb], ratio: float = TEXT_CONTRAST_MIN) -> Rgb:
    """The colour nearest to `wanted`, mixed with white or black, that reaches `ratio` on all.

    Where no mixture does, the better of white and black.
    """
    on = tuple(grounds)
    for step in range(_STEPS + 1):
        for end in (WHITE, BLACK):
            candidate = mix(wanted, end, step / _STEPS)
            if _worst(candidate, on) >= ratio:
                return candidate
    return max((WHITE, BLACK), key=lambda end: _worst(end, on))


def palette_of(primary: str, accent: str, scheme: Scheme) -> Palette:
    """The brand's colours (`#rrggbb`) as roles of one scheme."""
    main, second = from_hex(primary), from_hex(accent)
    if scheme is Scheme.LIGHT:
        return _light(main, second)
    return _deep(main, second) if scheme is Scheme.DEEP else _vivid(main, second)


def _deep(main: Rgb, second: Rgb) -> Palette:
    ground = _until(main, BLACK, lambda color: contrast(WHITE, mix(color, WHITE, 0.10)) >= 8.0)
    grounds = (ground, mix(ground, BLACK, 0.42), mix(ground, WHITE, 0.10))
    return _complete(grounds, WHITE, second, panel=mix(ground, WHITE, 0.16))


def _vivid(main: Rgb, second: Rgb) -> Palette:
    dark = mix(main, BLACK, 0.88)
    ink = WHITE if contrast(WHITE, main) >= contrast(dark, main) * 0.75 else dark
    away = BLACK if ink == WHITE else WHITE

    def bearable(color: Rgb) -> bool:
        return min(contrast(ink, ground) for ground in _vivid_grounds(color, away)) >= 5.2

    grounds = _vivid_grounds(_until(main, away, bearable), away)
    return _complete(grounds, ink, second, panel=mix(grounds[0], ink, 0.86))


def _vivid_grounds(color: Rgb, away: Rgb) -> tuple[Rgb, Rgb, Rgb]:
    toward = WHITE if away == BLACK else BLACK
    return color, mix(color, away, 0.22), mix(color, toward, 0.07)


def _light(main: Rgb, second: Rgb) -> Palette:
    ground = mix(main, WHITE, 0.955)
    grounds = (ground, mix(main, WHITE, 0.90), mix(main, WHITE, 0.87))
    worst = grounds[2]
    ink = _until(mix(main, BLACK, 0.45), BLACK, lambda color: contrast(color, worst) >= 10.0)
    return _complete(grounds, ink, second, panel=readable(main, grounds, SHAPE_CONTRAST_MIN))


def _complete(grounds: tuple[Rgb, Rgb, Rgb], ink: Rgb, second: Rgb, *, panel: Rgb) -> Palette:
    ground, far, tint = grounds
    ink = ink if _worst(ink, grounds) >= TEXT_CONTRAST_MIN else readable(ink, grounds)
    accent = readable(second, (ground, far), SHAPE_CONTRAST_MIN)
    soft_ink = mix(ink, ground, 0.26)
    return Palette(
        ground=ground,
        ground_far=far,
        tint=tint,
        lift=mix(ground, ink, 0.14),
        ink=ink,
        muted=soft_ink if _worst(soft_ink, grounds) >= 4.6 else ink,
        accent=accent,
        accent_soft=mix(accent, WHITE, 0.45),
        on_accent=_text_on(accent, mix(second, BLACK, 0.86)),
        panel=panel,
        on_panel=_text_on(panel, WHITE),
    )


def _text_on(ground: Rgb, wanted: Rgb) -> Rgb:
    for candidate in (wanted, WHITE, BLACK):
        if contrast(candidate, ground) >= INK_CONTRAST_MIN:
            return candidate
    return max((wanted, WHITE, BLACK), key=lambda color: contrast(color, ground))


def _until(color: Rgb, end: Rgb, enough: Callable[[Rgb], bool]) -> Rgb:
    for step in range(_STEPS + 1):
        candidate = mix(color, end, step / _STEPS)
        if enough(candidate):
            return candidate
    return end


def _worst(color: Rgb, grounds: Iterable[Rgb]) -> float:
    return min(contrast(color, ground) for ground in grounds)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
