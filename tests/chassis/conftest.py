"""A phase role's stage for whoever tests the loop or the worker, and hands that hurry."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis import loop, worker
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
    monkeypatch.setattr(loop, "SEND_RETRY_S", 0.01)
    monkeypatch.setattr(worker, "RETRY_DELAY_S", 0.01)
    made = Stage(tmp_path, hands)
    yield made
    await made.end()
