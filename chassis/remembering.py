"""Keeping a process's recall up with the topic `memory.items`, from its beginning, for ever."""

import asyncio

import structlog

from chassis.broker import Incoming, Reader, TopicPartition
from chassis.codec import Codec
from chassis.errors import Rejected, Retryable
from chassis.recall import MemoryRecall
from contracts import topics
from contracts.learn import MemoryItem

RETRY_S = 1.0

log = structlog.get_logger()


async def follow_memory(reader: Reader, recall: MemoryRecall, codec: Codec) -> None:
    """Feed `recall` until cancelled; a record that cannot be read is passed over with a warning."""
    while True:
        try:
            count = await reader.partitions(topics.MEMORY)
            starts = {TopicPartition(topics.MEMORY, number): 0 for number in range(count)}
            async for record in reader.tail(starts):
                _take(record, recall, codec)
        except Retryable as hindrance:
            log.info("memory_not_there", reason=str(hindrance))
            await asyncio.sleep(RETRY_S)


def _take(record: Incoming, recall: MemoryRecall, codec: Codec) -> None:
    key = (record.key or b"").decode(errors="replace")
    try:
        if record.value is None:
            recall.learn(key, key.partition(":")[0], None)
            return
        message = codec.decode(record.value)
        if not isinstance(message.body, MemoryItem):
            raise Rejected(f"{message.entry.name} is no memory")
        recall.learn(key, message.envelope.tenant_id, message.body)
    except Rejected as reason:
        log.warning("memory_skipped", offset=record.offset, reason=str(reason))
