"""Pauses in the whole running system: what everything's pause holds, and what its end releases."""

import asyncio
from pathlib import Path
from typing import Any

from tests.simulation.driving import CAMPAIGNS, LOOK_EVERY_S, World, example
from tests.simulation.world import running

PATIENCE_S = 100
PAUSES = "/api/v1/pauses"
SAGA = "multi-agent"


async def state_of(world: World, campaign_id: str, *, until: str) -> dict[str, Any]:
    """What the edge tells as soon as the campaign is in this state."""
    while True:
        told: dict[str, Any] = (await world.api.get(f"{CAMPAIGNS}/{campaign_id}")).json()
        if told["state"] == until:
            return told
        await asyncio.sleep(LOOK_EVERY_S)


async def post(world: World, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await world.api.post(path, json=body, headers={"X-Actor": "ana"})
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_everythings_pause_holds_old_and_new_campaigns_in_every_partition_until_its_end(
    tmp_path: Path,
) -> None:
    async with asyncio.timeout(PATIENCE_S), running(tmp_path) as world:
        brief = example("coffee")
        before = [await world.create(brief, SAGA) for _ in range(3)]
        assert (await post(world, PAUSES, {"scope": "GLOBAL"}))["taken"] == 12
        after = await world.create(brief, SAGA)
        for campaign_id in (*before, after):
            (pause,) = (await state_of(world, campaign_id, until="PAUSED"))["pauses"]
            assert (pause["scope"], pause["owner"]) == ("GLOBAL", "ana")
            await world.start(campaign_id)
        own = before[0]
        await post(world, f"{CAMPAIGNS}/{own}/pause", {})
        assert (await post(world, f"{PAUSES}/resume", {"scope": "GLOBAL"}))["taken"] == 12
        ended = await asyncio.gather(*(world.follow(one) for one in (*before[1:], after)))
        assert [run.detail["state"] for run in ended] == ["COMPLETED"] * 3
        assert (await state_of(world, own, until="PAUSED"))["progress_percentage"] == 0
        await post(world, f"{CAMPAIGNS}/{own}/resume", {})
        assert (await world.follow(own)).detail["state"] == "COMPLETED"
        report = await world.verified()
        assert (report["problems"], report["without_obligation"]) == ([], [])
