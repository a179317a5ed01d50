"""The projector reads on where the view stands, whatever the group or the database does."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from chassis.broker import Batch, Incoming, Position, Subscription, TopicPartition
from chassis.codec import Codec
from contracts import identity, topics
from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.database import Database, ViewUnavailable
from services.orchestrator.view.projector import Projector
from services.orchestrator.view.queries import View
from tests.orchestrator.view.stories import TENANT, Desk, goal_of

ONE = identity.campaign_id(TENANT, "one")
HERE = TopicPartition(topics.LOG, 0)
CODEC = Codec()


class OnePartition:
    """A group of one that committed too far, and hands its partition out at the first poll."""

    def __init__(self, log: Sequence[Incoming], committed: int) -> None:
        self._log = log
        self._at = committed
        self._new = True
        self.committed_to: list[int] = []
        self.projector: Projector | None = None

    def consumer(self, subscription: Subscription) -> "OnePartition":
        assert (subscription.group, subscription.topics) == (
            "projector",
            (topics.LOG, topics.ENGAGEMENT, topics.WINDOWS),
        )
        assert subscription.assignor == "cooperative-sticky"
        return self

    async def poll(self, *, records_max: int, timeout_s: float) -> Batch:
        found = tuple(self._log[self._at : self._at + 4])
        self._at += len(found)
        gained = frozenset({HERE}) if self._new else frozenset()
        if not found and not self._new:
            assert self.projector is not None
            self.projector.stop()
        self._new = False
        return Batch(found, gained, frozenset(), None)

    async def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._at = offsets.get(HERE, self._at)

    async def commit(self, positions: Mapping[TopicPartition, Position]) -> None:
        self.committed_to.append(positions[HERE].offset)

    async def backlog(self) -> Mapping[TopicPartition, int]:
        return {HERE: len(self._log) - self._at}

    async def close(self) -> None:
        pass


def _run(tmp_path: Path, log: Sequence[Incoming], committed: int) -> tuple[OnePartition, Projector]:
    settings = OrchestratorSettings(use_in_memory_store=True, state_dir=tmp_path)
    group = OnePartition(log, committed)
    broker: Any = group
    group.projector = Projector(settings, broker, CODEC)
    asyncio.run(group.projector.run())
    return group, group.projector


def _sequence(tmp_path: Path) -> int:
    view = View(Database("", tmp_path / "view.sqlite"))
    found = asyncio.run(view.campaign(TENANT, ONE))
    view.close()
    return found.saga.sequence if found else 0


@pytest.fixture
def log(tmp_path: Path) -> list[Incoming]:
    desk = Desk(CODEC)
    desk.create(ONE, goal_of(tmp_path / "keys"))
    desk.run(ONE)
    return desk.log


def test_a_group_that_is_ahead_of_an_empty_view_is_not_believed(
    tmp_path: Path, log: list[Incoming]
) -> None:
    group, projector = _run(tmp_path, log, committed=7)
    assert _sequence(tmp_path) == len(log)
    assert group.committed_to[-1] == projector.moved_to[HERE] == len(log)


def test_a_restart_reads_on_behind_what_the_view_holds(tmp_path: Path, log: list[Incoming]) -> None:
    _run(tmp_path, log[:6], committed=0)
    assert _sequence(tmp_path) == 6
    _run(tmp_path, log, committed=0)
    assert _sequence(tmp_path) == len(log)


def test_a_database_that_does_not_answer_loses_nothing(
    tmp_path: Path, log: list[Incoming], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.orchestrator.view.projector.WAIT_S", 0.01)
    apply, failures = Projector.apply, [True, False, True, False, False]

    def fails_now_and_then(self: Projector, records: Sequence[Incoming]) -> Any:
        if failures and failures.pop(0):
            raise ViewUnavailable("the disk is full")
        return apply(self, records)

    monkeypatch.setattr(Projector, "apply", fails_now_and_then)
    _run(tmp_path, log, committed=0)
    assert failures == []
    assert _sequence(tmp_path) == len(log)
