"""The parallel consumer of the phase roles: per-step order, many campaigns at once, exact resume.

What a record asks for, and who does it, is the hands' (chassis/worker.py, chassis/following.py).

1. Poll; never blocked by work: at the limit, partitions are paused and polling goes on.
2. Take; what cannot be read goes to `dead.letters`, whole, and the partition goes on.
3. Dispatch in order per key (a campaign's step), the oldest first, tenants in turn
   (chassis/dispatch.py), different ones at once, at most `max_in_flight`.
4. Send what answers the command, and wait for every in-sync replica.
5. Commit: the watermark, and beside it what is finished above it (chassis/offsets.py).

Effects happen here, so delivery is at least once: results have derived ids and the saga drops a
repeated one. Work on a partition that was lost runs on and sends its result, but commits nothing.
"""

import asyncio
import math
import time
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog

from chassis import telemetry
from chassis.broker import Consumer, Incoming, Outgoing, Position, Producer, TopicPartition
from chassis.clock import Clock
from chassis.codec import Decoded
from chassis.dead_letter import DeadLetters
from chassis.dispatch import Dispatch
from chassis.errors import MembershipLost, Rejected, Retryable
from chassis.offsets import Progress
from chassis.pace import Pace
from chassis.service import Role

POLL_RECORDS = 200
POLL_WAIT_S = 0.1
COMMIT_EVERY_S = 0.25
BACKLOG_EVERY_S = 5.0
QUEUED_PER_SLOT = 5
SEND_RETRY_S = 0.5

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Gear:
    """What the loop works with."""

    consumer: Consumer
    producer: Producer
    letters: DeadLetters
    clock: Clock


@dataclass(frozen=True, slots=True)
class Piece:
    """What one record asks for. Pieces with one `key` are worked on in order, one at a time.

    `what` names it for whoever finds it in hand after `until`; without one it bounds itself.
    """

    message: Decoded
    key: Hashable
    what: str
    until: datetime | None = None


class Hands(Protocol):
    """Whoever works on what a loop reads."""

    def take(self, incoming: Incoming) -> Piece | None:
        """What the record asks for, None where it asks for nothing here.

        Raises Rejected where it can never be worked on: then it becomes a dead letter.
        """
        ...

    async def answer(self, message: Decoded) -> tuple[Outgoing, ...]:
        """The records that answer a message; it may be asked for again at any time."""
        ...


@dataclass(frozen=True, slots=True)
class _Work:
    incoming: Incoming
    piece: Piece
    progress: Progress


class PhaseLoop:
    """One copy of a phase role, from joining its group to leaving it."""

    def __init__(self, role: Role, hands: Hands, gear: Gear) -> None:
        self._role = role
        self._hands = hands
        self._consumer = gear.consumer
        self._producer = gear.producer
        self._letters = gear.letters
        self._clock = gear.clock
        self.vitals = telemetry.Vitals(role.name)
        self._partitions: dict[TopicPartition, Progress] = {}
        self._dispatch: Dispatch[_Work] = Dispatch()
        self._pace = Pace(role.name, self.vitals)
        self._tasks: set[asyncio.Task[None]] = set()
        self._committed: dict[TopicPartition, Position] = {}
        self._congested = False
        self._held: set[TopicPartition] = set()
        self._stopping = asyncio.Event()
        self._broken: BaseException | None = None
        self._next_commit = self._next_backlog = 0.0
        telemetry.POOL_SIZE.labels(f"commands:{role.name}").set(role.max_in_flight)

    def stop(self) -> None:
        """Take no new work, finish what runs, commit, and leave."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped. Raises Fenced where another live copy holds this copy's name."""
        try:
            while not self._stopping.is_set():
                await self._turn()
            await self._drain()
            if self._broken is not None:
                raise self._broken
        finally:
            unfinished = tuple(self._tasks)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
            await self._consumer.close()
            await self._producer.close()

    async def _turn(self) -> None:
        self.vitals.turned()
        try:
            batch = await self._consumer.poll(records_max=POLL_RECORDS, timeout_s=POLL_WAIT_S)
        except Retryable as hindrance:
            self.vitals.waits(str(hindrance))
            log.warning("broker_not_there", reason=str(hindrance))
            await asyncio.sleep(SEND_RETRY_S)
            return
        self._drop(batch.lost)
        await self._adopt(batch.gained)
        if self._partitions:
            self.vitals.works()
        for incoming in batch.records:
            await self._take(incoming)
        self._start_work()
        try:
            await self._hold_back()
            await self._commit_in_time()
        except Retryable as hindrance:
            log.warning("broker_hesitates", reason=str(hindrance))

    def _drop(self, lost: frozenset[TopicPartition]) -> None:
        if not lost:
            return
        telemetry.REBALANCES.labels(self._role.name).inc()
        self._held -= lost
        for partition in lost:
            self._partitions.pop(partition, None)
            self._committed.pop(partition, None)
        self._dispatch.drop(lambda work: work.incoming.source in lost)
        log.info("partitions_lost", partitions=sorted(lost))
        self._count_partitions()

    async def _adopt(self, gained: frozenset[TopicPartition]) -> None:
        if not gained:
            return
        positions = await self._stable(gained)
        for partition, position in positions.items():
            self._partitions[partition] = Progress(position or Position(0))
        log.info("partitions_gained", partitions=sorted(gained))
        self._count_partitions()

    async def _stable(
        self, partitions: frozenset[TopicPartition]
    ) -> dict[TopicPartition, Position | None]:
        while not self._stopping.is_set():
            try:
                return dict(await self._consumer.committed(tuple(partitions)))
            except Retryable as hindrance:
                self.vitals.turned()
                log.warning("positions_not_stable", reason=str(hindrance))
                await asyncio.sleep(SEND_RETRY_S)
        return {}

    async def _take(self, incoming: Incoming) -> None:
        progress = self._partitions.get(incoming.source)
        if progress is None or not progress.take(incoming.offset):
            return
        telemetry.RECORDS_CONSUMED.labels(self._role.name).inc()
        self._pace.took()
        try:
            piece = self._hands.take(incoming)
        except Rejected as reason:
            await self._bury(incoming, progress, str(reason))
            return
        if piece is None:
            progress.finish(incoming.offset)
            self._pace.done()
            return
        tenant = piece.message.record["envelope"]["tenant_id"]
        work = _Work(incoming, piece, progress)
        self._dispatch.put(piece.key, tenant, incoming.timestamp_ms, work)

    async def _bury(self, incoming: Incoming, progress: Progress, reason: str) -> None:
        log.warning("dead_letter", reason=reason, topic=incoming.topic, offset=incoming.offset)
        letter = self._letters.letter(incoming, reason, "", self._clock.now())
        try:
            sent = await self._send((letter,))
        except Rejected as refusal:
            detail = f"the value does not fit into a letter and stands only there: {refusal}"
            bare = replace(incoming, value=None)
            sent = await self._send(
                (self._letters.letter(bare, reason, detail, self._clock.now()),)
            )
        if sent:
            telemetry.DEAD_LETTERS.labels(self._role.name).inc()
            progress.finish(incoming.offset)

    def _start_work(self) -> None:
        while len(self._tasks) < self._role.max_in_flight and (begun := self._dispatch.take()):
            task = asyncio.create_task(self._work(*begun))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        telemetry.COMMANDS_IN_FLIGHT.labels(self._role.name).set(len(self._tasks))

    async def _work(self, key: Hashable, work: _Work) -> None:
        piece = work.piece
        lease_s = math.inf
        if piece.until is not None:
            lease_s = (piece.until - self._clock.now()).total_seconds()
        try:
            with self.vitals.movement.in_hand(piece.what, lease_s):
                answers = await self._hands.answer(piece.message)
            if await self._send(answers):
                work.progress.finish(work.incoming.offset)
                self._pace.done()
        finally:
            self._dispatch.release(key)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._broken = task.exception()  # our own bug: stop, and let the supervisor restart us
            self._stopping.set()
        if not self._stopping.is_set():
            self._start_work()

    async def _send(self, records: tuple[Outgoing, ...]) -> bool:
        """True once the brokers have all; False where the loop was stopped before they had."""
        while records:
            try:
                await self._producer.send(records)
            except Retryable as hindrance:
                if self._stopping.is_set():
                    return False
                log.warning("result_waits", reason=str(hindrance))
                await asyncio.sleep(SEND_RETRY_S)
            else:
                telemetry.RECORDS_PRODUCED.labels(self._role.name).inc(len(records))
                return True
        return True

    async def _hold_back(self) -> None:
        """Pause fetching while enough is queued, or where a note is full; polling goes on."""
        queued = sum(progress.unfinished for progress in self._partitions.values())
        limit = self._role.max_in_flight * QUEUED_PER_SLOT
        self._congested = queued >= (limit // 2 if self._congested else limit)
        held = {tp for tp, it in self._partitions.items() if self._congested or it.full}
        if pausing := held - self._held:
            await self._consumer.pause(sorted(pausing))
        if resuming := self._held - held:
            await self._consumer.resume(sorted(resuming))
        self._held = held

    async def _commit_in_time(self) -> None:
        now = time.monotonic()
        if now >= self._next_commit:
            self._next_commit = now + COMMIT_EVERY_S
            await self._commit()
        if now >= self._next_backlog:
            self._next_backlog = now + BACKLOG_EVERY_S
            await self._report()

    async def _report(self) -> None:
        try:
            backlog = await self._consumer.backlog()
        except Retryable:
            self._pace.unknown()
            raise
        owed = sum(count for tp, count in backlog.items() if tp not in self._held)
        in_hand = sum(progress.unfinished for progress in self._partitions.values())
        self._pace.report(sum(backlog.values()), owed=owed, in_hand=in_hand)

    async def _commit(self) -> None:
        """The one place that commits: the note always goes with the watermark."""
        positions = {tp: progress.position() for tp, progress in self._partitions.items()}
        changed = {tp: at for tp, at in positions.items() if self._committed.get(tp) != at}
        if not changed:
            return
        try:
            await self._consumer.commit(changed)
        except MembershipLost as reason:
            log.info("commit_refused", reason=str(reason))
        except Retryable as reason:
            log.warning("commit_waits", reason=str(reason))
        else:
            self._committed.update(changed)

    async def _drain(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10.0)
        await self._commit()

    def _count_partitions(self) -> None:
        telemetry.PARTITIONS_ASSIGNED.labels(self._role.name).set(len(self._partitions))
