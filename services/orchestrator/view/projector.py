"""The projector role: reads log and engagement into the view, from the positions stored there."""

import asyncio
import time
from collections.abc import Collection, Iterable, Iterator, Sequence

import structlog
from sqlalchemy import Connection

from chassis import telemetry
from chassis.broker import Batch, Broker, Consumer, Incoming, Position, Subscription, TopicPartition
from chassis.codec import Codec, Decoded
from chassis.errors import ChassisError, Retryable, Undecodable
from chassis.pace import Pace
from chassis.telemetry import RECORDS_CONSUMED, Vitals
from contracts import topics
from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.database import Database, ViewUnavailable
from services.orchestrator.view.engagement import Engagements
from services.orchestrator.view.known import Known
from services.orchestrator.view.projection import (
    Alarm,
    Outcome,
    Projection,
    advance,
    next_offset,
)

GROUP = "projector"
POLL_S = 0.5
BACKLOG_EVERY_S = 5.0
WAIT_S = 1.0
"""How long the projector rests when the database, or the broker, does not answer."""


def log_alarm(campaign_id: str, why: str) -> None:
    """A line in the log, and one more on the counter."""
    telemetry.VIEW_REFUSED.inc()
    structlog.get_logger("projector").error(
        "view_cannot_follow",
        workflow_id=campaign_id,
        why=why,
        meaning="the view leaves this record out, and stands still if the campaign's chain needs "
        "it; the log and the saga are not affected",
        what_to_do="verify the log; if it holds, delete the view: it is made anew from the log",
    )


class Projector:
    """One copy of the projector. The database decides where it reads on, the group only counts.

    `alarm` is told of each record that cannot be followed.
    """

    def __init__(
        self,
        settings: OrchestratorSettings,
        broker: Broker,
        codec: Codec,
        alarm: Alarm = log_alarm,
    ) -> None:
        self._settings = settings
        self._broker = broker
        self._codec = codec
        self._alarm = alarm
        self._database = Database(settings.database_url, settings.view_path, writes=True)
        self._log = structlog.get_logger("projector")
        self._stopping = False
        self._unplaced: frozenset[TopicPartition] = frozenset()
        self.vitals = Vitals(GROUP)
        self._pace = Pace(GROUP, self.vitals)
        self._next_backlog = 0.0
        self.moved_to: dict[TopicPartition, int] = {}
        """The next offset of every partition held: moves while there is something to read."""
        self._known = Known()
        self._left_at: dict[TopicPartition, int] = {}

    def stop(self) -> None:
        """Make `run` return after the batch in hand."""
        self._stopping = True

    async def run(self) -> None:
        """Project until stopped. Waits for a broker or a database that is not there yet."""
        await self._prepare()
        consumer = self._broker.consumer(
            Subscription(
                group=GROUP,
                topics=(topics.LOG, topics.ENGAGEMENT),
                instance_id=f"{GROUP}-{self._settings.instance}",
                session_timeout_ms=self._settings.session_timeout_ms,
            )
        )
        try:
            while not self._stopping:
                await self._turn(consumer)
        finally:
            await consumer.close()
            self._database.close()

    async def _turn(self, consumer: Consumer) -> None:
        self.vitals.turned()
        try:
            batch = await consumer.poll(records_max=self._settings.view_batch_max, timeout_s=POLL_S)
        except Retryable as cause:
            self.vitals.waits(str(cause))
            self._log.warning("broker_not_there", why=str(cause))
            await asyncio.sleep(WAIT_S)
            return
        await self._take(consumer, batch)

    async def _prepare(self) -> None:
        while not self._stopping:
            try:
                anew = await asyncio.to_thread(self._database.prepare)
            except ViewUnavailable as cause:
                self.vitals.turned()
                self.vitals.waits("the view's database")
                self._log.warning("view_unavailable", why=str(cause))
                await asyncio.sleep(WAIT_S)
            else:
                self._log.info("view_ready", made_anew=anew)
                return

    async def _take(self, consumer: Consumer, batch: Batch) -> None:
        for lost in batch.lost:
            self.moved_to.pop(lost, None)
        self._unplaced = (self._unplaced | batch.gained) - batch.lost
        records = [record for record in batch.records if record.source not in self._unplaced]
        try:
            if self._unplaced:
                await self._read_on(consumer)
            if records:
                await asyncio.to_thread(self.apply, records)
        except (ViewUnavailable, Retryable) as cause:
            self.vitals.waits("the view's database, or the broker")
            self._log.warning("batch_not_taken", why=str(cause))
            self._unplaced |= {record.source for record in records}
            await asyncio.sleep(WAIT_S)
            return
        if self.moved_to:
            self.vitals.works()
        if records:
            RECORDS_CONSUMED.labels(GROUP).inc(len(records))
            self._pace.done(len(records))
            await self._tell_group(consumer, {record.source for record in records})
        await self._report(consumer)

    async def _read_on(self, consumer: Consumer) -> None:
        """Go to where the view stands: what the group committed may be ahead of it, or behind."""
        starts = await asyncio.to_thread(self.starts, self._unplaced)
        await consumer.seek(starts)
        self.moved_to.update(starts)
        self._unplaced = frozenset()
        self._log.info("partitions_placed", partitions=sorted(p.partition for p in starts))

    async def _tell_group(self, consumer: Consumer, sources: set[TopicPartition]) -> None:
        """Tell the group how far the view is: for lag figures only, so a failure is no matter."""
        held = {p: Position(self.moved_to[p]) for p in sources if p in self.moved_to}
        try:
            await consumer.commit(held)
        except ChassisError as cause:
            self._log.debug("lag_not_reported", why=str(cause))

    async def _report(self, consumer: Consumer) -> None:
        """Say now and then how far behind the view is."""
        if time.monotonic() < self._next_backlog:
            return
        self._next_backlog = time.monotonic() + BACKLOG_EVERY_S
        try:
            backlog = await consumer.backlog()
        except Retryable as cause:
            self._log.debug("backlog_unknown", why=str(cause))
            self._pace.unknown()
            return
        owed = sum(count for source, count in backlog.items() if source in self.moved_to)
        self._pace.report(sum(backlog.values()), owed=owed)

    def starts(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Where the view reads on in each partition. Blocks; raises ViewUnavailable."""
        with self._database.transaction() as connection:
            return {p: next_offset(connection, p.topic, p.partition) for p in partitions}

    def apply(self, records: Sequence[Incoming]) -> dict[Outcome, int]:
        """Rows and positions of these records in one transaction. Blocks; ViewUnavailable."""
        try:
            with self._database.transaction() as connection:
                counts, ends = self._written(connection, records)
        except BaseException:
            self._known.forget()
            self._left_at.clear()
            raise
        self.moved_to.update(ends)
        self._left_at.update(ends)
        return counts

    def _written(
        self, connection: Connection, records: Sequence[Incoming]
    ) -> tuple[dict[Outcome, int], dict[TopicPartition, int]]:
        counts = dict.fromkeys(Outcome, 0)
        ends = {
            source: next_offset(connection, source.topic, source.partition)
            for source in {record.source for record in records}
        }
        if any(self._left_at.get(source) != end for source, end in ends.items()):
            self._known.forget()  # the view is another's work since, or anew
        projection = Projection(connection, self._codec, self._alarm, self._known)
        engagements = Engagements(connection)
        taken = [(record, self._fact(record)) for record in _fresh(records, ends)]
        projection.meet(fact.envelope.campaign_id for _, fact in taken if fact)
        for record, fact in taken:
            if record.topic == topics.ENGAGEMENT:
                outcome = self._count(engagements, record)
            else:
                outcome = projection.project(fact) if fact else Outcome.REFUSED
            counts[outcome] += 1
        projection.flush()
        engagements.flush()
        for source, end in ends.items():
            advance(connection, source.topic, source.partition, end)
        projection.remember()
        return counts, ends

    def _fact(self, record: Incoming) -> Decoded | None:
        """The message in a record of the log; None, and alarmed, where there is none."""
        if record.topic != topics.LOG:
            return None
        try:
            return self._codec.decode(record.value)
        except Undecodable as cause:
            campaign_id = (record.key or b"").decode(errors="replace")
            self._alarm(campaign_id, f"undecodable {_place(record)}: {cause}")
            return None

    def _count(self, engagements: Engagements, record: Incoming) -> Outcome:
        """Take what a reader did; a record that says nothing of the kind stops nobody's count."""
        why = "it is no engagement"
        try:
            outcome = engagements.take(self._codec.decode(record.value))
        except Undecodable as cause:
            outcome, why = Outcome.REFUSED, str(cause)
        if outcome is Outcome.REFUSED:
            self._log.warning("engagement_not_counted", where=_place(record), why=why)
        return outcome


def _fresh(records: Iterable[Incoming], ends: dict[TopicPartition, int]) -> Iterator[Incoming]:
    """The records that the view does not have yet; moves `ends` behind them."""
    for record in records:
        if record.offset >= ends[record.source]:
            ends[record.source] = record.offset + 1
            yield record


def _place(record: Incoming) -> str:
    return f"{record.topic}[{record.partition}]@{record.offset}"
