"""No word that the brand has banned, in texts or on pictures; it knows no other bad words."""

import re
from collections.abc import Callable

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from services.optimizer.audit.prose import cleaned, places, plain
from services.optimizer.audit.rule import Rule

FORMS_CHARS_MIN = 5
"""Endings turn shorter words into other ones, as `form` into `former`."""

NO_BANNED_WORDS = Rule("no_banned_words", Severity.CRITICAL)
NO_BANNED_FORMS = Rule("no_form_of_a_banned_word", Severity.HIGH)
"""HIGH only: the brand banned `cheap`, and a person may let `cheaper` stand."""

_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])")


def banned_words(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Words and phrases, whatever their case, and their forms; hashtags are read word by word."""
    checks: list[QualityCheck] = []
    for place, _, parts in places(subject):
        exact: list[str] = []
        forms: list[str] = []
        for name, text in parts:
            for word in dict.fromkeys(subject.brand_voice.banned_words):
                if _found(_pattern(word), text):
                    exact.append(f"the {name} uses the banned “{word}”; say it in other words")
                elif form := _found(_pattern(word, _forms), text):
                    # A writer reads the first word in marks as the one not to use again.
                    forms.append(
                        f"the {name} uses “{form}”, a form of the banned “{word}”; "
                        "say it in other words"
                    )
        checks += NO_BANNED_WORDS.verdicts(place, exact)
        checks += NO_BANNED_FORMS.verdicts(place, forms)
    return tuple(checks)


def _found(pattern: re.Pattern[str], text: str) -> str:
    """What `pattern` finds in `text`, in lower case; empty where it finds nothing."""
    shown = plain(text)
    spaced = _CAMEL.sub(" ", shown)
    found = (pattern.search(form.casefold()) for form in (shown, spaced))
    return next((" ".join(match.group().split()) for match in found if match), "")


def _pattern(word: str, last: Callable[[str], str] = re.escape) -> re.Pattern[str]:
    """Matches `word` as a whole, however its parts are spaced; a blank one matches nothing.

    `last` gives the pattern of its last part.
    """
    parts = [part for part in re.split(r"[\s-]+", cleaned(word).casefold()) if part]
    forms = [*(re.escape(part) for part in parts[:-1]), *(last(part) for part in parts[-1:])]
    spaced = r"[\s-]+".join(forms) or r"(?!)"
    return re.compile(rf"(?<!\w){spaced}(?!\w)")


def _forms(word: str) -> str:
    """`word` and what English and Spanish grammar makes of it; a short one only gets its plural."""
    if len(word) < FORMS_CHARS_MIN or not word.isalpha():
        return re.escape(word) + ("s?" if word.isalpha() else "")
    stem, last = re.escape(word[:-1]), re.escape(word[-1])
    if last in "ao":
        return rf"{stem}(?:[ao]s?|amente|ísim[ao]s?|e?s)"
    if last == "e":
        return rf"{stem}(?:e[sdr]?|est|ely|ing|ed)"
    if last == "y":
        return rf"{stem}(?:y|ies|ied|ier|iest|ily|ying)"
    return rf"{stem}{last}{last}?(?:e?s|e[dr]|est|ing|ly)?"
