"""What the words of a sentence say: its content, its negations, its direction; no figures.

It knows English and Spanish, by small lists. It compares words by their stems, so it can miss a
paraphrase; it is used where two texts should say the same.
"""

import re

from services.optimizer.audit.language_match import READ_WORD_BY_WORD, SMALL_WORDS
from services.optimizer.audit.prose import words

STEM_CHARS_MAX = 6
STEM_CHARS_MIN = 3
SCOPE_WORDS = 8
"""How far from a negation the word is looked for that it denies."""


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_EXTRA = (
    "would could should may might must does did do done be been being is am i he she it me my us "
    "them there here then also only just very much many such some any each every both either too "
    "now still yet while since until after before because where whose why between among within "
    "per one ones other another same own get gets got make makes made say says said like even "
    "had having were was are has have a an longer year years month months day days hoy año años "
    "mes meses día días haber había hacer hace ser sido tener tiene poder puede unos unas les le "
    "ella ellos eso esa ese ni tan tanto mismo misma según hasta aquí allí bien casi nos nuestro"
)
_STOP = _set(_EXTRA).union(*(SMALL_WORDS[language] for language in READ_WORD_BY_WORD))
_SUFFIXES = {
    "en": ("ingly", "edly", "ings", "ing", "ies", "ied", "ers", "ed", "es", "er", "ly", "s", "e"),
    "es": ("aron", "ieron", "ando", "iendo", "ado", "ada", "ará", "ar", "er", "ir", "os", "as",
           "es", "an", "en", "ó", "o", "a", "e", "s"),
}  # fmt: skip

_NEGATIONS = {
    "en": _set("not no never none neither nor cannot without nobody nothing hardly barely"),
    "es": _set("no nunca jamás sin ningún ninguno ninguna nada nadie tampoco apenas"),
}
_NO_NEGATION_BEFORE = _set(
    "only just merely solely more less fewer later least most sólo solo solamente más menos"
)
"""`not only`, `no more than`: what follows is said, not denied."""

_CLAUSE = re.compile(
    r"[;:.!?…]+(?=\s|$)|,(?=\s)|\s[\u2013\u2014-]\s|\n"
    r"|\b(?:while|whereas|but|although|though|mientras|pero|aunque|sino)\b",
    re.IGNORECASE,
)
_JOIN = re.compile(
    r"(?<![\w-])(?:and|because|so that|which|y|porque|para que)(?![\w-])", re.IGNORECASE
)
_HARDLY = re.compile(
    r"\b(?:only|few|little|rarely|seldom|sólo|solo|pocos|poco|raramente)\b", re.IGNORECASE
)
"""Words that leave so little that a text may deny the rest."""

_CONDITION = re.compile(r"\s*(?:if|when|si|cuando)\b", re.IGNORECASE)
_UNLESS = re.compile(r"\s*(?:unless|except when|a no ser que|salvo que)\b", re.IGNORECASE)

_THAN = re.compile(r"\b(?:than|que)\b", re.IGNORECASE)
_NUMBERED = r"(?=\s*(?:about |around |the )?[$€£]?\d)"
_OPPOSITES: tuple[tuple[str, str, str, str], ...] = (
    (
        "en",
        "more or less",
        r"ris(?:e|es|en|ing)|rose|gr(?:ow|ows|ew|own|owing|owth)|increas\w*|climb\w*|gain(?:s|ed)?"
        r"|higher|(?<!any )(?<!no )more|surg\w+|jump\w*|rais\w+|doubl\w+|tripl\w+|lengthen\w*"
        r"|longer|soar\w*"
        r"|above|exceed\w*|boost\w*|most|up(?=\s(?:from|by|on|\d))|over" + _NUMBERED,
        r"fall(?:s|en|ing)?|fell|drop(?:s|ped|ping)?|declin\w+|decreas\w*|shr[iau]nk\w*"
        r"|lower(?:s|ed|ing)?|less|fewer|cuts?|cutting|reduc\w+|halv\w+|shorten\w*|shorter|slump\w*"
        r"|below|s[ia]nk(?:s|ing)?|down(?=\s(?:from|by|on|\d))|under" + _NUMBERED,
    ),
    ("en", "early or late", r"early|earlier|sooner", r"late|later"),
    ("en", "may or must", r"may|might|can", r"must|have to|has to"),
    (
        "es",
        "más o menos",
        r"sub(?:e|en|ió|ieron|ir|iendo)|crec\w+|aument\w+|alza|mayor(?:es)?|encarec\w+|super(?:a|an|ó)",
        (
            r"baj(?:a|an|ó|aron|ar|ando)|ca(?:e|en|yó|yeron|er|ída)|desc(?:iende|endió|enso)\w*"
            r"|disminu\w+|reduc\w+|reduj\w+|menor(?:es)?|abarat\w+"
        ),
    ),
    ("es", "puede o debe", r"puede[ns]?", r"debe[ns]?|tienen? que"),
)
_SIDES = tuple(
    (
        language,
        name,
        re.compile(rf"\b(?:{one})\b", re.IGNORECASE),
        re.compile(rf"\b(?:{other})\b", re.IGNORECASE),
    )
    for language, name, one, other in _OPPOSITES
)


def stem(word: str, language: str) -> str:
    """What stays of a lower-case word without its ending, at most six letters."""
    for suffix in _SUFFIXES.get(language, ()):
        if word.endswith(suffix) and len(word) - len(suffix) >= STEM_CHARS_MIN:
            word = word.removesuffix(suffix)
            break
    return word[:STEM_CHARS_MAX]


def content(text: str, language: str) -> list[str]:
    """The stems of the words that say something, in order."""
    return [stem(word, language) for word in words(text) if word not in _STOP and not _denies(word)]


def clauses(text: str, *, joined: bool = True) -> list[str]:
    """Parts of `text` between marks and conjunctions; without `joined`, `and` parts them too."""
    parts = [part.strip() for part in _CLAUSE.split(text)]
    if not joined:
        parts = [part.strip() for whole in parts for part in _JOIN.split(whole)]
    return [part for part in parts if part]


def denied(text: str, language: str) -> frozenset[str]:
    """The stem of the first word of content behind each negation, within its clause.

    Where nothing stands behind it (`flats do not`), the last one before it.
    """
    found: set[str] = set()
    for clause in clauses(text):
        heard = words(clause)
        for place, word in enumerate(heard):
            behind = heard[place + 1 : place + 1 + SCOPE_WORDS]
            if not _denies(word, language) or set(behind[:2]) & _NO_NEGATION_BEFORE:
                continue
            scope = content(" ".join(behind), language)[:1]
            found.update(
                scope
                or content(" ".join(heard[max(0, place - SCOPE_WORDS) : place]), language)[-1:]
            )
    return frozenset(found)


def negative(text: str, language: str) -> bool:
    """True where `text` denies something, or leaves little of it."""
    return bool(_HARDLY.search(text)) or any(_denies(word, language) for word in words(text))


def asserted(clause: str, language: str) -> bool:
    """False where `clause` only names a condition, or denies its contrary (`unless nobody …`)."""
    doubled = _UNLESS.match(clause) is not None and negative(clause, language)
    return not (doubled or _CONDITION.match(clause))


def swapped(claim: str, quote: str, language: str) -> bool:
    """True where both compare (`less than`), each beginning with what the other ends with."""
    said, held = _THAN.split(claim, 1), _THAN.split(quote, 1)
    if not len(said) == len(held) == 2:
        return False
    one, other = (set(content(side, language)) for side in said)
    first, second = (set(content(side, language)) for side in held)
    return bool((one - other) & (second - first)) and bool((other - one) & (first - second))


def opposite(claim: str, quote: str, language: str) -> str:
    """What `claim` and `quote`, two clauses, say contrary to each other; empty where nothing."""
    for spoken, name, one, other in _SIDES:
        if spoken != language:
            continue
        said = (bool(one.search(claim)), bool(other.search(claim)))
        held = (bool(one.search(quote)), bool(other.search(quote)))
        if sum(said) == sum(held) == 1 and said != held:
            return name
    return ""


def _denies(word: str, language: str = "") -> bool:
    known = _NEGATIONS.get(language) or frozenset().union(*_NEGATIONS.values())
    return word in known or word.endswith(("n't", "n\u2019t"))
