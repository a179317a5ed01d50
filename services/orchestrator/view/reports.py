"""What people ask of a campaign: progress, steps, results, the audit trail. Pure."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from chassis.codec import Codec
from chassis.errors import Undecodable
from contracts.analytics import AnalyticsReady, TrackedLink
from contracts.audit import ContentAudited
from contracts.catalog import CATALOG
from contracts.content import ContentWritten
from contracts.design import DesignRendered
from contracts.envelope import AppName, StepDone
from contracts.learn import LessonsLearned
from contracts.message import Message
from contracts.plan import PlannedStep, StepKind
from contracts.publish import ContentPublished, Publication
from contracts.research import ResearchCompleted
from contracts.strategy import StrategyBuilt
from contracts.video import VideoRendered
from services.orchestrator.saga.state import Saga, StepState, StepStatus, UndoStatus
from services.orchestrator.view import control
from services.orchestrator.view.following import LogEntry
from services.orchestrator.view.payloads import shown
from services.orchestrator.view.queries import CampaignLine, CampaignView

NO_DIGEST = "0" * 64


class Gate(NamedTuple):
    """A decision that is waited for."""

    step: str
    shown_digest: str
    edits: str
    deadline: datetime | None


def progress(line: CampaignLine, now: datetime) -> dict[str, Any]:
    """How far it is: 0 to 100 and never falling, in which state, and since how many seconds."""
    elapsed = 0.0
    if line.started_at is not None:
        elapsed = max(0.0, ((line.ended_at or now) - line.started_at).total_seconds())
    return {
        "progress_percentage": line.progress,
        "current_phase": line.state,
        "elapsed_seconds": round(elapsed, 3),
    }


def trace(saga: Saga, codec: Codec) -> list[dict[str, Any]]:
    """One entry per planned step: who worked on it, from when to when, and what came of it."""
    return [_trace_entry(planned, saga.steps[planned.name], codec) for planned in saga.plan]


def results(saga: Saga, codec: Codec) -> dict[str, Any]:
    """What the steps answered, by what it is; a step that was undone gave nothing."""
    found: dict[str, Any] = {
        "findings": [],
        "sources": [],
        "competitors": [],
        "trends": [],
        "strategy": None,
        "content": [],
        "assets": [],
        "further_pictures": [],
        "video": None,
        "report": None,
        "publications": [],
        "links": [],
        "view_path": None,
        "lessons": [],
    }
    for body in bodies(saga, codec).values():
        _add(found, body)
    return found


def bodies(saga: Saga, codec: Codec) -> dict[str, Message]:
    """The typed result of every step that has one, in plan order."""
    found: dict[str, Message] = {}
    for planned in saga.plan:
        state = saga.steps[planned.name]
        if state.body and state.undo is not UndoStatus.UNDONE:
            try:
                found[planned.name] = codec.decode(state.body).body
            except Undecodable:
                continue
    return found


def tracked_links(saga: Saga, codec: Codec) -> tuple[TrackedLink, ...]:
    """The links whose clicks are counted."""
    found = [body for body in bodies(saga, codec).values() if isinstance(body, AnalyticsReady)]
    return tuple(link for body in found for link in body.links)


def publications(saga: Saga, codec: Codec) -> tuple[Publication, ...]:
    """What the outside world has of this campaign."""
    found = [body for body in bodies(saga, codec).values() if isinstance(body, ContentPublished)]
    return tuple(made for body in found for made in body.publications)


def gate(saga: Saga) -> Gate | None:
    """The decision that this campaign waits for; None where it waits for none."""
    if saga.life.ended:
        return None
    for planned in saga.plan:
        state = saga.steps[planned.name]
        if planned.kind is StepKind.GATE and state.status is StepStatus.WAITING:
            return Gate(planned.name, state.shown_digest, planned.edits, state.deadline)
    return None


def trail(entries: Iterable[LogEntry]) -> list[dict[str, Any]]:
    """The audit trail: each fact with time and actor, the input it answers, and what it made."""
    return [
        {
            "sequence": entry.sequence,
            "time": entry.time.isoformat(),
            "type": entry.type,
            "step": entry.step,
            "actor": _actor(entry),
            "input": {
                "message_id": entry.causation_id,
                "topic": entry.input_topic,
                "partition": entry.input_partition,
                "offset": entry.input_offset,
            },
            "output": {
                "event_id": entry.event_id,
                "record_hash": hashlib.sha256(entry.value).hexdigest(),
                "result_type": entry.data.get("body_type", ""),
                "artefacts": [ref["digest"] for ref in entry.data.get("artefacts", ())],
            },
        }
        for entry in entries
    ]


def detail(found: CampaignView, codec: Codec, now: datetime) -> dict[str, Any]:
    """Everything about one campaign."""
    saga, line = found.saga, found.line
    return {
        **listed(line),
        **progress(line, now),
        "trace": trace(saga, codec),
        "usage": {
            "cost_usd": usd(saga.usage.cost_micros),
            "tokens_in": saga.usage.tokens_in,
            "tokens_out": saga.usage.tokens_out,
            "duration_ms": saga.usage.duration_ms,
        },
        "retries": saga.retries,
        "max_retries": saga.max_retries,
        "left_behind": list(saga.left_behind),
        "review": _review(saga),
        "pauses": control.pauses(saga),
        "parked": control.parked(saga),
        "parked_inputs": control.parked_inputs(saga),
        "problem": saga.problem or None,
        "forked_from": forked_from(saga),
        "brief": _brief(saga, codec),
        "results": results(saga, codec),
        "view_problem": line.broken or None,
    }


def listed(line: CampaignLine) -> dict[str, Any]:
    """One campaign as a list shows it."""
    failed = line.failure_reason and {
        "reason": line.failure_reason,
        "step": line.failure_step,
        "message": line.failure_message,
    }
    return {
        "campaign_id": line.campaign_id,
        "tenant_id": line.tenant_id,
        "name": line.name,
        "saga": line.saga,
        "state": line.state,
        "sequence": line.sequence,
        "progress_percentage": line.progress,
        "created_at": line.created_at.isoformat(),
        "updated_at": line.updated_at.isoformat(),
        "started_at": line.started_at.isoformat() if line.started_at else None,
        "ended_at": line.ended_at.isoformat() if line.ended_at else None,
        "cost_usd": usd(line.cost_micros),
        "failure": failed or None,
    }


def approvals(state: StepState) -> list[dict[str, Any]]:
    """Who approved what this gate shows, where it needs more than one approval."""
    return [
        {"actor": vote.voter, "time": vote.at.isoformat(), "reason": vote.reason}
        for vote in state.votes
    ]


def forked_from(saga: Saga) -> dict[str, Any] | None:
    """The campaign, and its sequence, that this one was forked from."""
    origin = saga.fork
    return {"campaign_id": origin.campaign_id, "sequence": origin.sequence} if origin else None


def usd(micros: int) -> float:
    """Millionths of a dollar as dollars."""
    return micros / 1_000_000


def _actor(entry: LogEntry) -> dict[str, str]:
    return {"kind": entry.actor_kind, "id": entry.actor_id, "source": entry.source}


def _trace_entry(planned: PlannedStep, state: StepState, codec: Codec) -> dict[str, Any]:
    return {
        "step": planned.name,
        "phase": planned.phase or planned.kind.value.lower(),
        "stage": planned.stage.value,
        "actor": _service(planned),
        "status": state.status.value,
        "outcome": state.outcome.value if state.outcome else None,
        "attempts": state.attempt,
        "execution_id": state.command_id,
        "called_at": state.called_at.isoformat() if state.called_at else None,
        "answered_at": state.answered_at.isoformat() if state.answered_at else None,
        "begins_at": _begins_at(state),
        "cost_usd": usd(state.usage.cost_micros),
        "engine": _engine(state, codec),
        "notes": list(state.notes),
        "feedback": list(state.feedback),
        "skipped_because": state.skipped_because,
        "taken_over": state.taken_over,
        "edited": _edited(state, codec),
        "approvals": approvals(state),
        "undo": state.undo.value,
        "left_behind": list(state.left_behind),
    }


def _begins_at(state: StepState) -> str | None:
    """The date that the step waits for; None where it waits for none."""
    if state.status is not StepStatus.SCHEDULED or state.deadline is None:
        return None
    return state.deadline.isoformat()


def _service(planned: PlannedStep) -> str:
    """The application that works on the step: whoever owns the results of its phase."""
    if planned.kind is StepKind.GATE:
        return "console"
    return _OWNERS.get(planned.phase, "")


def _edited(state: StepState, codec: Codec) -> bool:
    """True where a person changed the answer: then the edge said it, not the step's service."""
    if not state.body:
        return False
    try:
        record = codec.decode(state.body, validate=False).record
    except Undecodable:
        return False
    return bool(record["envelope"]["source"] == AppName.EDGE.value)


def _engine(state: StepState, codec: Codec) -> str | None:
    """Which engine made the answer, as the answer itself says; None where there is none."""
    if not state.body:
        return None
    try:
        done = codec.decode(state.body).header
    except Undecodable:
        return None
    if not isinstance(done, StepDone):
        return None
    return " ".join(part for part in (done.usage.provider, done.usage.model) if part)


def _review(saga: Saga) -> dict[str, Any] | None:
    waiting = gate(saga)
    if waiting is None:
        return None
    planned, state = saga.planned(waiting.step), saga.steps[waiting.step]
    return {
        "step": waiting.step,
        "shown_digest": waiting.shown_digest,
        "editable": bool(waiting.edits),
        "deadline": waiting.deadline.isoformat() if waiting.deadline else None,
        "approvals_needed": planned.approvals_needed,
        "approvals": approvals(state),
        "reviewers": list(planned.reviewers),
        "reminded_at": state.reminded_at.isoformat() if state.reminded_at else None,
    }


def _brief(saga: Saga, codec: Codec) -> dict[str, Any] | None:
    try:
        goal = shown(codec.decode(saga.goal).body).get("goal")
    except Undecodable:
        return None
    return goal if isinstance(goal, dict) else None


def _add(found: dict[str, Any], body: Message) -> None:
    data = shown(body)
    match body:
        case ResearchCompleted():
            told = ("findings", "sources", "competitors", "trends")
            found |= {name: data[name] for name in told}
        case StrategyBuilt():
            found["strategy"] = data["brief"]
        case ContentWritten():
            found["content"] = data["items"]
        case DesignRendered():
            found["assets"] = data["assets"]
            found["further_pictures"] = data["further"]
        case VideoRendered():
            found["video"] = data
        case ContentAudited():
            found["report"] = data["report"]
        case ContentPublished():
            found["publications"] += data["publications"]
        case AnalyticsReady():
            found["links"] += data["links"]
            found["view_path"] = data["view_path"]
        case LessonsLearned():
            found["lessons"] = data["lessons"]


def _owners() -> dict[str, str]:
    """Which application answers for each phase: the owner of its results."""
    answers: tuple[tuple[str, type[Message]], ...] = (
        ("research", ResearchCompleted),
        ("strategy", StrategyBuilt),
        ("content", ContentWritten),
        ("design", DesignRendered),
        ("video", VideoRendered),
        ("audit", ContentAudited),
        ("publish", ContentPublished),
        ("analytics", AnalyticsReady),
        ("learn", LessonsLearned),
    )
    return {phase: CATALOG.entry_of(model).owner.value for phase, model in answers}


_OWNERS = _owners()
