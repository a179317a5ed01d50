"""Log records into rows: one batch, one transaction. It folds only what follows on exactly."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, insert, select, update

from chassis.codec import Codec, Decoded
from contracts.envelope import FailureReason
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
    LogEntry,
    entry_of,
    follow,
    position_of,
)
from services.orchestrator.view.known import NO_FAILURE, Followed, Known
from services.orchestrator.view.payloads import fingerprint_of
from services.orchestrator.view.references import References
from services.orchestrator.view.tables import campaigns, events, positions

Alarm = Callable[[str, str], None]
"""Told (campaign id, what is wrong) for each record that could not be followed."""


class Outcome(StrEnum):
    """What became of one record."""

    APPLIED = "applied"
    REPEATED = "repeated"
    REFUSED = "refused"


QUERIED_MAX: Final = 500
"""Campaigns that one query asks for: databases bound the number of parameters."""

_EVENT_COLUMNS: Final = tuple(column.name for column in events.columns)
_OF: Final = "of_campaign"
_CHANGED: Final = (
    update(campaigns)
    .where(campaigns.c.campaign_id == bindparam(_OF))
    .values({column.name: bindparam(column.name) for column in campaigns.columns})
)


class Projection:
    """Folds records into the rows of one transaction; `flush` writes what was folded."""

    def __init__(self, connection: Connection, codec: Codec, alarm: Alarm, known: Known) -> None:
        self._connection = connection
        self._codec = codec
        self._alarm = alarm
        self._known = known
        self._campaigns: dict[str, Followed] = {}
        self._entries: dict[tuple[str, int], LogEntry] = {}
        self._references = References(connection)

    def meet(self, campaign_ids: Iterable[str]) -> None:
        """Have these campaigns' rows at hand, by one query for all that are not known."""
        missing = []
        for campaign_id in dict.fromkeys(campaign_ids):
            found = self._known.take(campaign_id)
            if found is None:
                missing.append(campaign_id)
            else:
                self._campaigns[campaign_id] = found
        for start in range(0, len(missing), QUERIED_MAX):
            some = missing[start : start + QUERIED_MAX]
            query = select(campaigns).where(campaigns.c.campaign_id.in_(some))
            for row in self._connection.execute(query).mappings():
                self._campaigns[row["campaign_id"]] = Followed(dict(row))

    def project(self, decoded: Decoded) -> Outcome:
        """Fold one record of the log; a repeated one changes nothing, a wrong one is alarmed.

        Its campaign has been met. What comes after a gap or a wrong hash cannot be folded either:
        the campaign stands still in the view and `broken` says why, until the view is made anew.
        Others go on.
        """
        campaign_id = decoded.envelope.campaign_id
        try:
            sequence = position_of(decoded).sequence
        except BrokenChain as cause:
            self._alarm(campaign_id, str(cause))
            return Outcome.REFUSED  # nobody's fact: the campaign goes on without it
        followed = self._campaigns.get(campaign_id)
        if followed is None:
            followed = self._campaigns[campaign_id] = Followed(None)
        try:
            if sequence <= followed.head.sequence:
                return self._repeated(decoded, followed)
            head = follow(followed.head, decoded)
        except BrokenChain as cause:
            return self._refused(campaign_id, followed, str(cause))
        if head.saga is None:
            raise AssertionError("a followed fact leads to a saga")
        followed.head = head
        self._entries[campaign_id, sequence] = entry_of(decoded, head.saga, self._codec)
        self._note(decoded.body, head.saga, followed)
        return Outcome.APPLIED

    def flush(self) -> None:
        """Write the rows of everything that was folded."""
        if self._entries:
            self._connection.execute(insert(events), [_event(e) for e in self._entries.values()])
        self._references.flush()
        new: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for followed in self._campaigns.values():
            if followed.head.saga is not None:
                (changed if followed.stored else new).append(_row(followed.head.saga, followed))
                followed.stored = True
        if new:
            self._connection.execute(insert(campaigns), new)
        if changed:
            self._connection.execute(_CHANGED, [row | {_OF: row["campaign_id"]} for row in changed])
        for row in (*new, *changed):
            self._campaigns[row["campaign_id"]].chars = len(row["state_json"])

    def remember(self) -> None:
        """The transaction stands: what it wrote is known from now on, but for what has ended."""
        for campaign_id, followed in self._campaigns.items():
            saga = followed.head.saga
            if saga is not None and not saga.life.ended:
                self._known.keep(campaign_id, followed)
        self._campaigns.clear()
        self._entries.clear()

    def _repeated(self, decoded: Decoded, followed: Followed) -> Outcome:
        """The record again, or (alarmed) another one that claims the same place."""
        campaign_id, sequence = decoded.envelope.campaign_id, position_of(decoded).sequence
        stored = self._value(campaign_id, sequence)
        if stored == decoded.value:
            return Outcome.REPEATED
        return self._refused(campaign_id, followed, f"fork: a second record {sequence}")

    def _value(self, campaign_id: str, sequence: int) -> bytes | None:
        if entry := self._entries.get((campaign_id, sequence)):
            return entry.value
        query = select(events.c.value).where(
            and_(events.c.campaign_id == campaign_id, events.c.sequence == sequence)
        )
        return self._connection.scalar(query)

    def _refused(self, campaign_id: str, followed: Followed, why: str) -> Outcome:
        self._alarm(campaign_id, why)
        followed.broken = followed.broken or why
        return Outcome.REFUSED

    def _note(self, body: Message, saga: Saga, followed: Followed) -> None:
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
                self._references.add(saga, body.step, ref)
        if isinstance(body, CompensationCompleted):
            self._references.release(saga, body.step)


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
            return NO_FAILURE
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


def _event(entry: LogEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _EVENT_COLUMNS}


def _row(saga: Saga, followed: Followed) -> dict[str, Any]:
    return followed.noted | {
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
        "head_hash": followed.head.hash,
        "broken": followed.broken,
    }
