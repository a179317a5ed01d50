"""A campaign as it was: its log folded up to a point, and what changed between two. Pure.

The same `evolve` folds it that folded it then, over the stored bytes, hash by hash.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any, NamedTuple

from chassis.codec import Codec
from chassis.errors import Undecodable
from services.orchestrator.saga.state import Saga
from services.orchestrator.saga.store import Held
from services.orchestrator.saga.verify import state_hash
from services.orchestrator.view import reports
from services.orchestrator.view.following import Head, LogEntry, follow
from services.orchestrator.view.payloads import shown

Point = int | datetime
"""A sequence, or a moment."""

_OWN = ("at", "head_hash", "state_hash")
"""What two points differ in anyway."""


class OutOfRange(ValueError):
    """The campaign was not there at that point; says which points there are."""


class Past(NamedTuple):
    """A campaign after one of its facts."""

    saga: Saga
    hash: str
    entry: LogEntry
    last: int


def point_of(text: str) -> Point:
    """What a person means by `text`: a sequence, or an ISO 8601 moment with its zone."""
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise OutOfRange("it must be a sequence, or a moment in ISO 8601") from None
    if moment.tzinfo is None:
        raise OutOfRange("a moment needs its zone, for example a Z at its end")
    return moment


def past(entries: Sequence[LogEntry], point: Point, now: datetime, codec: Codec) -> Past:
    """The campaign at `point`; of its facts only those up to it are read.

    At a moment that is the last state before the first later fact. `entries` are all its facts.
    Raises OutOfRange, and BrokenChain where the stored facts do not follow on one another.
    """
    upto = _sequence(entries, point, now)
    head = Head()
    for entry in entries[:upto]:
        head = follow(head, codec.decode(entry.value))
    if head.saga is None:
        raise OutOfRange("the campaign has no facts yet")
    return Past(head.saga, head.hash, entries[upto - 1], len(entries))


def told(found: Past, codec: Codec) -> dict[str, Any]:
    """The state at that point for people: steps, deadlines, and what a gate showed."""
    saga, entry = found.saga, found.entry
    return {
        "campaign_id": saga.campaign_id,
        "name": saga.name,
        "saga": saga.saga,
        "at": {
            "sequence": entry.sequence,
            "last": found.last,
            "time": entry.time.isoformat(),
            "type": entry.type,
        },
        "state": saga.campaign_state.value,
        "life": saga.life.value,
        "progress_percentage": saga.progress,
        "cost_usd": reports.usd(saga.usage.cost_micros),
        "retries": saga.retries,
        "head_hash": found.hash,
        "state_hash": state_hash(Held(saga, found.hash)),
        "steps": reports.trace(saga, codec),
        "deadlines": [
            {"at": one.at.isoformat(), "kind": one.kind.value, "step": one.step}
            for one in sorted(saga.deadlines)
        ],
        "gate": _gate(saga, codec),
        "closing": saga.closing.model_dump(mode="json") if saga.closing else None,
        "left_behind": list(saga.left_behind),
        "forked_from": reports.forked_from(saga),
        "results": reports.results(saga, codec),
    }


def difference(
    before: Past, after: Past, entries: Sequence[LogEntry], codec: Codec
) -> dict[str, Any]:
    """What changed from one point to another: each changed value, and the facts between them."""
    ends = (told(before, codec), told(after, codec))
    first, last = sorted((before.entry.sequence, after.entry.sequence))
    return {
        "campaign_id": after.saga.campaign_id,
        "from": _end(ends[0]),
        "to": _end(ends[1]),
        "facts": [
            {"sequence": entry.sequence, "type": entry.type, "step": entry.step}
            for entry in entries[first:last]
        ],
        "changes": list(_changes(_compared(ends[0]), _compared(ends[1]))),
    }


def _sequence(entries: Sequence[LogEntry], point: Point, now: datetime) -> int:
    if not entries:
        raise OutOfRange("the campaign has no facts yet")
    if isinstance(point, int):
        if not 1 <= point <= len(entries):
            raise OutOfRange(f"the campaign has the facts 1 to {len(entries)}, not {point}")
        return point
    if point > now:
        raise OutOfRange(f"that moment has not come yet: it is {now.isoformat()}")
    if point < entries[0].time:
        raise OutOfRange(f"the campaign began at {entries[0].time.isoformat()}")
    later = (place for place, entry in enumerate(entries) if entry.time > point)
    return next(later, len(entries))


def _gate(saga: Saga, codec: Codec) -> dict[str, Any] | None:
    """The gate that shows something at this point, with what it shows."""
    for planned in saga.plan:
        state = saga.steps[planned.name]
        if state.shown_digest:
            names = [name for name in planned.shows if name in saga.steps]
            return {
                "step": planned.name,
                "status": state.status.value,
                "shown_digest": state.shown_digest,
                "deadline": state.deadline.isoformat() if state.deadline else None,
                "approvals_needed": planned.approvals_needed,
                "approvals": reports.approvals(state),
                "shows": {name: _opened(saga.steps[name].body, codec) for name in names},
            }
    return None


def _opened(framed: bytes, codec: Codec) -> dict[str, Any] | None:
    try:
        return shown(codec.decode(framed).body) if framed else None
    except Undecodable:
        return None


def _end(whole: dict[str, Any]) -> dict[str, Any]:
    return {name: whole[name] for name in (*_OWN, "state")}


def _compared(whole: dict[str, Any]) -> dict[str, Any]:
    """What can be told apart by name: steps and deadlines under theirs, not under a number."""
    rest = {name: value for name, value in whole.items() if name not in _OWN}
    deadlines = {f"{one['kind']} {one['step']}".strip(): one["at"] for one in rest["deadlines"]}
    return rest | {"steps": {one["step"]: one for one in rest["steps"]}, "deadlines": deadlines}


def _changes(before: object, after: object, path: str = "") -> Iterator[dict[str, Any]]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            within = f"{path}.{key}" if path else str(key)
            yield from _changes(before.get(key), after.get(key), within)
    elif isinstance(before, list) and isinstance(after, list) and _of_parts(before, after):
        for place, (one, other) in enumerate(zip_longest(before, after)):
            yield from _changes(one, other, f"{path}.{place}")
    else:
        yield {"path": path, "before": before, "after": after}


def _of_parts(*lists: list[Any]) -> bool:
    return all(isinstance(one, dict) for part in lists for one in part)
