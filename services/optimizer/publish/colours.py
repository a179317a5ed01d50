"""Brand colours made readable: contrast as WCAG 2.2 defines it. It knows no page."""

READABLE = 4.5
"""The contrast that WCAG 2.2 (1.4.3, AA) asks for text of normal size."""

_STEP = 0.08


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(background: str) -> str:
    """Near-black or white, whichever reads better on the background."""
    return max(("#ffffff", "#15181e"), key=lambda ink: contrast(ink, background))


def readable_on(colour: str, background: str) -> str:
    """The colour, moved towards black or white until text in it reads on the background."""
    target = ink_on(background)
    share = 0.0
    mixed = colour
    while contrast(mixed, background) < READABLE and share < 1.0:
        share = min(1.0, share + _STEP)
        mixed = mix(colour, target, share)
    return mixed


def mix(colour: str, other: str, share: float) -> str:
    """`share` of the other colour (0..1) and the rest of the first."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(value / 255) for value in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
