"""Reviewer links: whoever has one may decide about exactly what one gate shows. It knows no page.

The link is the permission: its claims carry an HMAC-SHA256 (RFC 2104) under a key of the tenant's
own. So it enters neither log nor topic; where one must be named, `hinted` leaves the secret out.
"""

import hashlib
import hmac
import re
from typing import NamedTuple

from chassis.sealing import Keyring, Shredded

PLACE = "/review"
SIGNATURE_BYTES = 16
"""128 bits: half of what SHA-256 gives, which RFC 2104 (section 5) asks for at least."""

WHOEVER = "reviewer-link"
"""The account of whoever decides by a link that names nobody: one account, so one approval."""

_SEPARATOR = "~"
"""Stands in no step's, no account's and no digest's name, and needs no quoting in an address."""

_PURPOSE = b"reviewer link, version 1"
_HIDDEN = re.compile(rf"({PLACE}/[^/\s]+/)[^/\s?#]+")


class Question(NamedTuple):
    """What a link asks: the gate, what it shows, and who answers (empty: whoever has the link)."""

    campaign_id: str
    step: str
    shown_digest: str
    reviewer: str = ""


class NoSuchLink(ValueError):
    """Nobody of this tenant signed it: altered, another tenant's, or another campaign's."""


def path_of(keyring: Keyring, tenant_id: str, question: Question) -> str:
    """The link, below the edge's address; the same question always has the same one."""
    told = _SEPARATOR.join((question.step, question.shown_digest, question.reviewer))
    signature = _signature(keyring, tenant_id, question.campaign_id, told)
    return f"{PLACE}/{question.campaign_id}/{told}{_SEPARATOR}{signature}"


def opened(keyring: Keyring, tenant_id: str, campaign_id: str, token: str) -> Question:
    """What the link's last part asks. Raises NoSuchLink for one that this tenant did not sign."""
    told, _, signature = token.rpartition(_SEPARATOR)
    try:
        right = _signature(keyring, tenant_id, campaign_id, told)
    except Shredded as cause:
        raise NoSuchLink("the tenant's key is gone") from cause
    if not hmac.compare_digest(signature.encode(), right.encode()):
        raise NoSuchLink("the signature is not ours")
    step, shown_digest, reviewer = told.split(_SEPARATOR)
    return Question(campaign_id, step, shown_digest, reviewer)


def hinted(text: str) -> str:
    """The text with every reviewer link in it cut to the campaign: fit for logs."""
    return _HIDDEN.sub(r"\1…", text)


def _signature(keyring: Keyring, tenant_id: str, campaign_id: str, told: str) -> str:
    pepper = keyring.key(tenant_id, tenant_id, create=True)
    key = hmac.new(pepper, _PURPOSE, hashlib.sha256).digest()
    signed = f"{tenant_id}/{campaign_id}/{told}".encode()
    return hmac.new(key, signed, hashlib.sha256).digest()[:SIGNATURE_BYTES].hex()
