"""What a fact says, as JSON for people: framed bytes become the message that is in them."""

import hashlib
import json
from typing import Any

from chassis.codec import Codec, Decoded
from chassis.errors import Undecodable
from contracts.goal import CreateCampaign
from contracts.message import Message

_SEALED: Any = {"goal": {"contact_email": {"token"}, "recipients": {"__all__": {"token"}}}}
"""What no reader of the view gets: a personal field's cipher text. Who it is about stays."""


def shown(body: Message) -> dict[str, Any]:
    """A message's fields as JSON, without cipher texts."""
    hidden = _SEALED if isinstance(body, CreateCampaign) else None
    return body.model_dump(mode="json", exclude=hidden)


def data_of(decoded: Decoded, codec: Codec) -> dict[str, Any]:
    """An event's own fields; a framed one (`goal`, `body`) opened, with its type beside it."""
    body = decoded.body
    framed = {name: value for name, value in body if isinstance(value, bytes)}
    data = body.model_dump(mode="json", exclude=set(framed))
    for name, value in framed.items():
        data |= _opened(name, value, codec)
    return data


def fingerprint(created: CreateCampaign) -> str:
    """The same for the same wish: seals differ each time, the people they are about do not."""
    text = json.dumps(shown(created), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_of(goal: bytes, codec: Codec) -> str:
    """The fingerprint of a framed CreateCampaign; empty for any other message."""
    try:
        created = codec.decode(goal).body
    except Undecodable:
        return ""
    return fingerprint(created) if isinstance(created, CreateCampaign) else ""


def _opened(name: str, value: bytes, codec: Codec) -> dict[str, Any]:
    if not value:
        return {name: None}
    try:
        inner = codec.decode(value)
    except Undecodable as cause:
        return {name: None, f"{name}_problem": str(cause)}
    return {name: shown(inner.body), f"{name}_type": inner.entry.name}
