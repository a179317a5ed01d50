"""Whether an English text reads easily; other languages are not judged."""

import re

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from services.optimizer.audit.prose import plain, sentences, without_phrase, words
from services.optimizer.audit.rule import Rule

EASE_MIN = 30.0
"""Below 30 a text is "very difficult" (R. Flesch, A new readability yardstick, 1948)."""
WORDS_MIN = 40
"""Fewer words give no reliable score."""

READS_EASILY = Rule("reads_easily", Severity.MEDIUM)

_VOWELS = re.compile(r"[aeiouy]+")


def reading_ease(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """One word on each English text that is long enough to be scored."""
    checks: list[QualityCheck] = []
    for item in subject.items:
        text = without_phrase(plain(item.body_markdown), subject.postal_address)
        if item.language == "en" and len(words(text)) >= WORDS_MIN:
            ease = flesch(text)
            longest = max(sentences(text), key=lambda sentence: len(words(sentence)))
            reason = (
                f"the text reads hard (Flesch {ease:.0f}, at least {EASE_MIN:.0f} wanted); use "
                f"shorter words and sentences, and begin with “{' '.join(longest.split()[:12])} …”"
            )
            checks += READS_EASILY.verdicts(item.id, [reason] if ease < EASE_MIN else [])
    return tuple(checks)


def flesch(text: str) -> float:
    """Flesch reading ease: 206.835 - 1.015 words/sentence - 84.6 syllables/word.

    The text must hold a word.
    """
    found = words(text)
    syllables = sum(_syllables(word) for word in found)
    return 206.835 - 1.015 * len(found) / len(sentences(text)) - 84.6 * syllables / len(found)


def _syllables(word: str) -> int:
    """Groups of vowels, without a silent e at the end; never less than one."""
    silent = word.endswith("e") and not word.endswith("le")
    return max(1, len(_VOWELS.findall(word)) - silent)
