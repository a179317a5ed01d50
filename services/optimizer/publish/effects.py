"""Who may act under an effect key: claims, the undo's mark, the lease. It knows no channel.

The first claim of the key decides between publishing and its undo. After a publication was
begun, the undo leaves a mark of its own that every later publish looks for before it acts.

Each try to reach outside is noted, and so is its end. A try that never ended (its process was
killed, or is frozen) is waited for: its fuse ends that process, if it still is one, a bounded time
after the mark. So nothing is published under a key once its undo is confirmed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from chassis.clock import Clock
from chassis.errors import Retryable, StepError
from chassis.fuse import NO_FUSE, Fuse
from chassis.service import Job
from contracts.envelope import FailureReason
from contracts.identity import EFFECTS, derived

UNDO_OWNER = "undo:"
"""What the owner of a claim begins with where an undo made it."""

TRIES_MAX = 1_000
CLOCKS_APART = timedelta(seconds=1)
"""So far may the clocks of two copies differ."""

_OVER = b"over"


def taken_back(effect_key: str) -> StepError:
    """The refusal of a publish that comes after its own undo."""
    return StepError(
        FailureReason.CANCELLED,
        f"the publication {effect_key} was taken back before this attempt; nothing was published "
        "now. Start a new round of the step to publish again",
    )


class Effect:
    """One command's effect on the outside world, with what must hold before it may happen."""

    def __init__(self, job: Job, clock: Clock, fuse: Fuse = NO_FUSE) -> None:
        self.job = job
        self._fuse = fuse
        self.clock = clock
        self.key = job.call.effect_key
        self._undo_key = derived(EFFECTS, self.key, "undo")

    def part(self, *facts: object) -> str:
        """The key of a part of this effect, for example one recipient's."""
        return derived(EFFECTS, self.key, *facts)

    async def begin(self) -> bytes | None:
        """Claim the effect for publishing; the outcome where one is recorded already.

        Raises StepError CANCELLED where the undo was first.
        """
        claims = self.job.claims
        if await claims.claim(self.key, self.job.command_id):
            return None
        await self.refuse_if_undone()
        return await claims.outcome(self.key)

    async def refuse_if_undone(self) -> None:
        """Raise StepError CANCELLED where an undo holds the key or left its mark."""
        if await self.is_undone():
            raise taken_back(self.key)

    async def is_undone(self) -> bool:
        """True where an undo holds the key or left its mark."""
        claims = self.job.claims
        owner = await claims.owner(self.key) or ""
        return owner.startswith(UNDO_OWNER) or await claims.owner(self._undo_key) is not None

    async def may_start(self) -> None:
        """What is asked right before each effect. Raises StepError CANCELLED or TIMEOUT."""
        await self.refuse_if_undone()
        self.check_lease()

    @asynccontextmanager
    async def acting(self, seconds_max: float) -> AsyncIterator[None]:
        """Round what reaches outside: asks whether it may start, and bounds how long it may take.

        Raises StepError CANCELLED or TIMEOUT, and then nothing was done.
        """
        key = await self._new_try()
        try:
            with self._fuse.burning(seconds_max):
                await self.may_start()
                yield
        finally:
            await self.job.claims.settle(key, _OVER)

    async def _new_try(self) -> str:
        for number in range(TRIES_MAX):
            key = self._try(number)
            if await self.job.claims.claim(key, self.job.command_id):
                return key
        raise StepError(
            FailureReason.INTERNAL,
            f"{TRIES_MAX} tries to publish under {self.key} are on record, and that is enough",
        )

    async def all_tries_are_over(self, seconds_max: float) -> None:
        """Return once no try of before the undo's mark can still reach outside.

        Raises Retryable until then; `seconds_max` is what `acting` was given.
        """
        claims, marked_key = self.job.claims, self.part("undo marked")
        for number in range(TRIES_MAX):
            key = self._try(number)
            if await claims.owner(key) is None:
                return
            if await claims.outcome(key) is None:
                break
        await claims.settle(marked_key, self.clock.now().isoformat().encode())
        marked = await claims.outcome(marked_key) or b""
        over = datetime.fromisoformat(marked.decode()) + timedelta(seconds=seconds_max)
        left = over + CLOCKS_APART - self.clock.now()
        if left > timedelta():
            raise Retryable(
                f"a try to publish under {self.key} may still be under way",
                delay_s=left.total_seconds(),
            )

    def _try(self, number: int) -> str:
        return self.part("try", number)

    async def tried(self) -> bool:
        """True where a try to reach outside is on record, whatever came of it."""
        return await self.job.claims.owner(self._try(0)) is not None

    async def noted(self, name: str, value: bytes) -> bytes:
        """What was noted first under the name: every attempt goes by the same."""
        key = self.part(name)
        await self.job.claims.settle(key, value)
        return await self.job.claims.outcome(key) or value

    async def note(self, name: str) -> bytes | None:
        """What an attempt noted under the name; None where none did."""
        return await self.job.claims.outcome(self.part(name))

    def check_lease(self) -> None:
        """Raise StepError TIMEOUT where the command's time to start is over."""
        limit = self.job.call.not_after
        if self.clock.now() >= limit:
            raise StepError(
                FailureReason.TIMEOUT,
                f"the time to start this step ended at {limit.isoformat()}; what was not done by "
                "then is left undone. Ask again with a new attempt",
            )

    async def settle(self, outcome: bytes) -> None:
        """Record what came of publishing; the first outcome stands."""
        await self.job.claims.settle(self.key, outcome)

    @property
    def undo_owner(self) -> str:
        """The name under which this command's undo makes claims."""
        return f"{UNDO_OWNER}{self.job.command_id}"

    async def begin_undo(self) -> bool:
        """True where something may have been published; else the undo now holds the key."""
        claims = self.job.claims
        if await claims.claim(self.key, self.undo_owner):
            return False
        if (await claims.owner(self.key) or "").startswith(UNDO_OWNER):
            return False
        await claims.claim(self._undo_key, self.undo_owner)
        return True

    async def undone(self) -> bytes | None:
        """What an earlier delivery of this undo recorded."""
        return await self.job.claims.outcome(self._undo_key)

    async def settle_undo(self, outcome: bytes) -> None:
        """Record what came of the undo; the first outcome stands."""
        await self.job.claims.settle(self._undo_key, outcome)
