"""What the storm does by itself: broken calls, wrong clocks, copies that come and go, echoes."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import TYPE_CHECKING, Final

from chassis.broker import Outgoing
from chassis.errors import Retryable
from chassis.memory import Fault
from contracts import topics
from contracts.requests import CancelCampaign
from tests.simulation.seeded.crew import Member
from tests.simulation.seeded.sagas import CODEC, TRIP_PHASES
from tests.simulation.seeded.transcript import Transcript

if TYPE_CHECKING:
    from tests.simulation.seeded.life import Life

REPLAYED: Final = 0.3
MINDS_CHANGE: Final = 0.5
JUMPS_S: Final = (-40.0, -5.0, -0.5, 0.5, 5.0, 40.0, 90.0)
RUBBISH: Final = (b"", b"rubbish", b"\x00\x00\x0f\x42\x40 not a record", b"\xff" * 40)


async def weather(life: "Life") -> None:
    """Blow until the storm is over."""
    chance = Random(f"weather/{life.seed}")
    loop = life.loop
    if life.storm.calm:
        await _rubbish(life, chance, life.members[0])
        await asyncio.sleep(life.storm.ends_s)
        return
    while loop.time() < life.storm.ends_s:
        await asyncio.sleep(chance.uniform(0.1, 12))
        await _one(life, chance)
    await asyncio.sleep(max(0.0, life.storm.ends_s - loop.time()))


async def _one(life: "Life", chance: Random) -> None:
    if life.means.outside.hanging and chance.random() < MINDS_CHANGE:
        await _changed_minds(life, chance)
        return
    member = chance.choice(life.members)
    await chance.choice(HAPPENINGS)(life, chance, member)


async def _changed_minds(life: "Life", chance: Random) -> None:
    """While a call to a till hangs, its copy is given up, and somebody cancels the campaign."""
    for member in life.members:
        for phase in set(member.phases) & set(TRIP_PHASES):
            life.broker.end_session(phase, f"{phase}-{member.number}")
    await asyncio.sleep(chance.uniform(0.5, 8))
    for wish in life.wishes:
        if wish.campaign_id in life.means.outside.hanging:
            life.means.count("minds changed")
            await life.people.ask(wish, "another mind", CancelCampaign(reason="too slow"))


async def _broken_calls(life: "Life", chance: Random, _: Member) -> None:
    life.broker.fail_next(chance.choice(tuple(Fault)), chance.choice((1, 1, 2, 5)))


async def _wrong_clock(life: "Life", chance: Random, member: Member) -> None:
    if chance.random() < life.storm.wrong_clocks:
        member.clock.wrong_by_s = chance.choice(JUMPS_S)
        life.means.count("clock jumps")
        life.broker._ledger.changed()


async def _deploy(_: "Life", __: Random, member: Member) -> None:
    member.leave()


async def _session_ends(life: "Life", chance: Random, member: Member) -> None:
    group = chance.choice(member.groups)
    life.broker.end_session(group, f"{group}-{member.number}")
    life.means.count("sessions ended")


async def _killed(_: "Life", chance: Random, member: Member) -> None:
    member.kill(chance.uniform(0.1, 30))


async def _stopped(_: "Life", chance: Random, member: Member) -> None:
    member.pause(chance.uniform(0.1, 60))


async def _another(life: "Life", _: Random, like: Member) -> None:
    """One copy more; later it goes, or one that was there all along does."""
    alike = [member for member in life.members if member.phases == like.phases]
    if len(alike) > 2:
        return
    name = like.name.rpartition("-")[0]
    more = Member(life.means, name, like.phases, len(alike))
    life.members.append(more)
    life.means.count("copies added")
    more.start()


async def _echo(life: "Life", chance: Random, _: Member) -> None:
    """An old result or request comes once more, as from a producer that had given up on it."""
    topic = chance.choice((topics.RESULTS, topics.RESULTS, topics.REQUESTS))
    records = list(Transcript(life.broker, CODEC, topic).records())
    if records:
        old = chance.choice(records)
        await _send(life, Outgoing(topic, old.key, old.value, old.headers, old.partition))
        life.means.count("echoes")


async def _rubbish(life: "Life", chance: Random, _: Member) -> None:
    phases = [f"{phase}.commands" for member in life.members for phase in member.phases]
    topic = chance.choice((topics.REQUESTS, topics.RESULTS, *phases))
    key = chance.choice(life.wishes).campaign_id.encode()
    await _send(life, Outgoing(topic, key, chance.choice(RUBBISH)))
    life.means.count("rubbish")


async def _send(life: "Life", record: Outgoing) -> None:
    try:
        await life.broker.producer().send((record,))
    except Retryable:
        life.means.count("not sent")


async def _from_the_beginning(life: "Life", chance: Random, member: Member) -> None:
    """The role's group is reset: all of its commands are read once more."""
    if not member.phases or chance.random() > REPLAYED:
        return
    for other in life.members:
        if other.phases == member.phases:
            other.kill(7.0)
    for group in member.groups:
        life.broker._ledger.group(group)._positions.clear()
    life.means.count("replays")


HAPPENINGS: Final[tuple[Callable[["Life", Random, Member], Awaitable[None]], ...]] = (
    *(_broken_calls,) * 4,
    *(_echo,) * 2,
    *(_wrong_clock, _deploy, _session_ends, _killed, _stopped, _another, _rubbish),
    _from_the_beginning,
)
"""What may happen next; what stands there more often happens more often."""
