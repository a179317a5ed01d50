"""Whether a text is in the language it says, by its smallest words; it knows four languages.

A text in another language is only judged for being English.
"""

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from services.optimizer.audit.prose import plain, without_phrase, words
from services.optimizer.audit.rule import Rule

WORDS_MIN = 12
SHARE_MIN = 0.08
"""Ordinary prose holds 30 to 50 % of these words; fewer than this says nothing."""
FOREIGN_ENGLISH_SHARE = 0.25

RIGHT_LANGUAGE = Rule("text_is_in_its_language", Severity.HIGH)

NAMES = {"en": "English", "es": "Spanish", "de": "German", "fr": "French"}
_ENGLISH = (
    "the of and to in is that for it with as was on are by this be from at or an have not their "
    "they which you your we our has more its can will but how what when who all these than into "
    "out up about if so do them his her"
)
_SPANISH = (
    "el la los las de del que y en un una por con para su sus es se lo como más al o pero sin "
    "sobre este esta estos estas entre cuando muy ya también fue son ha han hay nos te tu tus si "
    "porque donde quien cada desde todo todos ser está"
)
_GERMAN = (
    "der die das den dem des und ist nicht ein eine einen einem einer mit auf für von zu im es "
    "sich auch wir sie ich als wie aus bei nach noch nur wenn dass haben hat sind werden am "
    "an oder aber über so man einmal ihnen euch unser eure"
)
_FRENCH = (
    "le la les des du de et est un une pour dans que qui en au aux sur avec ne pas plus par ce "
    "ces il elle nous vous ils sont a ont se sa son ses leur mais ou où comme tout tous"
)
SMALL_WORDS = {
    "en": frozenset(_ENGLISH.split()),
    "es": frozenset(_SPANISH.split()),
    "de": frozenset(_GERMAN.split()),
    "fr": frozenset(_FRENCH.split()),
}
READ_WORD_BY_WORD = ("en", "es")
"""The languages whose claims are compared with their quotes, word by word."""


def language_match(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """One word on each text that is long enough to tell."""
    checks: list[QualityCheck] = []
    for item in subject.items:
        text = without_phrase(plain(item.body_markdown), subject.postal_address)
        found = words(text)
        if len(found) >= WORDS_MIN:
            other = _other_language(found, item.language)
            wanted = NAMES.get(item.language, item.language)
            reason = f"the text reads as {NAMES.get(other, other)}; write it again in {wanted}"
            checks += RIGHT_LANGUAGE.verdicts(item.id, [reason] if other else [])
    return tuple(checks)


def _other_language(found: list[str], language: str) -> str:
    """The language the text seems to be in, where it is not `language`; else empty."""
    shares = {
        name: sum(word in small for word in found) / len(found)
        for name, small in SMALL_WORDS.items()
    }
    if language not in shares:
        return "en" if shares["en"] >= FOREIGN_ENGLISH_SHARE else ""
    best = max(shares, key=lambda name: (shares[name], name))
    return best if shares[best] >= SHARE_MIN and shares[best] > shares[language] else ""
