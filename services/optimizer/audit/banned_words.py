"""No word that the brand has banned, in texts or on pictures; it knows no other bad words."""

import re

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from services.optimizer.audit.prose import cleaned, places, plain
from services.optimizer.audit.rule import Rule

NO_BANNED_WORDS = Rule("no_banned_words", Severity.CRITICAL)

_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])")


def banned_words(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Whole words and phrases, whatever their case; hashtags are read word by word."""
    checks: list[QualityCheck] = []
    for place, _, parts in places(subject):
        reasons = [
            f"the {name} uses the banned “{word}”; say it in other words"
            for name, text in parts
            for word in dict.fromkeys(subject.brand_voice.banned_words)
            if _occurs(word, text)
        ]
        checks += NO_BANNED_WORDS.verdicts(place, reasons)
    return tuple(checks)


def _occurs(word: str, text: str) -> bool:
    shown = plain(text)
    spaced = _CAMEL.sub(" ", shown)
    pattern = _pattern(word)
    return any(pattern.search(form.casefold()) for form in (shown, spaced))


def _pattern(word: str) -> re.Pattern[str]:
    """Matches `word` as a whole, however its parts are spaced; a blank one matches nothing."""
    parts = [re.escape(part) for part in cleaned(word).casefold().split()]
    spaced = r"[\s-]+".join(parts) or r"(?!)"
    return re.compile(rf"(?<!\w){spaced}(?!\w)")
