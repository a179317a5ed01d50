"""One copy becomes four while campaigns run: each keeps its order, and all four do work."""

from collections import Counter
from pathlib import Path

import pytest

from chassis.codec import Codec
from chassis.kafka import KafkaBroker
from chassis.settings import ChassisSettings
from deploy.stack import plan as parts
from deploy.stack.members import Child
from deploy.stack.plan import EXAMPLE_SITES, Plan
from deploy.stack.ports import choose_port
from deploy.stack.stack import Stack
from services.orchestrator.saga.verify import verify
from tests.chaos.crowd import Crowd
from tests.chaos.sinks import witness
from tests.chaos.test_copies import _shares
from tests.chaos.test_kills import OPEN_COMMANDS_MIN, PATIENCE_S

CAMPAIGNS = 100
COPIES = 4
GROWING = ("optimizer", "orchestrator")
ROLES = {"optimizer": ("audit", "publish"), "orchestrator": ("saga",)}

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(900)]


def grow(stack: Stack, service: str) -> list[str]:
    """Start three more copies beside the first, as an operator would; their names."""
    names = []
    for instance in range(1, COPIES):
        port = choose_port(stack._taken())
        spec = parts.service_spec(service, instance, port, stack._environment())
        stack._add(Child(spec, stack.state_dir / "logs"))
        names.append(spec.name)
    return names


async def test_one_copy_becomes_four_under_load_and_every_campaign_keeps_its_order(
    tmp_path: Path, figures: list[str]
) -> None:
    with witness() as seen:
        plan = Plan(site=EXAMPLE_SITES, environment=seen.environment)
        with Stack(tmp_path, plan) as stack:
            crowd = Crowd([stack.edge_url], tmp_path / "view.sqlite", stack.site, CAMPAIGNS)
            crowd.start()
            crowd.wait(lambda: crowd.open_commands() >= OPEN_COMMANDS_MIN, PATIENCE_S)
            open_then = crowd.open_commands()
            stack._watch.stop()
            more = [name for service in GROWING for name in grow(stack, service)]
            stack._watch.start()
            stack.wait_until_serving(*more)
            crowd.wait_for_the_end(PATIENCE_S)
            crowd.stop()
            assert crowd.lives() == Counter({"COMPLETED": CAMPAIGNS})
            settings = ChassisSettings(kafka_bootstrap=stack.bootstrap, use_in_memory_store=True)
            broker = KafkaBroker(settings)
            report = await verify(broker.reader(), Codec())
            shares = await _shares(broker)  # and asserts that each campaign's facts are in order
    grown = {role: shares[role] for roles in ROLES.values() for role in roles}
    figures.append(f"1 -> {COPIES} copies with {open_then} commands open: {_told(grown)}")
    assert report["problems"] == report["without_obligation"] == []
    assert {role: len(copies) for role, copies in grown.items() if len(copies) != COPIES} == {}
    assert max(Counter(to for _, to in seen.mails).values()) == 1
    assert len({key for key, _ in seen.calls}) == CAMPAIGNS


def _told(shares: dict[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {role: dict(copies) for role, copies in shares.items()}
