"""The saga role: inputs in, facts and commands out, all of one tick in one transaction.

It knows records, partitions and the engine's two functions; it knows no campaign.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from chassis import telemetry
from chassis.broker import Incoming, Outgoing, Reader, TopicPartition
from chassis.codec import Codec
from chassis.dead_letter import DeadLetters
from chassis.errors import Rejected
from contracts import topics
from contracts.envelope import EventEnvelope, FailureReason, StepCall
from contracts.message import Command
from contracts.saga import CompensationRequested, ToolCallRequested
from services.orchestrator.saga.census import Census, count_fact
from services.orchestrator.saga.commands import Asked, CommandCannotBeMade, Commands
from services.orchestrator.saga.engine import Decision, Owner, awaits, decide
from services.orchestrator.saga.engine.inputs import Failed, Input, TimePassed
from services.orchestrator.saga.reading import Inputs
from services.orchestrator.saga.restore import restore
from services.orchestrator.saga.store import Held, Store
from services.orchestrator.saga.writing import Head, Origin, Writer

SNAPSHOT_FACTS_MAX = 32
CHECKPOINT_EVERY = timedelta(seconds=30)
DUE_PER_TICK_MAX = 500
AT_ONCE = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Speech:
    """How the saga role reads, decides and writes."""

    codec: Codec
    inputs: Inputs
    commands: Commands
    writer: Writer
    letters: DeadLetters
    reader: Reader


class SagaProcessor:
    """`chassis.transaction.Processor` over sagas."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._store = Store()
        self._census = Census()
        self._checkpoints: dict[int, int] = {}
        self._checkpoint_due: dict[int, datetime] = {}
        self._checkpoints_made: dict[int, int] = {}

    async def restore(self, partitions: frozenset[int]) -> frozenset[int]:
        """Read these partitions' sagas from snapshots and log; replaces whatever was held.

        Returns those whose log is broken: they stand still until a person has looked.
        """
        restored = await restore(self._speech.reader, self._speech.codec, partitions)
        broken = frozenset(number for number, found in restored.items() if found.broken)
        for partition, found in restored.items():
            if found.broken:
                log.error("partition_stopped", partition=partition, reason=found.broken)
                continue
            self._store.replace(partition, found.sagas)
            self._checkpoints[partition] = found.checkpoint
            if any(held.facts_since_snapshot for held in found.sagas.values()):
                self._checkpoint_due[partition] = AT_ONCE
            counts = {"sagas": len(found.sagas), "skipped": found.skipped}
            log.info("sagas_restored", partition=partition, **counts)
        self._census.take(self._store)
        telemetry.PARTITIONS_STOPPED.inc(len(broken))
        return broken

    def drop(self, partitions: frozenset[int]) -> None:
        """Forget these partitions."""
        for partition in partitions:
            self._store.drop(partition)
            self._checkpoint_due.pop(partition, None)

    def next_due(self) -> datetime | None:
        """When a saga's next deadline falls, or the next checkpoint."""
        moments = [*self._checkpoint_due.values()]
        deadline = self._store.next_due()
        return min([*moments, deadline] if deadline else moments, default=None)

    def due(self, now: datetime) -> int | None:
        """A partition in which a deadline or its checkpoint has passed, or None."""
        deadline = self._store.next_due()
        overdue = (now - deadline).total_seconds() if deadline else 0.0
        telemetry.OBLIGATION_OVERDUE.set(max(0.0, overdue))
        found = self._store.due(now, DUE_PER_TICK_MAX)
        if found is not None:
            return found[0]
        ripe = [partition for partition, at in self._checkpoint_due.items() if at <= now]
        return ripe[0] if ripe else None

    def think(self, records: Sequence[Incoming], now: datetime) -> Sequence[Outgoing]:
        """Fold inputs into the overlay; the records that say so."""
        outgoing: list[Outgoing] = []
        for record in records:
            campaign_id = (record.key or b"").decode(errors="replace")
            before = self._store.changed(record.partition, campaign_id)
            try:
                outgoing.extend(tuple(self._take(record, now)))
            except Rejected as reason:
                log.warning("dead_letter", topic=record.topic, reason=str(reason))
                telemetry.DEAD_LETTERS.labels("saga").inc()
                outgoing.append(self._speech.letters.letter(record, str(reason), "", now))
            except Exception as bug:  # the rim: one poisoned input stops no other
                log.error("input_breaks_the_engine", topic=record.topic, exc_info=bug)
                telemetry.DEAD_LETTERS.labels("saga").inc()
                self._store.put_back(record.partition, campaign_id, before)
                why = f"the engine failed on it: {type(bug).__name__}: {bug}"
                outgoing.append(self._speech.letters.letter(record, why, "", now))
        return outgoing

    async def think_of_time(self, partition: int, now: datetime) -> Sequence[Outgoing]:
        """Fold what fell due in a partition into the overlay; the records that say so."""
        outgoing: list[Outgoing] = []
        found = self._store.due(now, DUE_PER_TICK_MAX)
        for campaign_id in found[1] if found and found[0] == partition else ():
            held = self._store.get(partition, campaign_id)
            assert held is not None
            cause = self._speech.writer.own(campaign_id, held.saga.tenant_id, "TimePassed", now)
            cause = cause.model_copy(update={"correlation_id": held.saga.correlation_id})
            outgoing.extend(self._decide(TimePassed(), cause, (topics.REQUESTS, partition, -1)))
        if self._checkpoint_due.get(partition, now) <= now and not outgoing:
            outgoing.extend(await self._checkpoint(partition, now))
        return outgoing

    def merge(self) -> None:
        """The overlay stands."""
        self._store.merge()
        for partition, end in self._checkpoints_made.items():
            self._checkpoints[partition] = end
            self._checkpoint_due.pop(partition, None)
        self._checkpoints_made.clear()
        self._census.take_now_and_then(self._store)

    def discard(self) -> None:
        """The overlay never was."""
        self._store.discard()
        self._checkpoints_made.clear()

    def _take(self, record: Incoming, now: datetime) -> Iterator[Outgoing]:
        message = self._speech.codec.decode(record.value)
        if message.entry.topic != record.topic:
            raise Rejected(f"{message.entry.name} belongs on {message.entry.topic}, not here")
        envelope = message.envelope
        held = self._store.get(record.partition, envelope.campaign_id)
        if held is not None and held.saga.tenant_id != envelope.tenant_id:
            raise Rejected("the campaign is another tenant's")
        if (record.key or b"").decode(errors="replace") != envelope.campaign_id:
            raise Rejected("the record's key is not its campaign's id")
        found = self._speech.inputs.input_of(message, held.saga if held else None)
        cause = envelope.model_copy(update={"time": now})
        yield from self._decide(found, cause, (record.topic, record.partition, record.offset))

    def _decide(self, found: Input, cause: EventEnvelope, origin: Origin) -> Iterator[Outgoing]:
        partition = origin[1]
        held = self._store.get(partition, cause.campaign_id)
        owner = Owner(cause.campaign_id, cause.tenant_id, cause.correlation_id, cause.id)
        decision = decide(held.saga if held else None, found, owner, cause.time)
        if decision.saga is None or not decision.facts:
            return
        head = Head(held.saga.sequence, held.head_hash) if held else Head()
        for fact in decision.facts:
            record, head = self._speech.writer.fact(fact, cause, origin, head)
            yield record
        changed = (held.facts_since_snapshot if held else 0) + len(decision.facts)
        after = Held(decision.saga, head.hash, changed)
        self._store.put(partition, after)
        self._checkpoint_due.setdefault(partition, cause.time + checkpoint_wait(partition))
        for fact in decision.facts:
            count_fact(fact, decision.saga)
        yield from self._commanded(decision, cause, origin)
        latest = self._store.get(partition, cause.campaign_id)
        assert latest is not None
        if latest.facts_since_snapshot >= SNAPSHOT_FACTS_MAX or (
            latest.saga.life.ended and latest.facts_since_snapshot
        ):
            yield self._snapshot(partition, latest, self._checkpoints.get(partition, 0))

    def _commanded(
        self, decision: Decision, cause: EventEnvelope, origin: Origin
    ) -> Iterator[Outgoing]:
        """The commands that facts ask for; one that cannot be made is its step's failure.

        A failure may close the saga: what is no longer waited for is not sent, so that no effect
        follows its own undo.
        """
        assert decision.saga is not None
        made: list[tuple[Asked, StepCall, Command]] = []
        for fact in decision.facts:
            event = fact.event
            if not isinstance(event, ToolCallRequested | CompensationRequested):
                continue
            if not awaits(decision.saga, event):
                continue
            try:
                made.append((event, *self._speech.commands.of(decision.saga, event)))
            except CommandCannotBeMade as reason:
                log.error("command_cannot_be_made", step=event.step, reason=str(reason))
                why = FailureReason.INVALID_INPUT
                failure = Failed(event.command_id, event.step, why, str(reason))
                yield from self._decide(failure, cause, origin)
        now = self._store.get(origin[1], cause.campaign_id)
        for event, call, command in made:
            if now is not None and awaits(now.saga, event):
                yield self._speech.writer.command(event, call, command, cause)

    async def _checkpoint(self, partition: int, now: datetime) -> Sequence[Outgoing]:
        """Snapshot every saga that changed; then the log before its present end is not needed."""
        log_partition = TopicPartition(topics.LOG, partition)
        end = (await self._speech.reader.ends([log_partition]))[log_partition][1]
        self._checkpoints_made[partition] = end
        changed = [held for held in self._store.all(partition) if held.facts_since_snapshot]
        written = [self._snapshot(partition, held, end) for held in changed]
        return [*written, self._speech.writer.checkpoint(partition, end, now)]

    def _snapshot(self, partition: int, held: Held, tail_from: int) -> Outgoing:
        self._store.put(partition, Held(held.saga, held.head_hash, 0))
        return self._speech.writer.snapshot(held, tail_from)


def checkpoint_wait(partition: int) -> timedelta:
    """How long after a change the partition's checkpoint is written: at most CHECKPOINT_EVERY.

    Each partition waits for another time: all at once they would hold up the inputs between them.
    """
    turn = (partition % topics.PARTITIONS) / topics.PARTITIONS
    return CHECKPOINT_EVERY * (1 - turn / 2)
