"""Nothing unfinished is published; it does not know what should have stood there."""

import re

from contracts.audit import AuditContent, QualityCheck
from contracts.envelope import Severity
from contracts.goal import Channel
from services.optimizer.audit.footer import UNSUBSCRIBE
from services.optimizer.audit.prose import places
from services.optimizer.audit.rule import Rule, shortened

FINISHED = Rule("nothing_unfinished", Severity.CRITICAL)

_HOLES = (
    re.compile(r"\{\{[^{}\n]{0,200}\}\}|\{%[^{}\n]{0,200}%\}|\$\{[^{}\n]{0,200}\}"),
    re.compile(r"(?<![{$])\{\s*[A-Za-z_][\w.]{0,60}\s*\}(?!\})"),
    re.compile(r"\{\{|\}\}"),
    re.compile(r"\blorem\b(?:\s+ipsum\b)?", re.IGNORECASE),
    re.compile(r"\b(?:FIXME|TBD|TK{1,2}|XXX+)\b"),
    re.compile(r"\[(?:your|insert|tu|su|inserte?)\b[^\[\]\n]{0,100}\](?![(\[])", re.IGNORECASE),
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
