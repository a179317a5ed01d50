"""The phases' hands: real effects by the product's own rules on a world that a test can look at.

How long a hand takes, and whether it fails, follows from seed, campaign, step and attempt alone.
"""

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from chassis.clock import Clock
from chassis.errors import Retryable, StepError
from chassis.service import Answer, Handler, Job, Role
from contracts.envelope import AppName, FailureReason, StepOutcome
from contracts.goal import SealedText
from contracts.message import Command, Undo
from contracts.saga import StepUndone
from services.optimizer.publish.carriers import Verdict
from services.optimizer.publish.effects import Effect, taken_back
from services.optimizer.publish.recipients import (
    Place,
    Receipt,
    barred,
    claimed,
    intended,
    note_intent,
    standing,
)
from tests.orchestrator.saga.travel import (
    BookFlight,
    CancelFlight,
    CancelHotel,
    ChargePayment,
    FlightBooked,
    HotelReserved,
    PaymentCharged,
    RefundPayment,
    ReserveHotel,
)
from tests.simulation.seeded.outside import Outside, Withdrawn
from tests.simulation.seeded.ports import Passage
from tests.simulation.seeded.sagas import (
    MAIL,
    POST,
    STUDIO,
    CheckShow,
    CountSeats,
    DrawPoster,
    DropPoster,
    DropScript,
    PosterDrawn,
    PostShow,
    ScriptWritten,
    SeatsCounted,
    ShowChecked,
    ShowPosted,
    TakeDown,
    WriteScript,
)

READER: Final = SealedText(subject_id="11111111-1111-4111-8111-111111111111", token="sealed")
HANGS_S: Final = 10_000.0
FAR_TILLS: Final = 0.4
FAR_S_MAX: Final = 28.0
"""Shorter than a lease: who arrives late is in time, and must look for its undo itself."""

POISON: Final = "the poisoned campaign"


@dataclass(frozen=True, slots=True)
class Temper:
    """How often hands of this life fail, and how slow they are; one campaign may be poisoned."""

    fails: float
    refuses: float
    slow: float
    poisoned: str = ""
    hangs: str = ""


@dataclass(frozen=True, slots=True)
class Hands:
    """What the handlers of one process work with."""

    seed: str
    temper: Temper
    outside: Outside
    passage: Passage
    clock: Clock

    def roles(self, phases: tuple[str, ...]) -> tuple[Role, ...]:
        """The roles of these phases."""
        return tuple(
            Role(phase, AppName.PLUGIN, {m: self._at_work(h) for m, h in self._of(phase).items()})
            for phase in phases
        )

    def _of(self, phase: str) -> dict[type[Command], Handler]:
        every: dict[str, dict[type[Command], Handler]] = {
            "flight": {BookFlight: self.book, CancelFlight: self.unbook},
            "hotel": {ReserveHotel: self.charge, CancelHotel: self.refund},
            "payment": {ChargePayment: self.charge, RefundPayment: self.refund},
            STUDIO: {
                WriteScript: self.write,
                DropScript: self.drop,
                DrawPoster: self.draw,
                DropPoster: self.drop,
                CheckShow: self.check,
                CountSeats: self.count,
            },
            POST: {PostShow: self.post, TakeDown: self.take_down},
        }
        return every[phase]

    def _at_work(self, hand: Handler) -> Handler:
        """The hand with this life's temper, and what an onlooker notes."""

        async def works(command: Any, job: Job) -> Answer:
            if job.call.not_after <= self.clock.now():
                self.outside.begun_late.append(f"{job.call.step} {job.command_id}")
            self.outside.begun[job.command_id] += 1
            self.outside.begun_at.setdefault(job.command_id, self.outside.now())
            await self.passage.cross("handler")
            await self._tempered(job, undo=isinstance(command, Undo))
            answer = await hand(command, job)
            await self.passage.cross("handler")
            return answer

        return works

    async def _tempered(self, job: Job, *, undo: bool) -> None:
        chance = Random(f"{self.seed}/{job.command_id}")
        temper = self.temper
        if job.campaign_id == temper.hangs and not undo and chance.random() < 0.5:
            await asyncio.sleep(HANGS_S)
        if job.campaign_id == temper.poisoned:
            raise ZeroDivisionError(POISON)
        await asyncio.sleep(chance.random() ** 2 * (40.0 if chance.random() < temper.slow else 1.5))
        if chance.random() < temper.fails:
            if chance.random() < 0.5:
                raise StepError(FailureReason.UNAVAILABLE, "not now")
            if self.outside.begun[job.command_id] < 3:
                raise Retryable("not just now")
        if chance.random() < temper.refuses:
            raise StepError(FailureReason.INVALID_INPUT, "never")

    async def book(self, _: BookFlight, job: Job) -> Answer:
        """An entry at a desk: the desk itself refuses what was withdrawn."""
        await self._entered(job)
        return Answer(FlightBooked(seat="12A", price_micros=90))

    async def unbook(self, _: CancelFlight, job: Job) -> Answer:
        return Answer(StepUndone(detail=await self._removed(job)))

    async def charge(self, command: ReserveHotel | ChargePayment, job: Job) -> Answer:
        """An entry at a till: our own claims keep it from coming after its undo."""
        effect = Effect(job, self.clock)
        recorded = await effect.begin()
        if recorded is None:
            await self._reached(job)
            await effect.may_start()
            self.outside.enter(job.campaign_id, job.call.step, effect.key, desk=False)
            await self.passage.cross("effect")
            await effect.settle(b"charged")
        if isinstance(command, ReserveHotel):
            return Answer(HotelReserved(room="7", price_micros=60))
        return Answer(PaymentCharged(receipt=effect.key))

    async def _reached(self, job: Job) -> None:
        """A first call to a till may hang for long; another copy takes over, and undoes, meanwhile.

        So the delivery that was first need not be the first to arrive.
        """
        chance = Random(f"{self.seed}/{job.command_id}/till")
        if self.outside.begun[job.command_id] == 1 and chance.random() < FAR_TILLS:
            self.outside.hanging.add(job.campaign_id)
            await asyncio.sleep(chance.uniform(0.3, 1.0) * FAR_S_MAX)
            self.outside.hanging.discard(job.campaign_id)
        await self.passage.cross("effect")

    async def refund(self, _: RefundPayment | CancelHotel, job: Job) -> Answer:
        effect = Effect(job, self.clock)
        if not await effect.begin_undo():
            return Answer(StepUndone(detail="nothing was charged"))
        if await effect.undone() is None:
            await self._removed(job)
            await effect.settle_undo(b"refunded")
        return Answer(StepUndone(detail="refunded"))

    async def write(self, command: WriteScript, job: Job) -> Answer:
        text = f"{command.title}, round {job.call.round}"
        await self._kept(job, text)
        return Answer(ScriptWritten(text=text))

    async def draw(self, command: DrawPoster, job: Job) -> Answer:
        return Answer(PosterDrawn(digest=await self._kept(job, f"poster of {command.text}")))

    async def drop(self, _: DropScript | DropPoster, job: Job) -> Answer:
        dropped = await job.artefacts.release()
        return Answer(StepUndone(detail=f"{dropped} dropped"))

    async def check(self, command: CheckShow, job: Job) -> Answer:
        blocked = Random(f"{self.seed}/check/{command.text}").random() < 0.2
        outcome = StepOutcome.BLOCKED if blocked else StepOutcome.SUCCEEDED
        notes = ("not good enough",) if blocked else ()
        return Answer(ShowChecked(verdict=outcome.value), outcome, notes=notes)

    async def count(self, _: CountSeats, job: Job) -> Answer:
        return Answer(SeatsCounted(seats=7))

    async def post(self, command: PostShow, job: Job) -> Answer:
        if command.channel is not MAIL:
            await self._entered(job)
            return Answer(ShowPosted(place=command.channel))
        effect = Effect(job, self.clock)
        if await effect.begin() is not None:
            return Answer(ShowPosted(place="letter"))
        await note_intent(effect, (READER,))
        found = await standing(effect, READER.subject_id)
        if found.place is Place.OPEN or found.place is Place.UNDONE:
            await effect.may_start()
            if await claimed(effect, found):
                await self._mailed(job, effect, found.key)
                return Answer(ShowPosted(place="letter"))
        if found.place is Place.DONE:
            return Answer(ShowPosted(place="letter"))
        return Answer(ShowPosted(place="letter"), StepOutcome.HELD, notes=("held",))

    async def take_down(self, command: TakeDown, job: Job) -> Answer:
        if command.channel is not MAIL:
            return Answer(StepUndone(detail=await self._removed(job)))
        effect = Effect(job, self.clock)
        if not await effect.begin_undo():
            return Answer(StepUndone(detail="no letter was sent"))
        left = []
        for subject in await intended(effect):
            place = (await barred(effect, subject)).place
            if place is Place.UNKNOWN or place is Place.DONE:
                left.append(f"letter: {place}")
        return Answer(StepUndone(left_behind=tuple(left)))

    async def _mailed(self, job: Job, effect: Effect, try_key: str) -> None:
        await self.passage.cross("effect")
        self.outside.post(job.campaign_id, job.call.step, effect.part(READER.subject_id))
        await self.passage.cross("effect")
        receipt = Receipt(verdict=Verdict.SENT, via="sim", at=self.clock.now())
        await job.claims.settle(try_key, receipt.model_dump_json().encode())
        await effect.settle(b"posted")

    async def _entered(self, job: Job) -> None:
        effect = Effect(job, self.clock)
        await self.passage.cross("effect")
        effect.check_lease()
        try:
            self.outside.enter(job.campaign_id, job.call.step, effect.key)
        except Withdrawn:
            raise taken_back(effect.key) from None
        await self.passage.cross("effect")

    async def _removed(self, job: Job) -> str:
        await self.passage.cross("effect")
        there = self.outside.remove(job.campaign_id, job.call.step, job.call.effect_key)
        await self.passage.cross("effect")
        return "removed" if there else "there was nothing"

    async def _kept(self, job: Job, text: str) -> str:
        ref = await job.artefacts.put(text.encode(), name=job.call.step, media_type="text/plain")
        return ref.digest
