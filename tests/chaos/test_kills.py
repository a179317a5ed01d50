"""kill -9 of every service in turn, under load: everything completes, nothing goes out twice."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from chassis.codec import Codec
from chassis.kafka import KafkaBroker
from chassis.settings import ChassisSettings
from deploy.stack.plan import EXAMPLE_SITES, Plan
from deploy.stack.stack import Stack
from services.orchestrator.saga.verify import verify
from tests.chaos.crowd import Crowd, address
from tests.chaos.sinks import witness

CAMPAIGNS = 150
OPEN_COMMANDS_MIN = 10
PATIENCE_S = 400.0

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def stack_dir(tmp_path: Path) -> Path:
    return tmp_path / "state"


async def _problems(bootstrap: str) -> list[str]:
    settings = ChassisSettings(kafka_bootstrap=bootstrap, use_in_memory_store=True)
    report = await verify(KafkaBroker(settings).reader(), Codec())
    return [*report["problems"], *report["without_obligation"]]


async def test_every_service_killed_in_turn_loses_nothing_and_publishes_nothing_twice(
    stack_dir: Path, figures: list[str]
) -> None:
    with witness() as seen:
        plan = Plan(site=EXAMPLE_SITES, environment=seen.environment)
        with Stack(stack_dir, plan) as stack:
            crowd = Crowd([stack.edge_url], stack_dir / "view.sqlite", stack.site, CAMPAIGNS)
            crowd.start()
            killed = {}
            for name in ("radar", "analyst", "orchestrator", "visual", "optimizer"):
                service = next(child for child in stack.children if child.startswith(name))
                killed[service] = crowd.wait_for_commands(OPEN_COMMANDS_MIN, PATIENCE_S)
                stack.kill(service)
                await asyncio.sleep(1.0)
                stack.wait_until_serving(service)
            crowd.wait_for_the_end(PATIENCE_S)
            crowd.stop()
            assert crowd.lives() == Counter({"COMPLETED": CAMPAIGNS})
            assert await _problems(stack.bootstrap) == []
            held = _held(crowd)
    mails = Counter(to for _, to in seen.mails)
    keys = Counter(key for key, _ in seen.calls)
    figures.append(f"killed with this many commands open: {killed}")
    figures.append(
        f"{CAMPAIGNS} campaigns: {len(seen.mails)} mails, {len(held)} held, "
        f"{len(seen.calls)} webhook calls under {len(keys)} keys"
    )
    assert [to for to, count in mails.items() if count > 1] == []
    unwritten = {address(number) for number in range(CAMPAIGNS)} - mails.keys()
    assert unwritten <= held, "a mail is missing, and no campaign says so"
    assert len(keys) == CAMPAIGNS


def _held(crowd: Crowd) -> set[str]:
    """Whose mail is in doubt, sent or not: named by the campaign, and not sent again."""
    states = crowd.states()
    return {
        address(number)
        for number, campaign_id in enumerate(crowd.ids)
        if states[campaign_id]["steps"]["publish.email"]["outcome"] == "HELD"
    }
