"""Restoring and verifying: the log decides, what is not ours is skipped, a hole stops us."""

import hashlib
from typing import Any

import pytest

from chassis.broker import Outgoing, TopicPartition
from chassis.errors import Undecodable
from chassis.messages import ID_HEADER
from contracts import identity, topics
from contracts.envelope import EventEnvelope, FailureReason, LogPosition
from contracts.message import LogEvent
from contracts.records import SagaSnapshot
from contracts.requests import CancelCampaign, RetryCampaign, ReviewDecision, StartCampaign
from contracts.saga import CancelRequested, GoalReceived, RequestRefused, StepSkipped
from services.orchestrator.saga.processor import CHECKPOINT_EVERY
from services.orchestrator.saga.restore import LogBroken, Restored, restore
from services.orchestrator.saga.state import STATE_VERSION, Life
from services.orchestrator.saga.store import kept
from services.orchestrator.saga.verify import state_hash, verify
from services.orchestrator.saga.writing import FIRST_HASH
from tests.contracts.examples import envelope_of, example_of, uuid_of
from tests.orchestrator.saga.desk import CODEC, PARTITION, Desk, Shelf, campaign, names
from tests.specification import CAMPAIGN_ID, TENANT_ID

SMALL_BYTES = 3_000
OTHER = uuid_of("another campaign")


async def restored(shelf: Shelf) -> Restored:
    found = (await restore(shelf, CODEC, frozenset({PARTITION})))[PARTITION]
    if found.broken:
        raise LogBroken(found.broken)
    return found


async def refolded(shelf: Shelf) -> Restored:
    """The log alone, from its first record."""
    bare = Shelf()
    bare.records[TopicPartition(topics.LOG, PARTITION)] = shelf.of(topics.LOG)
    return await restored(bare)


def foreign(
    event: LogEvent,
    sequence: int,
    previous: str = "f" * 64,
    campaign_id: str = CAMPAIGN_ID,
    **own: Any,
) -> Outgoing:
    """A record of the log that somebody else wrote, correct in itself."""
    entry = CODEC.catalog.entry_of(type(event))
    envelope = envelope_of(entry, campaign_id=campaign_id, tenant_id=TENANT_ID, **own)
    position = example_of(LogPosition).model_copy(
        update={"sequence": sequence, "previous_hash": previous}
    )
    value = CODEC.encode(envelope, position, event)
    return Outgoing(topics.LOG, campaign_id.encode(), value)


REFUSED = RequestRefused(request="A", reason="b")


async def test_what_is_read_back_is_what_was_held() -> None:
    desk = await campaign(until="audit")
    found = (await restored(desk.shelf)).sagas[CAMPAIGN_ID]
    assert found.saga == desk.saga
    assert found.head_hash == desk.held.head_hash
    assert state_hash(found) == state_hash(desk.held)


async def test_snapshots_and_tail_give_the_same_as_the_whole_log() -> None:
    desk = await campaign(until="design")
    await desk.wait(CHECKPOINT_EVERY)
    assert desk.shelf.of(topics.SNAPSHOTS)
    desk.run()
    found, whole = await restored(desk.shelf), await refolded(desk.shelf)
    assert 0 < found.checkpoint < len(desk.shelf.of(topics.LOG))
    assert found.sagas.keys() == whole.sagas.keys()
    assert state_hash(found.sagas[CAMPAIGN_ID]) == state_hash(whole.sagas[CAMPAIGN_ID])
    assert found.sagas[CAMPAIGN_ID].head_hash == whole.sagas[CAMPAIGN_ID].head_hash


async def test_the_tail_is_read_from_the_checkpoint_on() -> None:
    desk = await campaign(until="design")
    await desk.wait(CHECKPOINT_EVERY)
    for offset in range(3):
        desk.shelf.change(topics.LOG, offset, value=b"nobody reads this")
    found = await restored(desk.shelf)
    assert found.skipped == 0
    assert found.sagas[CAMPAIGN_ID].saga == desk.saga


async def test_an_ended_campaign_is_read_back_from_its_snapshot() -> None:
    desk = await campaign(until="content")
    desk.ask(CancelCampaign())
    desk.undone("content")
    assert desk.saga.life is Life.CANCELLED
    found = (await restored(desk.shelf)).sagas[CAMPAIGN_ID]
    assert (found.saga, found.facts_since_snapshot) == (desk.saga, 0)


GARBAGE: list[bytes | None] = [None, b"", b"junk", b"{}", b"\xff" * 40]


@pytest.mark.parametrize("value", GARBAGE)
async def test_garbage_between_our_records_is_skipped_and_counted(value: bytes | None) -> None:
    desk = await campaign(until="content")
    desk.shelf.put(Outgoing(topics.LOG, CAMPAIGN_ID.encode(), value))
    desk.run()
    found = await restored(desk.shelf)
    assert found.skipped == 1
    assert found.sagas[CAMPAIGN_ID].saga == desk.saga


@pytest.mark.parametrize("value", GARBAGE)
async def test_garbage_behind_our_last_record_is_skipped_and_counted(value: bytes | None) -> None:
    desk = await campaign(until="audit")
    desk.shelf.put(Outgoing(topics.LOG, CAMPAIGN_ID.encode(), value))
    found = await restored(desk.shelf)
    assert (found.skipped, found.sagas[CAMPAIGN_ID].saga) == (1, desk.saga)


@pytest.mark.parametrize("sequence", [1, 2, 50])
async def test_a_record_of_another_chain_is_skipped_and_counted(sequence: int) -> None:
    desk = await campaign(until="content")
    desk.shelf.put(foreign(REFUSED, sequence))
    desk.run()
    desk.shelf.put(foreign(REFUSED, sequence))
    found = await restored(desk.shelf)
    assert found.skipped == 2
    assert found.sagas[CAMPAIGN_ID].saga == desk.saga


async def test_a_former_owners_second_history_is_skipped_where_ours_went_on() -> None:
    desk = await campaign(until="content")
    sequence = desk.saga.sequence + 1
    ours = identity.fact_id(CAMPAIGN_ID, sequence)
    desk.run()
    desk.shelf.put(foreign(REFUSED, sequence, id=ours))
    found = await restored(desk.shelf)
    assert (found.skipped, found.sagas[CAMPAIGN_ID].saga) == (1, desk.saga)


async def test_a_second_history_behind_our_end_stops_the_partition() -> None:
    desk = await campaign(until="audit")
    sequence = desk.saga.sequence + 1
    desk.shelf.put(foreign(REFUSED, sequence, id=identity.fact_id(CAMPAIGN_ID, sequence)))
    with pytest.raises(LogBroken, match="does not follow the campaign's last record"):
        await restored(desk.shelf)


@pytest.mark.parametrize(
    "event", [REFUSED, StepSkipped(step="content", reason="so"), CancelRequested(reason="so")]
)
async def test_a_campaign_that_begins_without_its_goal_is_no_campaign(event: LogEvent) -> None:
    desk = await campaign(until="audit")
    desk.shelf.put(foreign(event, 1, FIRST_HASH, OTHER))
    found = await restored(desk.shelf)
    assert set(found.sagas) == {CAMPAIGN_ID}
    assert found.skipped == 1


async def test_a_record_that_follows_but_cannot_be_folded_stops_the_partition() -> None:
    desk = await campaign(until="audit")
    event = StepSkipped(step="juggling", reason="so")
    desk.shelf.put(foreign(event, desk.saga.sequence + 1, desk.held.head_hash))
    with pytest.raises(LogBroken, match="cannot be folded"):
        await restored(desk.shelf)


def _of_newer_build(made: Outgoing, sequence: int) -> Outgoing:
    """The same record, of a schema id that this build does not know; its headers name the fact."""
    assert made.value is not None
    assert made.key is not None
    value = made.value[:1] + (9_999_999).to_bytes(4, "big") + made.value[5:]
    fact = identity.fact_id(made.key.decode(), sequence)
    return Outgoing(topics.LOG, made.key, value, ((ID_HEADER, fact.encode()),))


def _newer_build(desk: Desk, *, goes_on: bool) -> None:
    """A newer build writes a fact of a kind that we do not know, and perhaps goes on."""
    event = GoalReceived(saga="s", name="n", goal=b"")
    sequence = desk.saga.sequence + 1
    made = _of_newer_build(foreign(event, sequence, desk.held.head_hash), sequence)
    desk.shelf.put(made)
    if goes_on:
        digest = hashlib.sha256(made.value or b"").hexdigest()
        desk.shelf.put(foreign(REFUSED, sequence + 1, digest))


@pytest.mark.parametrize("goes_on", [True, False])
async def test_a_newer_builds_record_that_the_chain_needs_stops_the_partition(
    goes_on: bool,
) -> None:
    desk = await campaign(until="audit")
    _newer_build(desk, goes_on=goes_on)
    with pytest.raises(LogBroken, match="schema id 9999999 is unknown to this build"):
        await restored(desk.shelf)


async def test_two_histories_stop_the_partition_even_where_ours_goes_on() -> None:
    desk = await campaign(until="content")
    _newer_build(desk, goes_on=True)
    desk.run()
    with pytest.raises(LogBroken, match="schema id 9999999 is unknown to this build"):
        await restored(desk.shelf)


async def test_a_newer_builds_first_record_of_a_campaign_stops_the_partition() -> None:
    shelf = Shelf()
    made = foreign(GoalReceived(saga="s", name="n", goal=b""), 1, FIRST_HASH, OTHER)
    shelf.put(_of_newer_build(made, 1))
    with pytest.raises(LogBroken, match=OTHER):
        await restored(shelf)


async def test_an_unreadable_record_that_the_chain_does_without_is_skipped() -> None:
    desk = await campaign(until="content")
    desk.shelf.put(_of_newer_build(foreign(REFUSED, 50), desk.saga.sequence + 1))
    desk.run()
    found = await restored(desk.shelf)
    assert (found.skipped, found.sagas[CAMPAIGN_ID].saga) == (1, desk.saga)


@pytest.mark.parametrize("kind", ["truncated", "unknown schema", "another message", "an old fact"])
async def test_rubbish_behind_our_last_record_cannot_stop_the_partition(kind: str) -> None:
    desk = await campaign(until="audit")
    last = desk.shelf.of(topics.LOG)[-1]
    value, headers = last.value or b"", last.headers
    match kind:
        case "truncated":
            value = value[: len(value) // 2]
        case "unknown schema":
            value, headers = value[:1] + (9_999_999).to_bytes(4, "big") + value[5:], ()
        case "another message":
            value = desk.shelf.of(topics.commands_of("research"))[0].value or b""
    desk.shelf.put(Outgoing(topics.LOG, last.key, value, headers))
    found = await restored(desk.shelf)
    assert (found.skipped, found.sagas[CAMPAIGN_ID].saga) == (1, desk.saga)


async def test_a_missing_record_stops_the_partition() -> None:
    desk = await campaign(until="audit")
    del desk.shelf.of(topics.LOG)[5]
    with pytest.raises(LogBroken):
        await restored(desk.shelf)


async def test_a_log_shorter_than_its_checkpoint_stops_the_partition() -> None:
    desk = await campaign(until="audit")
    await desk.wait(CHECKPOINT_EVERY)
    del desk.shelf.of(topics.LOG)[-2:]
    with pytest.raises(LogBroken, match="the log has lost records"):
        await restored(desk.shelf)


def _bad_snapshots(desk: Desk) -> dict[str, bytes]:
    entry = CODEC.catalog.entry_of(SagaSnapshot)
    envelope: EventEnvelope = envelope_of(entry, campaign_id=CAMPAIGN_ID, tenant_id=TENANT_ID)
    good = SagaSnapshot(
        sequence=1,
        head_hash="0" * 64,
        log_offset=0,
        state_version=STATE_VERSION,
        closed=False,
        state=desk.saga.model_dump_json().encode(),
    )
    other = good.model_copy(update={"state_version": STATE_VERSION + 1, "state": b"{}"})
    torn = good.model_copy(update={"state": good.state[:-20]})
    return {
        "another build's state": CODEC.encode(envelope, None, other),
        "a torn state": CODEC.encode(envelope, None, torn),
        "junk": b"junk",
    }


@pytest.mark.parametrize("kind", ["another build's state", "a torn state", "junk"])
async def test_a_snapshot_that_cannot_be_used_means_reading_the_log_from_its_beginning(
    kind: str,
) -> None:
    desk = await campaign(until="audit")
    await desk.wait(CHECKPOINT_EVERY)
    value = _bad_snapshots(desk)[kind]
    desk.shelf.put(Outgoing(topics.SNAPSHOTS, CAMPAIGN_ID.encode(), value))
    found = await restored(desk.shelf)
    assert found.checkpoint == 0
    assert found.sagas[CAMPAIGN_ID].saga == desk.saga


async def test_a_bad_snapshot_that_a_good_one_replaced_costs_nothing() -> None:
    desk = await campaign(until="content")
    desk.shelf.put(Outgoing(topics.SNAPSHOTS, CAMPAIGN_ID.encode(), b"junk"))
    await desk.wait(CHECKPOINT_EVERY)
    found = await restored(desk.shelf)
    assert found.checkpoint > 0
    assert found.sagas[CAMPAIGN_ID].saga == desk.saga


async def test_a_campaign_whose_snapshot_was_struck_out_is_forgotten() -> None:
    desk = await campaign(until="audit")
    await desk.wait(CHECKPOINT_EVERY)
    desk.shelf.put(Outgoing(topics.SNAPSHOTS, CAMPAIGN_ID.encode(), None))
    assert (await restored(desk.shelf)).sagas == {}


def test_our_own_example_of_an_unknown_schema_is_unknown() -> None:
    with pytest.raises(Undecodable, match="unknown to this build"):
        CODEC.decode(_of_newer_build(foreign(REFUSED, 1), 1).value)


async def test_a_whole_failed_life_is_read_back_to_the_last_hash() -> None:
    desk = await campaign(until="content")
    desk.fail("content", FailureReason.INVALID_INPUT)
    desk.undone("content")
    desk.ask(StartCampaign())
    assert desk.saga.life is Life.FAILED
    whole = await refolded(desk.shelf)
    assert state_hash(whole.sagas[CAMPAIGN_ID]) == state_hash(desk.held)


async def test_a_completed_life_is_read_back_to_the_last_hash() -> None:
    desk = await campaign(until="nothing")
    desk.decide(ReviewDecision.APPROVE)
    desk.run()
    assert desk.saga.life is Life.COMPLETED
    whole = await refolded(desk.shelf)
    assert state_hash(kept(whole.sagas[CAMPAIGN_ID])) == state_hash(desk.held)


async def test_of_what_is_over_only_what_a_late_request_needs_is_held_and_snapshotted() -> None:
    desk = await campaign(until="nothing")
    desk.decide(ReviewDecision.APPROVE)
    desk.run()
    snapshot = desk.shelf.of(topics.SNAPSHOTS)[-1].value or b""
    assert (desk.saga.plan, desk.saga.steps, desk.saga.goal) == ((), {}, b"")
    assert len(snapshot) < SMALL_BYTES
    again = Desk(desk.shelf)
    await again.open()
    assert again.held == desk.held
    for late in (CancelCampaign(), StartCampaign(), RetryCampaign(failed_sequence=1)):
        assert names(again.ask(late))[0] == "RequestRefused"
    assert (await verify(desk.shelf, CODEC))["problems"] == []


async def test_a_broken_partition_stands_still_and_its_neighbour_is_restored() -> None:
    desk = await campaign(until="audit")
    shelf = desk.shelf
    partition = TopicPartition(topics.LOG, PARTITION)
    del shelf.records[partition][2]
    found = await restore(shelf, CODEC, frozenset({PARTITION, PARTITION + 1}))
    assert found[PARTITION].broken
    assert not found[PARTITION + 1].broken
