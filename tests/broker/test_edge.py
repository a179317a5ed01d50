"""The edge's own door to Kafka: what it sends is there, and it hears committed records only."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from uuid import uuid4

import pytest

from chassis.broker import Outgoing, Subscription, TopicPartition
from chassis.kafka import KafkaBroker
from contracts import topics
from contracts.analytics import EngagementKind
from deploy.topics import TopicsSettings, ensure_topics
from services.orchestrator.edge.kafka import KafkaEdgeLog
from services.orchestrator.edge.log import LogUnavailable
from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.database import Database
from services.orchestrator.view.projector import Projector
from services.orchestrator.view.queries import View
from tests.orchestrator.edge.fakes import CODEC
from tests.orchestrator.view.bench import ONE
from tests.orchestrator.view.stories import TENANT, Desk, goal_of
from tests.orchestrator.view.test_engagement import did

HEARD_WITHIN_S = 20.0


@pytest.fixture
def settings(broker: str, tmp_path: Path) -> OrchestratorSettings:
    prefix = f"edge-{uuid4().hex[:8]}-"
    made = OrchestratorSettings(
        kafka_bootstrap=broker,
        topic_prefix=prefix,
        group_prefix=prefix,
        use_in_memory_store=True,
        state_dir=tmp_path,
    )
    ensure_topics(TopicsSettings(kafka_bootstrap=broker, topic_prefix=prefix))
    return made


@pytest.fixture
async def log(settings: OrchestratorSettings) -> AsyncIterator[KafkaEdgeLog]:
    made = KafkaEdgeLog(settings)
    yield made
    await made.close()


async def test_what_the_edge_sends_lies_where_librdkafka_puts_the_same_key(
    settings: OrchestratorSettings, log: KafkaEdgeLog
) -> None:
    broker = KafkaBroker(settings)
    producer, reader = broker.producer(), broker.reader()
    keys = [str(uuid4()).encode() for _ in range(24)]
    for key in keys:
        await log.send(Outgoing(topics.REQUESTS, key, b"edge", (("ce_id", key),)))
    await producer.send([Outgoing(topics.REQUESTS, key, b"chassis") for key in keys])
    all_of_it = [TopicPartition(topics.REQUESTS, n) for n in range(topics.PARTITIONS)]
    ends = await reader.ends(all_of_it)
    starts = {place: first for place, (first, _) in ends.items()}
    found = [r async for r in reader.read(starts, {p: end for p, (_, end) in ends.items()})]
    await reader.close()
    await producer.close()
    places = {
        who: {r.key: r.partition for r in found if r.value == who} for who in (b"edge", b"chassis")
    }
    assert places[b"edge"] == places[b"chassis"]
    assert set(places[b"edge"]) == set(keys)
    assert all(r.headers == (("ce_id", r.key),) for r in found if r.value == b"edge")


async def test_the_tail_hears_what_was_committed_and_nothing_that_was_aborted(
    settings: OrchestratorSettings, log: KafkaEdgeLog
) -> None:
    """A producer that dies in the middle of its transaction leaves bytes that nobody may hear."""
    from confluent_kafka import Producer

    kafka = {"bootstrap.servers": settings.kafka_bootstrap, "transactional.id": uuid4().hex}
    writer = Producer(kafka)
    topic = settings.topic_prefix + topics.LOG
    await asyncio.to_thread(writer.init_transactions, 30)

    def written(value: bytes, *, commit: bool) -> None:
        writer.begin_transaction()
        writer.produce(topic, value, key=b"k")
        writer.flush(10)
        if commit:
            writer.commit_transaction(10)
        else:
            writer.abort_transaction(10)

    heard: list[bytes] = []

    async def listen() -> None:
        async with aclosing(log.tail()) as values:
            async for value in values:
                heard.append(value)
                if value == b"last":
                    return

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(HEARD_WITHIN_S):
        while not heard:  # the tail begins at its present end: write until it is there
            await asyncio.to_thread(written, b"early", commit=True)
            await asyncio.sleep(0.2)
        await asyncio.to_thread(written, b"never", commit=False)
        await asyncio.to_thread(written, b"last", commit=True)
        await listening
    assert (set(heard), heard[-1]) == ({b"early", b"last"}, b"last")


async def test_the_tail_hears_what_our_producers_compress(
    settings: OrchestratorSettings, log: KafkaEdgeLog
) -> None:
    producer = KafkaBroker(settings).producer()
    large = b"said again and again " * 2_000
    async with aclosing(log.tail()) as values, asyncio.timeout(HEARD_WITHIN_S):
        hearing = asyncio.ensure_future(anext(values))
        while not hearing.done():  # the tail begins at its present end: write until it is there
            await producer.send([Outgoing(topics.LOG, b"k", large)])
            await asyncio.sleep(0.2)
        assert await hearing == large
    await producer.close()


async def test_the_projector_follows_a_real_log_and_tells_its_group(
    settings: OrchestratorSettings, log: KafkaEdgeLog, tmp_path: Path
) -> None:
    desk = Desk(CODEC)
    campaigns = [str(uuid4()) for _ in range(3)]
    for campaign in campaigns:
        desk.create(campaign, goal_of(tmp_path / "keys"))
        desk.run(campaign)
    broker = KafkaBroker(settings)
    producer = broker.producer()
    written = [Outgoing(topics.LOG, r.key, r.value) for r in desk.log]
    await producer.send(written)
    await producer.close()
    projector = Projector(settings, broker, CODEC)
    running = asyncio.create_task(projector.run())
    view = View(Database("", settings.view_path))
    async with asyncio.timeout(HEARD_WITHIN_S):
        while sum(projector.moved_to.values()) < len(desk.log):  # noqa: ASYNC110 - a figure, polled
            await asyncio.sleep(0.1)
    projector.stop()
    await running
    for campaign in campaigns:
        found = await view.campaign(TENANT, campaign)
        assert found is not None
        assert found.saga == desk.sagas[campaign]
    view.close()
    member = broker.consumer(Subscription("projector", (topics.LOG,), "looks-on"))
    held = await member.committed(list(projector.moved_to))
    await member.close()
    assert {p: at.offset for p, at in held.items() if at} == {
        p: end for p, end in projector.moved_to.items() if end
    }


async def test_what_readers_do_comes_back_as_counts(
    settings: OrchestratorSettings, log: KafkaEdgeLog
) -> None:
    clicks = [did(EngagementKind.CLICK, number) for number in range(3)]
    for click in (*clicks, clicks[0]):  # one of them twice
        await log.send(Outgoing(topics.ENGAGEMENT, click.key, click.value))
    projector = Projector(settings, KafkaBroker(settings), CODEC)
    running = asyncio.create_task(projector.run())
    async with asyncio.timeout(HEARD_WITHIN_S):
        while sum(projector.moved_to.values()) < 4:  # noqa: ASYNC110 - a figure, polled
            await asyncio.sleep(0.1)
    projector.stop()
    await running
    view = View(Database("", settings.view_path))
    assert [count.times for count in await view.engagement(TENANT, ONE)] == [3]
    view.close()


async def test_a_broker_that_is_not_there_is_said_so_and_may_come_later(
    settings: OrchestratorSettings,
) -> None:
    nowhere = settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"})
    log = KafkaEdgeLog(nowhere)
    with pytest.raises(LogUnavailable, match="Kafka does not answer"):
        await log.check()
    with pytest.raises(LogUnavailable):
        await log.send(Outgoing(topics.REQUESTS, b"k", b"v"))
    with pytest.raises(LogUnavailable):
        async with aclosing(log.tail()) as values:
            await anext(values)
    await log.close()
