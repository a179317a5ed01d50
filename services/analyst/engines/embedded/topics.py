"""What a text is about and whom it speaks to, in a few words; and the hashtags that follow."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from contracts.figures import figures
from services.analyst.brand_voice import NAMELESS
from services.analyst.points import STOPWORDS, Point, singular
from services.analyst.sentences import tidy

TOPIC_CHARS_MAX = 40
AUDIENCE_CHARS_MAX = 40
HASHTAGS_MAX = 4
HASHTAGS_MIN = 2
HASHTAG_CHARS_MAX = 30
MENTIONS_MIN = 2

_CUT = re.compile(
    r"\s+(?:who|whose|that|which|in|at|aged|with|from|for|on|between|and|or|looking|considering"
    r"|interested|que|quienes|cuy[oa]s?|en|con|para|y|o|interesad[oa]s|mayores)\b.*|[,;:(/].*",
    re.IGNORECASE,
)
_MANY = re.compile(r"(?:[^aius']s|[aeiou]s|people|women|men|children|staff)$", re.IGNORECASE)
_PROPER = re.compile(r"^(?:[A-Z]{2,}|[A-Za-z]*[a-z][A-Z]|[A-Z][a-z]+(?:an|ish|ese|ch)\b)")


def topic_of(field: str, points: Sequence[Point]) -> str:
    """The industry where it is short; else its longest phrase that two findings share."""
    field = inside(tidy(field))
    if field and len(field) <= TOPIC_CHARS_MAX and not figures(field):
        return field
    said = [" ".join(_stems(point.text)) for point in points]
    words = re.findall(r"[^\W\d_][\w'\u2019-]*", field)
    for length in (3, 2):
        for start in range(len(words) - length + 1):
            phrase = " ".join(words[start : start + length])
            stem = " ".join(_stems(phrase))
            usable = len(stem.split()) == length and len(phrase) <= TOPIC_CHARS_MAX
            if usable and sum(stem in text for text in said) >= MENTIONS_MIN:
                return phrase
    return ""


def audience_of(target_audience: str) -> str:
    """The audience without its side clauses; empty where it is long, states figures, or where what
    is left counts nobody (the `energy` of `energy and maintenance managers`)."""
    short = inside(_CUT.sub("", tidy(target_audience)))
    usable = 0 < len(short) <= AUDIENCE_CHARS_MAX and not figures(short)
    return short if usable and _MANY.search(short) else ""


def hashtags_of(
    topic: str, name: str, points: Sequence[Point], allows: Callable[[str], bool], spare: str
) -> tuple[str, ...]:
    """Two to four hashtags: the topic, the words most findings share, the name;
    `spare` where these are too few."""
    counted: Counter[str] = Counter()
    for point in points:
        counted.update(set(_long_words(point.text)))
    frequent = sorted(
        (w for w, n in counted.items() if n > MENTIONS_MIN), key=lambda w: (-counted[w], w)
    )
    wanted = [
        _tag(topic),
        *(_tag(word) for word in frequent[:2]),
        _tag(name) if name != NAMELESS else "",
        spare,
    ]
    unique = {tag.lower(): tag for tag in reversed(wanted)}
    tags = [unique[key] for key in dict.fromkeys(tag.lower() for tag in wanted)]
    fitting = [t for t in tags if 3 <= len(t) <= HASHTAG_CHARS_MAX and allows(t) and allows(t[1:])]
    good = [tag for tag in fitting if tag != spare]
    return tuple((good if len(good) >= HASHTAGS_MIN else fitting)[:HASHTAGS_MAX])


def inside(text: str) -> str:
    """`text` as it reads inside a sentence: a capital that only opened a line is lowered."""
    rest = text.split(" ", 1)[-1]
    if not text or _PROPER.match(text) or (" " in text and rest[:1].isupper()):
        return text
    return text[0].lower() + text[1:]


def _tag(phrase: str) -> str:
    words = re.findall(r"[^\W\d_]+", phrase)
    return "#" + "".join(word[:1].upper() + word[1:] for word in words)


def _long_words(text: str) -> list[str]:
    found = re.findall(r"[^\W\d_]{5,}", text.lower())
    return [word for word in found if word not in STOPWORDS and word.endswith("s")]


def _stems(text: str) -> list[str]:
    found = re.findall(r"[^\W\d_]+", text.lower())
    return [singular(word) for word in found if word not in STOPWORDS]
