"""The canary: a small campaign that is sent down the real road again and again, and watched.

It goes in through the API as any other, is researched by the phase service, and is read back from
the view; what it took, and whether it came back once, is what a customer would have seen. It has a
tenant of its own, so that it stands in nobody's list.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from uuid import uuid4

import httpx
import structlog

from chassis import telemetry

CANARY_TENANT = "00000000-0000-4000-8000-0000000ca4a7"
CAMPAIGNS = "/api/v1/campaigns"
ENDED = frozenset({"COMPLETED", "FAILED", "REJECTED", "CANCELLED"})
LOOK_EVERY_S = 0.1
ASK_TIMEOUT_S = 15.0

ONCE = frozenset({"GoalReceived", "PlanGenerated", "ToolCallRequested", "ToolResultReceived"})
"""Facts that no campaign may have twice about the same attempt; nor may it end twice."""

ENDS = frozenset({"WorkflowCompleted", "WorkflowFailed", "WorkflowRejected", "WorkflowCancelled"})

log = structlog.get_logger()


class Outcome(StrEnum):
    """What became of a canary: it came back, came back ill, never came back, never set out."""

    COMPLETED = "completed"
    FAILED = "failed"
    LOST = "lost"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Flight:
    """One canary's journey. `accepted_s` is until the API had it, `seconds` until its end."""

    campaign_id: str
    outcome: Outcome
    accepted_s: float
    seconds: float
    duplicates: int
    detail: str = ""

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Journey:
    """What a canary is to read (a path below SOURCES_DIR, or an address), and for how long."""

    source: str
    patience_s: float


class Canary:
    """Sends canaries through the API behind `client`."""

    def __init__(self, client: httpx.AsyncClient, journey: Journey) -> None:
        self._client = client
        self._journey = journey

    async def fly(self) -> Flight:
        """One journey, counted in this process's metrics. It raises nothing."""
        began, key = time.monotonic(), str(uuid4())
        campaign_id, accepted_s = "", 0.0
        try:
            async with asyncio.timeout(self._journey.patience_s):
                campaign_id = await self._create(key)
                accepted_s = time.monotonic() - began
                again = await self._create(key)
                state = await self._ended(campaign_id)
                seconds = time.monotonic() - began
                facts = await self._facts(campaign_id)
        except TimeoutError:
            flight = self._late(campaign_id, accepted_s, time.monotonic() - began)
        except httpx.HTTPStatusError as refusal:
            why = f"{refusal.response.status_code}: {refusal.response.text[:300]}"
            flight = Flight(campaign_id, Outcome.REFUSED, accepted_s, 0.0, 0, why)
        else:
            came = Outcome.COMPLETED if state == "COMPLETED" else Outcome.FAILED
            count = repeated(facts) + (again != campaign_id)
            why = "" if came is Outcome.COMPLETED else f"it is {state}"
            flight = Flight(campaign_id, came, accepted_s, seconds, count, why)
        _count(flight)
        return flight

    def _late(self, campaign_id: str, accepted_s: float, seconds: float) -> Flight:
        patience = f"within {self._journey.patience_s:.0f} s"
        if not campaign_id:
            return Flight("", Outcome.REFUSED, 0.0, seconds, 0, f"no API took it {patience}")
        why = f"it did not end {patience}"
        return Flight(campaign_id, Outcome.LOST, accepted_s, seconds, 0, why)

    async def _create(self, key: str) -> str:
        body = {"saga": "research-only", "start": True, "brief": brief(self._journey.source)}
        answer = await self._ask("POST", CAMPAIGNS, json=body, headers={"Idempotency-Key": key})
        return str(answer["campaign_id"])

    async def _ended(self, campaign_id: str) -> str:
        while True:
            found = await self._ask("GET", f"{CAMPAIGNS}/{campaign_id}", missing={"state": ""})
            if found["state"] in ENDED:
                return str(found["state"])
            await asyncio.sleep(LOOK_EVERY_S)

    async def _facts(self, campaign_id: str) -> list[dict[str, Any]]:
        found = await self._ask("GET", f"{CAMPAIGNS}/{campaign_id}/events")
        return list(found["events"])

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        missing: Mapping[str, Any] | None = None,
        **more: Any,  # noqa: ANN401 - as httpx takes it
    ) -> Mapping[str, Any]:
        """Ask until somebody answers: a process that is started anew is no lost canary yet."""
        own = {"X-Tenant-Id": CANARY_TENANT, "X-Actor": "canary", **more.pop("headers", {})}
        while True:
            try:
                answer = await self._client.request(
                    method, path, headers=own, timeout=ASK_TIMEOUT_S, **more
                )
            except httpx.TransportError:
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            if missing is not None and answer.status_code == httpx.codes.NOT_FOUND:
                return missing
            if answer.is_server_error:
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            answer.raise_for_status()
            found: Mapping[str, Any] = answer.json()
            return found


def brief(source: str) -> dict[str, Any]:
    """The smallest brief that research can answer from one source."""
    kind = "page" if "://" in source else "file"
    return {
        "name": "Canary",
        "business_name": "Sagaline canary",
        "industry": "canary birds",
        "target_audience": "operators who keep canary birds",
        "goals": ["Show that a campaign still comes back"],
        "sources": [{"kind": kind, "location": source}],
        "channels": ["email"],
        "contact_email": "canary@example.com",
        "max_retries": 0,
    }


def repeated(facts: Sequence[Mapping[str, Any]]) -> int:
    """How many of a campaign's facts are there once more than they may be."""
    places = Counter(fact["sequence"] for fact in facts)
    ids = Counter(fact["event_id"] for fact in facts)
    said = Counter(
        (fact["type"], fact["data"].get("step"), fact["data"].get("attempt"))
        for fact in facts
        if fact["type"] in ONCE
    )
    ends = [fact for fact in facts if fact["type"] in ENDS]
    again = sum(count - 1 for counts in (places, ids, said) for count in counts.values())
    return again + max(0, len(ends) - 1)


async def fly_for_ever(
    canary: Canary,
    every_s: float,
    tell: Callable[[Flight], object] | None = None,
    elected: Callable[[], Awaitable[bool]] | None = None,
) -> None:
    """A canary every `every_s` seconds while this copy is `elected`; a late one delays the next."""
    while True:
        began = time.monotonic()
        if elected is None or await elected():
            flight = await canary.fly()
            if tell is not None:
                tell(flight)
        await asyncio.sleep(max(0.0, every_s - (time.monotonic() - began)))


def _count(flight: Flight) -> None:
    telemetry.CANARIES.labels(flight.outcome.value).inc()
    telemetry.CANARY_DUPLICATES.inc(flight.duplicates)
    if flight.outcome is Outcome.COMPLETED:
        telemetry.CANARY_SECONDS.observe(flight.seconds)
        telemetry.CANARY_AT.set(time.time())
    else:
        log.error(
            "canary_did_not_come_back",
            workflow_id=flight.campaign_id,
            outcome=flight.outcome.value,
            detail=flight.detail,
            what_to_do="see what stands still (sagaline status), and that research can read the "
            "canary's source (CANARY_SOURCE)",
        )
    if flight.duplicates:
        log.error("canary_came_twice", workflow_id=flight.campaign_id, duplicates=flight.duplicates)
