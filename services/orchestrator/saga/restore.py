"""Restoring a partition's sagas: snapshots up to the high watermark, then the log's tail, verified.

The log decides. A record of the log is folded only where its `previous_hash` names the record
before it; one that nothing later names is foreign and is skipped with an alarm; one that the
chain needs but this build cannot read stops the partition.
"""

import hashlib
from collections.abc import Mapping
from typing import cast

import structlog

from chassis.broker import Incoming, Reader, TopicPartition
from chassis.codec import Codec, Decoded
from chassis.errors import ChassisError, Undecodable
from contracts import topics
from contracts.envelope import LogPosition
from contracts.records import SagaSnapshot, SnapshotCheckpoint
from services.orchestrator.saga.engine import evolve
from services.orchestrator.saga.facts import fact_of
from services.orchestrator.saga.state import STATE_VERSION, Saga
from services.orchestrator.saga.store import Held
from services.orchestrator.saga.writing import FIRST_HASH

log = structlog.get_logger()


class LogBroken(ChassisError):
    """A record that the chain needs cannot be read or does not follow: a person must look."""


class Restored:
    """One partition's sagas while they are being read back."""

    def __init__(self, codec: Codec, partition: int) -> None:
        self._codec = codec
        self._partition = partition
        self.sagas: dict[str, Held] = {}
        self.checkpoint = 0
        self.skipped = 0
        self._snapshots: dict[str, Held] = {}
        self._unreadable: dict[str, str] = {}

    def snapshot(self, record: Incoming) -> None:
        """Take in one record of the snapshots topic; one that cannot be read is passed over."""
        if record.value is None:
            self._snapshots.pop((record.key or b"").decode(), None)
            return
        try:
            message = self._codec.decode(record.value)
        except Undecodable as reason:
            self._skip(record, str(reason))
            return
        body = message.body
        if isinstance(body, SnapshotCheckpoint):
            self.checkpoint = body.log_offset
        elif isinstance(body, SagaSnapshot) and body.state_version == STATE_VERSION:
            saga = Saga.model_validate_json(body.state)
            self._snapshots[saga.campaign_id] = Held(saga, body.head_hash)

    def begin_tail(self) -> None:
        """Snapshots are read; the log's tail follows."""
        self.sagas = dict(self._snapshots)

    def fact(self, record: Incoming) -> None:
        """Take in one record of the log. Raises LogBroken where the chain has a hole."""
        try:
            message = self._codec.decode(record.value, validate=False)
            position = cast("LogPosition", message.header)
        except Undecodable as reason:
            digest = hashlib.sha256(record.value or b"").hexdigest()
            self._unreadable[digest] = str(reason)
            self._skip(record, str(reason))
            return
        campaign_id = message.envelope.campaign_id
        snapshot = self._snapshots.get(campaign_id)
        if snapshot and position.sequence <= snapshot.saga.sequence:
            return  # the snapshot has it
        held = self.sagas.get(campaign_id)
        if not self._follows(held, position):
            self._does_not_follow(record, message, position)
            return
        digest = hashlib.sha256(message.value).hexdigest()
        saga = evolve(held.saga if held else None, fact_of(message))
        since = held.facts_since_snapshot + 1 if held else 1
        self.sagas[saga.campaign_id] = Held(saga, digest, since)

    def _follows(self, held: Held | None, position: LogPosition) -> bool:
        head = held.head_hash if held else FIRST_HASH
        sequence = held.saga.sequence + 1 if held else 1
        return position.previous_hash == head and position.sequence == sequence

    def _does_not_follow(self, record: Incoming, message: Decoded, position: LogPosition) -> None:
        if position.previous_hash in self._unreadable:
            reason = self._unreadable[position.previous_hash]
            raise LogBroken(
                f"campaign.log[{self._partition}]@{record.offset}: the record before "
                f"{message.entry.name} is needed but cannot be read: {reason}. "
                "Run a build that knows its schema."
            )
        self._skip(record, "it does not follow the campaign's last record")

    def _skip(self, record: Incoming, reason: str) -> None:
        self.skipped += 1
        log.error(
            "log_record_skipped",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            reason=reason,
        )


async def restore(
    reader: Reader, codec: Codec, partitions: frozenset[int]
) -> Mapping[int, Restored]:
    """The sagas of these partitions, exactly as their last committed record left them."""
    snapshots = [TopicPartition(topics.SNAPSHOTS, partition) for partition in partitions]
    logs = [TopicPartition(topics.LOG, partition) for partition in partitions]
    bounds = await reader.ends([*snapshots, *logs])
    restored = {partition: Restored(codec, partition) for partition in partitions}
    starts = {tp: bounds[tp][0] for tp in snapshots}
    async for record in reader.read(starts, {tp: bounds[tp][1] for tp in snapshots}):
        restored[record.partition].snapshot(record)
    for one in restored.values():
        one.begin_tail()
    tails = {tp: max(bounds[tp][0], restored[tp.partition].checkpoint) for tp in logs}
    async for record in reader.read(tails, {tp: bounds[tp][1] for tp in logs}):
        restored[record.partition].fact(record)
    return restored
