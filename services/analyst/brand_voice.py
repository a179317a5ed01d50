"""The brand's voice: what it never says, how it greets, how formal it is, how it signs."""

import re
from dataclasses import dataclass
from enum import StrEnum

from contracts.goal import BrandVoice
from services.analyst.sentences import clipped, tidy

NAME_CHARS_MAX = 60
ADDRESS_CHARS_MAX = 40
NAMELESS = "our team"
"""What a business calls itself whose name may not be said."""
_PRONOUNS = frozenset(
    {"", "you", "we", "they", "your", "one", "tú", "usted", "ustedes", "vosotros"}
)
_SIGNED = {"en": "The team at {}", "es": "El equipo de {}"}
_UNSIGNED = {"en": "Your team", "es": "El equipo"}


class Register(StrEnum):
    """How close the brand stands to its reader."""

    WARM = "warm"
    PLAIN = "plain"
    FORMAL = "formal"


_TONES = (
    (
        Register.FORMAL,
        re.compile(
            r"\bformal|profesi|profession|expert|authorit|sober|serious|precis|sobri|seri[oa]|rigur"
        ),
    ),
    (
        Register.WARM,
        re.compile(
            r"friend|warm|casual|playful|human|relax|conversation|cheer|fun|cercan|cálid|amable"
            r"|amistos|divertid"
        ),
    ),
)
_ADDRESSED = re.compile(r"\[([^|\[\]]*)\|([^|\[\]]*)\]")
_CONTRACTIONS = (
    (re.compile(r"(^|[.!?:] )([Ii]t|[Tt]hat|[Hh]ere|[Ww]hat) is\b(?= (?!not\b)\w)"), r"\1\2's"),
    (re.compile(r"\b([Dd]o|[Dd]oes|[Ii]s|[Aa]re|[Ww]ould) not\b"), r"\1n't"),
    (re.compile(r"\b([Ww]e|[Yy]ou) will\b(?= \w)"), r"\1'll"),
    (re.compile(r"\b([Ww]e|[Yy]ou) would\b(?= (?!not\b|you\b)\w)"), r"\1'd"),
    (re.compile(r"\b[Ll]et us\b"), "let's"),
)


@dataclass(frozen=True, slots=True)
class Voice:
    """One business's voice. `name` is how its texts call it; `banned` stays unsaid."""

    name: str
    signature: str
    greeting: str
    farewell: str
    register: Register
    banned: tuple[str, ...]

    def offences(self, text: str) -> tuple[str, ...]:
        """The banned words in `text`: whole words in any case, with -s or -es, phrases too."""
        return tuple(word for word in self.banned if _pattern(word).search(text))

    def allows(self, text: str) -> bool:
        """True where `text` holds no banned word."""
        return not self.offences(text)

    def spoken(self, frame: str) -> str:
        """The writer's own words in this register; never applied to what a source says.

        Of `[tienes|tiene]` the formal register takes the second, every other one the first.
        """
        frame = _ADDRESSED.sub(r"\2" if self.register is Register.FORMAL else r"\1", frame)
        if self.register is not Register.WARM:
            return frame
        for pattern, replacement in _CONTRACTIONS:
            frame = pattern.sub(replacement, frame)
        return frame


def voice_of(
    business_name: str,
    wanted: BrandVoice,
    *,
    also_banned: tuple[str, ...] = (),
    tone: str = "",
    language: str = "en",
) -> Voice:
    """The voice of this business; a tone asked for in feedback wins over the brand's own."""
    banned = tuple(dict.fromkeys(w.strip() for w in (*wanted.banned_words, *also_banned)))
    register = _register(tone or wanted.tone)
    address = clipped(tidy(wanted.audience_address), ADDRESS_CHARS_MAX)
    draft = Voice("", "", "", "", register, tuple(word for word in banned if word))
    name = clipped(tidy(business_name), NAME_CHARS_MAX) or NAMELESS
    name = name if draft.allows(name) else NAMELESS
    signature = tidy(wanted.signature)
    if not signature or not draft.allows(signature):
        signature = _SIGNED[language].format(name) if name != NAMELESS else _UNSIGNED[language]
    if address.lower() in _PRONOUNS or not draft.allows(address):
        address = ""
    greeting, farewell = _manners(register, address, language)
    return Voice(name, signature, greeting, farewell, register, draft.banned)


def _register(tone: str) -> Register:
    """The register that is named first; a tone is `warm, precise` to whom warmth comes first."""
    found = [(match.start(), r) for r, p in _TONES if (match := p.search(tone.lower()))]
    return min(found)[1] if found else Register.PLAIN


def _manners(register: Register, address: str, language: str) -> tuple[str, str]:
    if language == "es":
        return _spanish_manners(register, address)
    match register:
        case Register.FORMAL:
            return (f"Dear {address}," if address else "Good day,"), "Kind regards,"
        case Register.WARM:
            return (f"Hello {address}," if address else "Hi there,"), "Warmly,"
    return (f"Hello {address}," if address else "Hello,"), "Best wishes,"


def _spanish_manners(register: Register, address: str) -> tuple[str, str]:
    match register:
        case Register.FORMAL:
            return (f"Buenos días, {address}:" if address else "Buenos días:"), "Atentamente,"
        case Register.WARM:
            return (f"¡Hola, {address}!" if address else "¡Hola!"), "Un abrazo,"
    return (f"Hola, {address}:" if address else "Hola:"), "Un saludo,"


def _pattern(word: str) -> re.Pattern[str]:
    inner = r"\s+".join(re.escape(part) for part in word.split())
    return re.compile(rf"(?<!\w){inner}(?:s|es)?(?!\w)", re.IGNORECASE)
