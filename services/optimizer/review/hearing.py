"""What a gate decided, told where its reviewers were told. It follows the log; nobody waits for it.

Each fact that matters is put into the campaign's story (story.py), which is kept beside the claims;
then whatever was told and met a verdict hears of it, once. So it does not matter which came first,
the announcement or the decision, how often the log is read, or who read it before.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn, cast

import structlog

from chassis.artefacts import ArtefactStore, StepArtefacts
from chassis.claims import Claims
from chassis.clock import Clock
from chassis.codec import Decoded
from chassis.errors import Retryable, StepError
from chassis.following import ATTEMPT_S_MAX
from chassis.fuse import NO_FUSE, Fuse
from chassis.service import Job
from contracts import identity
from contracts.envelope import LogPosition, StepCall
from contracts.goal import NoticePlace, SealedText
from contracts.message import LogEvent
from services.optimizer.review.handlers import Desk
from services.optimizer.review.ports import Telling, note_verdict, told_under
from services.optimizer.review.story import Entry, Met, begins, entry_of, verdicts

NOTICES = "notices"
"""The role's name, and its group's."""

NEWS_FOR = timedelta(days=7)
"""An older verdict is no news: a log that is read from its beginning stirs up nothing old."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Hearing:
    """Lets every place that told reviewers hear what was decided."""

    desk: Desk
    claims_of: Callable[[str], Claims]
    artefacts: ArtefactStore
    clock: Clock
    fuse: Fuse = NO_FUSE

    async def hear(self, fact: Decoded) -> None:
        """Take in one fact, and tell what is to be told now. Raises Retryable until it was told.

        Where a place refuses for good it is logged, and that place does not hear it.
        """
        event, envelope = cast("LogEvent", fact.body), fact.envelope
        diary = Diary(self.claims_of(envelope.tenant_id), envelope.campaign_id)
        story = await diary.entries()
        if not story and not begins(event):
            return
        sequence = cast("LogPosition", fact.header).sequence
        entry = entry_of(event, sequence, envelope.actor.id, envelope.time)
        if entry is not None:
            story = await diary.add(entry, story)
        oldest = self.clock.now() - NEWS_FOR
        news = [one for one in verdicts(story) if one.verdict.at >= oldest]
        in_the_way = await asyncio.gather(
            *(self._tell_in(place, news, fact) for place in self.desk.places)
        )
        for hindrance in in_the_way:
            if hindrance is not None:
                raise hindrance

    async def _tell_in(
        self, place: NoticePlace, news: list[Met], fact: Decoded
    ) -> Retryable | None:
        """Tell one place all that it has not heard; what keeps it from hearing for now."""
        for one in news:
            telling = Telling(place, self._job(one, fact), self.clock, self.fuse)
            try:
                await self._tell(place, one, telling)
            except Retryable as hindrance:
                return hindrance
            except StepError as failure:
                if failure.reason.retryable:
                    return Retryable(failure.message)
                telling.job.log.error("verdict_not_told", place=place, reason=failure.message)
        return None

    async def _tell(self, place: NoticePlace, one: Met, telling: Telling) -> None:
        """Nothing where it was heard, and nothing yet where nobody was told."""
        if await telling.job.claims.outcome(telling.heard.key) is not None:
            return
        await note_verdict(telling.now, one.verdict)
        if await told_under(telling.now) is None:
            return
        heard = await self.desk.places[place].hear(one.verdict, telling)
        telling.job.log.info(
            "verdict_told", place=place, decision=one.verdict.decision, detail=heard.detail
        )

    def _job(self, one: Met, fact: Decoded) -> Job:
        envelope, own = fact.envelope, one.announcement
        tenant_id, campaign_id = envelope.tenant_id, envelope.campaign_id
        call = StepCall(
            step=own.step,
            attempt=1,
            round=own.round,
            effect_key=own.effect_key,
            not_after=self.clock.now() + timedelta(seconds=ATTEMPT_S_MAX),
        )
        return Job(
            tenant_id=tenant_id,
            campaign_id=campaign_id,
            command_id=envelope.id,
            call=call,
            artefacts=StepArtefacts(self.artefacts, tenant_id, campaign_id, own.step),
            claims=self.claims_of(tenant_id),
            unseal=_nothing_personal,
            log=log.bind(
                workflow_id=campaign_id,
                correlation_id=envelope.correlation_id,
                activity=own.step,
            ),
        )


class Diary:
    """A campaign's story as it is kept: entries under numbered keys, each written once."""

    def __init__(self, claims: Claims, campaign_id: str) -> None:
        self._claims = claims
        self._campaign_id = campaign_id

    async def entries(self) -> list[Entry]:
        """All of them, in the log's order."""
        found: list[Entry] = []
        while (kept := await self._claims.outcome(self._key(len(found)))) is not None:
            found.append(Entry.model_validate_json(kept))
        return found

    async def add(self, entry: Entry, known: list[Entry]) -> list[Entry]:
        """The story with this entry; one of a fact that it tells of already adds nothing.

        Whoever else writes meanwhile reads the same log in the same order: so it writes the same.
        """
        story = list(known)
        while entry.sequence not in {one.sequence for one in story}:
            key = self._key(len(story))
            await self._claims.settle(key, entry.model_dump_json().encode())
            kept = await self._claims.outcome(key)
            story.append(entry if kept is None else Entry.model_validate_json(kept))
        return story

    def _key(self, number: int) -> str:
        return identity.derived(identity.EFFECTS, self._campaign_id, NOTICES, number)


def _nothing_personal(_: SealedText) -> NoReturn:
    raise AssertionError("what is told of a verdict holds no personal field")
