"""A transaction that no coordinator knows, made by the wire protocol: a broker's restart left one.

The producer id comes from the coordinator as usual; what follows is written to partition and
group without the coordinator being told, which a broker allows that verifies no transactions.
"""

import asyncio
from typing import Any, Final, NamedTuple

from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import KafkaError
from aiokafka.protocol.api import Request
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import InitProducerIdRequest, TxnOffsetCommitRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

ALLOWED: Final = {"transaction.partition.verification.enable": "false"}
"""What the broker has to be told."""

TIMEOUT_MS: Final = 60_000
BATCH_BYTES: Final = 10_000
PATIENCE_S: Final = 15.0
AGAIN_S: Final = 0.2


class Name(NamedTuple):
    """A transactional id, and its producer's id and epoch."""

    transactional_id: str
    producer_id: int
    epoch: int


async def forget(bootstrap: str, transactional_id: str, topic: str, group: str) -> None:
    """Leave a record in the topic's partition 0, and a position of the group there, hanging."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        async with asyncio.timeout(PATIENCE_S):
            name = await _named(client, transactional_id)
            await _leave_a_record(client, name, topic)
            await _leave_a_position(client, name, topic, group)
    finally:
        await client.close()


async def _named(client: AIOKafkaClient, transactional_id: str) -> Name:
    request = InitProducerIdRequest(transactional_id, TIMEOUT_MS)
    while True:
        node = await _coordinator(client, CoordinationType.TRANSACTION, transactional_id)
        answer = await _ask(client, node, request)
        if not answer.error_code:
            return Name(transactional_id, answer.producer_id, answer.producer_epoch)
        await asyncio.sleep(AGAIN_S)


async def _leave_a_record(client: AIOKafkaClient, name: Name, topic: str) -> None:
    batch = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=1,
        producer_id=name.producer_id,
        producer_epoch=name.epoch,
        base_sequence=0,
        batch_size=BATCH_BYTES,
    )
    batch.append(0, None, b"key", b"forgotten", [])
    messages = [(topic, [(0, bytes(batch.build()))])]
    request = ProduceRequest(name.transactional_id, -1, TIMEOUT_MS, messages)
    answer = await _ask(client, client.get_random_node(), request)
    ((_, ((_, error, *_),)),) = answer.topics
    assert error == 0, f"the broker refused the record: {error}"


async def _leave_a_position(client: AIOKafkaClient, name: Name, topic: str, group: str) -> None:
    position = [(topic, [(0, 1, "")])]
    request = TxnOffsetCommitRequest(
        name.transactional_id, group, name.producer_id, name.epoch, position
    )
    while True:
        node = await _coordinator(client, CoordinationType.GROUP, group)
        answer = await _ask(client, node, request)
        ((_, ((_, error),)),) = answer.errors
        if not error:
            return
        await asyncio.sleep(AGAIN_S)


async def _coordinator(client: AIOKafkaClient, kind: CoordinationType, key: str) -> int:
    """The node that answers for the key, once there is one."""
    while True:
        try:
            return int(await client.coordinator_lookup(kind, key))
        except KafkaError:
            await asyncio.sleep(AGAIN_S)


async def _ask(client: AIOKafkaClient, node: int, request: Request[Any]) -> Any:
    await client.ready(node)
    return await client.send(node, request)
