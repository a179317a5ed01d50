"""Which language a sentence is in, by its smallest words; it knows English and Spanish."""

import re

WORDS_MIN = 5
SHARE_MIN = 0.15
AHEAD = 2.0
"""The likelier language has so many times the share of the other one."""

_ENGLISH = (
    "the of and to in is that for it with as was on are by this be from at or an have not their "
    "they which you your we our has more its can will but how what when who all than into out up "
    "about if so after before between only one most over under per were would could been"
)
_SPANISH = (
    "el la los las de del que y en un una por con para su sus es se lo como más al o pero sin "
    "sobre este esta estos estas entre cuando muy ya también fue son ha han hay nos si porque "
    "donde quien cada desde todo todos ser está hasta según tras menos antes"
)
_SMALL = {"en": frozenset(_ENGLISH.split()), "es": frozenset(_SPANISH.split())}


def language_of(text: str) -> str:
    """The ISO 639-1 code of the language of `text`; empty where it is too short or unclear."""
    words = [word.lower() for word in re.findall(r"[^\W\d_]+", text)]
    if len(words) < WORDS_MIN:
        return ""
    shares = {
        language: sum(word in small for word in words) / len(words)
        for language, small in _SMALL.items()
    }
    best = max(shares, key=lambda language: shares[language])
    others = max(share for language, share in shares.items() if language != best)
    return best if shares[best] >= SHARE_MIN and shares[best] >= AHEAD * others else ""
