"""The auditor finds what stands still, from the log alone, and nothing where all is well."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from chassis.broker import Incoming, Outgoing
from chassis.clock import ManualClock
from chassis.codec import Codec
from chassis.memory import MemoryBroker
from chassis.telemetry import metrics_text
from contracts import identity, topics
from contracts.envelope import FailureReason
from services.orchestrator.saga.stalling import Reason, Stalled, stalled
from services.orchestrator.saga.store import Held
from services.orchestrator.settings import OrchestratorSettings
from services.orchestrator.view.auditing import auditor_beside
from services.orchestrator.view.auditor import Auditor
from services.orchestrator.view.projector import Projector
from tests.orchestrator.view.stories import START, TENANT, Desk, goal_of

CODEC = Codec()
ONE = identity.campaign_id(TENANT, "one")
TWO = identity.campaign_id(TENANT, "two")
PATIENCE_S = 60.0


class Stand:
    """One partition of the log, a projector that holds it, and the auditor beside it."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(CODEC)
        self.goal = goal_of(folder / "keys")
        self.clock = ManualClock(START)
        self.broker = MemoryBroker()
        self.broker.create(topics.LOG, 1)
        self._producer = self.broker.producer()
        self._written = 0
        settings = OrchestratorSettings(
            use_in_memory_store=True,
            state_dir=folder,
            audit_records_per_s=1_000_000,
            audit_patience_s=PATIENCE_S,
        )
        self.projector = Projector(settings, self.broker, CODEC)
        self.projector._database.prepare()
        self.projector.apply([])
        self.auditor: Auditor = auditor_beside(self.projector, settings, self.broker, self.clock)

    async def write(self, *, served: bool = True) -> None:
        """Bring to the topic, and to the view, what the desk has written since."""
        fresh = self.desk.log[self._written :]
        await self._producer.send([_outgoing(record) for record in fresh])
        if served:
            self.projector.apply(fresh)
        self._written = len(self.desk.log)
        self.clock.advance((self.desk.clock.now() - self.clock.now()).total_seconds())

    async def audit(self) -> list[tuple[str, Reason]]:
        return sorted(one[:2] for one in await self.auditor.audit(0))

    async def close(self) -> None:
        self.auditor.stop()
        await self.auditor.run()


def _outgoing(record: Incoming) -> Outgoing:
    return Outgoing(topics.LOG, record.key, record.value, record.headers, 0)


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    made = Stand(tmp_path)
    yield made
    await made.close()


async def test_nothing_is_alarmed_while_everything_moves(stand: Stand) -> None:
    stand.desk.create(ONE, stand.goal, start=False)
    await stand.write()
    assert await stand.audit() == []
    stand.desk.create(TWO, stand.goal)
    for step in ("strategy", "content", "audit", "review"):
        stand.desk.run(TWO, until=step)
        await stand.write()
        assert await stand.audit() == []


async def test_a_saga_that_was_undone_is_no_alarm_before_during_or_after(stand: Stand) -> None:
    stand.desk.create(ONE, stand.goal)
    stand.desk.run(ONE, until="design")
    for _ in range(20):
        if stand.desk.sagas[ONE].steps["design"].status.value != "CALLED":
            break
        stand.desk.fail(ONE, "design", FailureReason.INVALID_INPUT)
    await stand.write()
    assert stand.desk.sagas[ONE].life.value == "COMPENSATING"
    assert await stand.audit() == []
    stand.desk.undo_all(ONE)
    await stand.write()
    assert stand.desk.sagas[ONE].life.ended
    stand.clock.advance(10_000_000)
    assert await stand.audit() == []


async def test_a_deadline_that_nobody_looked_at_is_alarmed_until_somebody_does(
    stand: Stand,
) -> None:
    stand.desk.create(ONE, stand.goal)
    await stand.write()
    due = min(stand.desk.sagas[ONE].deadlines).at
    stand.clock.advance((due - stand.clock.now()).total_seconds() + PATIENCE_S)
    assert await stand.audit() == []
    stand.clock.advance(1)
    with capture_logs() as said:
        assert await stand.audit() == [(ONE, Reason.OVERDUE)]
        assert await stand.audit() == [(ONE, Reason.OVERDUE)]
    (line,) = [one for one in said if one["event"] == "saga_stalled"]
    assert (line["workflow_id"], line["reason"]) == (ONE, "overdue")
    assert 'sagas_stalled{reason="overdue"} 1.0' in metrics_text().decode()
    late = stand.clock.now() - stand.desk.clock.now()
    stand.desk.clock.advance(late.total_seconds())
    stand.desk.run(ONE)
    await stand.write()
    with capture_logs() as said:
        assert await stand.audit() == []
    assert [one["event"] for one in said] == ["saga_moves_again"]
    assert 'sagas_stalled{reason="overdue"} 0.0' in metrics_text().decode()


async def test_a_view_that_stands_behind_the_log_is_alarmed_after_a_while(stand: Stand) -> None:
    stand.desk.create(ONE, stand.goal)
    await stand.write()
    stand.desk.run(ONE, until="content")
    await stand.write(served=False)
    assert await stand.audit() == []
    stand.clock.advance(PATIENCE_S + 1)
    assert await stand.audit() == [(ONE, Reason.VIEW_BEHIND)]
    stand.projector.apply(stand.desk.log)
    assert await stand.audit() == []


async def test_a_campaign_that_the_view_does_not_know_is_alarmed(stand: Stand) -> None:
    stand.desk.create(ONE, stand.goal, start=False)
    await stand.write(served=False)
    stand.clock.advance(PATIENCE_S + 1)
    assert await stand.audit() == [(ONE, Reason.VIEW_BEHIND)]


async def test_a_view_of_another_history_is_alarmed_at_once(stand: Stand, tmp_path: Path) -> None:
    stand.desk.create(ONE, stand.goal, start=False)
    await stand.write(served=False)
    other = Desk(CODEC)
    other.create(ONE, goal_of(tmp_path / "keys", name="Another history"), start=False)
    stand.projector.apply(other.log)
    assert await stand.audit() == [(ONE, Reason.VIEW_DIFFERS)]


async def test_a_hole_in_the_log_is_alarmed_for_its_partition(stand: Stand) -> None:
    stand.desk.create(ONE, stand.goal)
    stand.desk.run(ONE)
    del stand.desk.log[4]
    await stand.write(served=False)
    assert await stand.audit() == [("", Reason.LOG_BROKEN)]


async def test_what_another_copy_holds_now_is_its_matter(stand: Stand) -> None:
    stand.desk.create(ONE, stand.goal, start=False)
    await stand.write()
    stand.clock.advance(timedelta(days=40).total_seconds())
    await stand.auditor._round()
    assert {one.reason for one in stand.auditor.found} == {Reason.OVERDUE}
    stand.projector.moved_to.clear()
    await stand.auditor._round()
    assert stand.auditor.found == frozenset()
    assert 'sagas_stalled{reason="overdue"} 0.0' in metrics_text().decode()


def test_an_open_saga_that_waits_for_nothing_is_alarmed_at_once(tmp_path: Path) -> None:
    desk = Desk(CODEC)
    desk.create(ONE, goal_of(tmp_path / "keys"))
    saga = desk.sagas[ONE]
    steps = {
        name: state.model_copy(update={"deadline": None}) for name, state in saga.steps.items()
    }
    lost = Held(saga.model_copy(update={"steps": steps}), "")
    found = list(stalled([lost, Held(saga, "")], START, timedelta(seconds=PATIENCE_S)))
    assert [(one.campaign_id, one.reason) for one in found] == [(ONE, Reason.NO_OBLIGATION)]


def test_many_alarms_at_once_are_counted_and_not_all_written(monkeypatch: Any) -> None:
    from services.orchestrator.view import auditor as auditor_module

    monkeypatch.setattr(auditor_module, "ALARMS_MAX", 2)
    found: Sequence[Stalled] = [Stalled(f"c{n}", Reason.OVERDUE, "late") for n in range(5)]
    with capture_logs() as said:
        auditor_module._alarm(0, found)
    assert [one["event"] for one in said] == ["saga_stalled"] * 2 + ["more_sagas_stalled"]
    assert said[-1]["count"] == 3
