"""Shares of people in a text, as phrases that may stand on their own. It knows no finding."""

import re

_PLURALS = frozenset(
    {"people", "women", "men", "children", "staff", "buyers", "technicians", "parents"}
)
_OF = re.compile(
    r"(?<![A-Za-z0-9.,])\d+(?:[.,]\d+)*\s?(?:%|percent|per cent|por ciento) "
    r"(?:of (?:all |the |its |their )?|de (?:los |las )?)"
    r"(?P<noun>[^\W\d_][^\W\d_'\u2019-]*(?: [^\W\d_][^\W\d_'\u2019-]*){0,4})"
)
_STOPS_LINE = (
    "a an and are as at before by for from had has have in into is it of on or over said say says "
    "than that the their them they to under was were when where which who will with would "
    "que de con en por para y o ha han es son fue se"
)
_STOPS = frozenset(_STOPS_LINE.split())
_NARROWED = re.compile(
    r"[\s,]*(?:who|whom|whose|that|which|where|with|without|in|from|to|at|on|for|of|aged|using"
    r"|under|over|between|among|per|and|or|than|que|quienes|con|sin|de|del|en|entre|para|por|y|o)\b",
    re.IGNORECASE,
)


def share_of(text: str) -> str:
    """The first phrase like `64% of home brewers` in `text`, or nothing.

    The noun ends at its first plural, so that no verb is taken for a part of it. Where more is
    said about that noun (`people who …`, `visits to …`) the phrase alone would say too much.
    """
    for match in _OF.finditer(text):
        words: list[str] = []
        for word in match["noun"].split():
            if word.lower() in _STOPS:
                break
            words.append(word)
            if word.lower() in _PLURALS or re.search(r"[^aius']s$", word.lower()):
                phrase = text[match.start() : match.start("noun")] + " ".join(words)
                return "" if _NARROWED.match(text[match.start() + len(phrase) :]) else phrase
    return ""
