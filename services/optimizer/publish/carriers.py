"""What carries a finished e-mail: a maildir or an SMTP server. It knows no campaign."""

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
    """Carries mails one at a time; blocking, so it is called in a thread.

    `deduplicates` says whether handing over the same key twice still makes one mail.
    """

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
