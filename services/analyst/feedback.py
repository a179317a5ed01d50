"""What a reviewer or an audit said about the last texts, as wishes a writer can act on.

It understands a handful of requests; every other one is reported, never silently swallowed.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from contracts.figures import values

SHORTER_MAX = 4

_PLACE = re.compile(r"^\s*(?P<place>(?:email|blog|linkedin|twitter|webhook)(?:-[a-d])?)\s*[:,]\s*")
_QUOTED = re.compile(r"[\u2018'\"“](?P<word>[^'\"“”\u2018\u2019]{2,60})[\u2019'\"”]")
_BANNED = re.compile(r"\bbanned\b|\bforbidden word", re.IGNORECASE)
_DROP = re.compile(
    r"\b(?:do not|don't|never|stop) (?:say|use|mention)\w*\b|\b(?:remove|drop|avoid|without)\b"
    r"|\bno (?:digas|diga|uses|use|menciones|mencione)\b|\b(?:quita|quite|evita|evite)\b",
    re.IGNORECASE,
)
_SHORTER = re.compile(
    r"\bshorter\b(?! words)|\bshorten\b|\btoo long\b|\btoo many (?:words|characters)\b"
    r"|\bmás corto\b|\bmás breve\b|\bdemasiado largo\b|\bacort[ae]\w*\b"
    r"|\bmore concise\b|\btighter\b|\bover (?:the )?limit\b|\bexceeds\b",
    re.IGNORECASE,
)
_NO_FIGURES = re.compile(
    r"\b(?:no|without|fewer|remove(?: the| all)?|drop(?: the| all)?) "
    r"(?:figures|numbers|statistics|percentages)\b",
    re.IGNORECASE,
)
_UNGROUNDED = re.compile(
    r"\bfigures?\b|\bnumbers?\b|\bungrounded\b|\bno (?:cited )?quote\b"
    r"|\bnot (?:in|found in|backed by)\b.*\b(?:quote|find)",
    re.IGNORECASE,
)
_NO_RIVALS = re.compile(
    r"\b(?:no|without|remove|drop|not mention)\b.*\bcompetitors?\b", re.IGNORECASE
)
_FOOTER = re.compile(
    r"\bunsubscribe|\bpostal\b|\bfooter\b|\baddress (?:is )?missing", re.IGNORECASE
)
_FORMAL = re.compile(
    r"\bmore (?:formal|professional|serious)\b|\btoo casual\b|\bmás formal\b", re.IGNORECASE
)
_WARM = re.compile(
    r"\b(?:warmer|friendlier|more (?:friendly|casual|human|personal))\b|\btoo (?:formal|stiff)\b"
    r"|\bmás (?:cercano|cálido|amable|informal)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:different|another|new|other|change the|rewrite the) "
    r"(?:angle|opening|subject|title|headline|hook|wording|text|version)\b|\brewrite\b",
    re.IGNORECASE,
)
_FINDING = re.compile(r"\bF[0-9]{1,4}\b")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the next text must do differently. `turn` asks for another angle altogether."""

    banned: tuple[str, ...] = ()
    shorter: int = 0
    no_figures: bool = False
    figures_out: frozenset[str] = field(default_factory=frozenset)
    findings_out: frozenset[str] = field(default_factory=frozenset)
    no_rivals: bool = False
    tone: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """One feedback line: where it applies (`email-a`, `email` or everywhere) and what it wants."""

    line: str
    place: str
    change: Callable[[Wishes], Wishes] | None
    is_footer: bool = False

    def concerns(self, item_id: str) -> bool:
        """True where the line speaks of this item, of its channel, or of no place."""
        return self.place in {"", item_id, item_id.rsplit("-", 1)[0]}


def read(lines: Sequence[str]) -> tuple[Reading, ...]:
    """Each feedback line with what can be done about it; `change` is None where nothing can."""
    return tuple(_read(line) for line in lines)


def wishes_for(item_id: str, readings: Sequence[Reading]) -> Wishes:
    """The wishes that concern one item, oldest first."""
    wishes = Wishes()
    for reading in readings:
        if reading.change is not None and reading.concerns(item_id):
            wishes = reading.change(wishes)
    return wishes


def not_understood(readings: Sequence[Reading]) -> tuple[str, ...]:
    """A note for each line that nothing could be done about."""
    return tuple(
        f"Feedback not acted on by the embedded writer, please edit by hand: {reading.line[:300]}"
        for reading in readings
        if reading.change is None
    )


def _read(line: str) -> Reading:
    match = _PLACE.match(line)
    place = match["place"] if match else ""
    said = line[match.end() :] if match else line
    return Reading(line, place, _change(said), bool(_FOOTER.search(said)))


def _change(said: str) -> Callable[[Wishes], Wishes] | None:
    """The first reading that fits; the order goes from the specific to the general."""
    if _FOOTER.search(said):
        return lambda wishes: wishes
    word = _QUOTED.search(said)
    if word is not None and (_BANNED.search(said) or _DROP.search(said)):
        return lambda wishes: replace(wishes, banned=(*wishes.banned, word["word"].strip()))
    simple = _simple(said)
    if simple is not None:
        return simple
    return _evidence(said)


def _simple(said: str) -> Callable[[Wishes], Wishes] | None:
    if _SHORTER.search(said):
        return lambda w: replace(w, shorter=min(SHORTER_MAX, w.shorter + 1))
    if _NO_FIGURES.search(said):
        return lambda w: replace(w, no_figures=True)
    if _NO_RIVALS.search(said):
        return lambda w: replace(w, no_rivals=True)
    if _FORMAL.search(said):
        return lambda w: replace(w, tone="formal")
    if _WARM.search(said):
        return lambda w: replace(w, tone="warm")
    if _OTHER.search(said):
        return lambda w: replace(w, turn=w.turn + 1)
    return None


def _evidence(said: str) -> Callable[[Wishes], Wishes] | None:
    named = frozenset(_FINDING.findall(said))
    if named:
        return lambda w: replace(w, findings_out=w.findings_out | named)
    numbers = values(said)
    if numbers and _UNGROUNDED.search(said):
        return lambda w: replace(w, figures_out=w.figures_out | numbers)
    return None
