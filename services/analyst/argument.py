"""What a finding is good for in an argument, and how one goes on from another. It writes nothing.

Read off the words alone, in English and Spanish. Where the words do not show it, a finding states
how things are, and two findings stand side by side: no connection is made up.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from contracts.research import FindingKind
from services.analyst.natures import Nature, nature_of, people_of
from services.analyst.points import STOPWORDS, TEXTS_KEPT, Point, singular, subject_words

SUBJECT_WORDS_MAX = 5
SUBJECT_CHARS_MAX = 48
SINGLE_CHARS_MIN = 7
"""A subject of one word is a long one, in the plural: shorter ones are too general."""


class Part(StrEnum):
    """What a finding is in an argument."""

    PROBLEM = "problem"
    WISH = "wish"
    REMEDY = "remedy"
    LIMIT = "limit"
    CHANGE = "change"
    PRICE = "price"
    STATE = "state"
    RIVAL = "rival"


class Tie(StrEnum):
    """How a finding stands to the one before it, as far as it shows."""

    SAME_SOURCE = "same source"
    SAME_WAY = "same way"
    OTHER_WAY = "other way"
    SAME_SUBJECT = "same subject"
    BESIDE = "beside"

    @property
    def directed(self) -> bool:
        """True where both say which way something goes."""
        return self in {Tie.SAME_WAY, Tie.OTHER_WAY}


_TROUBLE = (
    r"(?:unplanned|unintention\w*|overdue|delay\w*|errors?|bugs?|leaks?|fail(?:s|ed|ures?)?|faults?"
    r"|collisions?|confusion|postpone\w*|shortage\w*|cancellations?|cancelaciones|complain\w*"
    r"|uncertain\w*|returned unopened"
    r"|retras\w*|errores|devuelt\w*|vencid\w*|moros\w*|incidencias?|averías?|multas?|quejas?)"
)
_HARD = re.compile(
    r"\b(?:difficult|hard to|hard-to|subtle|liable to|a (?:serious |difficult |common )?problem"
    r"|main reason|unaware|cannot tell|difícil\w*|cuesta entender|principal motivo|un problema)\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:not necessarily|more slowly|run slower|slows? down|at the cost of|does not (?:detect"
    r"|record|cover|include|support)|only (?:if|when|where)|experimental|no longer refill"
    r"|no necesariamente|solo si|sólo si|únicamente si|no (?:incluye|cubre|admite))\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:would (?:pay|order|buy|prefer|like|choose|use|switch)|want(?:s|ed)?|prefer(?:s|red)?"
    r"|most important|wish(?:es|ed)?|hop(?:e|es|ed) for|ask(?:s|ed)? for|quieren?|prefieren?"
    r"|pagaría\w*|dese[ao]n?|piden|pedirían|echan de menos)\b",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"\b(?:detect(?:s|ing|ion)?|prevent(?:s|ing)?|avoid(?:s|ing)?|protects?|reduc(?:es?|ed|ing)"
    r"|designed to|allows? (?:easy|you|to)|tool for|tools to|helps?|kept \d|messages about"
    r"|recover(?:s|ed)|finds|intended to|solves?|recupera\w*|evita\w*|detecta\w*|reduc(?:e|en|ido)"
    r"|ayuda\w*|permite\w*|(?:días|semanas|horas) antes)\b",
    re.IGNORECASE,
)
_HELP_AGAINST = re.compile(
    rf"\b(?:detect|prevent|avoid|reduc|cut|lower|halv|protect|solv|messages about|evit)\w*"
    rf"\b.{{0,40}}\b{_TROUBLE}",
    re.IGNORECASE,
)
_SPARES = re.compile(
    rf"\b(?:cannot|(?:can|do|does|will|would) (?:not|never)) (?:cause|lead to|result in)\b"
    rf".{{0,40}}\b(?:{_TROUBLE}|crash(?:es)?|damage|loss)\b|\bwithout (?:any )?{_TROUBLE}\b",
    re.IGNORECASE,
)
"""A trouble that is named because it stays away."""
_TROUBLED = re.compile(rf"\b{_TROUBLE}\b", re.IGNORECASE)
_FEWER_WITH = re.compile(
    r"\bwith\b.{3,90}\bhad \d.{0,80}\bcompared with\b|\bkept \d.{0,80}\bcompared with\b",
    re.IGNORECASE,
)
"""Two groups set side by side by the source, one with a means and one without."""

_THAN_ANOTHER = r"(?:\w+ ){0,3}than (?:an?|any|it|the|their|those|without|\w+ing)\b"
"""Two things are compared, not one thing at two times."""
_UP = re.compile(
    r"\b(?:rose|rise[sn]?|rising|grew|grow(?:n|s|ing)?|increas\w+|doubl\w+|tripl\w+|up \d|up from"
    rf"|(?:percent|%) more(?! {_THAN_ANOTHER})|crec\w+|aument\w+|subi\w+|duplic\w+|un \d+ % más)\b",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"\b(?:fell|falls?|fallen|falling|drop(?:ped|s)?|declin\w+|decreas\w+|shorten\w*|lowered"
    rf"|down \d|down from|percent (?:less|fewer)(?! {_THAN_ANOTHER})|descend\w+"
    r"|baj(?:ó|aron|a|an)|cay\w+|disminu\w+)\b",
    re.IGNORECASE,
)


_THEN_AND_NOW = re.compile(
    r"(?P<now>\d[\d.,]*)\s?(?:percent|%)(?:(?!\d\s?(?:percent|%)).)*?"
    r"\b(?:compared with|up from|down from|frente al?)\b \D{0,3}(?P<then>\d[\d.,]*)\s?(?:percent|%)"
    r"[^,.;]*\b(?:in|de|en) (?:19|20)\d\d",
    re.IGNORECASE,
)
"""`31 percent … in 2025, compared with 22 percent in 2022`: one share at two times."""


def part_of(point: Point) -> Part:
    """What the finding is good for; a competitor's is its offer, whatever it says."""
    if point.kind is FindingKind.COMPETITOR:
        return Part.RIVAL
    return _part(point.text)


@lru_cache(maxsize=TEXTS_KEPT)
def _part(text: str) -> Part:
    rules = (
        (_HARD, Part.PROBLEM),
        (_LIMIT, Part.LIMIT),
        (_FEWER_WITH, Part.REMEDY),
        (_HELP_AGAINST, Part.REMEDY),
        (_SPARES, Part.REMEDY),
        (_WISH, Part.WISH),
    )
    for pattern, part in rules:
        if pattern.search(text):
            return part
    if way_of(text):
        return Part.CHANGE
    for pattern, part in ((_TROUBLED, Part.PROBLEM), (_HELP, Part.REMEDY)):
        if pattern.search(text):
            return part
    return _by_nature(text)


def _by_nature(text: str) -> Part:
    match nature_of(text):
        case Nature.PRICE:
            return Part.PRICE
        case Nature.CHANGE:
            return Part.CHANGE
    return Part.STATE


@lru_cache(maxsize=TEXTS_KEPT)
def way_of(text: str) -> int:
    """1 where it says that something goes up, -1 for down, 0 where neither or both."""
    if match := _THEN_AND_NOW.search(text):
        now, then = (float(match[at].rstrip(".,").replace(",", ".")) for at in ("now", "then"))
        return (now > then) - (now < then)
    return bool(_UP.search(text)) - bool(_DOWN.search(text))


def tie_of(before: Point, after: Point) -> Tie:
    """How `after` stands to `before`; direction counts only where both are about one thing."""
    ways = way_of(before.text) * way_of(after.text)
    shared = subject_words(before.text) & subject_words(after.text)
    if len(shared) >= 2 and ways:
        return Tie.SAME_WAY if ways > 0 else Tie.OTHER_WAY
    if before.finding.source_url == after.finding.source_url:
        return Tie.SAME_SOURCE
    near = len(shared) >= 2 and before.site != after.site
    return Tie.SAME_SUBJECT if near else Tie.BESIDE


def answers(before: Point, after: Point, wanted: Sequence[str]) -> bool:
    """True where `before` is a problem and `after` a remedy for it: both name the same trouble, or
    the same subject of more than one word."""
    if (part_of(before), part_of(after)) != (Part.PROBLEM, Part.REMEDY):
        return False
    troubles = [
        {_stem(found) for found in _TROUBLED.findall(point.text)} for point in (before, after)
    ]
    if troubles[0] & troubles[1]:
        return True
    one, other = (subject_of(wanted, point).lower() for point in (before, after))
    return _weight(one) > 1 and _stem(one) == _stem(other)


def subject_of(wanted: Sequence[str], point: Point) -> str:
    """The longest run of words that a goal (or whatever is `wanted`) and the finding share.

    `Show why the roasting date on the bag matters` and a finding that `print the roasting date on
    the bag` give `the roasting date on the bag`. Empty where they share no such run.
    """
    return _subject(tuple(wanted), point.text)


@lru_cache(maxsize=TEXTS_KEPT)
def _subject(wanted: tuple[str, ...], told: str) -> str:
    held = f" {' '.join(_stem(word) for word in _words(told))} "
    best = ""
    for text in wanted:
        words = _words(text)
        for start in range(len(words)):
            for end in range(min(len(words), start + SUBJECT_WORDS_MAX), start, -1):
                run = words[start:end]
                stems = " ".join(_stem(word) for word in run)
                before = words[start - 1].lower() if start else ""
                if not (_names_a_subject(run) and _ends_there(words, end)):
                    continue
                if len(run) == 1 and _narrows(before):
                    continue
                if f" {stems} " not in held or (before in _JOINS and f"{before} {stems} " in held):
                    continue
                found = " ".join([before, *run] if before in _DEFINITE else run)
                if _weight(found) > _weight(best) and len(found) <= SUBJECT_CHARS_MAX:
                    best = found
    return best[:1].lower() + best[1:] if best.split(" ", 1)[0].lower() in _DEFINITE else best


_DEFINITE = frozenset({"the", "el", "la", "los", "las"})
_LINKS = frozenset(
    [
        "of",
        "the",
        "on",
        "in",
        "for",
        "and",
        "de",
        "del",
        "la",
        "el",
        "los",
        "las",
        "en",
        "con",
        "para",
        "y",
    ]
)
_JOINS = frozenset({"and", "or", "y", "o"})
_ENDS = _LINKS | frozenset(
    ["lower", "lowers", "raise", "raises", "matter", "matters", "known", "is", "are", "can", "part"]
)
_NO_SUBJECT = frozenset(
    [
        "show",
        "make",
        "book",
        "sell",
        "lower",
        "lowers",
        "raise",
        "win",
        "find",
        "found",
        "known",
        "matter",
        "matters",
        "choice",
        "default",
        "part",
        "people",
        "customers",
        "teams",
        "managers",
        "developers",
        "ship",
        "run",
        "runs",
        "build",
        "before",
        "release",
        "every",
        "end",
        "season",
        "holiday",
        "care",
        "work",
        "drinkers",
        "residents",
        "families",
        "mostrar",
        "vender",
        "conseguir",
        "conocer",
        "hacen",
        "clientes",
        "personas",
        "equipos",
        "propias",
        "empresas",
        "autónomos",
    ]
)
"""Words that say who acts, that they act, or when: none of them is what a text is about."""


def _ends_there(words: Sequence[str], end: int) -> bool:
    """True where the run ends a phrase, and is not the beginning of a longer name."""
    after = words[end].lower() if end < len(words) else ""
    return not after or after in _ENDS or after in _JOINS or after in STOPWORDS


def _narrows(before: str) -> bool:
    """True where the word before says which of them are meant: `desktop applications`."""
    return bool(before) and before not in STOPWORDS | _LINKS | _JOINS | _NO_SUBJECT


def _names_a_subject(run: Sequence[str]) -> bool:
    ends = (run[0].lower(), run[-1].lower())
    if any(word in STOPWORDS or len(word) < 3 or word in _NO_SUBJECT for word in ends):
        return False
    if any(w.lower() in STOPWORDS - _LINKS or w.lower() in _NO_SUBJECT for w in run[1:-1]):
        return False
    if any(any(c.isdigit() for c in word) for word in run):
        return False
    if people_of(" ".join(run)):
        return False
    return len(run) > 1 or (len(run[0]) >= SINGLE_CHARS_MIN and run[0].lower().endswith("s"))


def _weight(text: str) -> int:
    return sum(len(word) > 3 and word not in STOPWORDS for word in text.lower().split())


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_][\w'\u2019-]*", text)


def _stem(word: str) -> str:
    return singular(word.lower())
