"""Everybody who asks: goals, cancels, retries and starts, and a reviewer who reads the log."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Final

from chassis.broker import Outgoing
from chassis.clock import Clock
from chassis.errors import Retryable
from chassis.memory import MemoryBroker
from chassis.messages import Conversation, Speaker, record
from contracts import identity, topics
from contracts.control import DecideUndo, PauseCampaign, ResumeCampaign, UndoDecision
from contracts.envelope import Actor, ActorKind, AppName
from contracts.goal import Channel, CreateCampaign
from contracts.message import Request
from contracts.requests import (
    CancelCampaign,
    DecideReview,
    LiftSchedule,
    RetryCampaign,
    ReviewDecision,
    StartCampaign,
)
from tests.simulation.seeded.sagas import CODEC, goal_of
from tests.simulation.seeded.transcript import Said, Transcript

TENANT: Final = "22222222-2222-4222-8222-222222222222"
PERSON: Final = Actor(kind=ActorKind.PERSON, id="ada")
LOOK_EVERY_S: Final = 1.0
WORDS: Final = (
    *(ReviewDecision.APPROVE,) * 7,
    *(ReviewDecision.REJECT, ReviewDecision.REQUEST_CHANGES, ReviewDecision.EDIT),
)


@dataclass(slots=True)
class Wish:
    """A saga that somebody wants, and what they will do about it."""

    campaign_id: str
    saga: str
    name: str
    channels: tuple[Channel, ...]
    at_s: float
    starts_after_s: float
    cancels_after_s: float
    retries: bool
    pauses_after_s: float
    paused_for_s: float
    dated_after_s: float
    hastens_after_s: float


@dataclass(slots=True)
class People:
    """The edge and whoever is behind it; `accepted` is what they were told would happen."""

    broker: MemoryBroker
    clock: Clock
    chance: Random
    calendar: Random
    haste: Random
    accepted: dict[str, str] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    patient: bool = True

    def wish(self, number: int, until_s: float) -> Wish:
        """A wish drawn from the seed."""
        chance = self.chance
        saga = chance.choice(("trip", "show", "show"))
        channels = tuple(chance.sample([Channel.EMAIL, Channel.BLOG, Channel.TWITTER], 2))
        made = Wish(
            campaign_id=identity.campaign_id(TENANT, f"wish {number}"),
            saga=saga,
            name=f"wish {number}",
            channels=channels,
            at_s=chance.uniform(0, until_s * 0.6),
            starts_after_s=chance.choice((0.0, 0.0, 0.0, 5.0)),
            cancels_after_s=chance.choice(
                (0.0, 0.0, 0.0, chance.uniform(0, 40), chance.uniform(0, 10))
            ),
            retries=chance.random() < 0.7,
            pauses_after_s=chance.choice((0.0, 0.0, 0.0, chance.uniform(0, 30))),
            paused_for_s=chance.uniform(0, 60),
            dated_after_s=self.calendar.choice((0.0, 0.0, self.calendar.uniform(1, 180))),
            hastens_after_s=self.haste.choice((0.0, self.haste.uniform(1, 25))),
        )
        self.wishes.append(made)
        return made

    async def live(self, wish: Wish) -> None:
        """Ask for the saga, and do what was drawn about it."""
        await asyncio.sleep(wish.at_s)
        date = self.clock.now() + timedelta(seconds=wish.dated_after_s)
        goal = goal_of(wish.name, wish.channels, date if wish.dated_after_s else None)
        at_once = not wish.starts_after_s
        await self.ask(wish, "create", CreateCampaign(saga=wish.saga, start=at_once, goal=goal))
        if not at_once:
            await asyncio.sleep(wish.starts_after_s)
            await self.ask(wish, "start", StartCampaign())
        async with asyncio.TaskGroup() as group:
            if wish.cancels_after_s:
                group.create_task(self._cancel(wish))
            if wish.pauses_after_s:
                group.create_task(self._pause(wish))

    async def review(self) -> None:
        """Decide whatever the log asks a person, and try again what failed."""
        log = Transcript(self.broker, CODEC, topics.LOG)
        wishes = {wish.campaign_id: wish for wish in self.wishes}
        async with asyncio.TaskGroup() as group:
            while self.patient:
                for said in log.new():
                    wish = wishes[said.campaign_id]
                    if said.name == "ReviewRequested":
                        group.create_task(self._decide(wish, said))
                    elif said.name == "StepScheduled" and wish.hastens_after_s:
                        group.create_task(self._hasten(wish, said))
                    elif said.name == "WorkflowFailed" and wish.retries:
                        group.create_task(self._retry(wish, said))
                    elif said.name == "CompensationParked":
                        group.create_task(self._unpark(wish, said))
                await asyncio.sleep(LOOK_EVERY_S)

    async def ask(self, wish: Wish, what: str, body: Request, *, who: Actor = PERSON) -> None:
        """Send a request until it is taken; now and then it is sent once more."""
        request_id = identity.derived(identity.FORWARDS, wish.campaign_id, what)
        entry = CODEC.catalog.entry_of(type(body))
        within = Conversation(TENANT, wish.campaign_id)
        speaker = Speaker(AppName.EDGE, who)
        envelope = speaker.first(entry, request_id, within, at=self.clock.now())
        made = record(topics.REQUESTS, envelope, CODEC.encode(envelope, None, body))
        await self._send(made)
        self.accepted[request_id] = wish.campaign_id
        if self.chance.random() < 0.1:
            await asyncio.sleep(self.chance.uniform(0, 20))
            await self._send(made)

    async def _cancel(self, wish: Wish) -> None:
        await asyncio.sleep(wish.cancels_after_s)
        await self.ask(wish, "cancel", CancelCampaign(reason="no longer wanted"))

    async def _pause(self, wish: Wish) -> None:
        await asyncio.sleep(wish.pauses_after_s)
        look_again = self.clock.now() + timedelta(hours=1)
        await self.ask(wish, "pause", PauseCampaign(reason="a doubt", review_at=look_again))
        await asyncio.sleep(wish.paused_for_s)
        await self.ask(wish, "resume", ResumeCampaign(reason="no doubt"))

    async def _send(self, made: Outgoing) -> None:
        producer = self.broker.producer()
        while True:
            try:
                await producer.send((made,))
            except Retryable:
                await asyncio.sleep(0.5)
            else:
                return

    async def _decide(self, wish: Wish, said: Said) -> None:
        asked = said.fields
        sequence = asked["log"]["sequence"]
        chance = Random(f"{wish.name}/{asked['shown_digest']}/{self.chance.random()}")
        await asyncio.sleep(chance.uniform(0.2, 25))
        if chance.random() < 0.05:
            return  # nobody decides in time
        decision = chance.choice(WORDS)
        edited = b""
        if decision is ReviewDecision.EDIT:
            edited = self._edited(wish)
        stale = chance.random() < 0.1
        word = DecideReview(
            step=asked["step"],
            decision=decision,
            shown_digest="0" * 64 if stale else asked["shown_digest"],
            reason="as I see it",
            edited=edited,
        )
        await self.ask(wish, f"decide {sequence}", word)
        if stale:
            right = word.model_copy(update={"shown_digest": asked["shown_digest"]})
            await self.ask(wish, f"decide {sequence} again", right)

    def _edited(self, wish: Wish) -> bytes:
        """The script as the reviewer wants it: the result in the log, with another text."""
        log = Transcript(self.broker, CODEC, topics.LOG)
        bodies = [
            said.fields["body"]
            for said in log.new()
            if said.campaign_id == wish.campaign_id
            and said.name == "ToolResultReceived"
            and said.fields["step"] == "script"
        ]
        before = CODEC.decode(bodies[-1])
        body = before.body.model_copy(update={"text": f"{wish.name}, edited"})
        return CODEC.encode(before.envelope, before.header, body)

    async def _retry(self, wish: Wish, said: Said) -> None:
        sequence = said.fields["log"]["sequence"]
        await asyncio.sleep(self.chance.uniform(0.2, 10))
        await self.ask(wish, f"retry {sequence}", RetryCampaign(failed_sequence=sequence))

    async def _hasten(self, wish: Wish, said: Said) -> None:
        """Somebody cannot wait for the date; now and then for another step's than this one's."""
        await asyncio.sleep(wish.hastens_after_s)
        sequence, step = said.fields["log"]["sequence"], said.fields["step"]
        steps = () if sequence % 3 == 0 else (step,)
        await self.ask(wish, f"publish now {sequence}", LiftSchedule(steps=steps, reason="today"))

    async def _unpark(self, wish: Wish, said: Said) -> None:
        await asyncio.sleep(self.chance.uniform(0.2, 30))
        decision = self.chance.choice((UndoDecision.RESUME, UndoDecision.SKIP))
        word = DecideUndo(step=said.fields["step"], decision=decision, reason="as I see it")
        await self.ask(wish, f"unpark {said.fields['log']['sequence']}", word)
