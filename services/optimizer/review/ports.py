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
from services.optimizer.review.fate import Fate
from services.optimizer.review.story import Verdict
from services.optimizer.review.wording import Wording

TITLE = "Campaign"
"""Stands for the title of what was told before titles were recorded."""

_VERDICT, _RENEWED = "verdict", "renewed"


class Told(Message):
    """Where it was told: for people, and as the vendor names it. Recorded beside the claim.

    `version` names what a pull request showed: the commit, where it is known.
    """

    location: str
    handle: str
    title: str = TITLE
    version: str = ""


class Heard(Message):
    """What a place did with a verdict. Recorded, so that it is done once."""

    detail: str


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

    @property
    def heard(self) -> Effect:
        """The effect of saying what came of the present round."""
        return self._under(self.now.part("heard"))

    def _of_round(self, number: int) -> Effect:
        own = identity.effect_key(self.job.campaign_id, self.job.call.step, number)
        return self._under(identity.derived(identity.EFFECTS, own, self._place))

    def _under(self, key: str) -> Effect:
        call = self.job.call.model_copy(update={"effect_key": key})
        return Effect(replace(self.job, call=call), self._clock, self._fuse)


class Place(Protocol):
    """One place. Each method may be called again at any time."""

    async def tell(self, wording: Wording, telling: Telling) -> Told:
        """Tell reviewers once per round. Raises StepError."""
        ...

    async def hear(self, verdict: Verdict, telling: Telling) -> Heard:
        """Say once what came of the present round, which was told. Raises StepError."""
        ...

    async def withdraw(self, campaign_name: str, telling: Telling) -> Retracted:
        """Say of every round that nobody is to decide any more. Raises StepError."""
        ...


async def told_under(effect: Effect) -> Told | None:
    """What is on record of telling reviewers; None where nobody recorded it (yet)."""
    recorded = await effect.job.claims.outcome(effect.key)
    return None if recorded is None else Told.model_validate_json(recorded)


async def note_verdict(effect: Effect, verdict: Verdict) -> None:
    """Put on record what the announcement met, before anything is said of it."""
    await effect.noted(_VERDICT, verdict.model_dump_json().encode())


async def note_renewed(effect: Effect) -> None:
    """Put on record that a later round was told."""
    await effect.noted(_RENEWED, b"1")


async def fate_of(effect: Effect) -> Fate:
    """What is on record of the announcement now."""
    verdict = await effect.note(_VERDICT)
    return Fate(
        verdict=None if verdict is None else Verdict.model_validate_json(verdict),
        renewed=await effect.note(_RENEWED) is not None,
        withdrawn=await effect.is_undone(),
    )


def together(parts: list[Retracted]) -> Retracted:
    """What came of taking several things back."""
    details = dict.fromkeys(part.detail for part in parts if part.detail)
    left = dict.fromkeys(one for part in parts for one in part.left_behind)
    return Retracted(detail="; ".join(details), left_behind=tuple(left))
