"""What a place where reviewers are told is to the announcement; it knows none in particular."""

from dataclasses import replace
from typing import Protocol

from chassis.clock import Clock
from chassis.fuse import NO_FUSE, Fuse
from chassis.service import Job
from contracts import identity
from contracts.goal import NoticePlace
from contracts.message import Message
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.ports import Retracted
from services.optimizer.review.wording import Wording


class Told(Message):
    """Where it was told: for people, and as the vendor names it. Recorded beside the claim."""

    location: str
    handle: str


class Telling:
    """One place's effects in one campaign: the present round's, and those of rounds before."""

    def __init__(self, place: NoticePlace, job: Job, clock: Clock, fuse: Fuse = NO_FUSE) -> None:
        self._place = place
        self.job = job
        self._clock = clock
        self._fuse = fuse

    @property
    def now(self) -> Effect:
        """The present round's effect."""
        return self._of_round(self.job.call.round)

    @property
    def before(self) -> tuple[Effect, ...]:
        """What earlier rounds told; the work went back since."""
        return tuple(map(self._of_round, range(self.job.call.round)))

    def _of_round(self, number: int) -> Effect:
        own = identity.effect_key(self.job.campaign_id, self.job.call.step, number)
        key = identity.derived(identity.EFFECTS, own, self._place)
        call = self.job.call.model_copy(update={"effect_key": key})
        return Effect(replace(self.job, call=call), self._clock, self._fuse)


class Place(Protocol):
    """One place. Both methods may be called again at any time."""

    async def tell(self, wording: Wording, telling: Telling) -> Told:
        """Tell reviewers once per round. Raises StepError."""
        ...

    async def withdraw(self, campaign_name: str, telling: Telling) -> Retracted:
        """Say of every round that nobody is to decide any more. Raises StepError."""
        ...


def together(parts: list[Retracted]) -> Retracted:
    """What came of taking several things back."""
    details = dict.fromkeys(part.detail for part in parts if part.detail)
    left = dict.fromkeys(one for part in parts for one in part.left_behind)
    return Retracted(detail="; ".join(details), left_behind=tuple(left))
