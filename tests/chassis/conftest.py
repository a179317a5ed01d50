"""A phase role's stage and hands that hurry; a theatre for whoever tests a role with state."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis import loop, outbox, worker
from chassis.clock import ManualClock
from chassis.memory import MemoryBroker
from tests.chassis.counting import NOON, Theatre
from tests.chassis.phase import Hands, Stage


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
async def stage(
    tmp_path: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    monkeypatch.setattr(loop, "COMMIT_EVERY_S", 0.0)
    monkeypatch.setattr(loop, "POLL_WAIT_S", 0.01)
    for module in (loop, outbox):
        monkeypatch.setattr(module, "SEND_RETRY_S", 0.01)
    monkeypatch.setattr(worker, "RETRY_DELAY_S", 0.01)
    made = Stage(tmp_path, hands)
    yield made
    await made.end()


@pytest.fixture
async def theatre() -> AsyncIterator[Theatre]:
    clock = ManualClock(NOON)
    made = Theatre(MemoryBroker(clock=clock), clock)
    yield made
    await made.end()
