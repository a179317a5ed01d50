"""The parallel consumer of the phase roles: per-step order, many campaigns at once, exact resume.

What a record asks for, and who does it, is the hands' (chassis/worker.py, chassis/following.py).

1. Poll; never blocked by work: at the limit, partitions are paused and polling goes on.
2. Take; what cannot be read goes to `dead.letters`, whole, and the partition goes on.
3. Dispatch in order per key (a campaign's step), the oldest first, tenants in turn
   (chassis/dispatch.py), different ones at once, at most `max_in_flight`; only those that wait have
   a task of their own (chassis/lanes.py).
4. Send what answers the messages that were done meanwhile, together, and wait for every in-sync
   replica. A key's next message is begun after that.
5. Commit: the watermark, and beside it what is finished above it (chassis/offsets.py).

Effects happen here, so delivery is at least once: results have derived ids and the saga drops a
repeated one. Work on a partition that was lost runs on and sends its result, but commits nothing.
"""

import asyncio
import math
import time
from collections.abc import Coroutine, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

import structlog

from chassis import telemetry
from chassis.broker import Consumer, Incoming, Outgoing, Position, Producer, TopicPartition
from chassis.clock import Clock
from chassis.codec import Decoded
from chassis.dead_letter import DeadLetters
from chassis.dispatch import Dispatch
from chassis.errors import MembershipLost, Rejected, Retryable
from chassis.lanes import Lanes
from chassis.offsets import Progress
from chassis.outbox import SEND_RETRY_S, Outbox
from chassis.pace import Pace
from chassis.service import Role

POLL_RECORDS = 200
POLL_WAIT_S = 0.1
COMMIT_EVERY_S = 0.25
BACKLOG_EVERY_S = 5.0
QUEUED_PER_SLOT = 5
RELIEF_S = 0.05
"""So long what is full may get shorter before fetching is paused: a pause costs round trips."""

DRAIN_S = 10.0

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
        self._lanes = Lanes(
            role.max_in_flight, self._may_begin, self._next, self._work, self._begin
        )
        self._relieved = asyncio.Event()
        self._relieved.set()
        self._pace = Pace(role.name, self.vitals)
        self._tasks: set[asyncio.Task[None]] = set()
        self._committed: dict[TopicPartition, Position] = {}
        self._congested = False
        self._held: set[TopicPartition] = set()
        self._stopping = asyncio.Event()
        self._outbox: Outbox[_Work] = Outbox(
            role.name,
            gear.producer,
            begin=self._begin,
            settle=self._settle,
            stopping=self._stopping,
        )
        self._broken: BaseException | None = None
        self._next_commit = self._next_backlog = 0.0
        self._queued_max = role.max_in_flight * QUEUED_PER_SLOT
        telemetry.POOL_SIZE.labels(f"commands:{role.name}").set(role.max_in_flight)
        in_flight = telemetry.COMMANDS_IN_FLIGHT.labels(role.name)
        in_flight.set_function(lambda: self._lanes.in_hand)

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
            self._stopping.set()
            unfinished = tuple(self._tasks)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
            await self._role.close()
            await self._consumer.close()
            await self._producer.close()

    async def _turn(self) -> None:
        self.vitals.turned()
        await self._let_up()
        await self._hesitating(self._hold_back())
        wait_s = 0.0 if self._congested else POLL_WAIT_S
        try:
            batch = await self._consumer.poll(records_max=self._room(), timeout_s=wait_s)
        except Retryable as hindrance:
            self.vitals.waits(str(hindrance))
            log.warning("broker_not_there", reason=str(hindrance))
            await asyncio.sleep(SEND_RETRY_S)
            return
        self._drop(batch.lost)
        await self._adopt(batch.gained)
        if self._partitions:
            self.vitals.works()
        await self._take_all(batch.records)
        await self._hesitating(self._commit_in_time())

    async def _hesitating(self, step: Coroutine[Any, Any, None]) -> None:
        try:
            await step
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

    async def _take_all(self, records: tuple[Incoming, ...]) -> None:
        taken = 0
        for incoming in records:
            progress = self._partitions.get(incoming.source)
            if progress is not None and progress.take(incoming.offset):
                taken += 1
                await self._take(incoming, progress)
        if taken:
            telemetry.RECORDS_CONSUMED.labels(self._role.name).inc(taken)
            self._pace.took()
            self._lanes.start()

    async def _take(self, incoming: Incoming, progress: Progress) -> None:
        try:
            piece = self._hands.take(incoming)
        except Rejected as reason:
            await self._bury(incoming, progress, str(reason))
            return
        if piece is None:
            progress.finish(incoming.offset)
            self._pace.done()
            return
        tenant = piece.message.parts.envelope["tenant_id"]
        work = _Work(incoming, piece, progress)
        self._dispatch.put(piece.key, tenant, incoming.timestamp_ms, work)

    async def _bury(self, incoming: Incoming, progress: Progress, reason: str) -> None:
        log.warning("dead_letter", reason=reason, topic=incoming.topic, offset=incoming.offset)
        letter = self._letters.letter(incoming, reason, "", self._clock.now())
        try:
            sent = await self._outbox.send((letter,))
        except Rejected as refusal:
            detail = f"the value does not fit into a letter and stands only there: {refusal}"
            bare = replace(incoming, value=None)
            sent = await self._outbox.send(
                (self._letters.letter(bare, reason, detail, self._clock.now()),)
            )
        if sent:
            telemetry.DEAD_LETTERS.labels(self._role.name).inc()
            progress.finish(incoming.offset)

    def _may_begin(self) -> bool:
        return self._dispatch.waits and not (self._outbox.full or self._stopping.is_set())

    def _next(self) -> _Work:
        begun = self._dispatch.take()
        assert begun is not None, "it waits no longer"
        return begun[1]

    def _begin(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _work(self, work: _Work) -> None:
        piece = work.piece
        lease_s = math.inf
        if piece.until is not None:
            lease_s = (piece.until - self._clock.now()).total_seconds()
        try:
            with self.vitals.movement.in_hand(piece.what, lease_s):
                answers = await self._hands.answer(piece.message)
        except BaseException:
            self._dispatch.release(piece.key)
            raise
        self._outbox.add(work, answers)

    def _settle(self, works: Sequence[_Work], written: bool) -> None:
        """Free the keys of what was answered; what the brokers have the answers to is done."""
        for work in works:
            if written:
                work.progress.finish(work.incoming.offset)
            self._dispatch.release(work.piece.key)
        if written:
            self._pace.done(len(works))
        if not (self._relieved.is_set() or self._crowded()):
            self._relieved.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._broken = task.exception()  # our own bug: stop, and let the supervisor restart us
            self._stopping.set()
        self._lanes.start()

    def _queued(self) -> int:
        return sum(progress.unfinished for progress in self._partitions.values())

    def _room(self) -> int:
        """How many records to poll for: fetching goes on beside a queue that is just full."""
        return max(1, min(POLL_RECORDS, self._queued_max - self._queued()))

    def _queue_full(self) -> bool:
        """True where nothing may be fetched; once that is so, until half of the queue is done."""
        limit = self._queued_max // 2 if self._congested else self._queued_max
        return self._queued() >= limit

    def _crowded(self) -> bool:
        if self._congested:
            return self._queue_full()
        return self._queue_full() or any(it.full for it in self._partitions.values())

    async def _let_up(self) -> None:
        """Give what is full a moment to get shorter; a note that is paused had it."""
        if (self._held and not self._congested) or not self._crowded():
            return
        self._relieved.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_WAIT_S if self._congested else RELIEF_S):
                await self._relieved.wait()

    async def _hold_back(self) -> None:
        """Pause fetching while enough is queued, or where a note is full; polling goes on."""
        self._congested = self._queue_full()
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
        self._pace.report(sum(backlog.values()), owed=owed, in_hand=self._queued())

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
        loop = asyncio.get_running_loop()
        until = loop.time() + DRAIN_S
        while self._tasks and (left_s := until - loop.time()) > 0:
            await asyncio.wait(self._tasks, timeout=left_s)  # its answers are a task of their own
        await self._commit()

    def _count_partitions(self) -> None:
        telemetry.PARTITIONS_ASSIGNED.labels(self._role.name).set(len(self._partitions))
