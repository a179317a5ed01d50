"""Who said what, when, for whom and because of what: the first field of every message."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.message import Digest, Language, Message, Micros, Millis, Moment, StepName, Uuid


class AppName(StrEnum):
    """The twelve applications that may be the source of a message."""

    EDGE = "edge"
    ORCHESTRATOR = "orchestrator"
    RADAR = "radar"
    ANALYST = "analyst"
    VISUAL = "visual"
    OPTIMIZER = "optimizer"
    UPSTREAM = "upstream"
    CONSOLE = "console"
    CLI = "cli"
    WEBHOOK = "webhook"
    SCHEDULER = "scheduler"
    PLUGIN = "plugin"


class ActorKind(StrEnum):
    """What sort of actor caused a message."""

    PERSON = "person"
    SERVICE = "service"
    SYSTEM = "system"


class Actor(Message):
    """Who caused a message: a person's account, a service instance, or the system's clock."""

    kind: ActorKind
    id: Annotated[str, Field(min_length=1, max_length=200)]


class EventEnvelope(Message):
    """The twelve facts about a message, none of them ever null.

    `causation_id` is the id of the message this one answers (its own id at the root);
    `execution_id` is the command id of the step it concerns (its own id where there is none).
    `traceparent` is W3C Trace Context, version 00.
    """

    id: Uuid
    type: Annotated[str, Field(min_length=1, max_length=100)]
    schema_version: Annotated[int, Field(ge=1)]
    tenant_id: Uuid
    campaign_id: Uuid
    correlation_id: Uuid
    causation_id: Uuid
    execution_id: Uuid
    source: AppName
    actor: Actor
    time: Moment
    traceparent: Annotated[str, Field(pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")]


class Severity(StrEnum):
    """How bad a finding of a check is; CRITICAL alone blocks publication."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class FailureReason(StrEnum):
    """Why a step failed; `retryable` says whether asking again may help."""

    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    RATE_LIMITED = "RATE_LIMITED"
    INVALID_INPUT = "INVALID_INPUT"
    NOT_CONFIGURED = "NOT_CONFIGURED"
    QUALITY_BLOCKED = "QUALITY_BLOCKED"
    BUDGET_EXCEEDED = "BUDGET_EXCEEDED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    INTERNAL = "INTERNAL"

    @property
    def retryable(self) -> bool:
        """True where the same command may succeed later without anyone changing anything."""
        return self in _RETRYABLE


_RETRYABLE = frozenset(
    {
        FailureReason.TIMEOUT,
        FailureReason.UNAVAILABLE,
        FailureReason.RATE_LIMITED,
        FailureReason.INTERNAL,
    }
)


class Usage(Message):
    """What an answer cost and which engine made it; an embedded engine costs nothing.

    `price_version` names the price table that `cost_micros` was computed with.
    """

    provider: Annotated[str, Field(min_length=1, max_length=60)] = "embedded"
    model: Annotated[str, Field(max_length=120)] = ""
    tokens_in: Annotated[int, Field(ge=0)] = 0
    tokens_out: Annotated[int, Field(ge=0)] = 0
    cost_micros: Micros = 0
    price_version: str = ""
    duration_ms: Millis = 0


class ArtefactRef(Message):
    """Bytes kept outside the log: their digest within the tenant, and what they are."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    digest: Digest
    media_type: Annotated[str, Field(min_length=1, max_length=100)]
    size_bytes: Annotated[int, Field(ge=0)]


class AgentRun(Message):
    """One agent's share of a step, for `agent_complete` and the cost per agent."""

    agent: Annotated[str, Field(min_length=1, max_length=60)]
    succeeded: bool
    duration_ms: Millis
    cost_micros: Micros = 0
    detail: str = ""


class StepOutcome(StrEnum):
    """How an answered step ended; BLOCKED by a quality gate, HELD where an effect is in doubt."""

    SUCCEEDED = "SUCCEEDED"
    DEGRADED = "DEGRADED"
    SKIPPED = "SKIPPED"
    BLOCKED = "BLOCKED"
    HELD = "HELD"


class StepCall(Message):
    """What every command carries besides its own fields.

    `effect_key` is the stable key for effects outside Kafka: it stays the same over attempts and
    rises only with `round`. Work may start only before `not_after`. `feedback` holds the reasons
    an earlier try failed or was sent back, oldest first.
    """

    step: StepName
    attempt: Annotated[int, Field(ge=1)]
    round: Annotated[int, Field(ge=0)]
    effect_key: Uuid
    not_after: Moment
    language: Language = "en"
    feedback: tuple[str, ...] = ()


class StepDone(Message):
    """What every result carries besides its own fields. `notes` say what a person should know."""

    step: StepName
    attempt: Annotated[int, Field(ge=1)]
    outcome: StepOutcome
    usage: Usage
    artefacts: tuple[ArtefactRef, ...] = ()
    agents: tuple[AgentRun, ...] = ()
    notes: tuple[str, ...] = ()


class LogPosition(Message):
    """Where a fact stands: its number in the campaign, the chain, and the input that it answers.

    `previous_hash` is SHA-256 over the stored value bytes of the campaign's record before it
    (64 zeros for the first). `input_offset` is -1 where a deadline and no input caused the fact.
    """

    sequence: Annotated[int, Field(ge=1)]
    previous_hash: Digest
    parent_campaign_id: Uuid | None = None
    input_topic: str
    input_partition: int
    input_offset: Annotated[int, Field(ge=-1)]
