"""Snapshots and checkpoints: how often, where from, and what the next owner finds."""

from datetime import timedelta

from contracts import topics
from contracts.records import SagaSnapshot, SnapshotCheckpoint
from contracts.requests import CancelCampaign, StartCampaign
from services.orchestrator.saga.processor import AT_ONCE, CHECKPOINT_EVERY, SNAPSHOT_FACTS_MAX
from tests.orchestrator.saga.desk import (
    CODEC,
    PARTITION,
    Desk,
    campaign,
    names,
)
from tests.specification import MORNING

SECOND = timedelta(seconds=1)


def snapshots(desk: Desk) -> list[SagaSnapshot]:
    found = [CODEC.decode(record.value).body for record in desk.shelf.of(topics.SNAPSHOTS)]
    return [one for one in found if isinstance(one, SagaSnapshot)]


def checkpoints(desk: Desk) -> list[int]:
    found = [CODEC.decode(record.value).body for record in desk.shelf.of(topics.SNAPSHOTS)]
    return [one.log_offset for one in found if isinstance(one, SnapshotCheckpoint)]


async def test_a_campaign_is_snapshotted_after_so_many_facts() -> None:
    desk = await campaign()
    while len(desk.log()) < SNAPSHOT_FACTS_MAX:
        assert snapshots(desk) == []
        desk.ask(StartCampaign())
    (snapshot,) = snapshots(desk)
    assert snapshot.sequence == SNAPSHOT_FACTS_MAX
    assert desk.held.facts_since_snapshot == 0
    desk.ask(StartCampaign())
    assert len(snapshots(desk)) == 1


async def test_an_ended_campaign_is_snapshotted_at_its_end() -> None:
    desk = await campaign()
    desk.ask(CancelCampaign())
    (snapshot,) = snapshots(desk)
    assert snapshot.closed
    assert snapshot.head_hash == desk.held.head_hash
    assert snapshot.sequence == len(desk.log())


async def test_what_changed_is_snapshotted_before_a_checkpoint_once_in_a_while() -> None:
    desk = await campaign()
    assert desk.processor.next_due() == MORNING + CHECKPOINT_EVERY
    assert await desk.wait(CHECKPOINT_EVERY - SECOND) == []
    assert names(await desk.wait(SECOND)) == ["SagaSnapshot", "SnapshotCheckpoint"]
    assert checkpoints(desk) == [len(desk.log())]
    assert desk.shelf.of(topics.SNAPSHOTS)[-1].key == b"checkpoint-0"


async def test_where_nothing_changed_no_checkpoint_is_written() -> None:
    desk = await campaign()
    await desk.wait(CHECKPOINT_EVERY)
    assert await desk.wait(CHECKPOINT_EVERY) == []
    desk.ask(StartCampaign())
    await desk.wait(CHECKPOINT_EVERY)
    assert len(checkpoints(desk)) == 2


async def test_a_checkpoint_that_was_aborted_is_made_again() -> None:
    desk = await campaign()
    desk.now += CHECKPOINT_EVERY
    assert await desk.processor.think_of_time(PARTITION, desk.now)
    desk.processor.discard()
    assert desk.processor.due(desk.now) == PARTITION
    written = desk.keep(await desk.processor.think_of_time(PARTITION, desk.now))
    assert names(written) == ["SagaSnapshot", "SnapshotCheckpoint"]
    assert desk.processor.due(desk.now) is None


async def test_a_new_owner_with_a_long_tail_makes_a_checkpoint_at_once() -> None:
    desk = await campaign(until="design")
    heir = await Desk(desk.shelf).open()
    assert heir.saga == desk.saga
    assert heir.processor.next_due() == AT_ONCE
    written = await heir.wait(timedelta())
    assert names(written) == ["SagaSnapshot", "SnapshotCheckpoint"]
    third = await Desk(desk.shelf).open()
    assert third.saga == desk.saga
    assert third.processor.due(third.now) is None
