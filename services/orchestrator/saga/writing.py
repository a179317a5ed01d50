"""Facts to records: positions in the chain, envelopes, and the commands that facts ask for."""

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, cast

from chassis.broker import Outgoing
from chassis.codec import Codec
from chassis.messages import NO_CAMPAIGN, Speaker, new_traceparent, record
from contracts import identity, topics
from contracts.control import (
    CampaignPaused,
    CampaignResumed,
    CompensationResumed,
    CompensationSkipped,
)
from contracts.envelope import Actor, ActorKind, AppName, EventEnvelope, LogPosition, StepCall
from contracts.message import Command, LogEvent
from contracts.records import SagaSnapshot, SnapshotCheckpoint
from contracts.saga import (
    CampaignForked,
    CancelRequested,
    CompensationRequested,
    ContentEdited,
    GoalReceived,
    ResultTakenOver,
    ReviewDecided,
    ReviewVoted,
    ToolCallRequested,
    WorkflowRetried,
)
from services.orchestrator.saga.brief import BRIEF_HEADER, as_header
from services.orchestrator.saga.engine import Fact
from services.orchestrator.saga.snapshots import packed_state
from services.orchestrator.saga.state import STATE_VERSION
from services.orchestrator.saga.store import Held

FIRST_HASH = "0" * 64


_ASKED_FOR = frozenset(
    {
        GoalReceived,
        ReviewVoted,
        ReviewDecided,
        ContentEdited,
        CancelRequested,
        WorkflowRetried,
        CompensationResumed,
        CompensationSkipped,
        CampaignForked,
        ResultTakenOver,
    }
)
"""Facts that say what somebody asked for: their actor is who asked, not this service."""


_PAUSES = frozenset({CampaignPaused, CampaignResumed})
"""Facts that say who they are from; what a wider pause brings about comes from this service."""

CALLS = frozenset({ToolCallRequested, CompensationRequested})
"""Facts that ask for a command."""


def _is_asked_for(event: LogEvent, actor: Actor) -> bool:
    kind = type(event)
    if kind in _PAUSES:
        return cast("CampaignPaused | CampaignResumed", event).by == actor.id
    return kind in _ASKED_FOR


class Head(NamedTuple):
    """The end of a campaign's chain: how many facts, and the hash of the last one."""

    sequence: int = 0
    hash: str = FIRST_HASH


Origin = tuple[str, int, int]
"""Topic, partition and offset of the input that a fact answers; offset -1 for a deadline."""


class Writer:
    """Makes the orchestrator's records under one instance's name."""

    def __init__(self, codec: Codec, instance: str) -> None:
        self._codec = codec
        self._actor = Actor(kind=ActorKind.SERVICE, id=instance)
        self._self = Speaker(AppName.ORCHESTRATOR, self._actor)

    def fact(
        self, fact: Fact, cause: EventEnvelope, origin: Origin, before: Head
    ) -> tuple[Outgoing, Head]:
        """The log record of the fact that follows `before`, and the new head of the chain."""
        sequence = before.sequence + 1
        event = fact.event
        entry = self._codec.catalog.entry_of(type(event))
        speaker = self._self
        if _is_asked_for(event, cause.actor):
            speaker = Speaker(AppName.ORCHESTRATOR, cause.actor)
        execution_id = ""
        if type(event) in CALLS:
            execution_id = cast("ToolCallRequested | CompensationRequested", event).command_id
        envelope = speaker.answer(
            cause,
            entry,
            identity.fact_id(fact.campaign_id, sequence),
            at=fact.at,
            execution_id=execution_id,
        )
        position = LogPosition(
            sequence=sequence,
            previous_hash=before.hash,
            input_topic=origin[0],
            input_partition=origin[1],
            input_offset=origin[2],
        )
        value = self._codec.encode(envelope, position, event)
        head = Head(sequence, hashlib.sha256(value).hexdigest())
        made = record(topics.LOG, envelope, value)
        if fact.tenant_id == NO_CAMPAIGN:  # a partition's own saga: its key says nothing
            made = replace(made, partition=origin[1])
        return made, head

    def command(
        self,
        request: ToolCallRequested | CompensationRequested,
        call: StepCall,
        command: Command,
        cause: EventEnvelope,
    ) -> Outgoing:
        """The record on the phase's command topic; its id is the command id."""
        entry = self._codec.catalog.entry_of(type(command))
        command_id = request.command_id
        envelope = self._self.answer(
            cause, entry, command_id, at=cause.time, execution_id=command_id
        )
        return record(entry.topic, envelope, self._codec.encode(envelope, call, command))

    def snapshot(self, held: Held, log_offset: int) -> Outgoing:
        """The saga's latest state for the compacted topic, with its brief in a header."""
        saga = held.saga
        entry = self._codec.catalog.entry_of(SagaSnapshot)
        envelope = self.own(saga.campaign_id, saga.tenant_id, entry.name, saga.updated_at)
        body = SagaSnapshot(
            sequence=saga.sequence,
            head_hash=held.head_hash,
            log_offset=log_offset,
            state_version=STATE_VERSION,
            closed=saga.life.ended,
            state=packed_state(saga),
        )
        value = self._codec.encode(envelope, None, body)
        made = record(topics.SNAPSHOTS, envelope, value)
        brief = as_header(held.brief, held.head_hash, value)
        return replace(made, headers=(*made.headers, (BRIEF_HEADER, brief)))

    def checkpoint(self, partition: int, log_offset: int, now: datetime) -> Outgoing:
        """Before this offset of the log partition, every saga has its snapshot."""
        entry = self._codec.catalog.entry_of(SnapshotCheckpoint)
        envelope = self.own(NO_CAMPAIGN, NO_CAMPAIGN, entry.name, now)
        body = SnapshotCheckpoint(log_offset=log_offset)
        made = record(topics.SNAPSHOTS, envelope, self._codec.encode(envelope, None, body))
        return replace(made, key=f"checkpoint-{partition}".encode(), partition=partition)

    def own(self, campaign_id: str, tenant_id: str, name: str, now: datetime) -> EventEnvelope:
        """An envelope of a message that nobody's message caused."""
        message_id = identity.derived(identity.FACTS, campaign_id, name, now.isoformat())
        return EventEnvelope(
            id=message_id,
            type=name,
            schema_version=1,
            tenant_id=tenant_id,
            campaign_id=campaign_id,
            correlation_id=message_id,
            causation_id=message_id,
            execution_id=message_id,
            source=AppName.ORCHESTRATOR,
            actor=self._actor,
            time=now,
            traceparent=new_traceparent(),
        )
