"""Complete clauses: whether words are a statement, and a finding cut to one. It knows no finding.

Of Spanish it knows no verbs: a sentence is a clause as it stands, or less a trailing side clause.

A word it does not know is no verb to it: it would rather refuse a clause than pass a fragment.
"""

import re
from itertools import pairwise

from contracts.figures import figures
from services.analyst.languages import language_of
from services.analyst.sentences import shortened

CLAUSE_WORDS_MIN = 4
SPANISH = "es"

_AUXILIARIES_LINE = (
    "is are was were has have had will would can could may might must should shall do does did been"
)
_VERBS_LINE = (
    "accept account admit affect age agree allow answer appear ask attract become became begin "
    "began bring brought build built burn buy bought call change charge check choose chose come "
    "came consider contain cost cover create cut decide deliver demand depend double drink drank "
    "drive drop drove earn end enjoy exceed expect expected fail fall fell feel felt find found "
    "force forecast gain get give gave go grew grow guarantee halve happen help hold held improve "
    "include increase install invest keep kept know knew last lead led leave left let like lose "
    "lost lower made make mean meant measure miss move name need notice offer open order own pass "
    "pay paid pick plan play prefer prevent produce promise provide quadruple raise reach read "
    "receive recommend record recover reduce refuse remain replace report require return rise rose "
    "run ran save saw see sell serve set share show sink skip sold spend spent start stay stop "
    "supply support take taste tell think thought told took trade treat tripled trust try turn use "
    "visit wait want waste watch win won work worry"
)
_AUXILIARIES = frozenset(_AUXILIARIES_LINE.split())
_LIKE_NOUNS_LINE = (
    "account age answer call change charge check cost cover cut demand drink drive drop end "
    "forecast gain guarantee help increase install invest lead left last like measure name need "
    "notice offer open order own pass pay pick plan play promise raise record report return rise "
    "run save sell set share show sink spend start stay stop supply support taste trade treat "
    "trust try turn use visit wait waste watch work worry"
)
_SUBORDINATORS_LINE = (
    "that which who whom whose if when where while whether because although how what unless"
)
_SUBORDINATORS = frozenset(_SUBORDINATORS_LINE.split())
_OF_TIME = frozenset(["since", "until", "before", "after"])
_PRONOUNS = frozenset(["they", "it", "he", "she", "we", "you", "this", "these", "those"])
_SKIPPED_LINE = "not now also already still often never no only usually typically"
_SKIPPED = frozenset(_SKIPPED_LINE.split())
_SUBJECT_STARTS_LINE = "the a an some many most few all every each one two three half our its their"
_SUBJECT_STARTS = frozenset(_SUBJECT_STARTS_LINE.split())
_OPENS_NO_CLAUSE = re.compile(
    r"(?:when|if|because|although|while|how|what|why|where|that|which|who|whether|and|or|but)\b",
    re.IGNORECASE,
)
_DANGLES = re.compile(
    r"\b(?:a|an|the|of|to|in|on|at|by|for|with|from|and|or|but|than|as|that|which|is|are|was|were"
    r"|has|have|had|will|would|noticed|said|says|say|reports?|reported|expects?|found|named)$",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(?<=\d) (?:percent|per cent|por ciento)\b", re.IGNORECASE)
_TWO_PREDICATES = re.compile(
    r"^(?P<subject>(?:An?|The) (?:[a-z][\w'-]* ){1,3}?)(?P<first>(?P<verb>[a-z]+s)\b[^,;:]*?) and "
    r"(?P<second>(?:(?:typically|usually|often|also|now|already) )?(?P<other>[a-z]+s)\b[^,;:]*)$"
)
"""One subject in the singular, and two predicates that it shares."""

_LIMITS = re.compile(r"\b(?:if|unless|only|when|where|until|except|but|not|never|no)\b")
"""What may limit both predicates: with one of these in it, neither goes alone."""


def _inflected(stems: str) -> frozenset[str]:
    found: set[str] = set()
    for stem in stems.split():
        short = stem.removesuffix("e")
        found |= {stem, f"{stem}s", f"{stem}es", f"{short}ed", f"{stem}{stem[-1]}ed"}
        if stem.endswith("y"):
            found |= {f"{stem[:-1]}ies", f"{stem[:-1]}ied"}
    return frozenset(found)


_VERBS = _inflected(_VERBS_LINE)
_LIKE_NOUNS = frozenset(
    form for stem in _LIKE_NOUNS_LINE.split() for form in (stem, f"{stem}s", f"{stem}es")
)
"""Forms that are as often nouns (`costs`, `plans`): verbs only where an article follows, a figure,
or a word that a noun seldom takes."""
_AFTER_A_VERB = re.compile(
    r"(?:[$€£]?\d|an?$|the$|its$|their$|your$|as$|at$|no$|not$|without$|up$|out$"
    r"|two$|three$|four$|five$|any$|each$|every$|that$|between$|about$|almost$|nearly$|more$|less$)",
    re.IGNORECASE,
)


def is_clause(text: str) -> bool:
    """True where `text` has a subject and a verb of its own, and does not break off."""
    words = [word.strip(",.;:()“”\"'\u2019") for word in text.split()]
    if len(words) < CLAUSE_WORDS_MIN or _OPENS_NO_CLAUSE.match(text) or _DANGLES.search(text):
        return False
    verbs = [place for place in range(1, len(words) - 1) if _is_verb(words, place)]
    lower = [*map(str.lower, words), ""]
    dependent = sum(
        word in _SUBORDINATORS or (word in _OF_TIME and after in _PRONOUNS)
        for word, after in pairwise(lower)
    )
    return len(verbs) > dependent


def clause_of(text: str, chars_max: int) -> str:
    """The statement of `text` within `chars_max` as a complete clause; empty where there is none.

    Only asides, side clauses and one of two predicates go; a text that states figures keeps one.
    `58 percent` may become `58%`, which says the same.
    """
    stated = _counted(text)
    if language_of(text) == SPANISH:
        short = _PERCENT.sub(" %", shortened(text, chars_max))
        return short if _counted(short) or not stated else ""
    for option in _options(text, chars_max):
        for said in (option, _PERCENT.sub("%", option)):
            keeps = _counted(said) if stated else True
            if said and len(said) <= chars_max and keeps and is_clause(said):
                return said
    return ""


def _options(text: str, chars_max: int) -> tuple[str, ...]:
    room = chars_max + 3 * len(_PERCENT.findall(text))
    options = [text, shortened(text, chars_max), shortened(text, room)]
    match = _TWO_PREDICATES.match(text)
    if _LIMITS.search(text):
        return tuple(options)
    if match is not None and match["verb"] in _VERBS and match["other"] in _VERBS:
        options += [match["subject"] + match["first"], match["subject"] + match["second"]]
    return tuple(options)


def _counted(text: str) -> bool:
    return any(not figure.is_year for figure in figures(text))


def _is_verb(words: list[str], place: int) -> bool:
    word, before, after = (words[i].lower() for i in (place, place - 1, place + 1))
    if before in _SUBJECT_STARTS | {"of", "to", "in", "for", "per", "with", "and"}:
        return word in _AUXILIARIES and before not in {"of", "to", "per"}
    if word in _AUXILIARIES:
        return before not in _AUXILIARIES
    if word not in _VERBS:
        return False
    told_apart = _AFTER_A_VERB.match(after) or (word.startswith("account") and after == "for")
    if word in _LIKE_NOUNS and not told_apart:
        return False
    led = [w for w in words[:place] if w.lower() not in _SKIPPED]
    return not led or led[-1].lower() not in _AUXILIARIES
