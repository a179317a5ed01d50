"""The windows role on a real Kafka: what it tells is what counting the whole topic gives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from chassis.broker import Outgoing, TopicPartition
from chassis.codec import Codec
from chassis.errors import Retryable
from chassis.kafka import KafkaBroker
from contracts import topics
from contracts.analytics import EngagementWindow, VariantsCompared
from contracts.message import Record
from services.optimizer.reckoning import Reckoning
from services.optimizer.settings import OptimizerSettings
from services.optimizer.stream import WindowStream
from tests.broker.optimizer import own_settings
from tests.optimizer.readers import KEPT, crowd

TOLD_WITHIN_S = 60.0
CODEC = Codec()


@pytest.fixture
def settings(broker: str, tmp_path: Path) -> OptimizerSettings:
    return own_settings(broker, tmp_path, "windows")


@asynccontextmanager
async def counting(settings: OptimizerSettings) -> AsyncIterator[WindowStream]:
    stream = WindowStream(settings, KafkaBroker(settings), CODEC)
    running = asyncio.create_task(stream.run())
    try:
        yield stream
    finally:
        stream.stop()
        await running


async def written(settings: OptimizerSettings, records: list[Outgoing]) -> None:
    producer = KafkaBroker(settings).producer()
    await producer.send(records)
    await producer.close()


async def told(settings: OptimizerSettings, topic: str = topics.WINDOWS) -> dict[str, Record]:
    """The newest record of each key."""
    reader = KafkaBroker(settings).reader()
    places = [TopicPartition(topic, n) for n in range(topics.PARTITIONS)]
    ends = await reader.ends(places)
    found: dict[str, Record] = {}
    starts = {place: first for place, (first, _) in ends.items()}
    async for one in reader.read(starts, {place: end for place, (_, end) in ends.items()}):
        key = (one.key or b"").decode()
        found.pop(key, None)
        if one.value is not None:
            body = CODEC.decode(one.value).body
            assert isinstance(body, Record)
            found[key] = body
    await reader.close()
    return found


def batch(records: list[Outgoing]) -> dict[str, Record]:
    """The same topic counted anew, all at once, by nothing but the pure functions."""
    whole = Reckoning(CODEC, KEPT)
    for one in records:
        whole.take(CODEC.decode(one.value))
    found: dict[str, Record] = {}
    for one in whole.tell():
        if one.topic == topics.WINDOWS:
            body = CODEC.decode(one.value).body
            assert isinstance(body, EngagementWindow | VariantsCompared)
            found[(one.key or b"").decode()] = body
    return found


async def until_told(settings: OptimizerSettings, expected: dict[str, Record]) -> None:
    found: dict[str, Record] = {}
    with suppress(TimeoutError):
        async with asyncio.timeout(TOLD_WITHIN_S):
            while found != expected:
                with suppress(Retryable):  # a topic that was just made has no leader yet
                    found = await told(settings)
                await asyncio.sleep(0.5)
    assert found == expected


async def test_windows_are_what_a_count_of_the_whole_topic_gives(
    settings: OptimizerSettings,
) -> None:
    """Two campaigns; events come twice, late and out of order; the role is restarted half-way."""
    events = [*crowd("one", seed=1), *crowd("two", seed=2)]
    half = len(events) // 2
    async with counting(settings) as stream:
        await written(settings, [*events[:half], *events[10:40]])
        await until_told(settings, batch(events[:half]))
        assert stream.vitals.ready
    await written(settings, [*events[half:], *reversed(events[:half])])
    async with counting(settings):
        await until_told(settings, batch(events))
    found = batch(events).values()
    assert sum(isinstance(one, EngagementWindow) for one in found) > 20
    assert sum(isinstance(one, VariantsCompared) for one in found) == 2
    assert len(await told(settings, topics.MEMORY)) == 1, "the lesson of the campaign with a winner"


async def test_two_copies_share_the_campaigns_and_tell_the_same(
    settings: OptimizerSettings,
) -> None:
    events = [one for n in range(6) for one in crowd(f"shared-{n}", seed=n)]
    async with counting(settings):
        await written(settings, events[: len(events) // 3])
        await until_told(settings, batch(events[: len(events) // 3]))
        async with counting(settings):
            await written(settings, events[len(events) // 3 :])
            await until_told(settings, batch(events))
        await written(settings, events)
        await until_told(settings, batch(events))
