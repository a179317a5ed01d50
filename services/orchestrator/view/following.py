"""Following one campaign's log fact by fact, and how each fact is called in streams. Pure."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from chassis.codec import Codec, Decoded
from contracts.catalog import CATALOG
from contracts.envelope import LogPosition
from contracts.message import LogEvent, Message
from contracts.saga import (
    AgentCompleted,
    CompensationCompleted,
    CompensationRequested,
    GoalReceived,
    ReviewDecided,
    ReviewRequested,
    StepSkipped,
    ToolCallFailed,
    ToolResultReceived,
    WorkflowCompleted,
    WorkflowFailed,
)
from services.orchestrator.saga.engine.evolve import evolve
from services.orchestrator.saga.facts import fact_of
from services.orchestrator.saga.state import Saga, StepStatus
from services.orchestrator.view.payloads import data_of

FIRST_HASH = "0" * 64

_NAMES: dict[type[Message], str] = {
    GoalReceived: "pipeline_start",
    AgentCompleted: "agent_complete",
    ReviewRequested: "review_requested",
    ReviewDecided: "review_decided",
    CompensationRequested: "compensation",
    CompensationCompleted: "compensation",
    WorkflowCompleted: "pipeline_complete",
    WorkflowFailed: "pipeline_failed",
}
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


class BrokenChain(ValueError):
    """The record does not follow the one before it: a gap, another history, or no story."""


class Head(NamedTuple):
    """How far a campaign's log was followed: its state, and the hash of the last record."""

    saga: Saga | None = None
    hash: str = FIRST_HASH

    @property
    def sequence(self) -> int:
        """The number of the last record; 0 before the first."""
        return self.saga.sequence if self.saga else 0


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One fact as readers get it. `data` is its content, `value` the stored bytes."""

    campaign_id: str
    sequence: int
    tenant_id: str
    type: str
    sse_name: str
    time: datetime
    event_id: str
    causation_id: str
    actor_kind: str
    actor_id: str
    source: str
    input_topic: str
    input_partition: int
    input_offset: int
    data: dict[str, Any]
    value: bytes

    @property
    def step(self) -> str:
        """The step it is about; empty where it is about the whole campaign."""
        return str(self.data.get("step", ""))


def position_of(decoded: Decoded) -> LogPosition:
    """Where a log record stands; BrokenChain for a record that is no fact."""
    if not isinstance(decoded.header, LogPosition) or not isinstance(decoded.body, LogEvent):
        raise BrokenChain(f"{decoded.entry.name} is not a fact of the log")
    return decoded.header


def follow(head: Head, decoded: Decoded) -> Head:
    """The head after one more record. Raises BrokenChain where it is not the next one."""
    position = position_of(decoded)
    if position.sequence != head.sequence + 1:
        raise BrokenChain(f"gap: {position.sequence} came after {head.sequence}")
    if position.previous_hash != head.hash:
        raise BrokenChain(
            f"hash: {position.sequence} names {position.previous_hash[:12]}… as the record "
            f"before it, stored is {head.hash[:12]}…"
        )
    if head.saga is not None and head.saga.tenant_id != decoded.envelope.tenant_id:
        raise BrokenChain(f"tenant: {position.sequence} names another tenant")
    try:
        saga = evolve(head.saga, fact_of(decoded))
    except (KeyError, ValueError) as cause:
        raise BrokenChain(f"fold: {decoded.entry.name} does not fit ({cause})") from cause
    return Head(saga, hashlib.sha256(decoded.value).hexdigest())


def entry_of(decoded: Decoded, after: Saga, codec: Codec) -> LogEntry:
    """The record as readers get it; `after` is the saga that it led to."""
    envelope, position = decoded.envelope, position_of(decoded)
    return LogEntry(
        campaign_id=envelope.campaign_id,
        sequence=position.sequence,
        tenant_id=envelope.tenant_id,
        type=decoded.entry.name,
        sse_name=stream_name(decoded.body, after),
        time=envelope.time,
        event_id=envelope.id,
        causation_id=envelope.causation_id,
        actor_kind=envelope.actor.kind.value,
        actor_id=envelope.actor.id,
        source=envelope.source.value,
        input_topic=position.input_topic,
        input_partition=position.input_partition,
        input_offset=position.input_offset,
        data=data_of(decoded, codec) | _circumstances(decoded.body, after),
        value=decoded.value,
    )


def stream_name(event: Message, after: Saga) -> str:
    """What streams call this fact; one without a name of its own is its type in snake case.

    The fact that settles the last step of a phase is `phase_complete`; the result of an earlier
    one is `agent_complete`.
    """
    if isinstance(event, ToolResultReceived | StepSkipped) and _phase_is_over(event.step, after):
        return "phase_complete"
    if isinstance(event, ToolResultReceived):
        return "agent_complete"
    return _NAMES.get(type(event)) or _snake(type(event))


def stream_names() -> tuple[str, ...]:
    """Every name that an event of a stream may have."""
    facts = [e.model for e in CATALOG.entries if issubclass(e.model, LogEvent)]
    names = {_NAMES.get(fact) or _snake(fact) for fact in facts}
    return tuple(sorted({*names, "phase_complete"}))


def _snake(fact: type[Message]) -> str:
    return _WORD.sub("_", fact.__name__).lower()


def _circumstances(event: Message, after: Saga) -> dict[str, Any]:
    """What readers want to know beside the fact itself; it follows from the log as well."""
    told: dict[str, Any] = {
        "state": after.campaign_state.value,
        "progress_percentage": after.progress,
        "total_cost_usd": after.usage.cost_micros / 1_000_000,
    }
    step = str(getattr(event, "step", ""))
    if step in after.steps:
        told["phase"] = after.planned(step).phase
    match event:
        case AgentCompleted():
            told["cost_usd"] = event.cost_micros / 1_000_000
        case ToolResultReceived() | ToolCallFailed():
            told |= {"agent": step, "cost_usd": event.usage.cost_micros / 1_000_000}
        case WorkflowCompleted() | WorkflowFailed():
            told["cost_usd"] = told["total_cost_usd"]
    return told


def _phase_is_over(step: str, after: Saga) -> bool:
    """True where all steps of the step's phase are settled and one of them was answered."""
    phase = after.planned(step).phase
    states = [after.steps[planned.name] for planned in after.plan if planned.phase == phase]
    answered = any(state.status is StepStatus.ANSWERED for state in states)
    return bool(phase) and answered and all(state.settled for state in states)
