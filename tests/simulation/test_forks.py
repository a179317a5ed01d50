"""A published campaign is forked on the in-memory twin: both stand, each with its own letters."""

import asyncio
from pathlib import Path

from contracts.goal import Channel
from contracts.saga import CampaignForked, ToolCallRequested
from tests.simulation.driving import CAMPAIGNS, Run, example
from tests.simulation.world import running

PATIENCE_S = 100
HEADLINE = "A cup worth getting up for"


def asked(run: Run) -> list[str]:
    """The steps whose phases were asked, in order."""
    return [fact.body.step for fact in run.facts if isinstance(fact.body, ToolCallRequested)]


async def test_a_fork_with_another_headline_publishes_for_itself_and_leaves_the_first_as_it_was(
    tmp_path: Path,
) -> None:
    brief = example("coffee", channels=(Channel.BLOG,), generate_video=False)
    async with asyncio.timeout(PATIENCE_S), running(tmp_path) as world:
        first = await world.complete(brief)
        (theirs,) = first.results["publications"]
        page = await world.opened(theirs["location"])
        body = {"at": len(first.facts), "changes": {"strategy.brief.headline": HEADLINE}}
        answer = await world.api.post(f"{CAMPAIGNS}/{first.campaign_id}/fork", json=body)
        assert answer.status_code == 201, answer.text
        second = await world.follow(answer.json()["campaign_id"])
        (ours,) = second.results["publications"]
        assert await world.opened(theirs["location"]) == page
        assert HEADLINE.encode() in await world.opened(ours["location"])
        report = await world.verified()
    assert second.detail["state"] == "COMPLETED"
    assert asked(second) == ["content", "design", "audit", "publish.blog", "analytics", "learn"]
    assert ours["effect_key"] != theirs["effect_key"]
    (origin,) = [fact.body for fact in second.facts if isinstance(fact.body, CampaignForked)]
    assert origin.origin_campaign_id == first.campaign_id
    assert report["problems"] == []
