"""The notices role on a real Kafka: a verdict is told once, however often the log is read."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chassis.artefacts import FolderArtefacts
from chassis.kafka import KafkaBroker
from chassis.recall import MemoryRecall
from chassis.service import Wiring
from contracts.requests import ReviewDecision
from contracts.saga import ReviewDecided
from services.optimizer.roles import STREAMS
from services.optimizer.settings import OptimizerSettings
from tests.broker.optimizer import own_settings
from tests.chaos.groups import Groups
from tests.optimizer.publish.builders import House
from tests.optimizer.review.newsroom import at_the_gate, log_record
from tests.optimizer.review.places import announce, outside
from tests.orchestrator.saga.lives import Led

HEARD_WITHIN_S = 60.0


@asynccontextmanager
async def following(house: House, settings: OptimizerSettings) -> AsyncIterator[None]:
    """One copy of the role, as the optimizer's process makes it."""
    wiring = Wiring(
        FolderArtefacts(settings.artefacts_dir),
        MemoryRecall(house.clock),
        house.clock,
        door=house.door,
    )
    stream = STREAMS["notices"](settings, KafkaBroker(settings), wiring)
    running = asyncio.create_task(stream.run())
    try:
        yield
    finally:
        stream.stop()
        await running


async def write(settings: OptimizerSettings, house: House, life: Led, begin: int = 0) -> int:
    """Put the campaign's facts from `begin` on into the log; how many there are by now."""
    producer = KafkaBroker(settings).producer()
    numbered = list(enumerate(life.facts, 1))[begin:]
    await producer.send(
        [log_record(house.tenant_id, fact, number, "ana") for number, fact in numbered]
    )
    await producer.close()
    return len(life.facts)


async def until(condition: Callable[[], bool]) -> None:
    """Look again and again until it is so."""
    deadline = time.monotonic() + HEARD_WITHIN_S
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, "it never came to that"
        await asyncio.sleep(0.5)


def has_read(groups: Groups, settings: OptimizerSettings, count: int) -> bool:
    """True where the role's group is done with so many records of the log."""
    return sum(groups.positions(f"{settings.group_prefix}notices").values()) >= count


@pytest.fixture
def settings(broker: str, tmp_path: Path) -> OptimizerSettings:
    return own_settings(broker, tmp_path, "notices")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    yield house
    await house.close()


async def test_a_verdict_is_told_once_over_a_restart_and_a_replay_of_the_log(
    settings: OptimizerSettings, house: House
) -> None:
    """One copy reads up to the gate, the next one the decision, a third everything from the first
    record on, as a group does that was set back."""
    life, groups = at_the_gate(), Groups(settings.kafka_bootstrap)
    with outside(house) as (hub, chat):
        told = settings.model_copy(update=house.options)
        async with following(house, told):
            written = await write(told, house, life)
            await until(lambda: has_read(groups, told, written))
        await announce(house)
        life.answer("announce")
        life.decide(ReviewDecision.REJECT, reason="off brand")
        assert life.events(ReviewDecided)
        house.clock.advance((life.now - house.clock.now()).total_seconds())
        whole = await write(told, house, life, written)
        async with following(house, told):
            await until(lambda: has_read(groups, told, whole))
        assert "Rejected by ana" in chat.messages[0]["text"]
        writes, updates = list(hub.writes), chat.updates
        anew = told.model_copy(update={"group_prefix": f"{told.group_prefix}anew-"})
        async with following(house, anew):
            await until(lambda: has_read(groups, anew, whole))
    assert (hub.writes, chat.updates) == (writes, updates)
    assert len(hub.comments) == 1
    assert hub.pulls[0]["state"] == "closed"
    assert "off brand" in chat.messages[0]["blocks"][-1]["text"]["text"]
