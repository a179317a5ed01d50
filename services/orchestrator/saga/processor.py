"""The saga role: inputs in, facts and commands out, all of one tick in one transaction.

It knows records, partitions and the engine's two functions; it knows no campaign.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import cast

import structlog

from chassis import telemetry
from chassis.broker import Incoming, Outgoing, TopicPartition
from chassis.codec import Decoded
from chassis.dead_letter import as_line
from chassis.errors import Rejected, StateUnusable
from chassis.messages import NO_CAMPAIGN
from contracts import identity, topics
from contracts.control import PauseWider, ResumeWider
from contracts.envelope import EventEnvelope, FailureReason, StepCall
from contracts.message import Command
from contracts.parking import RedriveParked, UnparkAction
from services.orchestrator.saga.census import Census, count_fact
from services.orchestrator.saga.commands import Asked, CommandCannotBeMade
from services.orchestrator.saga.engine import Decision, Owner, awaits, decide
from services.orchestrator.saga.engine.inputs import Failed, Input, TimePassed, Unpark
from services.orchestrator.saga.parking import BEHIND, BY_TIME, QUEUE_FULL, Parking
from services.orchestrator.saga.restore import restore
from services.orchestrator.saga.snapshots import Unusable
from services.orchestrator.saga.speech import Speech
from services.orchestrator.saga.state import ParkedInput, Saga
from services.orchestrator.saga.store import Held, Store
from services.orchestrator.saga.sweeping import Sweep
from services.orchestrator.saga.writing import CALLS, Head, Origin

SNAPSHOT_FACTS_MAX = 32
CHECKPOINT_EVERY = timedelta(seconds=30)
DUE_PER_TICK_MAX = 500
AT_ONCE = datetime.min.replace(tzinfo=UTC)

_WIDER = frozenset({PauseWider, ResumeWider})

log = structlog.get_logger()


class SagaProcessor:
    """`chassis.transaction.Processor` over sagas."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._store = Store()
        self._sweep = Sweep(self._store)
        self._parking = Parking(speech.letters, self._decide)
        self._at_hand: Decoded | None = None
        self._census = Census()
        self._checkpoints: dict[int, int] = {}
        self._checkpoint_due: dict[int, datetime] = {}
        self._checkpoints_made: dict[int, int] = {}
        self._misled: set[int] = set()

    async def restore(self, partitions: frozenset[int]) -> frozenset[int]:
        """Read these partitions' sagas from snapshots and log; replaces whatever was held.

        Returns those whose log is broken: they stand still until a person has looked.
        """
        misled = partitions & self._misled
        restored = await restore(
            self._speech.reader, self._speech.codec, partitions, unpacking=misled
        )
        self._misled -= misled
        broken = frozenset(number for number, found in restored.items() if found.broken)
        for partition, found in restored.items():
            if found.broken:
                log.error("partition_stopped", partition=partition, reason=found.broken)
                self.drop(frozenset({partition}))
                continue
            self._store.replace(partition, found.sagas)
            try:
                self._sweep.begin(partition)
            except Unusable as reason:
                self._doubt(partition, reason)
                return await self.restore(partitions)
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
            self._sweep.drop(partition)
            self._checkpoint_due.pop(partition, None)
        self._census.take(self._store)

    def next_due(self) -> datetime | None:
        """When a saga's next deadline falls, or the next checkpoint."""
        if self._sweep.pending() is not None:
            return AT_ONCE
        moments = [*self._checkpoint_due.values()]
        deadline = self._store.next_due()
        return min([*moments, deadline] if deadline else moments, default=None)

    def due(self, now: datetime) -> int | None:
        """A partition where a deadline or its checkpoint passed or a pause spreads, or None."""
        deadline = self._store.next_due()
        overdue = (now - deadline).total_seconds() if deadline else 0.0
        telemetry.OBLIGATION_OVERDUE.set(max(0.0, overdue))
        found = self._store.due(now, DUE_PER_TICK_MAX)
        if found is not None:
            return found[0]
        if (unswept := self._sweep.pending()) is not None:
            return unswept
        ripe = [partition for partition, at in self._checkpoint_due.items() if at <= now]
        return ripe[0] if ripe else None

    def think(self, records: Sequence[Incoming], now: datetime) -> Sequence[Outgoing]:
        """Fold inputs into the overlay; the records that say so. Raises StateUnusable."""
        outgoing: list[Outgoing] = []
        for record in records:
            self._at_hand = None
            campaign_id = (record.key or b"").decode(errors="replace")
            made, fault = self._tried(
                record.partition, campaign_id, partial(self.take, record, now)
            )
            outgoing.extend(made if fault is None else self._set_aside(record, fault, now))
        return outgoing

    async def think_of_time(self, partition: int, now: datetime) -> Sequence[Outgoing]:
        """Fold what fell due in a partition into the overlay; the records that say so.

        Raises StateUnusable.
        """
        outgoing: list[Outgoing] = []
        found = self._store.due(now, DUE_PER_TICK_MAX)
        due = found[1] if found and found[0] == partition else ()
        for campaign_id in due or self._unswept(partition):
            held = self._store.get(partition, campaign_id)
            assert held is not None
            look = partial(self._look_at_the_clock, partition, held, now)
            made, fault = self._tried(partition, campaign_id, look)
            outgoing.extend(made)
            if fault is not None:
                cause = self._clock_cause(held, now)
                why = _in_words(fault)
                outgoing.extend(self._parking.park_time(held.saga, partition, cause, why))
        if self._checkpoint_due.get(partition, now) <= now and not outgoing:
            outgoing.extend(await self._checkpoint(partition, now))
        return outgoing

    def _tried(
        self, partition: int, campaign_id: str, make: Callable[[], Iterator[Outgoing]]
    ) -> tuple[list[Outgoing], Exception | None]:
        """What was made; or why nothing was, and then the saga is as if nothing had been tried."""
        before = self._store.changed(partition, campaign_id)
        try:
            return list(make()), None
        except Rejected as reason:
            fault: Exception = reason
        except Unusable as reason:
            raise self._doubt(partition, reason) from reason
        except StateUnusable:  # of an attempt within this one
            raise
        except Exception as bug:  # the rim: one poisoned input stops no other
            log.error("input_breaks_the_engine", workflow_id=campaign_id, exc_info=bug)
            fault = bug
        self._store.put_back(partition, campaign_id, before)
        return [], fault

    def _unswept(self, partition: int) -> tuple[str, ...]:
        try:
            return self._sweep.take(partition, DUE_PER_TICK_MAX)
        except Unusable as reason:
            raise self._doubt(partition, reason) from reason

    def _doubt(self, partition: int, reason: Unusable) -> StateUnusable:
        """The partition's next restore reads every snapshot, and the log where one is unusable."""
        log.error("snapshot_unusable", partition=partition, reason=str(reason))
        self._misled.add(partition)
        return StateUnusable(str(reason), partition)

    def _set_aside(self, record: Incoming, fault: Exception, now: datetime) -> list[Outgoing]:
        """Park what broke the engine; a dead letter where it is nobody's, or there is no room."""
        message = self._at_hand
        if message is not None and not isinstance(fault, Rejected):
            envelope = message.envelope.model_copy(update={"time": now})
            held = self._store.get(record.partition, envelope.campaign_id)
            if self._parking.may_park(held.saga if held else None, record):
                park = partial(self._parking.park, record, envelope, _in_words(fault))
                made, again = self._tried(record.partition, envelope.campaign_id, park)
                if again is None:
                    return made
        log.warning("dead_letter", topic=record.topic, reason=str(fault))
        telemetry.DEAD_LETTERS.labels("saga").inc()
        return [self._speech.letters.letter(record, _in_words(fault), "", now)]

    def merge(self) -> None:
        """The overlay stands."""
        self._sweep.merge(self._store.merge())
        for partition, end in self._checkpoints_made.items():
            self._checkpoints[partition] = end
            self._checkpoint_due.pop(partition, None)
        self._checkpoints_made.clear()
        self._census.take_now_and_then(self._store)

    def discard(self) -> None:
        """The overlay never was."""
        self._store.discard()
        self._sweep.discard()
        self._checkpoints_made.clear()

    def take(self, record: Incoming, now: datetime) -> Iterator[Outgoing]:
        """What one input brings about, folded into the overlay. Raises Rejected, and our bugs."""
        message = self._speech.codec.decode(record.value)
        if message.entry.topic != record.topic:
            raise Rejected(f"{message.entry.name} belongs on {message.entry.topic}, not here")
        envelope = message.envelope
        held = self._store.get(record.partition, envelope.campaign_id)
        if held is not None and held.saga.tenant_id != envelope.tenant_id:
            raise Rejected("the campaign is another tenant's")
        if (record.key or b"").decode(errors="replace") != envelope.campaign_id:
            raise Rejected("the record's key is not its campaign's id")
        self._at_hand = message
        self._speech.commands.learn(message)
        cause = envelope.model_copy(update={"time": now})
        if held is not None and held.saga.parked:
            if self._parking.must_wait(held.saga, message):
                if not self._parking.may_park(held.saga, record):
                    raise Rejected(QUEUE_FULL)
                yield from self._parking.park(record, cause, BEHIND, behind=True)
                return
            if isinstance(message.body, RedriveParked):
                yield from self._redrive(held.saga, cause, (*record.source, record.offset))
                return
        found = self._speech.inputs.input_of(message, held.saga if held else None)
        if message.entry.model in _WIDER:
            _require_control(record.partition, envelope)
        if astray := self._sweep.astray(record.partition, envelope.campaign_id):
            yield from self._look_at_the_clock(record.partition, astray, now)
        yield from self._decide(found, cause, (record.topic, record.partition, record.offset))

    def look(self, partition: int, campaign_id: str, now: datetime) -> Iterator[Outgoing]:
        """What the look at the clock brings about for one campaign. Raises our own bugs."""
        held = self._store.get(partition, campaign_id)
        if held is not None:
            yield from self._look_at_the_clock(partition, held, now)

    def _redrive(self, saga: Saga, cause: EventEnvelope, origin: Origin) -> Iterator[Outgoing]:
        """Take in what is parked, in its order, up to one that still breaks."""
        if cause.id in saga.answered_requests:
            return
        for one in saga.parked:
            attempt = partial(self._taken_up, one, cause, origin)
            made, fault = self._tried(origin[1], saga.campaign_id, attempt)
            yield from made
            if isinstance(fault, Rejected):
                gone = Unpark(one.letter_id, UnparkAction.DROPPED, as_line(str(fault)))
                yield from self._decide(gone, cause, origin)
            elif fault is not None:
                yield from self._parking.park_again(one, cause, origin, _in_words(fault))
                return

    def _taken_up(
        self, one: ParkedInput, cause: EventEnvelope, origin: Origin
    ) -> Iterator[Outgoing]:
        """One parked input leaves the queue and is folded, as if it had come now."""
        redriven = Unpark(one.letter_id, UnparkAction.REDRIVEN, "")
        yield from self._decide(redriven, cause, origin)
        held = self._store.get(origin[1], cause.campaign_id)
        assert held is not None
        if one.type == BY_TIME:
            yield from self._decide(TimePassed(), self._clock_cause(held, cause.time), origin)
            return
        message = self._speech.codec.decode(one.value)
        found = self._speech.inputs.input_of(message, held.saga)
        own = message.envelope.model_copy(update={"time": cause.time})
        yield from self._decide(found, own, origin)

    def _look_at_the_clock(self, partition: int, held: Held, now: datetime) -> Iterator[Outgoing]:
        cause = self._clock_cause(held, now)
        yield from self._decide(TimePassed(), cause, (topics.REQUESTS, partition, -1))

    def _clock_cause(self, held: Held, now: datetime) -> EventEnvelope:
        saga = held.saga
        cause = self._speech.writer.own(saga.campaign_id, saga.tenant_id, BY_TIME, now)
        return cause.model_copy(update={"correlation_id": saga.correlation_id})

    def _decide(self, found: Input, cause: EventEnvelope, origin: Origin) -> Iterator[Outgoing]:
        partition = origin[1]
        held = self._store.get(partition, cause.campaign_id)
        owner = Owner(cause.campaign_id, cause.tenant_id, cause.correlation_id, cause.id)
        wider = self._sweep.wider(partition)
        decision = decide(held.saga if held else None, found, owner, cause.time, wider)
        if decision.saga is None or not decision.facts:
            return
        head = Head(held.saga.sequence, held.head_hash) if held else Head()
        for fact in decision.facts:
            record, head = self._speech.writer.fact(fact, cause, origin, head)
            yield record
            yield from self._parking.closed(fact, cause)
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
            if type(event) not in CALLS:
                continue
            asked = cast(Asked, event)
            if not awaits(decision.saga, asked):
                continue
            try:
                made.append((asked, *self._speech.commands.of(decision.saga, asked)))
            except CommandCannotBeMade as reason:
                log.error("command_cannot_be_made", step=asked.step, reason=str(reason))
                why = FailureReason.INVALID_INPUT
                failure = Failed(asked.command_id, asked.step, why, str(reason))
                yield from self._decide(failure, cause, origin)
        now = self._store.get(origin[1], cause.campaign_id)
        for asked, call, command in made:
            if now is not None and awaits(now.saga, asked):
                yield self._speech.writer.command(asked, call, command, cause)

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
        return replace(self._speech.writer.snapshot(held, tail_from), partition=partition)


def _in_words(fault: Exception) -> str:
    if isinstance(fault, Rejected):
        return str(fault)
    return f"the engine failed on it: {type(fault).__name__}: {fault}"


def _require_control(partition: int, envelope: EventEnvelope) -> None:
    """Wider pauses stand under their partition's own id, for nobody's tenant."""
    own = (identity.control_id(partition), NO_CAMPAIGN)
    if (envelope.campaign_id, envelope.tenant_id) != own:
        raise Rejected("a wider pause is asked for under its partition's control id")


def checkpoint_wait(partition: int) -> timedelta:
    """How long after a change the partition's checkpoint is written: at most CHECKPOINT_EVERY.

    Each partition waits for another time: all at once they would hold up the inputs between them.
    """
    turn = (partition % topics.PARTITIONS) / topics.PARTITIONS
    return CHECKPOINT_EVERY * (1 - turn / 2)
