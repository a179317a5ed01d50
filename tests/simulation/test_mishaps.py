"""The broker fails its writers and members in every way, and the story told is the same."""

import asyncio
from pathlib import Path

from chassis.memory import Fault
from tests.simulation.driving import example
from tests.simulation.world import running

PATIENCE_S = 60
MISHAPS = [fault for fault in Fault if fault is not Fault.READ]
"""A reader's fault would meet the test's own reader first."""


async def test_a_session_is_written_the_same_though_everything_goes_wrong_once(
    tmp_path: Path,
) -> None:
    brief = example("heatpumps")
    async with asyncio.timeout(PATIENCE_S), running(tmp_path) as world:
        calm = await world.complete(brief, "session")
        campaign_id = await world.create(brief, "session")
        for fault in MISHAPS:
            world.broker.fail_next(fault)
        await world.start(campaign_id)
        rough = await world.follow(campaign_id)
        faults = world.broker._ledger.faults
        left = [fault for fault in MISHAPS if faults.happens(fault)]
        report = await world.verified()
    assert left == []
    assert rough.story == calm.story
    assert rough.story[-1] == ("WorkflowCompleted", "")
    assert [step["attempts"] for step in rough.detail["trace"]] == [1, 1, 1]
    assert rough.results["content"]
    assert report["problems"] == []
