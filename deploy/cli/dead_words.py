"""A dead letter in words and as data; of undecodable bytes it tells the size and the hash only."""

import hashlib
from typing import Any

from chassis.broker import Incoming
from chassis.letterbox import Letter

CAUSE_CHARS = 80
HELD_CHARS = 48


def row(letter: Letter) -> tuple[object, ...]:
    """One line of the list."""
    return (
        letter.place,
        letter.state,
        letter.at.isoformat(timespec="seconds"),
        letter.attempts,
        letter.body.topic,
        letter.body.key.decode(errors="replace"),
        _short(letter.schema, HELD_CHARS),
        _short(letter.body.reason, CAUSE_CHARS),
    )


def told(letter: Letter, record: Incoming | None) -> list[str]:
    """Everything about one letter, line by line."""
    body, value = letter.body, record.value if record else None
    lines = [
        f"letter    {letter.place}  {letter.state}",
        f"cause     {body.reason}",
        f"holds     {letter.schema}",
        f"attempts  {letter.attempts}" + (f", {letter.copies} copies" if letter.copies else ""),
        f"stood     {body.topic}[{body.partition}]@{body.offset}",
        f"key       {body.key.decode(errors='replace') or 'none'}",
        f"tenant    {letter.tenant_id or 'nobody says'}",
        f"campaign  {letter.campaign_id or 'nobody says'}",
        f"seen by   {body.seen_by}, {letter.at.isoformat()}",
        f"value     {_value(value)}",
    ]
    if body.detail:
        lines.insert(2, f"detail    {body.detail}")
    for name, content in sorted(body.headers.items()):
        lines.append(f"header    {name}: {content.decode(errors='replace')}")
    for deed in letter.closed:
        who = f"{deed.actor.kind} {deed.actor.id}, {deed.at.isoformat()}"
        lines.append(f"closed    {deed.action} by {who}: {deed.reason or 'no reason given'}")
    lines.append(f"try it    sagaline dead show {letter.place} --save letter.json")
    lines.append("          sagaline dead try letter.json")
    return lines


def as_data(letter: Letter) -> dict[str, Any]:
    """The letter for programs; headers and key as text, the value not at all."""
    body = letter.body
    return {
        "letter": str(letter.place),
        "letter_id": letter.letter_id,
        "open": letter.open,
        "state": letter.state,
        "at": letter.at.isoformat(),
        "cause": body.reason,
        "detail": body.detail,
        "holds": letter.schema,
        "attempts": letter.attempts,
        "copies": letter.copies,
        "topic": body.topic,
        "partition": body.partition,
        "offset": body.offset,
        "key": body.key.decode(errors="replace"),
        "headers": {name: v.decode(errors="replace") for name, v in sorted(body.headers.items())},
        "size_bytes": letter.size,
        "tenant_id": letter.tenant_id,
        "campaign_id": letter.campaign_id,
        "seen_by": body.seen_by,
        "closed": [
            {
                "action": deed.action.value,
                "at": deed.at.isoformat(),
                "actor": f"{deed.actor.kind}:{deed.actor.id}",
                "reason": deed.reason,
            }
            for deed in letter.closed
        ],
    }


def _value(value: bytes | None) -> str:
    if value is None:
        return "none: it was too large for a letter and is gone, or the record had none"
    return f"{len(value)} bytes, SHA-256 {hashlib.sha256(value).hexdigest()}"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
