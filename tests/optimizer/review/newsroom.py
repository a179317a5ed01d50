"""The log of a campaign that the engine leads, and the follower that hears of it."""

from typing import Any

from chassis.artefacts import FolderArtefacts
from chassis.broker import Incoming, Outgoing
from chassis.clock import ManualClock
from chassis.codec import Codec
from chassis.following import Follower
from chassis.messages import Conversation, Speaker, record
from contracts import identity, topics
from contracts.envelope import Actor, ActorKind, AppName, LogPosition
from contracts.saga import ReviewDecided, ReviewVoted
from services.optimizer.review.handlers import desk_of
from services.optimizer.review.hearing import Hearing
from services.optimizer.review.story import KINDS
from services.orchestrator.saga.engine import Fact
from tests.optimizer.publish.builders import House
from tests.orchestrator.saga.lives import Led, led

CODEC = Codec()
TOLD = ["github", "slack"]


def at_the_gate(**goal: Any) -> Led:
    """A campaign whose gate waits, and whose reviewers are being told."""
    life = led(until="announce", review_notices=TOLD, **goal)
    assert (life.called(), life.waiting()) == (["announce"], ["review"])
    return life


def log_record(tenant_id: str, fact: Fact, sequence: int, by: str) -> Outgoing:
    """The fact as it stands in `campaign.log`; `by` is who decided, where somebody did."""
    person = isinstance(fact.event, ReviewDecided | ReviewVoted)
    actor = Actor(kind=ActorKind.PERSON if person else ActorKind.SERVICE, id=by)
    entry = CODEC.catalog.entry_of(type(fact.event))
    envelope = Speaker(AppName.ORCHESTRATOR, actor).first(
        entry,
        identity.fact_id(fact.campaign_id, sequence),
        Conversation(tenant_id, fact.campaign_id),
        at=fact.at,
    )
    position = LogPosition(
        sequence=sequence,
        previous_hash="0" * 64,
        input_topic=topics.RESULTS,
        input_partition=0,
        input_offset=sequence,
    )
    return record(topics.LOG, envelope, CODEC.encode(envelope, position, fact.event))


class Newsroom:
    """One copy of the follower, and how far it has read."""

    def __init__(self, house: House, life: Led, by: str = "ana") -> None:
        self._house = house
        self._life = life
        self.by = by
        self._read = 0
        house.clock = ManualClock(life.now)
        self.hearing = Hearing(
            desk=desk_of(house.settings, house.door),
            claims_of=lambda _: house.claims,
            artefacts=FolderArtefacts(house.settings.artefacts_dir),
            clock=house.clock,
        )
        self.follower = Follower(KINDS, self.hearing.hear, codec=CODEC, clock=house.clock)

    async def catch_up(self) -> None:
        """Hear of all that the log holds by now."""
        for number in range(self._read, len(self._life.facts)):
            await self._hear(number)
            self._read = number + 1

    async def replay(self) -> None:
        """Hear of everything once more, from the beginning."""
        self._read = 0
        await self.catch_up()

    async def _hear(self, number: int) -> None:
        made = log_record(self._house.tenant_id, self._life.facts[number], number + 1, self.by)
        found = Incoming(made.topic, 0, number, made.key, made.value, made.headers)
        piece = self.follower.take(found)
        if piece is not None:
            await self.hearing.hear(piece.message)
