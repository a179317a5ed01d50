"""From one command to its answer: lease, first result, handler, result. It knows no partitions."""

import asyncio
import struct
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import structlog

from chassis import telemetry
from chassis.artefacts import ArtefactStore, StepArtefacts, UndoneArtefacts
from chassis.broker import Incoming, Outgoing
from chassis.claims import Claims
from chassis.clock import Clock
from chassis.codec import Codec, Decoded
from chassis.errors import CircuitOpen, Rejected, Retryable, StepError
from chassis.expiry import Expiry
from chassis.loop import Piece
from chassis.messages import Speaker, record
from chassis.results import Results
from chassis.service import Answer, Job, Role
from chassis.tally import Tally
from contracts import identity, topics
from contracts.envelope import (
    Actor,
    ActorKind,
    EventEnvelope,
    FailureReason,
    StepCall,
    StepDone,
    StepOutcome,
    Usage,
)
from contracts.goal import SealedText
from contracts.message import Command, Undo
from contracts.saga import StepFailed

RETRY_DELAY_S = 1.0
RETRY_DELAY_S_MAX = 15.0
STACK_CHARS_MAX = 3_000
MESSAGE_CHARS_MAX = 4_000
RECORD_BYTES_MAX = 1_000_000
"""A record with its headers fits into Kafka's default limit of 1,048,588 bytes."""

TELLING_S, TELLING_SHARE = 1.0, 0.1
"""So long before its lease is over (at most this share of what is left) a handler is stopped.

Its failure is then known before the lease passes in silence, and counts as a try.
"""

COMPANIONS = ".also"
LENGTH = struct.Struct(">I")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stores:
    """What a worker keeps outside the log, each per tenant."""

    artefacts: ArtefactStore
    results: Results
    claims_of: Callable[[str], Claims]
    unseal: Callable[[str, SealedText], str]


class Worker:
    """One role's hands: answers commands, each within its lease."""

    def __init__(
        self, role: Role, instance: str, *, codec: Codec, stores: Stores, clock: Clock
    ) -> None:
        self._role = role
        self._speaker = Speaker(role.app, Actor(kind=ActorKind.SERVICE, id=instance))
        self._codec = codec
        self._stores = stores
        self._clock = clock
        self._expiry = Expiry()
        self._tally = Tally(role.name)

    def take(self, incoming: Incoming) -> Piece:
        """The command in the record, in its step's turn. Raises Rejected for any other message."""
        command = self._codec.decode(incoming.value)
        if command.entry.model not in self._role.handlers:
            raise Rejected(f"{command.entry.name} is not for this role")
        call = cast("StepCall", command.header)
        key = (command.parts.envelope["campaign_id"], call.step)
        return Piece(command, key, f"step {call.step}", call.not_after)

    async def answer(self, command: Decoded) -> tuple[Outgoing, ...]:
        """The records that answer the command; none where its lease passed before the start.

        A second delivery gets the first result. Whatever a handler raises becomes a StepFailed.
        """
        envelope, call = command.envelope, cast("StepCall", command.header)
        stored = await self._recalled(envelope) if self._role.remembers else ()
        if stored:
            telemetry.COMMANDS_REPEATED.labels(self._role.name).inc()
            return stored
        if self._seconds_left(call) <= 0:
            telemetry.COMMANDS_EXPIRED.labels(self._role.name).inc()
            log.warning("command_expired", workflow_id=envelope.campaign_id, step=call.step)
            return ()
        started = time.monotonic()
        answer = await self._handled(command, envelope, call)
        answer = self._tally.timed(answer, started)
        try:
            records = self._records(envelope, call, answer)
        except (KeyError, ValueError) as unwritable:
            failure = _failure(
                FailureReason.INTERNAL, f"the result cannot be written: {unwritable}"
            )
            answer = replace(failure, usage=answer.usage, agents=answer.agents)
            records = self._records(envelope, call, answer)
        if not self._role.remembers or _worth_another_try(answer):
            return records
        if await self._remember(envelope, records):
            return records
        return await self._recalled(envelope) or records  # another copy was first

    async def _handled(self, command: Decoded, envelope: EventEnvelope, call: StepCall) -> Answer:
        handler = self._role.handlers[cast("type[Command]", command.entry.model)]
        job = self._job(envelope, call, undo=issubclass(command.entry.model, Undo))
        seconds = self._seconds_left(call)
        lease = self._expiry.within(seconds - min(TELLING_S, seconds * TELLING_SHARE))
        try:
            with lease:
                return await self._persistent(lambda: handler(command.body, job), call)
        except StepError as failure:
            return _failure(failure.reason, failure.message, failure.feedback, failure.usage)
        except TimeoutError as failure:
            if lease.expired:
                return _failure(FailureReason.TIMEOUT, f"`{call.step}` took longer than its lease")
            return _failure(FailureReason.TIMEOUT, f"`{call.step}` waited in vain: {failure!r}")
        except Exception as failure:  # noqa: BLE001 - the rim: a bug becomes a typed failure
            stack = "".join(traceback.format_exception(failure))[-STACK_CHARS_MAX:]
            log.error("handler_failed", workflow_id=envelope.campaign_id, stack=stack)
            return _failure(FailureReason.INTERNAL, f"{type(failure).__name__}: {failure}")

    async def _persistent(self, attempt: Callable[[], Awaitable[object]], call: StepCall) -> Answer:
        """The handler's answer, asked again while only infrastructure is in its way."""
        delay_s = RETRY_DELAY_S
        while True:
            try:
                answer = await attempt()
                if not isinstance(answer, Answer):
                    raise TypeError(f"the handler answered {type(answer).__name__}, not Answer")
                return answer
            except Retryable as hindrance:
                self._refuse_in_vain(hindrance, call)
                log.warning("handler_waits", step=call.step, reason=str(hindrance))
                await asyncio.sleep(hindrance.delay_s or delay_s)
                if self._seconds_left(call) <= 0:  # a clock, or a standstill, may outrun the timer
                    raise TimeoutError("its lease ended while it waited") from hindrance
                delay_s = min(RETRY_DELAY_S_MAX, delay_s * 2)

    def _refuse_in_vain(self, hindrance: Retryable, call: StepCall) -> None:
        """Raise StepError UNAVAILABLE where a breaker stays open for longer than the lease."""
        if not isinstance(hindrance, CircuitOpen) or hindrance.delay_s is None:
            return
        if hindrance.delay_s >= self._seconds_left(call) - TELLING_S:
            raise StepError(FailureReason.UNAVAILABLE, str(hindrance)) from hindrance

    def _job(self, envelope: EventEnvelope, call: StepCall, *, undo: bool) -> Job:
        tenant_id, campaign_id = envelope.tenant_id, envelope.campaign_id
        return Job(
            tenant_id=tenant_id,
            campaign_id=campaign_id,
            command_id=envelope.execution_id,
            call=call,
            artefacts=self._artefacts(envelope, call, undo=undo),
            claims=self._stores.claims_of(tenant_id),
            unseal=lambda sealed: self._stores.unseal(tenant_id, sealed),
            log=structlog.get_logger(
                workflow_id=campaign_id,
                correlation_id=envelope.correlation_id,
                activity=call.step,
            ),
        )

    def _artefacts(self, envelope: EventEnvelope, call: StepCall, *, undo: bool) -> StepArtefacts:
        owner = (envelope.tenant_id, envelope.campaign_id, call.step)
        if not undo:
            return StepArtefacts(self._stores.artefacts, *owner, call.effect_key)
        rounds = range(call.round)
        earlier = (identity.effect_key(envelope.campaign_id, call.step, n) for n in rounds)
        return UndoneArtefacts(self._stores.artefacts, *owner, (*earlier, call.effect_key))

    def _result(self, cause: EventEnvelope, call: StepCall, answer: Answer) -> Outgoing:
        entry = self._codec.catalog.entry_of(type(answer.body))
        result_id = identity.derived(identity.FORWARDS, cause.execution_id, "result")
        envelope = self._speaker.answer(cause, entry, result_id, at=self._clock.now())
        done = StepDone(
            step=call.step,
            attempt=call.attempt,
            outcome=answer.outcome,
            usage=answer.usage,
            artefacts=answer.artefacts,
            agents=answer.agents,
            notes=answer.notes,
        )
        return record(topics.RESULTS, envelope, self._codec.encode(envelope, done, answer.body))

    def _records(
        self, cause: EventEnvelope, call: StepCall, answer: Answer
    ) -> tuple[Outgoing, ...]:
        """The result and what goes with it. ValueError or KeyError where one cannot be written."""
        records = (self._result(cause, call, answer), *self._also(cause, answer))
        for made in records:
            if len(made.value or b"") > RECORD_BYTES_MAX:
                raise ValueError(
                    f"a record for {made.topic} has {len(made.value or b'')} bytes; at most "
                    f"{RECORD_BYTES_MAX} are taken: keep the bytes as an artefact and refer to them"
                )
        return records

    def _outgoing(self, topic: str, value: bytes, key: str = "") -> Outgoing:
        decoded = self._codec.decode(value, validate=False)
        return record(topic, decoded.envelope, value, key)

    async def _remember(self, cause: EventEnvelope, records: tuple[Outgoing, ...]) -> bool:
        """Keep the records before they are sent; the result last, for it says that all are kept.

        False where something was kept before: then that is what stands.
        """
        results, tenant_id, command_id = self._stores.results, cause.tenant_id, cause.execution_id
        result, *others = records
        assert result.value is not None
        first = True
        if others:
            first = await results.remember(tenant_id, command_id + COMPANIONS, _packed(others))
        return await results.remember(tenant_id, command_id, result.value) and first

    async def _recalled(self, cause: EventEnvelope) -> tuple[Outgoing, ...]:
        """The records that answered the command the first time; none where there was no answer."""
        tenant_id, command_id = cause.tenant_id, cause.execution_id
        value = await self._stores.results.recall(tenant_id, command_id)
        if value is None:
            return ()
        packed = await self._stores.results.recall(tenant_id, command_id + COMPANIONS)
        others = _unpacked(packed or b"")
        return (
            self._outgoing(topics.RESULTS, value),
            *(self._outgoing(topic, companion, key) for topic, key, companion in others),
        )

    def _also(self, cause: EventEnvelope, answer: Answer) -> tuple[Outgoing, ...]:
        made = []
        for number, (key, body) in enumerate(answer.also):
            entry = self._codec.catalog.entry_of(type(body))
            message_id = identity.derived(identity.FORWARDS, cause.execution_id, number)
            envelope = self._speaker.answer(cause, entry, message_id, at=self._clock.now())
            value = self._codec.encode(envelope, None, body)
            made.append(record(entry.topic, envelope, value, key))
        return tuple(made)

    def _seconds_left(self, call: StepCall) -> float:
        return (call.not_after - self._clock.now()).total_seconds()


def _failure(
    reason: FailureReason,
    message: str,
    feedback: tuple[str, ...] = (),
    usage: Usage | None = None,
) -> Answer:
    short = message[:MESSAGE_CHARS_MAX]
    body = StepFailed(reason=reason, message=short, feedback=feedback)
    return Answer(body=body, outcome=StepOutcome.DEGRADED, usage=usage or Usage())


def _packed(records: Sequence[Outgoing]) -> bytes:
    parts = [(made.topic.encode(), made.key or b"", made.value or b"") for made in records]
    return b"".join(LENGTH.pack(len(part)) + part for three in parts for part in three)


def _unpacked(packed: bytes) -> Iterator[tuple[str, str, bytes]]:
    """(topic, key, value) of each record that `_packed` wrote."""
    parts: list[bytes] = []
    at = 0
    while at < len(packed):
        start = at + LENGTH.size
        at = start + LENGTH.unpack_from(packed, at)[0]
        parts.append(packed[start:at])
    for topic, key, value in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        yield topic.decode(), key.decode(), value


def _worth_another_try(answer: Answer) -> bool:
    """A failure is remembered too, unless only time or infrastructure stood in the way."""
    return isinstance(answer.body, StepFailed) and answer.body.reason.retryable
