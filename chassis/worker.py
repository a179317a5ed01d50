"""From one command to its answer: lease, first result, handler, result. It knows no partitions."""

import asyncio
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import structlog

from chassis import telemetry
from chassis.artefacts import ArtefactStore, StepArtefacts
from chassis.broker import Outgoing
from chassis.claims import Claims
from chassis.clock import Clock
from chassis.codec import Codec, Decoded
from chassis.errors import Retryable, StepError
from chassis.messages import answering, record, spoken_by
from chassis.results import Results
from chassis.service import Answer, Job, Role
from contracts import identity, topics
from contracts.envelope import (
    Actor,
    ActorKind,
    AgentRun,
    EventEnvelope,
    FailureReason,
    StepCall,
    StepDone,
    StepOutcome,
    Usage,
)
from contracts.goal import SealedText
from contracts.message import Command
from contracts.saga import StepFailed

RETRY_DELAY_S = 1.0
RETRY_DELAY_S_MAX = 15.0
STACK_CHARS_MAX = 3_000

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
        self._actor = Actor(kind=ActorKind.SERVICE, id=instance)
        self._codec = codec
        self._stores = stores
        self._clock = clock

    async def answer(self, command: Decoded) -> tuple[Outgoing, ...]:
        """The records that answer the command; none where its lease passed before the start.

        A second delivery gets the first result. Whatever a handler raises becomes a StepFailed.
        """
        envelope, call = command.envelope, cast("StepCall", command.header)
        stored = await self._stores.results.recall(envelope.tenant_id, envelope.execution_id)
        if stored is not None:
            telemetry.COMMANDS_REPEATED.labels(self._role.name).inc()
            return (self._outgoing(stored),)
        if self._seconds_left(call) <= 0:
            telemetry.COMMANDS_EXPIRED.labels(self._role.name).inc()
            log.warning("command_expired", workflow_id=envelope.campaign_id, step=call.step)
            return ()
        started = time.monotonic()
        answer = await self._handled(command, envelope, call)
        answer = _timed(answer, self._role.name, started)
        try:
            value = self._encoded(envelope, call, answer)
        except ValueError as unwritable:
            answer = _failure(FailureReason.INTERNAL, f"the result cannot be written: {unwritable}")
            value = self._encoded(envelope, call, answer)
        if not _worth_another_try(answer):
            await self._stores.results.remember(envelope.tenant_id, envelope.execution_id, value)
        return (self._outgoing(value), *self._also(envelope, answer))

    async def _handled(self, command: Decoded, envelope: EventEnvelope, call: StepCall) -> Answer:
        handler = self._role.handlers[cast("type[Command]", command.entry.model)]
        job = self._job(envelope, call)
        try:
            async with asyncio.timeout(self._seconds_left(call)):
                return await self._persistent(lambda: handler(command.body, job), call)
        except StepError as failure:
            return _failure(failure.reason, failure.message, failure.feedback, failure.usage)
        except TimeoutError:
            return _failure(FailureReason.TIMEOUT, f"`{call.step}` took longer than its lease")
        except Exception as failure:  # noqa: BLE001 - the rim: a bug becomes a typed failure
            stack = "".join(traceback.format_exception(failure))[-STACK_CHARS_MAX:]
            log.error("handler_failed", workflow_id=envelope.campaign_id, stack=stack)
            return _failure(FailureReason.INTERNAL, f"{type(failure).__name__}: {failure}")

    async def _persistent(self, attempt: Callable[[], object], call: StepCall) -> Answer:
        """The handler's answer, asked again while only infrastructure is in its way."""
        delay_s = RETRY_DELAY_S
        while True:
            try:
                return await attempt()  # type: ignore[misc, no-any-return]
            except Retryable as hindrance:
                log.warning("handler_waits", step=call.step, reason=str(hindrance))
                await asyncio.sleep(hindrance.delay_s or delay_s)
                delay_s = min(RETRY_DELAY_S_MAX, delay_s * 2)

    def _job(self, envelope: EventEnvelope, call: StepCall) -> Job:
        tenant_id, campaign_id = envelope.tenant_id, envelope.campaign_id
        return Job(
            tenant_id=tenant_id,
            campaign_id=campaign_id,
            command_id=envelope.execution_id,
            call=call,
            artefacts=StepArtefacts(self._stores.artefacts, tenant_id, campaign_id, call.step),
            claims=self._stores.claims_of(tenant_id),
            unseal=lambda sealed: self._stores.unseal(tenant_id, sealed),
            log=log.bind(
                workflow_id=campaign_id,
                correlation_id=envelope.correlation_id,
                activity=call.step,
            ),
        )

    def _encoded(self, cause: EventEnvelope, call: StepCall, answer: Answer) -> bytes:
        entry = self._codec.catalog.entry_of(type(answer.body))
        envelope = spoken_by(
            answering(
                cause,
                message_id=identity.derived(identity.FORWARDS, cause.execution_id, "result"),
                name=entry.name,
                version=entry.version,
                at=self._clock.now(),
            ),
            self._role.app,
            self._actor,
        )
        done = StepDone(
            step=call.step,
            attempt=call.attempt,
            outcome=answer.outcome,
            usage=answer.usage,
            artefacts=answer.artefacts,
            agents=answer.agents,
            notes=answer.notes,
        )
        return self._codec.encode(envelope, done, answer.body)

    def _outgoing(self, value: bytes) -> Outgoing:
        decoded = self._codec.decode(value, validate=False)
        return record(topics.RESULTS, decoded.envelope, value)

    def _also(self, cause: EventEnvelope, answer: Answer) -> tuple[Outgoing, ...]:
        made = []
        for number, (key, body) in enumerate(answer.also):
            entry = self._codec.catalog.entry_of(type(body))
            envelope = spoken_by(
                answering(
                    cause,
                    message_id=identity.derived(identity.FORWARDS, cause.execution_id, number),
                    name=entry.name,
                    version=entry.version,
                    at=self._clock.now(),
                ),
                self._role.app,
                self._actor,
            )
            made.append(
                record(entry.topic, envelope, self._codec.encode(envelope, None, body), key)
            )
        return tuple(made)

    def _seconds_left(self, call: StepCall) -> float:
        return (call.not_after - self._clock.now()).total_seconds()


def _failure(
    reason: FailureReason,
    message: str,
    feedback: tuple[str, ...] = (),
    usage: Usage | None = None,
) -> Answer:
    body = StepFailed(reason=reason, message=message, feedback=feedback)
    return Answer(body=body, outcome=StepOutcome.DEGRADED, usage=usage or Usage())


def _worth_another_try(answer: Answer) -> bool:
    """A failure is remembered too, unless only time or infrastructure stood in the way."""
    return isinstance(answer.body, StepFailed) and answer.body.reason.retryable


def _timed(answer: Answer, role: str, started: float) -> Answer:
    """The answer with its duration, and one agent's share where the handler named none."""
    seconds = time.monotonic() - started
    duration_ms = int(seconds * 1_000)
    failed = isinstance(answer.body, StepFailed)
    status = "failed" if failed else answer.outcome.value.lower()
    telemetry.ACTIVITY_EXECUTIONS.labels(role, status).inc()
    telemetry.ACTIVITY_DURATION.labels(role).observe(seconds)
    usage = answer.usage.model_copy(update={"duration_ms": duration_ms})
    agents = answer.agents or (
        AgentRun(
            agent=role,
            succeeded=not failed,
            duration_ms=duration_ms,
            cost_micros=usage.cost_micros,
        ),
    )
    return replace(answer, usage=usage, agents=agents)
