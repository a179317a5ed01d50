"""One recipient's standing under an effect: tries, claims and receipts. It sends nothing.

The first try's key is uuid5(effect key, subject id). A try that certainly sent nothing (the
server deferred it) is settled as such and the next one gets a key of its own, so that a claim
without an outcome always means: nobody knows.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.goal import SealedText
from contracts.message import Message
from contracts.publish import PublishContent
from services.optimizer.publish.carriers import Verdict
from services.optimizer.publish.effects import UNDO_OWNER, Effect, taken_back

_UNDONE = b"undone"
TRIES_MAX = 50
"""How often one recipient's mail may be deferred before it counts as refused."""


class Receipt(Message):
    """What came of one try; recorded beside its claim. `via` names the carrier."""

    verdict: Verdict
    via: str
    at: datetime
    detail: str = ""


class Place(StrEnum):
    """Where a recipient stands."""

    OPEN = "OPEN"
    UNKNOWN = "UNKNOWN"
    DONE = "DONE"
    UNDONE = "UNDONE"


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest try: its key, where it stands, and its receipt when it is DONE."""

    key: str
    place: Place
    receipt: Receipt | None = None


async def standing(effect: Effect, subject_id: str) -> Standing:
    """Where the recipient stands; nothing is claimed by asking."""
    claims = effect.job.claims
    receipt: Receipt | None = None
    key = ""
    for number in range(TRIES_MAX):
        key = effect.part(subject_id, *([number] if number else []))
        recorded = await claims.outcome(key)
        if recorded is None:
            owner = await claims.owner(key)
            if owner is None:
                return Standing(key, Place.OPEN, receipt)
            undone = owner.startswith(UNDO_OWNER)
            return Standing(key, Place.UNDONE if undone else Place.UNKNOWN)
        receipt = Receipt.model_validate_json(recorded)
        if receipt.verdict is not Verdict.DEFERRED:
            break
    return Standing(key, Place.DONE, receipt)


async def claimed(effect: Effect, found: Standing) -> bool:
    """Claim an open try. Raises StepError CANCELLED where the undo holds it."""
    if found.place is Place.UNDONE:
        raise taken_back(effect.key)
    return await effect.job.claims.claim(found.key, effect.job.command_id)


async def barred(effect: Effect, subject_id: str) -> Standing:
    """Where the recipient stands, an open try now being held by the undo."""
    while True:
        found = await standing(effect, subject_id)
        if found.place is not Place.OPEN:
            return found
        await effect.job.claims.claim(found.key, effect.undo_owner)


def addressed(command: PublishContent) -> tuple[SealedText, ...]:
    """Everybody once; the contact where nobody is listed."""
    listed = command.recipients or (command.contact_email,)
    return tuple({sealed.subject_id: sealed for sealed in listed}.values())


async def note_intent(effect: Effect, recipients: tuple[SealedText, ...]) -> None:
    """Record who is to be written to, before the first mail; the undo reads it."""
    key = effect.part("recipients")
    subjects = json.dumps([sealed.subject_id for sealed in recipients])
    await effect.job.claims.settle(key, subjects.encode())
    if await effect.job.claims.outcome(key) == _UNDONE:
        raise taken_back(effect.key)


async def intended(effect: Effect) -> tuple[str, ...]:
    """Whom the publication meant to write to; none, for ever, where it had not said so yet."""
    key = effect.part("recipients")
    await effect.job.claims.settle(key, _UNDONE)
    recorded = await effect.job.claims.outcome(key) or _UNDONE
    return () if recorded == _UNDONE else tuple(json.loads(recorded))
