"""A canary walks the real road on the in-memory twin, stands in nobody's list, and tells truly."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from services.orchestrator.edge.canary import (
    CANARY_TENANT,
    Canary,
    Flight,
    Journey,
    Outcome,
    fly_for_ever,
    repeated,
)
from services.orchestrator.settings import DEFAULT_TENANT
from tests.simulation.driving import CAMPAIGNS, EXAMPLES
from tests.simulation.world import running

SOURCE = "sources/canary.md"
PATIENCE_S = 60.0


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_canary_comes_back_once_and_no_tenant_sees_it(tmp_path: Path) -> None:
    before = figure("sagaline_canary_total", outcome="completed")
    async with asyncio.timeout(100), running(tmp_path) as world:
        assert (EXAMPLES / SOURCE).is_file()
        flight = await Canary(world.api, Journey(SOURCE, PATIENCE_S)).fly()
        listed = await world.api.get(CAMPAIGNS, headers={"X-Tenant-Id": DEFAULT_TENANT})
        own = await world.api.get(CAMPAIGNS, headers={"X-Tenant-Id": CANARY_TENANT})
    assert (flight.outcome, flight.duplicates, flight.detail) == (Outcome.COMPLETED, 0, "")
    assert 0 < flight.accepted_s <= flight.seconds < PATIENCE_S
    assert listed.json()["campaigns"] == []
    assert [one["campaign_id"] for one in own.json()["campaigns"]] == [flight.campaign_id]
    assert figure("sagaline_canary_total", outcome="completed") == before + 1
    assert json.loads(json.dumps(flight.told()))["outcome"] == "completed"


class Road(httpx.AsyncBaseTransport):
    """An API whose answers the test lays down."""

    def __init__(self, state: str = "COMPLETED", facts: list[dict[str, Any]] | None = None) -> None:
        self.state = state
        self.facts = facts or []
        self.refusal = 0
        self.away = 0
        self.ids = ["c-1"]
        self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.away:
            self.away -= 1
            raise httpx.ConnectError("away", request=request)
        if self.refusal:
            return httpx.Response(self.refusal, json={"detail": "no"}, request=request)
        if request.method == "POST":
            found: dict[str, Any] = {"campaign_id": self.ids[0]}
            self.ids = self.ids[1:] or self.ids
        elif request.url.path.endswith("/events"):
            found = {"events": self.facts}
        else:
            found = {"state": self.state}
        return httpx.Response(200, json=found, request=request)


async def flown(road: Road, patience_s: float = 5.0) -> tuple[Flight, list[str]]:
    async with httpx.AsyncClient(transport=road, base_url="http://road") as client:
        with capture_logs() as said:
            flight = await Canary(client, Journey("canary.md", patience_s)).fly()
    return flight, [one["event"] for one in said]


async def test_a_canary_that_does_not_end_in_time_is_lost_and_said_so() -> None:
    before = figure("sagaline_canary_total", outcome="lost")
    flight, said = await flown(Road(state="RESEARCHING"), patience_s=0.3)
    assert (flight.outcome, flight.campaign_id) == (Outcome.LOST, "c-1")
    assert said == ["canary_did_not_come_back"]
    assert figure("sagaline_canary_total", outcome="lost") == before + 1


async def test_a_canary_that_ends_otherwise_has_failed() -> None:
    flight, _ = await flown(Road(state="FAILED"))
    assert (flight.outcome, flight.detail) == (Outcome.FAILED, "it is FAILED")


async def test_a_canary_that_is_refused_never_set_out() -> None:
    road = Road()
    road.refusal = 422
    flight, _ = await flown(road)
    assert (flight.outcome, flight.campaign_id) == (Outcome.REFUSED, "")


async def test_a_canary_that_no_api_took_never_set_out_either() -> None:
    road = Road()
    road.away = 1_000_000
    flight, _ = await flown(road, patience_s=0.3)
    assert (flight.outcome, flight.detail) == (Outcome.REFUSED, "no API took it within 0 s")


async def test_an_api_that_comes_back_loses_no_canary() -> None:
    road = Road()
    road.away = 2
    flight, said = await flown(road)
    assert (flight.outcome, said) == (Outcome.COMPLETED, [])


async def test_the_same_key_that_makes_two_campaigns_is_a_duplicate() -> None:
    road = Road()
    road.ids = ["c-1", "c-2"]
    flight, said = await flown(road)
    assert flight.duplicates == 1
    assert said == ["canary_came_twice"]


def fact(sequence: int, name: str, **data: object) -> dict[str, Any]:
    return {"sequence": sequence, "type": name, "event_id": f"e{sequence}", "data": data}


ONCE = [
    fact(1, "GoalReceived"),
    fact(2, "PlanGenerated"),
    fact(3, "ToolCallRequested", step="research", attempt=1),
    fact(4, "ToolCallFailed", step="research", attempt=1),
    fact(5, "ToolCallRequested", step="research", attempt=2),
    fact(6, "ToolResultReceived", step="research", attempt=2),
    fact(7, "WorkflowCompleted"),
]


def test_a_step_that_was_tried_again_is_no_duplicate() -> None:
    assert repeated(ONCE) == 0


@pytest.mark.parametrize(
    "extra",
    [
        fact(8, "ToolResultReceived", step="research", attempt=2),
        fact(8, "ToolCallRequested", step="research", attempt=1),
        fact(8, "WorkflowFailed"),
        fact(8, "GoalReceived"),
    ],
)
def test_what_happened_twice_is_counted(extra: dict[str, Any]) -> None:
    assert repeated([*ONCE, extra]) == 1


async def test_canaries_fly_one_after_the_other() -> None:
    flights: list[Flight] = []
    enough = asyncio.Event()

    def tell(flight: Flight) -> None:
        flights.append(flight)
        if len(flights) == 3:
            enough.set()

    async with httpx.AsyncClient(transport=Road(), base_url="http://road") as client:
        flying = asyncio.create_task(
            fly_for_ever(Canary(client, Journey("canary.md", 5.0)), 0.01, tell)
        )
        async with asyncio.timeout(10):
            await enough.wait()
        flying.cancel()
        await asyncio.gather(flying, return_exceptions=True)
    assert {flight.outcome for flight in flights} == {Outcome.COMPLETED}
