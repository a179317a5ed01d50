"""What carries a finished e-mail: a maildir or an SMTP server. It knows no campaign."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """What became of one mail. UNKNOWN: it may or may not have gone out, nobody can say."""

    SENT = "SENT"
    DEFERRED = "DEFERRED"
    REFUSED = "REFUSED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Mail:
    """A finished mail; `key` is its recipient's effect key."""

    effect_key: str
    key: str
    sender: str
    recipient: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Handed:
    """What the carrier answered; `detail` never holds an address."""

    verdict: Verdict
    detail: str = ""


class Carrier(Protocol):
    """Carries mails one at a time.

    `deduplicates` says whether handing over the same key twice still makes one mail.
    """

    name: str
    deduplicates: bool
    location: str

    async def ready(self) -> None:
        """Make sure that a mail can be handed over.

        Raises StepError, or CircuitOpen where whoever carries is left alone for now; and nothing
        was sent.
        """
        ...

    async def hand_over(self, mail: Mail) -> Handed:
        """Hand over one mail."""
        ...

    async def close(self) -> None:
        """Let go of what `ready` took."""
        ...


class BlockingCarrier(Protocol):
    """The same, for whoever blocks while it works."""

    name: str
    deduplicates: bool
    location: str

    def ready(self) -> None:
        """Make sure that a mail can be handed over. Raises StepError, and nothing was sent."""
        ...

    def hand_over(self, mail: Mail) -> Handed:
        """Hand over one mail."""
        ...

    def close(self) -> None:
        """Let go of what `ready` took."""
        ...


class InThread:
    """A Carrier round one that blocks: each step runs in a thread."""

    def __init__(self, carrier: BlockingCarrier) -> None:
        self._carrier = carrier
        self.name = carrier.name
        self.deduplicates = carrier.deduplicates
        self.location = carrier.location

    async def ready(self) -> None:
        """Make sure that a mail can be handed over. Raises StepError."""
        await asyncio.to_thread(self._carrier.ready)

    async def hand_over(self, mail: Mail) -> Handed:
        """Hand over one mail."""
        return await asyncio.to_thread(self._carrier.hand_over, mail)

    async def close(self) -> None:
        """Let go of what `ready` took."""
        await asyncio.to_thread(self._carrier.close)
