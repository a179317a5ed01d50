"""Sagas stay packed after a restore until they are touched, and nobody can tell by what they do."""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.broker import Incoming, Outgoing
from chassis.errors import StateUnusable
from chassis.messages import NO_CAMPAIGN
from contracts import identity, topics
from contracts.control import PauseCampaign, PauseScope, PauseWider
from contracts.envelope import FailureReason
from contracts.records import SagaSnapshot
from contracts.requests import CancelCampaign, ReviewDecision
from services.orchestrator.saga.brief import (
    _LIVES,
    BRIEF_HEADER,
    Brief,
    as_header,
    brief_of,
    from_header,
)
from services.orchestrator.saga.processor import CHECKPOINT_EVERY
from services.orchestrator.saga.restore import Restored, restore
from services.orchestrator.saga.snapshots import PLAIN_VERSION, Unusable, state_json
from services.orchestrator.saga.state import Life
from services.orchestrator.saga.verify import state_hash
from tests.contracts.examples import uuid_of
from tests.orchestrator.saga.desk import CODEC, PARTITION, Desk, Shelf, campaign, names
from tests.specification import CAMPAIGN_ID

ALL = frozenset({PARTITION})


async def read(shelf: Shelf, *, unpacking: bool = False) -> Restored:
    which = ALL if unpacking else frozenset[int]()
    found = (await restore(shelf, CODEC, ALL, unpacking=which))[PARTITION]
    assert not found.broken
    return found


async def checkpointed(*, until: str = "audit") -> Desk:
    """A campaign that went so far, and then its partition's checkpoint."""
    desk = await campaign(until=until)
    await desk.wait(CHECKPOINT_EVERY)
    return desk


async def taken_over(desk: Desk) -> Desk:
    """Another copy, which restores what the desk has written."""
    heir = Desk(desk.shelf)
    heir.now = desk.now
    return await heir.open()


def facts(shelf: Shelf) -> list[tuple[str, object, object]]:
    """The log but for its trace ids, which are of chance."""
    decoded = [CODEC.decode(record.value) for record in shelf.of(topics.LOG)]
    return [(one.envelope.id, one.envelope.time, one.body) for one in decoded]


def last_snapshot(desk: Desk) -> Incoming:
    mine = [one for one in desk.shelf.of(topics.SNAPSHOTS) if one.key == CAMPAIGN_ID.encode()]
    return mine[-1]


def with_header(record: Incoming, change: Callable[[bytes], bytes | None]) -> Outgoing:
    """The same snapshot with its brief changed, or without it."""
    headers = []
    for name, value in record.headers:
        changed = change(value) if name == BRIEF_HEADER else value
        if changed is not None:
            headers.append((name, changed))
    return Outgoing(record.topic, record.key, record.value, tuple(headers))


async def test_a_restore_unpacks_nothing_that_nobody_touches() -> None:
    held = (await read((await checkpointed()).shelf)).sagas[CAMPAIGN_ID]
    assert held.is_packed
    assert held.sequence == held.brief.sequence
    assert held.is_packed
    assert held.saga.sequence == held.sequence
    assert not held.is_packed


async def test_packed_and_unpacked_sagas_are_the_same_to_the_last_hash() -> None:
    desk = await checkpointed()
    packed, unpacked = await read(desk.shelf), await read(desk.shelf, unpacking=True)
    assert packed.checkpoint == unpacked.checkpoint > 0
    assert not unpacked.sagas[CAMPAIGN_ID].is_packed
    assert packed.sagas == unpacked.sagas == {CAMPAIGN_ID: desk.held}
    assert state_hash(packed.sagas[CAMPAIGN_ID]) == state_hash(desk.held)
    assert packed.sagas[CAMPAIGN_ID].brief == unpacked.sagas[CAMPAIGN_ID].brief


def _failed(desk: Desk) -> None:
    desk.fail("audit", FailureReason.UNAVAILABLE)


def _cancelled(desk: Desk) -> None:
    desk.ask(CancelCampaign())


def _paused(desk: Desk) -> None:
    desk.ask(PauseCampaign(reason="wait", review_at=desk.now + timedelta(days=1)))


STORIES: Mapping[str, Callable[[Desk], None]] = {
    "goes on": lambda desk: desk.run(),
    "a step fails and is tried again": _failed,
    "is cancelled and undone": _cancelled,
    "is paused": _paused,
}


@pytest.mark.parametrize("story", STORIES)
async def test_an_heir_decides_what_the_owner_would_have_decided(story: str) -> None:
    owner = await checkpointed()
    heirs = Shelf()
    for topic in (topics.LOG, topics.SNAPSHOTS):
        for record in owner.shelf.of(topic):
            heirs.put(Outgoing(topic, record.key, record.value, record.headers))
    heir = await taken_over(Desk(heirs))
    heir.now, heir._asked = owner.now, owner._asked
    for desk in (owner, heir):
        STORIES[story](desk)
        await desk.wait(timedelta(hours=1))
    assert facts(heirs) == facts(owner.shelf)
    assert heir.held.saga == owner.held.saga


async def test_a_deadline_of_a_packed_saga_is_kept_to_the_microsecond() -> None:
    desk = await checkpointed()
    heir = await taken_over(desk)
    assert heir.processor._store.next_due() == desk.processor._store.next_due() is not None
    assert "DeadlinePassed" in names(await heir.wait(timedelta(days=1)))


async def test_a_checkpoint_leaves_out_packed_sagas_for_they_have_their_snapshot() -> None:
    desk = await checkpointed()
    heir = await taken_over(desk)
    before = len(desk.shelf.of(topics.SNAPSHOTS))
    assert await heir.processor._checkpoint(PARTITION, heir.now)
    heir.processor.merge()
    written = await heir.processor._checkpoint(PARTITION, heir.now)
    assert [CODEC.decode(one.value).entry.name for one in written] == ["SnapshotCheckpoint"]
    assert len(desk.shelf.of(topics.SNAPSHOTS)) == before


async def test_the_snapshot_of_an_unpacked_saga_is_the_one_it_was_unpacked_from() -> None:
    desk = await checkpointed()
    heir = await taken_over(desk)
    before = last_snapshot(desk)
    again = heir.processor._snapshot(PARTITION, heir.held, heir.processor._checkpoints[PARTITION])
    was, now = CODEC.decode(before.value).body, CODEC.decode(again.value).body
    assert was == now
    assert dict(again.headers).keys() == dict(before.headers).keys()


async def test_of_a_campaign_that_is_over_the_little_that_is_kept_is_packed_too() -> None:
    desk = await campaign(until="nothing")
    desk.decide(ReviewDecision.APPROVE)
    desk.run()
    heir = await taken_over(desk)
    found = heir.processor._store.get(PARTITION, CAMPAIGN_ID)
    assert found is not None
    assert found.is_packed
    assert found.brief.life is Life.COMPLETED
    assert names(heir.ask(CancelCampaign()))[0] == "RequestRefused"
    assert heir.processor.next_due() is not None  # the checkpoint's, for the refusal


async def test_a_snapshot_without_a_brief_is_read_at_once() -> None:
    desk = await checkpointed()
    desk.shelf.put(with_header(last_snapshot(desk), lambda _: None))
    found = await read(desk.shelf)
    assert not found.sagas[CAMPAIGN_ID].is_packed
    assert found.sagas[CAMPAIGN_ID] == desk.held
    assert found.checkpoint > 0


async def test_a_snapshot_of_the_build_before_is_read_as_it_is() -> None:
    desk = await checkpointed()
    record = last_snapshot(desk)
    message = CODEC.decode(record.value)
    assert isinstance(message.body, SagaSnapshot)
    plain = message.body.model_copy(
        update={"state_version": PLAIN_VERSION, "state": state_json(message.body)}
    )
    value = CODEC.encode(message.envelope, None, plain)
    desk.shelf.put(Outgoing(topics.SNAPSHOTS, record.key, value))
    found = await read(desk.shelf)
    assert found.sagas[CAMPAIGN_ID] == desk.held
    assert found.checkpoint > 0


WRONG_HEADERS: Mapping[str, Callable[[bytes], bytes]] = {
    "another version": lambda header: bytes([header[0] + 1]) + header[1:],
    "another version of states": lambda header: header[:1] + b"\x7f" + header[2:],
    "of another value": lambda header: header[:-33] + bytes([header[-33] ^ 1]) + header[-32:],
    "cut off": lambda header: header[:-1],
    "a life that there is not": lambda header: header[:2] + b"\xff" + header[3:],
    "a moment that there is not": lambda header: header[:16] + b"\x7f" * 8 + header[24:],
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("kind", WRONG_HEADERS)
async def test_a_header_that_cannot_be_believed_costs_only_the_reading(kind: str) -> None:
    desk = await checkpointed()
    desk.shelf.put(with_header(last_snapshot(desk), WRONG_HEADERS[kind]))
    found = await read(desk.shelf)
    assert not found.sagas[CAMPAIGN_ID].is_packed
    assert found.sagas[CAMPAIGN_ID] == desk.held
    assert found.checkpoint > 0


def _another_head(desk: Desk) -> Outgoing:
    record = last_snapshot(desk)
    return with_header(record, lambda _: as_header(desk.held.brief, "a" * 64, record.value or b""))


def _another_deadline(desk: Desk) -> Outgoing:
    record, brief = last_snapshot(desk), desk.held.brief
    wrong = brief._replace(due=None)
    return with_header(record, lambda _: as_header(wrong, desk.held.head_hash, record.value or b""))


def _another_campaigns(desk: Desk) -> Outgoing:
    record = last_snapshot(desk)
    return replace(with_header(record, lambda header: header), key=uuid_of("other").encode())


def _junk(desk: Desk) -> Outgoing:
    header = as_header(desk.held.brief, desk.held.head_hash, b"junk")
    return replace(with_header(last_snapshot(desk), lambda _: header), value=b"junk")


def _torn(desk: Desk) -> Outgoing:
    message = CODEC.decode(last_snapshot(desk).value)
    assert isinstance(message.body, SagaSnapshot)
    torn = message.body.model_copy(update={"state": message.body.state[:-9]})
    value = CODEC.encode(message.envelope, None, torn)
    header = as_header(desk.held.brief, desk.held.head_hash, value)
    return replace(with_header(last_snapshot(desk), lambda _: header), value=value)


LIES: Mapping[str, Callable[[Desk], Outgoing]] = {
    "junk under a good header": _junk,
    "a torn state under a good header": _torn,
    "a header that has no deadline": _another_deadline,
}


@pytest.mark.parametrize("kind", LIES)
async def test_a_packed_saga_that_is_none_stops_the_tick_and_the_log_is_folded(kind: str) -> None:
    desk = await checkpointed()
    desk.shelf.put(LIES[kind](desk))
    heir = await taken_over(desk)
    packed = heir.processor._store.get(PARTITION, CAMPAIGN_ID)
    assert packed is not None
    with pytest.raises(StateUnusable) as told:
        heir.ask(CancelCampaign())
    assert told.value.partition == PARTITION
    heir.processor.discard()
    assert await heir.processor.restore(ALL) == frozenset()
    assert heir.held == desk.held or heir.held.saga == desk.saga
    assert names(heir.ask(CancelCampaign()))[0] == "CancelRequested"


@pytest.mark.parametrize("kind", LIES)
async def test_a_tail_that_goes_on_from_a_lie_is_folded_from_the_truth(kind: str) -> None:
    desk = await checkpointed()
    desk.shelf.put(LIES[kind](desk))
    desk.run()
    found = await read(desk.shelf)
    assert not found.misled
    assert found.sagas[CAMPAIGN_ID].saga == desk.saga


async def test_another_campaigns_snapshot_is_not_believed_when_it_is_touched() -> None:
    desk = await checkpointed()
    desk.shelf.put(_another_campaigns(desk))
    held = (await read(desk.shelf)).sagas[uuid_of("other")]
    with pytest.raises(Unusable, match="not what it says"):
        _ = held.saga


async def test_a_saga_whose_header_names_another_head_is_not_believed() -> None:
    desk = await checkpointed()
    desk.shelf.put(_another_head(desk))
    held = (await read(desk.shelf)).sagas[CAMPAIGN_ID]
    with pytest.raises(Unusable, match="not what it says"):
        _ = held.saga


async def test_a_wider_pause_reaches_packed_sagas_in_small_turns() -> None:
    desk = await checkpointed()
    heir = await taken_over(desk)
    control = heir.request(
        PauseWider(
            scope=PauseScope.GLOBAL,
            target="",
            reason="storm",
            review_at=heir.now + timedelta(days=1),
        ),
        **_control(),
    )
    assert "CampaignPaused" in names(heir.give(control))
    assert heir.processor._store.get(PARTITION, CAMPAIGN_ID).is_packed  # type: ignore[union-attr]
    assert "CampaignPaused" in names(await heir.wait(timedelta()))
    assert heir.saga.pauses


def _control() -> dict[str, str]:
    own = identity.control_id(PARTITION)
    return {"key": own, "campaign_id": own, "tenant_id": NO_CAMPAIGN}


def test_every_life_has_its_place_in_the_header() -> None:
    assert set(_LIVES) == set(Life)
    assert len(_LIVES) == len(Life)


@pytest.mark.parametrize("life", Life)
def test_a_brief_survives_its_header(life: Life) -> None:
    moment = datetime(2031, 2, 3, 4, 5, 6, 789_123, tzinfo=UTC)
    for due, obliged, paused in ((None, False, True), (moment, True, False)):
        brief = Brief(7, life, life.ended, due, obliged, paused, 3, parked_undos=70_000)
        assert from_header(as_header(brief, "ab" * 32, b"value"), b"value") == (brief, "ab" * 32)


async def test_the_brief_says_what_the_saga_says() -> None:
    desk = await checkpointed()
    _paused(desk)
    brief = brief_of(desk.saga)
    assert brief.paused
    assert brief.due == min(deadline.at for deadline in desk.saga.deadlines)


async def test_a_state_that_goes_on_behind_its_end_is_none() -> None:
    message = CODEC.decode(last_snapshot(await checkpointed()).value)
    assert isinstance(message.body, SagaSnapshot)
    longer = message.body.model_copy(update={"state": message.body.state + b"more"})
    with pytest.raises(Exception, match=re.escape("cannot be unpacked")):
        state_json(longer)
    assert zlib.decompress(message.body.state) == state_json(message.body)
