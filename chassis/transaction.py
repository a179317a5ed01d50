"""The transactional loop: state lives here, so one tick's input, output and offsets are one fact.

1. Poll; take the group membership with the batch, before anything else is polled.
2. Drop what was lost; restore what was gained, paused and still polling, then seek to its position.
   It goes by portions with a turn between them: what is restored need not wait for the rest.
3. Think: the processor folds the batch, or what fell due, into an overlay; nothing has left yet.
4. Commit records and input positions in one Kafka transaction, under the batch's membership.
   A tick that only time caused re-sends a position: without one the broker checks no membership,
   and a paused former owner could write.
5. Committed: merge the overlay. Aborted: drop it and seek back. Unknown: a new producer, then 2.
   State that turns out to be unusable while thinking: drop the overlay, then 2 for its partition.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from chassis import telemetry
from chassis.broker import (
    Batch,
    Consumer,
    Incoming,
    Outgoing,
    Position,
    TopicPartition,
    Transactions,
)
from chassis.clock import Clock
from chassis.errors import Aborted, OutcomeUnknown, Retryable, StateUnusable
from chassis.pace import Pace

TICK_RECORDS_MAX = 500
POLL_WAIT_S = 0.2
RETRY_S = 0.3
BACKLOG_EVERY_S = 5.0
FIRST_PORTION = 1
PORTION = 2
"""So many partitions are restored at once; between portions those that are restored work."""

QUICK_S = 0.2
"""After a portion that was restored sooner the next is twice as large: its pause costs more."""

PORTION_WAIT_S = 0.05
FIRST_INPUT_S = 1.0
"""So long what is restored may wait for input that is there, before the next portion stops it."""

log = structlog.get_logger()


class Processor(Protocol):
    """The state behind the loop, by partition number; all input topics are partitioned alike."""

    async def restore(self, partitions: frozenset[int]) -> frozenset[int]:
        """Read these partitions' state from the log; replaces whatever was held.

        Returns those that cannot be restored: they stay paused, the others go on.
        """
        ...

    def drop(self, partitions: frozenset[int]) -> None:
        """Forget these partitions."""
        ...

    def due(self, now: datetime) -> int | None:
        """A partition in which something is due now, or None."""
        ...

    def next_due(self) -> datetime | None:
        """When something falls due next."""
        ...

    def think(self, records: Sequence[Incoming], now: datetime) -> Sequence[Outgoing]:
        """Fold inputs into the overlay; the records that say so. Raises StateUnusable."""
        ...

    async def think_of_time(self, partition: int, now: datetime) -> Sequence[Outgoing]:
        """Fold what fell due in a partition into the overlay; the records that say so.

        Raises StateUnusable.
        """
        ...

    def merge(self) -> None:
        """The overlay stands."""
        ...

    def discard(self) -> None:
        """The overlay never was."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What the loop works with. `inputs` are the topics; the first one anchors timer ticks."""

    consumer: Consumer
    transactions: Transactions
    inputs: tuple[str, ...]
    clock: Clock


class TransactionalLoop:
    """One copy of a transactional role, from joining its group to leaving it."""

    def __init__(self, role: str, processor: Processor, means: Means) -> None:
        self._role = role
        self._processor = processor
        self._consumer = means.consumer
        self._transactions = means.transactions
        self._inputs = means.inputs
        self._clock = means.clock
        self.vitals = telemetry.Vitals(role)
        self._pace = Pace(role, self.vitals)
        self._positions: dict[TopicPartition, Position] = {}
        self._astray: set[TopicPartition] = set()
        self._waiting: set[TopicPartition] = set()
        self._stopping = False
        self._next_backlog = 0.0
        self._expecting_until = 0.0
        self._portion_size = PORTION

    def stop(self) -> None:
        """Finish the tick in hand, then leave."""
        self._stopping = True

    async def run(self) -> None:
        """Work until stopped. Raises Fenced where another live copy holds this copy's name."""
        try:
            await self._open()
            while not self._stopping:
                await self._turn()
        finally:
            await self._consumer.close()
            await self._transactions.close()

    async def _open(self) -> None:
        while not self._stopping:
            try:
                await self._transactions.start()
            except Retryable as hindrance:
                await self._wait_for_broker(hindrance)
            else:
                return

    async def _wait_for_broker(self, hindrance: Retryable) -> None:
        self.vitals.turned()
        self.vitals.waits(str(hindrance))
        log.warning("broker_not_there", reason=str(hindrance))
        await asyncio.sleep(hindrance.delay_s or RETRY_S)

    async def _turn(self) -> None:
        self.vitals.turned()
        try:
            batch = await self._consumer.poll(
                records_max=TICK_RECORDS_MAX, timeout_s=self._patience()
            )
        except Retryable as hindrance:
            await self._wait_for_broker(hindrance)
            return
        self._drop(batch.lost)
        if batch.gained:
            await self._adopt(batch.gained)
            return  # whatever this batch held is read again from the positions
        if self._positions:
            self.vitals.works()
        ready = self._positions.keys() - self._astray
        await self._rewind()
        try:
            await self._work([record for record in batch.records if record.source in ready], batch)
        except StateUnusable as unusable:
            self._processor.discard()
            again = (tp for tp in self._positions if tp.partition == unusable.partition)
            await self._adopt(frozenset(again))
            return
        await self._report_backlog()
        if self._waiting and (batch.records or time.monotonic() >= self._expecting_until):
            await self._adopt_more()

    async def _work(self, records: Sequence[Incoming], batch: Batch) -> None:
        """Take in what came, then what fell due: input never starves a deadline."""
        stands = not records or await self._tick(records, batch)
        partition = self._processor.due(self._clock.now()) if stands else None
        if partition is not None:
            await self._timer_tick(partition, batch)

    def _patience(self) -> float:
        """How long to wait for input: until the next deadline, at most the usual wait."""
        if self._waiting:
            return PORTION_WAIT_S
        due = self._processor.next_due()
        if due is None:
            return POLL_WAIT_S
        return min(POLL_WAIT_S, max(0.0, (due - self._clock.now()).total_seconds()))

    async def _tick(self, records: Sequence[Incoming], batch: Batch) -> bool:
        """True where the tick stands."""
        positions: dict[TopicPartition, Position] = {}
        for record in records:
            positions[record.source] = Position(record.offset + 1)
        outgoing = self._processor.think(records, self._clock.now())
        telemetry.RECORDS_CONSUMED.labels(self._role).inc(len(records))
        stands = await self._commit(outgoing, positions, batch.membership)
        if stands:
            self._pace.done(len(records))
        return stands

    async def _timer_tick(self, partition: int, batch: Batch) -> None:
        anchor = TopicPartition(self._inputs[0], partition)
        try:
            outgoing = await self._processor.think_of_time(partition, self._clock.now())
        except Retryable as hindrance:
            self._processor.discard()
            await self._wait_for_broker(hindrance)
            return
        await self._commit(outgoing, {anchor: self._positions[anchor]}, batch.membership)

    async def _commit(
        self,
        outgoing: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> bool:
        started = time.monotonic()
        try:
            await self._transactions.commit(outgoing, positions, membership)
        except Aborted as reason:
            log.warning("tick_aborted", reason=str(reason))
            telemetry.TRANSACTIONS.labels("aborted").inc()
            self._processor.discard()
            self._astray.update(positions)
            await self._rewind()
            await asyncio.sleep(reason.delay_s or RETRY_S)
        except OutcomeUnknown as reason:
            log.warning("tick_unknown", reason=str(reason))
            telemetry.TRANSACTIONS.labels("unknown").inc()
            self._processor.discard()
            await self._open()
            await self._adopt(frozenset(self._positions))
        else:
            self._processor.merge()
            self._positions.update(positions)
            telemetry.TRANSACTIONS.labels("committed").inc()
            telemetry.TRANSACTION_DURATION.observe(time.monotonic() - started)
            telemetry.RECORDS_PRODUCED.labels(self._role).inc(len(outgoing))
            return True
        return False

    async def _rewind(self) -> None:
        """Read what is astray again from its position: the client does not rewind by itself.

        Until that has worked nothing of these partitions is taken, for it would skip records.
        """
        self._astray &= self._positions.keys()
        if not self._astray:
            return
        try:
            await self._consumer.seek({tp: self._positions[tp].offset for tp in self._astray})
        except Retryable as reason:
            log.warning("seek_refused", reason=str(reason))
        else:
            self._astray.clear()

    def _drop(self, lost: frozenset[TopicPartition]) -> None:
        if not lost:
            return
        telemetry.REBALANCES.labels(self._role).inc()
        self._waiting -= lost
        for partition in lost:
            self._positions.pop(partition, None)
            self.vitals.degraded.pop(f"partition {partition.partition}", None)
        self._processor.drop(frozenset(partition.partition for partition in lost))
        telemetry.PARTITIONS_ASSIGNED.labels(self._role).set(len(self._positions))
        log.info("partitions_lost", partitions=sorted(lost))

    async def _adopt(self, gained: frozenset[TopicPartition]) -> None:
        """Restore some of these now, and the others between the turns that follow."""
        for partition in gained:
            self._positions.pop(partition, None)
        self._processor.drop(frozenset(partition.partition for partition in gained))
        self._waiting |= gained
        await self._adopt_more()

    def _portion(self) -> frozenset[TopicPartition]:
        """The next to be restored: whole partitions, for their topics share their state."""
        size = self._portion_size if self._positions else FIRST_PORTION
        numbers = sorted({partition.partition for partition in self._waiting})[:size]
        return frozenset(one for one in self._waiting if one.partition in numbers)

    async def _adopt_more(self) -> None:
        """Restore a portion while all are paused; polling goes on, so that the membership lives."""
        self.vitals.waits("its state, which is being restored from the log")
        started = time.monotonic()
        while gained := self._portion():
            self._waiting -= gained
            others = self._positions.keys() | self._waiting
            await self._consumer.pause(sorted(gained | others))
            restoring = asyncio.create_task(self._restore(gained))
            try:
                lost, more = await self._poll_while(restoring)
                if not restoring.done():
                    return  # stopped
                restored = restoring.result()
                for broken in gained - restored.keys():
                    self._positions.pop(broken, None)
                self._positions.update(restored)
            finally:
                restoring.cancel()
                await asyncio.gather(restoring, return_exceptions=True)
            self._drop(lost)
            self._waiting |= more
            if self._positions:
                break
        quick = self._waiting and time.monotonic() - started < QUICK_S
        self._portion_size = 2 * self._portion_size if quick else PORTION
        self._astray.update(self._positions)
        await self._rewind()
        await self._consumer.resume(sorted(self._positions))
        if self._waiting:
            await self._expect_input()
        telemetry.PARTITIONS_ASSIGNED.labels(self._role).set(len(self._positions))
        seconds = round(time.monotonic() - started, 3)
        log.info("partitions_restored", partitions=sorted(self._positions), seconds=seconds)

    async def _expect_input(self) -> None:
        """Where input waits for what is restored, leave it time to arrive."""
        with suppress(Retryable):
            backlog = await self._consumer.backlog()
            if any(backlog.get(partition, 0) for partition in self._positions):
                self._expecting_until = time.monotonic() + FIRST_INPUT_S

    async def _poll_while(
        self, restoring: asyncio.Task[dict[TopicPartition, Position]]
    ) -> tuple[frozenset[TopicPartition], frozenset[TopicPartition]]:
        """What was (lost, gained) until the restore was done, or we were stopped."""
        lost: set[TopicPartition] = set()
        more: set[TopicPartition] = set()
        while not restoring.done() and not self._stopping:
            self.vitals.turned()
            try:
                batch = await self._consumer.poll(records_max=1, timeout_s=POLL_WAIT_S / 4)
            except Retryable as hindrance:
                await self._wait_for_broker(hindrance)
                continue
            lost |= batch.lost
            more = more - batch.lost | batch.gained
            if batch.gained:
                await self._consumer.pause(sorted(batch.gained))
            await asyncio.sleep(0)
        return frozenset(lost), frozenset(more)

    async def _restore(self, gained: frozenset[TopicPartition]) -> dict[TopicPartition, Position]:
        """Positions first, state after: the other way round loses what was written in between."""
        started = time.monotonic()
        while True:
            try:
                found = await self._consumer.committed(tuple(gained))
                broken = await self._processor.restore(frozenset(tp.partition for tp in gained))
            except Retryable as hindrance:
                log.warning("restore_waits", reason=str(hindrance))
                await asyncio.sleep(RETRY_S)
            else:
                telemetry.RESTORE_DURATION.observe(time.monotonic() - started)
                self._note_broken(broken)
                return {
                    tp: position or Position(0)
                    for tp, position in found.items()
                    if tp.partition not in broken
                }

    def _note_broken(self, broken: frozenset[int]) -> None:
        for partition in broken:
            self.vitals.degraded[f"partition {partition}"] = "stopped: its log is broken, see logs"

    async def _report_backlog(self) -> None:
        if time.monotonic() >= self._next_backlog:
            self._next_backlog = time.monotonic() + BACKLOG_EVERY_S
            try:
                backlog = await self._consumer.backlog()
            except Retryable as hindrance:
                log.warning("backlog_unknown", reason=str(hindrance))
                self._pace.unknown()
                return
            owed = sum(count for tp, count in backlog.items() if tp in self._positions)
            self._pace.report(sum(backlog.values()), owed=owed)
