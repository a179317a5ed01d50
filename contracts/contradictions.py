"""Whether two sentences state different figures for the same thing. It compares words only.

It would rather miss a contradiction than report one: both sentences must say the same, word for
word and in the same order, but for the figure and a few words that only one of them adds.
"""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import lru_cache

from contracts.figures import figures

SAME_WORDS = 0.8
"""The words in common, in order, as a share of all words of both sentences."""

SAME_WORDS_MIN = 3

_TOKEN = re.compile(
    r"(?:[$€£]\s?)?\d+(?:[.,]\d+)*(?:\s?(?:%|percent\b|per cent\b|percentage points?\b|million\b"
    r"|billion\b|€|£))?|[^\W\d_][\w'\u2019-]*",
    re.IGNORECASE,
)
_SILENT_LINE = (
    "a about all almost also an any are as at be been did do does for has have had in is it "
    "its just of on only or so that the their these this to was were which will with would "
    "and el la los las un una de del que en con por para y o se es son ha han su sus lo"
)
_SILENT = frozenset(_SILENT_LINE.split())
_QUALIFIERS_LINE = (
    "not no never without except unless if more less fewer under over above below least most "
    "up down first second third last next former average median total half per before after "
    "since until by january february march april may june july august september october "
    "nunca sin excepto salvo si más menos máximo mínimo primer primero primera segundo segunda "
    "último última próximo mediana media total mitad antes desde hasta enero febrero marzo abril "
    "mayo junio julio agosto septiembre octubre noviembre diciembre primavera verano otoño "
    "invierno diario semanal mensual anual "
    "november december spring summer autumn winter daily weekly monthly yearly"
)
_QUALIFIERS = frozenset(_QUALIFIERS_LINE.split())
"""Words that change what is measured or when: one that only one sentence has parts the two."""

_MARK = "#"
_READ_MAX = 512
_COMPARED_MAX = 4_096
"""Each finding of a campaign is compared with all others, and that more than once."""


@lru_cache(maxsize=_COMPARED_MAX)
def clash(one: str, other: str) -> bool:
    """True where both sentences measure the same thing, at the same time, in the same unit, and
    state different values for it."""
    here, mine = _read(one)
    there, theirs = _read(other)
    matcher = SequenceMatcher(None, here, there, autojunk=False)
    pairs: list[tuple[int, int]] = []
    extra: list[str] = []
    for tag, a, a_end, b, b_end in matcher.get_opcodes():
        if tag == "replace":
            return False
        if tag == "equal":
            pairs += zip(range(a, a_end), range(b, b_end), strict=True)
        else:
            extra += here[a:a_end] + there[b:b_end]
    said = [a for a, _ in pairs if not here[a].startswith(_MARK)]
    if len(said) < SAME_WORDS_MIN or len(pairs) / (len(pairs) + len(extra)) < SAME_WORDS:
        return False
    if any(word in _QUALIFIERS or word[0].isdigit() or word[0] == _MARK for word in extra):
        return False
    in_units = any(len(here[a]) > 1 for a, _ in pairs if here[a].startswith(_MARK))
    return any(
        mine[a] != theirs[b]
        for a, b in pairs
        if a in mine and b in theirs and (len(here[a]) > 1 or not in_units)
    )


@lru_cache(maxsize=_READ_MAX)
def _read(text: str) -> tuple[tuple[str, ...], Mapping[int, str]]:
    """The words that count, a figure as a mark with its unit, and the value at each mark.

    A year stays a word: another year is another time.
    """
    words: list[str] = []
    stated: dict[int, str] = {}
    for match in _TOKEN.finditer(text):
        found = figures(match[0])
        if found and not found[0].is_year:
            stated[len(words)] = found[0].value
            words.append(_MARK + found[0].unit)
        elif match[0].lower() not in _SILENT:
            words.append(_stem(match[0].lower()))
    return tuple(words), stated


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
