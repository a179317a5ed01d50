"""SAGA-10: a saga of ten thousand facts is read back from its snapshot and the few behind it."""

from collections.abc import AsyncIterator, Mapping

import pytest

from chassis.broker import Incoming, TopicPartition
from contracts import topics
from contracts.requests import StartCampaign
from services.orchestrator.saga.processor import CHECKPOINT_EVERY
from services.orchestrator.saga.restore import Restored, restore
from services.orchestrator.saga.verify import state_hash
from tests.orchestrator.saga.desk import CODEC, PARTITION, Desk, Shelf, campaign
from tests.specification import CAMPAIGN_ID

FACTS = 10_000
BEHIND = 7
"""Facts behind the last checkpoint when the role dies."""


class Counted(Shelf):
    """A shelf of which one knows how many records were taken down."""

    def __init__(self, records: Mapping[TopicPartition, list[Incoming]]) -> None:
        super().__init__()
        self.records.update(records)
        self.read_records = 0

    async def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Incoming]:
        async for record in super().read(starts, ends):
            self.read_records += 1
            yield record


def compacted(records: list[Incoming]) -> list[Incoming]:
    """The last record of each key, as Kafka leaves the snapshots' topic."""
    return list({record.key: record for record in records}.values())


async def restored(shelf: Counted) -> Restored:
    found = (await restore(shelf, CODEC, frozenset({PARTITION})))[PARTITION]
    assert (found.broken, found.skipped) == ("", 0)
    return found


async def a_long_saga() -> Desk:
    desk = await campaign(until="content")
    while desk.saga.sequence < FACTS - BEHIND:
        desk.ask(StartCampaign())
    await desk.wait(CHECKPOINT_EVERY)
    for _ in range(BEHIND):
        desk.ask(StartCampaign())
    return desk


@pytest.mark.slow
async def test_a_long_saga_is_read_back_from_its_snapshot_and_not_from_its_beginning() -> None:
    desk = await a_long_saga()
    assert desk.saga.sequence == FACTS
    log = {TopicPartition(topics.LOG, PARTITION): desk.shelf.of(topics.LOG)}
    kept = {TopicPartition(topics.SNAPSHOTS, PARTITION): compacted(desk.shelf.of(topics.SNAPSHOTS))}
    snapshot, zero = Counted({**log, **kept}), Counted(log)
    short, whole = await restored(snapshot), await restored(zero)

    assert zero.read_records == FACTS
    assert snapshot.read_records == 2 + BEHIND, "its snapshot, the checkpoint, the facts behind"
    held = desk.held
    for found in (short.sagas[CAMPAIGN_ID], whole.sagas[CAMPAIGN_ID]):
        assert (state_hash(found), found.head_hash) == (state_hash(held), held.head_hash)
