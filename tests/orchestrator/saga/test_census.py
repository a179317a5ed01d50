"""The gauges of open sagas say what this copy holds now: after a restore, a rebalance, an end."""

import pytest
from prometheus_client import REGISTRY

from contracts import topics
from contracts.envelope import FailureReason
from contracts.requests import CancelCampaign
from services.orchestrator.saga.census import Census
from services.orchestrator.saga.store import Held, Store
from tests.orchestrator.saga.desk import PARTITION, Desk, campaign, campaign_request

HERE = frozenset({PARTITION})


def gauges() -> tuple[float, float]:
    """(open, open and waiting for nothing)."""
    names = ("sagaline_sagas_open", "sagas_without_obligation")
    found = [REGISTRY.get_sample_value(name) for name in names]
    assert None not in found
    return (found[0] or 0.0, found[1] or 0.0)


def counted(desk: Desk) -> tuple[float, float]:
    desk.processor._census.take(desk.processor._store)
    return gauges()


async def test_a_copy_counts_what_it_restored_and_forgets_what_it_lost() -> None:
    desk = await campaign(until="content")
    await desk.processor.restore(HERE)
    assert gauges() == (1, 0)
    desk.processor.drop(HERE)
    assert gauges() == (0, 0)
    await desk.processor.restore(HERE)
    assert gauges() == (1, 0)


async def test_a_partition_whose_log_broke_is_held_no_longer() -> None:
    desk = await campaign(until="content")
    desk.shelf.change(topics.LOG, 3, value=b"\x00 rubbish")
    assert await desk.processor.restore(HERE) == HERE
    assert gauges() == (0, 0)
    assert desk.processor.next_due() is None


@pytest.mark.parametrize("start", [True, False])
async def test_a_saga_waits_for_something_from_its_first_moment_on(start: bool) -> None:
    desk = await Desk().open()
    desk.ask(campaign_request(start=start))
    assert counted(desk) == (1, 0)


async def test_a_saga_waits_for_something_while_it_is_undone_and_for_nothing_after() -> None:
    desk = await campaign(until="design")
    desk.ask(CancelCampaign())
    assert counted(desk) == (1, 0)
    while called := [name for name, one in desk.saga.steps.items() if one.undo == "CALLED"]:
        assert counted(desk) == (1, 0)
        desk.undone(called[0])
    assert desk.saga.life == "CANCELLED"
    assert counted(desk) == (0, 0)


async def test_a_saga_waits_for_something_between_two_tries() -> None:
    desk = await campaign(until="strategy")
    desk.fail("strategy", FailureReason.UNAVAILABLE)
    assert desk.saga.steps["strategy"].status.value == "RETRYING"
    assert counted(desk) == (1, 0)


async def test_an_open_saga_without_a_deadline_is_counted() -> None:
    desk = await campaign(until="content")
    saga = desk.saga
    steps = {name: one.model_copy(update={"deadline": None}) for name, one in saga.steps.items()}
    lost = saga.model_copy(update={"steps": steps})
    store = Store()
    store.replace(PARTITION, {saga.campaign_id: Held(lost, "")})
    Census().take(store)
    assert gauges() == (1, 1)
    desk.processor.drop(HERE)
