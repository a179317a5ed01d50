"""RES-14: what is optional and not there reduces a campaign on the real road, but hangs none."""

import asyncio
from pathlib import Path

from contracts.goal import Channel, Source, SourceKind
from contracts.saga import StepSkipped, WorkflowCompleted
from tests.simulation.driving import example
from tests.simulation.world import running

PATIENCE_S = 100
COFFEE = example("coffee")
GONE = Source(kind=SourceKind.FILE, location="sources/coffee/nobody-wrote-this.md")
NOT_THERE = {
    "publish.linkedin": "BUFFER_ACCESS_TOKEN",
    "publish.twitter": "BUFFER_ACCESS_TOKEN",
    "publish.webhook": "WEBHOOK_URL",
}


async def test_a_campaign_without_its_optional_dependencies_ends_and_names_each(
    tmp_path: Path,
) -> None:
    channels = (Channel.EMAIL, Channel.WEBHOOK, Channel.LINKEDIN, Channel.TWITTER)
    brief = COFFEE.model_copy(
        update={
            "channels": channels,
            "generate_video": False,
            "sources": (*COFFEE.sources, GONE),
        }
    )
    async with asyncio.timeout(PATIENCE_S), running(tmp_path) as world:
        run = await world.complete(brief)
    (end,) = [fact.body for fact in run.facts if isinstance(fact.body, WorkflowCompleted)]
    skipped = {
        fact.body.step: fact.body.reason for fact in run.facts if isinstance(fact.body, StepSkipped)
    }
    assert run.detail["state"] == "COMPLETED"
    assert set(end.degraded) == {"research", *NOT_THERE}
    assert skipped.keys() == NOT_THERE.keys()
    for step, setting in NOT_THERE.items():
        assert skipped[step].startswith("NOT_CONFIGURED: ")
        assert setting in skipped[step]
