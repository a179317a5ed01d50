"""Hands that hear of facts in `campaign.log`, each campaign's in order; nobody waits for them.

They write nothing to any topic. What stands in their way is tried again for a while and then given
up with a word in the log, so that one campaign's news never holds up another's for good.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta

import structlog

from chassis.broker import Incoming, Outgoing
from chassis.clock import Clock
from chassis.codec import Codec, Decoded
from chassis.errors import Retryable, StepError, Undecodable
from chassis.loop import Piece
from chassis.messages import TYPE_HEADER
from contracts.message import LogEvent

TRIED_FOR = timedelta(hours=2)
"""How long one fact is tried again while only the outside is in its way."""

ATTEMPT_S_MAX = 300.0
RETRY_S, RETRY_S_MAX = 1.0, 60.0
STACK_CHARS_MAX = 3_000

log = structlog.get_logger()

Hear = Callable[[Decoded], Awaitable[None]]
"""`async (fact) -> None`; may be called again with the same fact. Raises StepError, Retryable."""


class Follower:
    """Takes the facts of some kinds, and lets all others pass."""

    def __init__(
        self, kinds: Collection[type[LogEvent]], hear: Hear, *, codec: Codec, clock: Clock
    ) -> None:
        self._names = frozenset(codec.catalog.entry_of(kind).name.encode() for kind in kinds)
        self._hear = hear
        self.codec = codec
        self.clock = clock

    def take(self, incoming: Incoming) -> Piece | None:
        """A fact of these kinds, in its campaign's turn.

        One that this build cannot read is passed over: the log is another's, and no letter is
        written that somebody could put back there.
        """
        if dict(incoming.headers).get(TYPE_HEADER) not in self._names:
            return None
        try:
            fact = self.codec.decode(incoming.value)
        except Undecodable as reason:
            log.warning("fact_not_read", offset=incoming.offset, reason=str(reason))
            return None
        return Piece(fact, fact.envelope.campaign_id, f"the news of {fact.entry.name}")

    async def answer(self, message: Decoded) -> tuple[Outgoing, ...]:
        """Hear of it, again while that may help; nothing answers a fact."""
        until, delay_s = self.clock.now() + TRIED_FOR, RETRY_S
        while (hindrance := await self._hindrance(message)) is not None:
            wait_s = hindrance.delay_s or delay_s
            about = {"workflow_id": message.envelope.campaign_id, "fact": message.entry.name}
            if self.clock.now() + timedelta(seconds=wait_s) > until:
                log.error("fact_given_up", **about, reason=str(hindrance))
                break
            log.warning("fact_waits", **about, reason=str(hindrance))
            await asyncio.sleep(wait_s)
            delay_s = min(RETRY_S_MAX, delay_s * 2)
        return ()

    async def _hindrance(self, fact: Decoded) -> Retryable | None:
        """What is in the way for now; None where the fact was heard, or never can be."""
        about = {"workflow_id": fact.envelope.campaign_id, "fact": fact.entry.name}
        try:
            async with asyncio.timeout(ATTEMPT_S_MAX):
                await self._hear(fact)
        except Retryable as hindrance:
            return hindrance
        except TimeoutError:
            return Retryable(f"it took longer than {ATTEMPT_S_MAX:.0f} s")
        except StepError as failure:
            if failure.reason.retryable:
                return Retryable(failure.message)
            log.error("fact_not_heard", **about, reason=failure.message)
        except Exception as bug:  # noqa: BLE001 - the rim: news is worth less than the process
            stack = "".join(traceback.format_exception(bug))[-STACK_CHARS_MAX:]
            log.error("fact_breaks_its_follower", **about, stack=stack)
        return None
