"""How far a text is from the voice that the brief asks for; it knows nobody's earlier texts.

Features, each counted over the writer's own words (what is cited is the source's), and each judged
only where the brief's tone or address asks for it:

- *sentence length*: mean words a sentence; a tone that is `short`, `brief`, `concise` has at most
  `SHORT_WORDS_MAX`, any other at most `LONG_WORDS_MAX`.
- *formality*: contractions, slang and a chummy greeting; a formal tone has none of them.
- *loudness*: exclamation marks, words in capitals; a calm tone has none, any other few.
- *emoji*: none where the tone is formal or calm, few elsewhere.
- *person*: where the brief addresses `you`, none speaks of customers instead; in Spanish a
  formal tone says usted, a near one tú.
- *preferred words*: those that the tone names in quotation marks occur at least once.

Banned words are a check of their own.
"""

import re
from dataclasses import dataclass

from contracts.audit import AuditContent, QualityCheck
from contracts.content import ContentItem
from contracts.envelope import Severity
from contracts.goal import BrandVoice
from services.optimizer.audit.prose import plain, sentences, without_phrase, words
from services.optimizer.audit.rule import Rule

SHORT_WORDS_MAX = 16.0
LONG_WORDS_MAX = 30.0
SENTENCES_MIN = 3
"""Fewer sentences have no mean to speak of."""
PREFERRED_WORDS_MIN = 40
"""A shorter text may well do without a preferred word."""
LOUD_MAX = 2
EMOJI_MAX = 3

KEEPS_VOICE = Rule("voice_is_the_brands", Severity.MEDIUM)

_FORMAL = re.compile(r"\b(?:formal|profession\w*|authorit\w*|sober|profesional\w*|sobri[oa])\b")
_CALM = re.compile(
    r"\b(?:calm|quiet|never loud|plain|exact|precise|factual|understated|matter-of-fact|formal"
    r"|sober|seri[oa]|tranquil[oa]|sobri[oa]|claro y exacto)\b"
)
_SHORT = re.compile(r"\b(?:short|brief|concise|terse|crisp|brev[ei]s?|concis[oa])\b")
_NEAR = re.compile(r"\b(?:friendly|warm|casual|cercan[oa]|amable|cálid[oa]|informal)\b")
_PREFERRED = re.compile(r"[“\"'\u2018]([^”\"'\u2019]{2,40})[”\"'\u2019]")

_CONTRACTED = re.compile(
    r"\b(?:\w+n['\u2019]t|(?:i|you|we|they|it|that|here|there|what|let|he|she)['\u2019]"
    r"(?:s|m|re|ll|d|ve))\b",
    re.IGNORECASE,
)
_SLANG = re.compile(
    r"\b(?:gonna|wanna|gotta|kinda|awesome|guys|folks|hey|yeah|yep|nope|cool|stuff|crazy|lol|omg"
    r"|mola|guay|flipa\w*|tío|colegas?)\b",
    re.IGNORECASE,
)
_CHUMMY = re.compile(r"^\s*(?:hi|hey|hiya|yo|¡?hola)\b", re.IGNORECASE)
_CAPITALS = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{4,}\b")
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]")
_YOU = re.compile(
    r"\b(?:you|your|yours|yourself|tú|te|ti|tu|tus|usted(?:es)?|le|su|sus|vosotros|os)\b",
    re.IGNORECASE,
)
_TOLD_OF = re.compile(
    r"\b(?:customers|clients|consumers|users|readers|los clientes|los usuarios|los consumidores)"
    r" (?:can|may|should|must|will|need|pueden|deben|tienen que)\b",
    re.IGNORECASE,
)
_TU = re.compile(r"\b(?:tú|te|ti|contigo|tienes|puedes|quieres|sabes|eres)\b", re.IGNORECASE)
_USTED = re.compile(r"\busted(?:es)?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Heard:
    """A text's own words, and how many of them belong to each feature."""

    item: ContentItem
    own: str

    @property
    def sentence_words(self) -> float:
        """Mean words a sentence; 0 where there are too few sentences."""
        found = sentences(self.own)
        return len(words(self.own)) / len(found) if len(found) >= SENTENCES_MIN else 0.0


def brand_voice(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """One word on each text: as the brand speaks, or every feature in which it does not."""
    voice = subject.brand_voice
    names = {*words(subject.business_name), *words(voice.signature)}
    checks: list[QualityCheck] = []
    for item in subject.items:
        heard = _Heard(item, _own_words(item, subject))
        reasons = (
            *_length(heard, voice),
            *_formality(heard, voice),
            *_loudness(heard, voice, names),
            *_person(heard, voice),
            *_preferred(heard, voice),
        )
        checks += KEEPS_VOICE.verdicts(item.id, list(reasons))
    return tuple(checks)


def _own_words(item: ContentItem, subject: AuditContent) -> str:
    """Title and body without what is cited, the sources' list, the footer and the call."""
    body = re.split(r"^## (?:Sources|Fuentes)\s*$|^---\s*$", item.body_markdown, flags=re.MULTILINE)
    text = plain(f"{item.title}.\n{body[0]}")
    for citation in item.citations:
        text = without_phrase(text, plain(citation.claim))
    for phrase in (subject.postal_address, item.call_to_action, subject.brand_voice.signature):
        text = without_phrase(text, plain(phrase))
    return text


def _length(heard: _Heard, voice: BrandVoice) -> list[str]:
    most = SHORT_WORDS_MAX if _SHORT.search(voice.tone.lower()) else LONG_WORDS_MAX
    mean = heard.sentence_words
    if mean <= most:
        return []
    return [
        f"its sentences have {mean:.0f} words on average, the voice {most:.0f} at most; cut some"
    ]


def _formality(heard: _Heard, voice: BrandVoice) -> list[str]:
    tone = voice.tone.lower()
    if not _FORMAL.search(tone):
        return []
    marks = [*_CONTRACTED.findall(heard.own), *_SLANG.findall(heard.own)]
    if greeting := _CHUMMY.match(heard.item.body_markdown):
        marks.append(greeting[0].strip())
    if _TU.search(heard.own) and heard.item.language == "es":
        marks.append("tú")
    shown = ", ".join(f"“{mark}”" for mark in dict.fromkeys(marks))
    return [f"the voice is formal, and it says {shown}; say it formally"] if marks else []


def _loudness(heard: _Heard, voice: BrandVoice, names: set[str]) -> list[str]:
    calm = _CALM.search(voice.tone.lower()) is not None
    capitals = [w for w in _CAPITALS.findall(heard.own) if w.casefold() not in names]
    shouted = [w for w in dict.fromkeys(capitals) if w.lower() in _everyday(heard.own)]
    loud = heard.own.count("!") + len(shouted)
    emoji = _EMOJI.findall(f"{heard.item.title} {heard.item.body_markdown}")
    reasons = []
    if loud > (0 if calm else LOUD_MAX):
        reasons.append(f"it is loud ({loud} marks or words in capitals); the voice is not")
    if len(emoji) > (0 if calm else EMOJI_MAX):
        reasons.append(f"it shows {len(emoji)} emoji, more than the voice does; leave them out")
    return reasons


def _everyday(text: str) -> frozenset[str]:
    """Words that are shouted where they stand in capitals: an abbreviation is none of them."""
    lower = frozenset(re.findall(r"\b[a-záéíóúñ]{4,}\b", text))
    return lower | {"free", "today", "only", "never", "best", "gratis", "ahora", "hurry"}


def _person(heard: _Heard, voice: BrandVoice) -> list[str]:
    tone, own = voice.tone.lower(), heard.own
    if heard.item.language == "es" and _NEAR.search(tone) and _USTED.search(own):
        return ["the voice is near, and it says usted; say tú"]
    spoken_to = voice.audience_address.strip().lower() in {"you", "tú", "usted"}
    told_of = _TOLD_OF.search(own)
    if not spoken_to or _YOU.search(own) or told_of is None:
        return []
    return [f"the voice speaks to the reader, and it says “{told_of[0]}”; say “you”"]


def _preferred(heard: _Heard, voice: BrandVoice) -> list[str]:
    missing = [w for w in _PREFERRED.findall(voice.tone) if w.lower() not in heard.own.lower()]
    if len(words(heard.own)) < PREFERRED_WORDS_MIN:
        return []
    return [f"the voice says “{word}”, and it does not; use it where it fits" for word in missing]
