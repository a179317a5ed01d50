"""Log records into rows: one batch, one transaction. It folds only what follows on exactly."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from chassis.codec import Codec, Decoded
from contracts.envelope import ArtefactRef, FailureReason
from contracts.message import Message
from contracts.saga import (
    CompensationCompleted,
    CompensationStarted,
    GoalReceived,
    PlanGenerated,
    ResultTakenOver,
    ToolResultReceived,
    WorkflowCancelled,
    WorkflowFailed,
    WorkflowRejected,
    WorkflowRetried,
)
from services.orchestrator.saga.state import Saga
from services.orchestrator.view.following import (
    BrokenChain,
    Head,
    LogEntry,
    entry_of,
    follow,
    position_of,
)
from services.orchestrator.view.payloads import fingerprint_of
from services.orchestrator.view.tables import artefacts, campaigns, events, positions

Alarm = Callable[[str, str], None]
"""Told (campaign id, what is wrong) for each record that could not be followed."""


class Outcome(StrEnum):
    """What became of one record."""

    APPLIED = "applied"
    REPEATED = "repeated"
    REFUSED = "refused"


_NO_FAILURE = {"failure_reason": "", "failure_step": "", "failure_message": ""}
_NOTED: dict[str, Any] = {"started_at": None, "ended_at": None, "fingerprint": "", **_NO_FAILURE}
"""The columns that the state does not hold, as they are before the first fact."""


class _Followed:
    """One campaign during a batch: its head, and the columns that the state does not hold."""

    def __init__(self, row: Mapping[str, Any] | None) -> None:
        self.stored = row is not None
        self.head = (
            Head(Saga.model_validate_json(row["state_json"]), row["head_hash"]) if row else Head()
        )
        self.broken: str = row["broken"] if row else ""
        self.noted = {name: row[name] if row else empty for name, empty in _NOTED.items()}


class Projection:
    """Folds records into the rows of one transaction; `flush` writes what was folded."""

    def __init__(self, connection: Connection, codec: Codec, alarm: Alarm) -> None:
        self._connection = connection
        self._codec = codec
        self._alarm = alarm
        self._campaigns: dict[str, _Followed] = {}
        self._entries: list[LogEntry] = []

    def project(self, decoded: Decoded) -> Outcome:
        """Fold one record of the log; a repeated one changes nothing, a wrong one is alarmed.

        What comes after a gap or a wrong hash cannot be folded either: the campaign stands still
        in the view and `broken` says why, until the view is made anew. Others go on.
        """
        campaign_id = decoded.envelope.campaign_id
        try:
            sequence = position_of(decoded).sequence
        except BrokenChain as cause:
            self._alarm(campaign_id, str(cause))
            return Outcome.REFUSED  # nobody's fact: the campaign goes on without it
        followed = self._followed(campaign_id)
        try:
            if sequence <= followed.head.sequence:
                return self._repeated(decoded, followed)
            head = follow(followed.head, decoded)
        except BrokenChain as cause:
            return self._refused(campaign_id, followed, str(cause))
        if head.saga is None:
            raise AssertionError("a followed fact leads to a saga")
        followed.head = head
        self._entries.append(entry_of(decoded, head.saga, self._codec))
        self._note(decoded.body, head.saga, followed)
        return Outcome.APPLIED

    def flush(self) -> None:
        """Write the rows of everything that was folded."""
        if self._entries:
            self._connection.execute(insert(events), [asdict(entry) for entry in self._entries])
        for followed in self._campaigns.values():
            if followed.head.saga is not None:
                self._save(followed, followed.head.saga)
        self._entries.clear()
        self._campaigns.clear()

    def _followed(self, campaign_id: str) -> _Followed:
        found = self._campaigns.get(campaign_id)
        if found is None:
            query = select(campaigns).where(campaigns.c.campaign_id == campaign_id)
            row = self._connection.execute(query).mappings().one_or_none()
            found = self._campaigns[campaign_id] = _Followed(dict(row) if row else None)
        return found

    def _repeated(self, decoded: Decoded, followed: _Followed) -> Outcome:
        """The record again, or (alarmed) another one that claims the same place."""
        campaign_id, sequence = decoded.envelope.campaign_id, position_of(decoded).sequence
        stored = self._value(campaign_id, sequence)
        if stored == decoded.value:
            return Outcome.REPEATED
        return self._refused(campaign_id, followed, f"fork: a second record {sequence}")

    def _value(self, campaign_id: str, sequence: int) -> bytes | None:
        for entry in self._entries:
            if (entry.campaign_id, entry.sequence) == (campaign_id, sequence):
                return entry.value
        query = select(events.c.value).where(
            and_(events.c.campaign_id == campaign_id, events.c.sequence == sequence)
        )
        return self._connection.scalar(query)

    def _refused(self, campaign_id: str, followed: _Followed, why: str) -> Outcome:
        self._alarm(campaign_id, why)
        followed.broken = followed.broken or why
        return Outcome.REFUSED

    def _note(self, body: Message, saga: Saga, followed: _Followed) -> None:
        """What the state itself does not keep."""
        noted = followed.noted
        noted |= _failure_in(body)
        if isinstance(body, GoalReceived):
            noted["fingerprint"] = fingerprint_of(body.goal, self._codec)
        if isinstance(body, PlanGenerated):
            noted["started_at"] = noted["started_at"] or saga.updated_at
        if not saga.life.ended:
            noted["ended_at"] = None
        elif noted["ended_at"] is None:
            noted["ended_at"] = saga.updated_at
        if isinstance(body, ToolResultReceived | ResultTakenOver):
            for ref in body.artefacts:
                self._refer(saga, body.step, ref)
        if isinstance(body, CompensationCompleted):
            self._release(saga, body.step)

    def _release(self, saga: Saga, step: str) -> None:
        """An undone step refers to nothing any more."""
        self._connection.execute(
            delete(artefacts).where(
                and_(
                    artefacts.c.tenant_id == saga.tenant_id,
                    artefacts.c.campaign_id == saga.campaign_id,
                    artefacts.c.step == step,
                )
            )
        )

    def _refer(self, saga: Saga, step: str, ref: ArtefactRef) -> None:
        key = {
            "tenant_id": saga.tenant_id,
            "digest": ref.digest,
            "campaign_id": saga.campaign_id,
            "step": step,
            "name": ref.name,
        }
        same = and_(*(artefacts.c[column] == value for column, value in key.items()))
        self._connection.execute(delete(artefacts).where(same))
        self._connection.execute(
            insert(artefacts).values(**key, media_type=ref.media_type, size_bytes=ref.size_bytes)
        )

    def _save(self, followed: _Followed, saga: Saga) -> None:
        row = _row(saga) | followed.noted
        row |= {"head_hash": followed.head.hash, "broken": followed.broken}
        if followed.stored:
            same = campaigns.c.campaign_id == saga.campaign_id
            self._connection.execute(update(campaigns).where(same).values(row))
        else:
            self._connection.execute(insert(campaigns).values(row))


def advance(connection: Connection, topic: str, partition: int, next_offset: int) -> None:
    """Store where to read on, in the same transaction as the rows."""
    same = and_(positions.c.topic == topic, positions.c.partition == partition)
    moved = connection.execute(update(positions).where(same).values(next_offset=next_offset))
    if moved.rowcount == 0:
        row = {"topic": topic, "partition": partition, "next_offset": next_offset}
        connection.execute(insert(positions).values(row))


def next_offset(connection: Connection, topic: str, partition: int) -> int:
    """Where to read on; 0 for a partition that was never read. Locks the row where rows lock."""
    same = and_(positions.c.topic == topic, positions.c.partition == partition)
    query = select(positions.c.next_offset).where(same).with_for_update()
    return int(connection.scalar(query) or 0)


def _failure_in(body: Message) -> dict[str, str]:
    """The failure columns that this fact changes."""
    match body:
        case WorkflowRetried():
            return _NO_FAILURE
        case CompensationStarted() | WorkflowFailed():
            return _failure(body.reason, body.message, step=body.step)
        case WorkflowRejected():
            return _failure(FailureReason.REJECTED, body.reason)
        case WorkflowCancelled():
            return _failure(FailureReason.CANCELLED, body.reason)
    return {}


def _failure(reason: FailureReason, message: str, *, step: str | None = None) -> dict[str, str]:
    told = {"failure_reason": reason.value, "failure_message": message}
    return told if step is None else told | {"failure_step": step}


def _row(saga: Saga) -> dict[str, Any]:
    return {
        "campaign_id": saga.campaign_id,
        "tenant_id": saga.tenant_id,
        "name": saga.name,
        "saga": saga.saga,
        "state": saga.campaign_state.value,
        "life": saga.life.value,
        "sequence": saga.sequence,
        "progress": saga.progress,
        "created_at": saga.created_at,
        "updated_at": saga.updated_at,
        "cost_micros": saga.usage.cost_micros,
        "state_json": saga.model_dump_json(),
    }
