"""What a saga that stands still looks like from outside: its log, the view and the time. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from chassis.messages import NO_CAMPAIGN
from services.orchestrator.saga.store import Held


class Reason(StrEnum):
    """Why a saga counts as stalled."""

    OVERDUE = "overdue"
    NO_OBLIGATION = "no_obligation"
    VIEW_BEHIND = "view_behind"
    VIEW_DIFFERS = "view_differs"
    LOG_BROKEN = "log_broken"


class Stalled(NamedTuple):
    """One saga that stands still; `campaign_id` is empty where a whole partition does."""

    campaign_id: str
    reason: Reason
    detail: str


def stalled(sagas: Iterable[Held], now: datetime, patience: timedelta) -> Iterator[Stalled]:
    """Sagas that wait for nothing, or whose deadline nobody looked at within `patience`."""
    for held in sagas:
        saga = held.saga
        first = min(saga.deadlines, default=None)
        if not saga.obligations and not saga.life.ended:
            why = f"it is {saga.life.value} and waits for nothing"
            yield Stalled(saga.campaign_id, Reason.NO_OBLIGATION, why)
        elif first is not None and now - first.at > patience:
            late_s = (now - first.at).total_seconds()
            why = f"{first.kind.value} {first.step} was due {late_s:.0f} s ago ({first.at})"
            yield Stalled(saga.campaign_id, Reason.OVERDUE, why)


def served_late(
    sagas: Iterable[Held], view: Mapping[str, tuple[int, str]], now: datetime, patience: timedelta
) -> Iterator[Stalled]:
    """Sagas of which the view shows less than the log has had for `patience`, or other facts."""
    for held in sagas:
        saga = held.saga
        sequence, head = view.get(saga.campaign_id, (0, ""))
        if saga.tenant_id == NO_CAMPAIGN or sequence > saga.sequence:
            continue  # nobody's campaign, or the view has read on meanwhile
        if sequence == saga.sequence and head != held.head_hash:
            why = f"log and view differ in fact {sequence}"
            yield Stalled(saga.campaign_id, Reason.VIEW_DIFFERS, why)
        elif sequence < saga.sequence and now - saga.updated_at > patience:
            why = f"the log is at {saga.sequence} since {saga.updated_at}, the view at {sequence}"
            yield Stalled(saga.campaign_id, Reason.VIEW_BEHIND, why)
