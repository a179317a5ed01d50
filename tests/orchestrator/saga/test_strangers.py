"""Records in the saga's own topics that are no facts of the saga: passed over, never folded."""

from chassis.broker import Outgoing
from contracts import topics
from services.orchestrator.saga.restore import Restored, restore
from tests.contracts.examples import uuid_of
from tests.orchestrator.saga.desk import CODEC, PARTITION, Shelf, campaign
from tests.specification import CAMPAIGN_ID

OTHER = uuid_of("another campaign")


async def restored(shelf: Shelf) -> Restored:
    found = (await restore(shelf, CODEC, frozenset({PARTITION})))[PARTITION]
    assert not found.broken
    return found


async def test_a_message_that_is_no_fact_is_passed_over() -> None:
    desk = await campaign(until="audit")
    commands = tuple(desk.shelf.of(topics.commands_of("research")))
    assert commands
    for record in commands:
        desk.shelf.put(Outgoing(topics.LOG, record.key, record.value))
        desk.shelf.put(Outgoing(topics.SNAPSHOTS, b"somebody", record.value))
    found = await restored(desk.shelf)
    assert found.skipped == 2 * len(commands)
    assert found.sagas[CAMPAIGN_ID].saga == desk.saga


async def test_a_fact_under_another_key_is_not_folded() -> None:
    desk = await campaign(until="audit")
    first, *_ = desk.shelf.of(topics.LOG)
    elsewhere = Shelf()
    elsewhere.put(Outgoing(topics.LOG, OTHER.encode(), first.value))
    assert (await restored(elsewhere)).sagas == {}
