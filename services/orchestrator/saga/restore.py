"""Restoring a partition's sagas: snapshots up to the high watermark, then the log's tail, verified.

The log decides. A record of the log is folded only where its `previous_hash` names the record
before it. One that cannot be read is passed over with an alarm, unless its headers give it the id
of the chain's next fact: that is a newer build's, and doubtful until the chain goes on without it.
Where the chain goes on behind a doubtful record, or ends before it, the partition stops: going on
would write a second history.
"""

import hashlib
import re
from collections.abc import Mapping

import structlog

from chassis.broker import Incoming, Reader, TopicPartition
from chassis.codec import MAGIC, Codec, Decoded
from chassis.errors import ChassisError, Undecodable
from chassis.messages import ID_HEADER
from contracts import identity, topics
from contracts.envelope import LogPosition
from contracts.message import UUID_PATTERN
from contracts.records import SagaSnapshot, SnapshotCheckpoint
from services.orchestrator.saga.brief import BRIEF_HEADER, from_header
from services.orchestrator.saga.engine import evolve
from services.orchestrator.saga.facts import fact_of
from services.orchestrator.saga.snapshots import Packed, Unusable, saga_in
from services.orchestrator.saga.store import Held
from services.orchestrator.saga.writing import FIRST_HASH

log = structlog.get_logger()

Headers = tuple[tuple[str, bytes], ...]


class LogBroken(ChassisError):
    """A record that the chain needs cannot be read or does not follow: a person must look."""


class Restored:
    """One partition's sagas while they are being read back.

    A snapshot whose header tells its brief stays packed, unless everything is to be `unpacking`.
    `misled` says that one such header was wrong: then all must be read again, unpacking.
    """

    def __init__(self, codec: Codec, partition: int, *, unpacking: bool = False) -> None:
        self._codec = codec
        self._unpacking = unpacking
        self._partition = partition
        self.sagas: dict[str, Held] = {}
        self.checkpoint = 0
        self.skipped = 0
        self.broken = ""
        self.misled = False
        self._snapshots: dict[str, Held] = {}
        self._unusable: set[str] = set()
        self._doubtful: dict[str, dict[str, str]] = {}
        self._strangers: dict[str, str] = {}

    def snapshot(self, record: Incoming) -> None:
        """Take in one record of the snapshots topic.

        Where a campaign's last snapshot cannot be used (unreadable, or another build's state), the
        log is read from its beginning: the checkpoint counts on every snapshot before it.
        """
        key = _text(record.key)
        self._unusable.discard(key)
        if record.value is None:
            self._snapshots.pop(key, None)
            return
        if not self._unpacking and self._use_packed(key, record.headers, record.value):
            return
        try:
            self._use(self._codec.decode(record.value))
        except Undecodable as reason:
            self._snapshots.pop(key, None)
            self._unusable.add(key)
            self._skip(record, str(reason))

    def begin_tail(self) -> None:
        """Snapshots are read; the log's tail follows, from `checkpoint` on."""
        self.sagas = dict(self._snapshots)
        if self._unusable:
            self.checkpoint = 0

    def fact(self, record: Incoming) -> None:
        """Take in one record of the log. Raises LogBroken where the chain has a hole."""
        try:
            message = self._codec.decode(record.value)
        except Undecodable as reason:
            self._unreadable(record, str(reason))
            return
        campaign_id, position = message.envelope.campaign_id, message.header
        if not isinstance(position, LogPosition) or _text(record.key) != campaign_id:
            self._stranger(record, f"{message.entry.name} under this key is no fact of the log")
            return
        held = self.sagas.get(campaign_id)
        snapshot = self._snapshots.get(campaign_id)
        if snapshot and position.sequence <= snapshot.sequence:
            return  # the snapshot has it
        if self._follows(held, position):
            self._fold(record, message, held)
        else:
            self._does_not_follow(record, message, position)

    def end(self) -> None:
        """The log is read. Raises LogBroken where a record behind a chain's end may be ours."""
        for doubtful in self._doubtful.values():
            for reason in doubtful.values():
                raise LogBroken(reason)

    def try_fact(self, record: Incoming) -> None:
        """`fact`, but a broken log is kept as `broken`; from then on nothing is folded."""
        if not self.broken and not self.misled:
            try:
                self.fact(record)
            except LogBroken as broken:
                self.broken = str(broken)
            except Unusable as reason:
                log.error("snapshot_unusable", partition=self._partition, reason=str(reason))
                self.misled = True

    def try_end(self) -> None:
        """`end`, but a broken log is kept as `broken`."""
        if not self.broken:
            try:
                self.end()
            except LogBroken as broken:
                self.broken = str(broken)

    def strangers(self) -> tuple[str, ...]:
        """Records that are not ours under the key of a campaign whose chain ends before them."""
        return tuple(where for key, where in self._strangers.items() if key in self.sagas)

    def _use_packed(self, key: str, headers: Headers, value: bytes) -> bool:
        """True where the snapshot's header says all that must be known of it for now."""
        for name, header in headers:
            if name == BRIEF_HEADER:
                found = from_header(header, value)
                if found is None:
                    return False
                brief, head_hash = found
                packed = Packed(key, value, self._codec)
                self._snapshots[key] = Held(packed, head_hash, brief=brief)
                return True
        return False

    def _use(self, message: Decoded) -> None:
        body = message.body
        if isinstance(body, SnapshotCheckpoint):
            self.checkpoint = body.log_offset
        elif isinstance(body, SagaSnapshot):
            saga = saga_in(body)
            self._snapshots[saga.campaign_id] = Held(saga, body.head_hash)
        else:
            raise Undecodable(f"{message.entry.name} is no snapshot")

    def _follows(self, held: Held | None, position: LogPosition) -> bool:
        head = held.head_hash if held else FIRST_HASH
        sequence = held.sequence + 1 if held else 1
        return position.previous_hash == head and position.sequence == sequence

    def _fold(self, record: Incoming, message: Decoded, held: Held | None) -> None:
        try:
            saga = evolve(held.saga if held else None, fact_of(message))
        except (KeyError, ValueError) as reason:
            if held is None:
                self._skip(record, str(reason))
                return
            raise LogBroken(self._cannot_go_on(record, f"it cannot be folded: {reason}")) from None
        digest = hashlib.sha256(message.value).hexdigest()
        since = held.facts_since_snapshot + 1 if held else 1
        self.sagas[saga.campaign_id] = Held(saga, digest, since)
        self._doubtful.pop(saga.campaign_id, None)  # the chain goes on without them: not ours
        self._strangers.pop(saga.campaign_id, None)

    def _unreadable(self, record: Incoming, reason: str) -> None:
        """Whoever writes rubbish cannot stop a partition; a newer build's next fact does."""
        key, value = _text(record.key), record.value or b""
        if value[:1] == bytes([MAGIC]) and self._names_next_fact(record, key):
            self._skip(record, reason)
            self._doubt(record, key, f"it cannot be read: {reason}")
        else:
            self._stranger(record, reason)

    def _names_next_fact(self, record: Incoming, campaign_id: str) -> bool:
        if not re.fullmatch(UUID_PATTERN, campaign_id):
            return False
        held = self.sagas.get(campaign_id)
        expected = identity.fact_id(campaign_id, held.sequence + 1 if held else 1)
        return dict(record.headers).get(ID_HEADER) == expected.encode()

    def _stranger(self, record: Incoming, reason: str) -> None:
        """A record that nobody of ours wrote: the chain goes on without it."""
        self._skip(record, reason)
        self._strangers[_text(record.key)] = self._cannot_go_on(record, reason)

    def _does_not_follow(self, record: Incoming, message: Decoded, position: LogPosition) -> None:
        self._skip(record, "it does not follow the campaign's last record")
        campaign_id = message.envelope.campaign_id
        before = self._doubtful.get(campaign_id, {}).get(position.previous_hash)
        if before is not None:
            raise LogBroken(before)
        held = self.sagas.get(campaign_id)
        behind = held is not None and position.sequence > held.sequence
        ours = message.envelope.id == identity.fact_id(campaign_id, position.sequence)
        if behind and ours:
            self._doubt(record, campaign_id, "it does not follow the campaign's last record")

    def _doubt(self, record: Incoming, campaign_id: str, reason: str) -> None:
        digest = hashlib.sha256(record.value or b"").hexdigest()
        doubtful = self._doubtful.setdefault(campaign_id, {})
        doubtful[digest] = self._cannot_go_on(record, reason)

    def _cannot_go_on(self, record: Incoming, reason: str) -> str:
        return (
            f"campaign.log[{self._partition}]@{record.offset}, campaign {_text(record.key)}: "
            f"{reason}. If a newer build wrote it, run that build; if not, the log was changed."
        )

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
    reader: Reader,
    codec: Codec,
    partitions: frozenset[int],
    *,
    unpacking: frozenset[int] = frozenset(),
) -> Mapping[int, Restored]:
    """The sagas of these partitions, exactly as their last committed record left them.

    A partition is `broken` where a chain has a hole or a doubtful end, or where its checkpoint lies
    behind the end of its log; the others are not touched by that. Those that are to be `unpacking`
    take no snapshot's header at its word.
    """
    snapshots = [TopicPartition(topics.SNAPSHOTS, partition) for partition in partitions]
    logs = [TopicPartition(topics.LOG, partition) for partition in partitions]
    bounds = await reader.ends([*snapshots, *logs])
    restored = {
        partition: Restored(codec, partition, unpacking=partition in unpacking)
        for partition in partitions
    }
    starts = {tp: bounds[tp][0] for tp in snapshots}
    async for record in reader.read(starts, {tp: bounds[tp][1] for tp in snapshots}):
        restored[record.partition].snapshot(record)
    for one in restored.values():
        one.begin_tail()
    tails = {tp: max(bounds[tp][0], restored[tp.partition].checkpoint) for tp in logs}
    for tp, start in tails.items():
        if start > bounds[tp][1]:
            restored[tp.partition].broken = (
                f"campaign.log[{tp.partition}] ends at {bounds[tp][1]}, its checkpoint is {start}: "
                "the log has lost records. Restore the log, or empty campaign.snapshots too."
            )
    async for record in reader.read(tails, {tp: bounds[tp][1] for tp in logs}):
        restored[record.partition].try_fact(record)
    for one in restored.values():
        one.try_end()
    misled = frozenset(partition for partition, one in restored.items() if one.misled)
    if misled:
        restored.update(await restore(reader, codec, misled, unpacking=misled))
    return restored


def _text(key: bytes | None) -> str:
    return (key or b"").decode(errors="replace")
