"""Inputs that wait in the saga itself: what parking one, and letting it go, changes. Pure.

While one waits, the saga is held as by a pause: its clocks stand still, and nothing is launched.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.control import CampaignResumed, PauseScope
from contracts.parking import InputParked, InputUnparked
from services.orchestrator.saga.engine import holds
from services.orchestrator.saga.engine.fact import Fact
from services.orchestrator.saga.state import PARKED_INPUT, ParkedInput, Pause, Saga

PARKED_MAX = 64
PARKED_BYTES_MAX = 256 * 1_024
"""What a saga's queue holds at most: it stands in its state. What comes beyond is a dead letter."""

LOOK_AGAIN = timedelta(days=1)
"""How long parked inputs wait before somebody is reminded of them."""

OWNER = "orchestrator"


def has_room(saga: Saga, value: bytes) -> bool:
    """True where the queue takes this one as well."""
    held = sum(len(one.value) for one in saga.parked)
    return len(saga.parked) < PARKED_MAX and held + len(value) <= PARKED_BYTES_MAX


def parked(saga: Saga, fact: Fact) -> Mapping[str, Any]:
    """What an InputParked changes: the queue, and from the first one on everything is held."""
    event = fact.event
    assert isinstance(event, InputParked)
    before = next((one for one in saga.parked if one.letter_id == event.letter_id), None)
    entry = ParkedInput(
        letter_id=event.letter_id,
        type=event.type,
        topic=event.topic,
        partition=event.partition,
        offset=event.offset,
        value=event.value,
        cause=event.cause,
        attempts=before.attempts + 1 if before else 1,
        since=before.since if before else fact.at,
    )
    queue = tuple(entry if one is before else one for one in saga.parked)
    pause = Pause(
        scope=PauseScope.CAMPAIGN,
        target=PARKED_INPUT,
        owner=OWNER,
        reason=queue[0].cause if queue else entry.cause,
        since=_held_since(saga) or fact.at,
        review_at=fact.at + LOOK_AGAIN,
    )
    others = tuple(one for one in saga.pauses if one.target != PARKED_INPUT)
    return {"parked": queue if before else (*queue, entry), "pauses": (*others, pause)}


def unparked(saga: Saga, fact: Fact) -> Mapping[str, Any]:
    """What an InputUnparked changes; with the last of them the clocks go on."""
    event = fact.event
    assert isinstance(event, InputUnparked)
    left = tuple(one for one in saga.parked if one.letter_id != event.letter_id)
    if left:
        return {"parked": left}
    over = CampaignResumed(scope=PauseScope.CAMPAIGN, target=PARKED_INPUT, reason="", by=OWNER)
    return {**holds.changes(over, saga, fact.at), "parked": ()}


def _held_since(saga: Saga) -> datetime | None:
    return next((one.since for one in saga.pauses if one.target == PARKED_INPUT), None)
