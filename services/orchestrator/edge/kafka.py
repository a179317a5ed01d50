"""The edge's log on Kafka: the only door to aiokafka. It knows topics and bytes, no message."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context

from chassis.broker import Outgoing
from chassis.settings import ChassisSettings
from contracts import topics
from services.orchestrator.edge.log import LogUnavailable, SendUncertain

SEND_TIMEOUT_MS = 10_000
FETCH_WAIT_MS = 500
"""So long the broker holds a fetch that it has nothing for; a fact ends the wait at once."""

TOPIC_LOOK_S = 1.0


class KafkaEdgeLog:
    """An EdgeLog on Kafka. Connects when first used, so the broker may start later."""

    def __init__(self, settings: ChassisSettings) -> None:
        self._prefix = settings.topic_prefix
        self._connection = _connection(settings)
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, record: Outgoing) -> None:
        """Return once every in-sync replica has it. Raises LogUnavailable, or SendUncertain."""
        producer = await self._started()
        try:
            async with asyncio.timeout(SEND_TIMEOUT_MS / 1000):
                await producer.send_and_wait(
                    self._prefix + record.topic,
                    value=record.value,
                    key=record.key,
                    partition=record.partition,
                    headers=list(record.headers),
                )
        except (KafkaError, TimeoutError, OSError) as cause:
            raise SendUncertain(str(_unavailable(cause))) from cause

    async def tail(self) -> AsyncGenerator[bytes, None]:
        """Values committed to `campaign.log` from now on, without a group."""
        consumer = AIOKafkaConsumer(
            **self._connection,
            group_id=None,
            isolation_level="read_committed",
            auto_offset_reset="latest",
            enable_auto_commit=False,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        try:
            await consumer.start()
            consumer.assign(await self._log_partitions())
            await consumer.seek_to_end()
            async for message in consumer:
                if message.value is not None:
                    yield message.value
        except (KafkaError, OSError) as cause:
            raise _unavailable(cause) from cause
        finally:
            await consumer.stop()

    async def check(self) -> None:
        """Raises LogUnavailable where no broker answers."""
        producer = await self._started()
        try:
            await producer.client.fetch_all_metadata()
        except (KafkaError, OSError) as cause:
            raise _unavailable(cause) from cause

    async def close(self) -> None:
        """Send what is under way, then give the connection up."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._connection,
                    acks="all",
                    enable_idempotence=True,
                    request_timeout_ms=SEND_TIMEOUT_MS,
                )
                try:
                    await producer.start()
                except (KafkaError, OSError) as cause:
                    with suppress(KafkaError, OSError):
                        await producer.stop()
                    raise _unavailable(cause) from cause
                self._producer = producer
            return self._producer

    async def _log_partitions(self) -> list[TopicPartition]:
        """All partitions of the log; waits for a topic that is not made yet, and makes none."""
        topic = self._prefix + topics.LOG
        producer = await self._started()
        while True:
            cluster = await producer.client.fetch_all_metadata()
            found = cluster.partitions_for_topic(topic)
            if found:
                return [TopicPartition(topic, partition) for partition in sorted(found)]
            await asyncio.sleep(TOPIC_LOOK_S)


def _unavailable(cause: BaseException) -> LogUnavailable:
    return LogUnavailable(f"Kafka does not answer ({type(cause).__name__}: {cause})")


def _connection(settings: ChassisSettings) -> dict[str, Any]:
    """What producer and consumer need to reach the brokers, TLS and SASL included."""
    found: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "client_id": f"edge-{settings.instance}",
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        found["ssl_context"] = create_ssl_context(
            cafile=settings.kafka_ssl_ca_location or None,
            certfile=settings.kafka_ssl_certificate_location or None,
            keyfile=settings.kafka_ssl_key_location or None,
        )
    if settings.kafka_security_protocol.startswith("SASL"):
        found["sasl_mechanism"] = settings.kafka_sasl_mechanism or "PLAIN"
        found["sasl_plain_username"] = settings.kafka_sasl_username
        found["sasl_plain_password"] = settings.kafka_sasl_password
    return found
