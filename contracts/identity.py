"""Ids that can be computed again: the same facts give the same id, so a replay repeats it."""

from functools import cache
from hashlib import sha1
from uuid import UUID

CAMPAIGNS = UUID("4b3df9c1-9f0e-5c0c-8f4e-0c6b1f6a7d10")
CONTROLS = UUID("7f3a1d5e-9c2b-5e48-a6d1-3b8c0f2e4a76")
COMMANDS = UUID("6a0f4f0a-2f4f-5a55-9d6e-3c1d8b9f2e21")
EFFECTS = UUID("0d6f6f1e-8a43-5b0c-a7c2-57a7a0c9be32")
FACTS = UUID("c9b7a1d2-51c4-5d9a-b0f6-9e1f3a8d4c43")
FORKS = UUID("7d3a9b64-5c1f-5e28-a4d7-8f2b6c9e1a76")
FORWARDS = UUID("e1c5d7f8-3b2a-5e4d-8c9b-1a2f3e4d5c54")
TENANTS = UUID("2f6a8c4e-7d1b-5f3a-9e8d-6b5c4a3f2e65")
"""The namespaces of every derived id. Changing one redelivers the past."""


def derived(namespace: UUID, *facts: object) -> str:
    """The UUIDv5 of `facts` joined by a slash, as text (RFC 9562)."""
    named = "/".join(map(str, facts)).encode()
    digest = sha1(namespace.bytes + named, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def campaign_id(tenant_id: str, idempotency_key: str) -> str:
    """The campaign that one tenant's idempotency key names, now and ever after."""
    return derived(CAMPAIGNS, tenant_id, idempotency_key)


def fork_id(tenant_id: str, origin: str, idempotency_key: str) -> str:
    """The campaign that a key makes of a part of the campaign `origin`."""
    return derived(FORKS, tenant_id, origin, idempotency_key)


def command_id(campaign: str, step: str, attempt: int) -> str:
    """The id of one attempt at one step; an undo names its step with the prefix `undo:`."""
    return derived(COMMANDS, campaign, step, attempt)


def effect_key(campaign: str, step: str, round_: int) -> str:
    """The key handed to the outside world: the same over attempts, new only with a new round."""
    return derived(EFFECTS, campaign, step, round_)


def fact_id(campaign: str, sequence: int) -> str:
    """The id of the campaign's `sequence`-th log record."""
    return derived(FACTS, campaign, sequence)


@cache
def control_id(partition: int) -> str:
    """The id under which a partition's wider pauses are asked for and logged."""
    return derived(CONTROLS, partition)
