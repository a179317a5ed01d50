"""Text as a font can show it: finds what it cannot draw, drops signs, refuses to drop letters."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

Drawable = Callable[[str], bool]
"""Whether the font has a glyph for one character."""

_REPLACED = {"\u2011": "-", "\u2010": "-", "\u00a0": " ", "\u2028": " ", "\u2029": " "}


@dataclass(frozen=True, slots=True)
class Wording:
    """What will be shown. `dropped` are signs (emoji, symbols) left out of it; `missing` are
    letters and digits that cannot be left out without changing what the text says."""

    text: str
    dropped: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def shown(text: str, drawable: Drawable) -> Wording:
    """`text` in composed form (NFC), on one line, with only characters that can be drawn."""
    composed = unicodedata.normalize("NFC", "".join(_REPLACED.get(c, c) for c in text))
    kept: list[str] = []
    dropped: list[str] = []
    missing: list[str] = []
    for character in composed:
        plain = character if drawable(character) else _plain(character, drawable)
        if character.isspace():
            kept.append(" ")
        elif _invisible(character):
            continue
        elif plain:
            kept.append(plain)
        elif unicodedata.category(character)[0] in "LNM":
            missing.append(character)
        else:
            dropped.append(character)
    return Wording(" ".join("".join(kept).split()), _once(dropped), _once(missing))


def named(characters: tuple[str, ...]) -> str:
    """Characters for a person to read: each with its code point, for example `漢 (U+6F22)`."""
    return ", ".join(f"{character} (U+{ord(character):04X})" for character in characters[:5])


def _plain(character: str, drawable: Drawable) -> str:
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if all(drawable(part) for part in compatible) else ""


def _invisible(character: str) -> bool:
    # Controls, format and direction marks, private use: nothing to see, or not ours to show.
    category = unicodedata.category(character)
    return category in ("Cc", "Cf", "Co", "Cs", "Cn") or "\ufe00" <= character <= "\ufe0f"


def _once(characters: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(characters))
