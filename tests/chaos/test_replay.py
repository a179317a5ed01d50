"""Any role may be set back to the beginning of its topic: nothing happens outside, or twice."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chassis.codec import Codec
from chassis.kafka import KafkaBroker
from chassis.settings import ChassisSettings
from contracts.plan import Phase
from deploy.stack.plan import EXAMPLE_SITES, SERVICES, Plan
from deploy.stack.stack import Stack
from services.orchestrator.saga.verify import verify
from tests.chaos.crowd import Crowd
from tests.chaos.groups import Groups, Place
from tests.chaos.sinks import Witness, witness
from tests.chaos.test_kills import PATIENCE_S

CAMPAIGNS = 8
PROJECTOR, SAGA = "projector", "saga"
ROWS = "select campaign_id, sequence, head_hash, state, state_json from campaigns order by 1"
FACTS = "select campaign_id, sequence, event_id, type from events order by 1, 2"

pytestmark = [pytest.mark.broker, pytest.mark.slow, pytest.mark.timeout(900)]


class Before:
    """The log, the view and the outside world at one moment."""

    def __init__(self, report: dict[str, Any], view: Path, seen: Witness) -> None:
        self.log = report
        self.view = served(view)
        self.outside = (list(seen.mails), list(seen.calls))


def served(view: Path) -> list[tuple[Any, ...]]:
    """What the view's tables say."""
    with closing(sqlite3.connect(f"file:{view}?mode=ro", uri=True, timeout=30)) as connection:
        return [*connection.execute(ROWS).fetchall(), *connection.execute(FACTS).fetchall()]


async def report_of(bootstrap: str) -> dict[str, Any]:
    settings = ChassisSettings(kafka_bootstrap=bootstrap, use_in_memory_store=True)
    reader = KafkaBroker(settings).reader()
    try:
        return await verify(reader, Codec())
    finally:
        await reader.close()


def replayed(
    stack: Stack, services: Sequence[str], groups: Sequence[str], wipe: Sequence[Path] = ()
) -> dict[str, dict[Place, int]]:
    """Stop the services, set their groups back, start them again, and wait until all is read."""
    known = Groups(stack.bootstrap)
    stack._watch.stop()
    for name in services:
        stack.children[name].end()
    before = {group: known.set_back(group) for group in groups}
    for path in wipe:
        path.unlink(missing_ok=True)
    for name in services:
        stack.children[name].start()
    stack._watch.start()
    stack.wait_until_serving(*services)
    known.wait_until_back(before)
    return before


async def test_every_role_set_back_to_the_beginning_repeats_nothing(
    tmp_path: Path, figures: list[str]
) -> None:
    with witness() as seen:
        plan = Plan(site=EXAMPLE_SITES, environment=seen.environment)
        with Stack(tmp_path, plan) as stack:
            view = tmp_path / "view.sqlite"
            crowd = Crowd([stack.edge_url], view, stack.site, CAMPAIGNS)
            crowd.start()
            crowd.wait_for_the_end(PATIENCE_S)
            crowd.stop()
            assert crowd.lives() == Counter({"COMPLETED": CAMPAIGNS})
            before = Before(await report_of(stack.bootstrap), view, seen)
            phases = [
                phase.value for phase in Phase if phase.value in Groups(stack.bootstrap).names()
            ]
            assert {"research", "content", "publish"} <= set(phases)

            live = replayed(stack, ("optimizer",), ("publish", "audit", "analytics", "learn"))
            await same(before, stack, view, seen)
            wipe = [view.with_name(f"view.sqlite{end}") for end in ("", "-wal", "-shm")]
            every = replayed(stack, SERVICES, (*phases, SAGA, PROJECTOR), wipe)
            await same(before, stack, view, seen)
    assert len(before.outside[1]) == CAMPAIGNS
    read = {group: sum(places.values()) for group, places in (live | every).items()}
    figures.append(f"offsets set back and read again: {read}; nothing new outside, no new fact")


async def same(before: Before, stack: Stack, view: Path, seen: Witness) -> None:
    """Nothing is there that was not there before, and nothing is gone."""
    now = Before(await report_of(stack.bootstrap), view, seen)
    assert now.outside == before.outside
    assert now.log == before.log
    assert now.log["problems"] == []
    assert now.view == before.view
