"""What the edge needs of the log: to put requests in, and to hear what happens. No Kafka here."""

from collections.abc import AsyncGenerator
from typing import Protocol

from chassis.broker import Outgoing


class LogUnavailable(Exception):
    """The log cannot be reached now: nothing was accepted, the same call may be made again."""


class SendUncertain(LogUnavailable):
    """A request was handed over and never confirmed: it may be in the log, or never get there."""


class EdgeLog(Protocol):
    """The edge's side of the log."""

    async def send(self, record: Outgoing) -> None:
        """Return once every in-sync replica has it. Raises LogUnavailable, or SendUncertain."""
        ...

    def tail(self) -> AsyncGenerator[bytes, None]:
        """Values committed to `campaign.log` from now on, until the caller stops iterating.

        Raises LogUnavailable; asking again begins at the then present end.
        """
        ...

    async def check(self) -> None:
        """Raises LogUnavailable where the log does not answer."""
        ...

    async def close(self) -> None:
        """Give the connections up."""
        ...
