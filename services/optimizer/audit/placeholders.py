"""Nothing unfinished is published; it does not know what should have stood there."""

import re

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from contracts.goal import Channel
from services.optimizer.audit.footer import UNSUBSCRIBE
from services.optimizer.audit.prose import places
from services.optimizer.audit.rule import Rule, shortened

FINISHED = Rule("nothing_unfinished", Severity.CRITICAL)

_FIELD = (
    r"(?:(?:first|last|full|company|business|brand|product|customer|client|city) )?name"
    r"|company|city|date|amount|price|link|cta|(?:add|put|link to|replace|fill in) [^\[\]\n]{1,80}"
    r"|nombre|apellidos?|empresa|ciudad|fecha|enlace|precio|(?:añade|pon) [^\[\]\n]{1,80}"
)
_PIECE = r"(?:post|e-?mail|tweet|draft|version|text|article|copy|variant|subject line)s?"
_PIECE_ES = r"(?:publicación|correo|tuit|borrador|texto|versión|artículo)"
_MODEL_TALK = (
    rf"\b(?:sure|certainly|of course|absolutely)[!,.:] here(?:'s|\u2019s| is| are) "
    rf"(?:\w+ ){{0,4}}{_PIECE}\b|\bas an ai(?: language)? model\b"
    rf"|\bhope this {_PIECE} (?:helps|meets)\b|\bcomo modelo de lenguaje\b"
    rf"|\bclaro[!,.:] aquí (?:tienes|está) (?:\w+ ){{0,3}}{_PIECE_ES}\b"
)
"""What a model says to whoever asked it, and not to a reader."""
_HOLES = (
    re.compile(r"\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}|\$\{[^{}\n]{0,200}\}"),
    re.compile(r"(?<![{$])\{\s*[A-Za-z_][\w.]{0,60}\s*\}(?!\})"),
    re.compile(r"\{\{|\}\}"),
    re.compile(r"\blorem\b(?:\s+ipsum\b)?", re.IGNORECASE),
    re.compile(r"\b(?:FIXME|TBD|TK{1,2}|XXX+)\b"),
    re.compile(r"\[(?:your|insert|tu|su|inserte?)\b[^\[\]\n]{0,100}\](?![(\[])", re.IGNORECASE),
    re.compile(rf"\[(?:{_FIELD})\](?![(\[]|:[ \t]*\S*://)", re.IGNORECASE),
    re.compile(_MODEL_TALK, re.IGNORECASE),
    re.compile(r"<(?:your|insert|inserte?)\b[^<>\n]{0,100}>", re.IGNORECASE),
)
_TODO = re.compile(r"\bTODO\b")
_TODO_MARK = re.compile(r"\bTODO\s?:|[\[(]TODO\b")
"""In Spanish and Portuguese the plain word means `all`; there only a marked one counts."""


def placeholders(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """No unfilled template field, filler text or note to self, in texts or on pictures.

    The unsubscribe field is filled by the e-mail channel, and stands for itself there only.
    """
    languages = {item.id: item.language for item in subject.items}
    checks: list[QualityCheck] = []
    for place, channel, parts in places(subject):
        todo = _TODO_MARK if languages.get(place) in ("es", "pt") else _TODO
        reasons = [
            f"the {name} still holds “{shortened(hole, 80)}”; write what belongs there"
            for name, text in parts
            for hole in _holes(_allowed_out(text, channel, name), todo)
        ]
        checks += FINISHED.verdicts(place, reasons)
    return tuple(checks)


def _allowed_out(text: str, channel: Channel, name: str) -> str:
    allowed = channel is Channel.EMAIL and name == "body"
    return UNSUBSCRIBE.sub("", text) if allowed else text


def _holes(text: str, todo: re.Pattern[str]) -> list[str]:
    found: dict[str, None] = {}
    for pattern in (*_HOLES, todo):
        found.update(dict.fromkeys(pattern.findall(text)))
        text = pattern.sub(" ", text)
    return list(found)
