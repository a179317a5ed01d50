"""The view follows the log, exactly: what it shows is what folding gives, and nothing twice."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.pool import QueuePool

from chassis.broker import Incoming, TopicPartition
from contracts import identity, topics
from contracts.envelope import FailureReason
from contracts.requests import CancelCampaign, RetryCampaign
from services.orchestrator.view.following import Head, follow
from services.orchestrator.view.projection import Outcome
from services.orchestrator.view.queries import Wanted
from services.orchestrator.view.reports import progress, results, trace, trail
from services.orchestrator.view.tables import (
    VIEW_VERSION,
)
from tests.orchestrator.view.bench import CODEC, ONE, Bench, completed
from tests.orchestrator.view.stories import (
    EMAIL,
    OTHER_TENANT,
    PICTURE_DIGEST,
    RECIPIENT,
    TENANT,
    Desk,
    goal_of,
)

TWO = identity.campaign_id(OTHER_TENANT, "two")


def test_a_completed_campaign_is_shown_as_the_engine_left_it(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    completed(desk, tmp_path)
    bench.projector.apply(desk.log)
    found = bench.campaign()
    assert found.saga == desk.sagas[ONE]
    assert (found.line.state, found.line.progress) == ("COMPLETED", 100)
    assert found.line.ended_at == desk.sagas[ONE].updated_at
    assert found.line.cost_micros == desk.sagas[ONE].usage.cost_micros > 0
    assert bench.alarms == []


def test_every_fact_is_stored_with_its_bytes_and_the_bytes_carry_the_chain(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    completed(desk, tmp_path)
    bench.projector.apply(desk.log)
    stored = bench.events()
    assert [entry.value for entry in stored] == [record.value for record in desk.log]
    head = Head()
    for entry in stored:
        head = follow(head, CODEC.decode(entry.value))
    assert head.saga == desk.sagas[ONE]


def test_a_view_that_was_deleted_comes_back_with_equal_rows(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    completed(desk, tmp_path)
    desk.create(TWO, goal_of(tmp_path / "keys", OTHER_TENANT), tenant=OTHER_TENANT)
    for start in range(0, len(desk.log), 3):  # many small batches at first
        bench.projector.apply(desk.log[start : start + 3])
    anew = Bench(tmp_path / "anew")
    anew.projector.apply(desk.log)
    assert anew.rows() == bench.rows()
    assert len(anew.rows()["events"]) == len(desk.log)
    anew.close()


def test_a_record_that_was_read_before_changes_nothing(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    completed(desk, tmp_path)
    bench.projector.apply(desk.log)
    before = bench.rows()
    again = [replace(record, offset=record.offset + 10_000) for record in desk.log]
    assert bench.projector.apply(again)[Outcome.REPEATED] == len(desk.log)
    after = bench.rows()
    del before["positions"], after["positions"]
    assert after == before
    assert bench.alarms == []


def test_rows_and_position_move_together(bench: Bench, desk: Desk, tmp_path: Path) -> None:
    completed(desk, tmp_path)
    here = TopicPartition(topics.LOG, 0)
    assert bench.projector.starts([here]) == {here: 0}
    bench.projector.apply(desk.log[:5])
    assert bench.projector.starts([here]) == {here: 5}
    assert bench.projector.apply(desk.log[:7])[Outcome.APPLIED] == 2


def test_a_gap_is_alarmed_and_never_folded(bench: Bench, desk: Desk, tmp_path: Path) -> None:
    completed(desk, tmp_path)
    counts = bench.projector.apply([*desk.log[:4], *desk.log[5:]])
    assert counts == {Outcome.APPLIED: 4, Outcome.REPEATED: 0, Outcome.REFUSED: len(desk.log) - 5}
    assert bench.alarms[0] == (ONE, "gap: 6 came after 4")
    assert bench.campaign().saga.sequence == 4
    assert bench.campaign().line.broken == "gap: 6 came after 4"


def test_another_history_is_alarmed_and_never_folded(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    completed(desk, tmp_path)
    other = Desk(CODEC)
    other.clock.advance(60)
    other.create(ONE, goal_of(tmp_path / "keys"))
    bench.projector.apply([*desk.log[:2], other.log[2]])
    assert bench.alarms[0][1].startswith("hash: 3 names")
    assert bench.campaign().saga.sequence == 2
    bench.projector.apply([replace(other.log[1], offset=90)])
    assert bench.alarms[1] == (ONE, "fork: a second record 2")


def test_a_record_that_names_another_tenant_is_alarmed_and_never_folded(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    completed(desk, tmp_path)
    told = CODEC.decode(desk.log[2].value)
    foreign = told.envelope.model_copy(update={"tenant_id": OTHER_TENANT})
    value = CODEC.encode(foreign, told.header, told.body)
    bench.projector.apply([*desk.log[:2], replace(desk.log[2], value=value)])
    assert bench.alarms == [(ONE, "tenant: 3 names another tenant")]
    assert bench.campaign().saga.sequence == 2


def test_bytes_that_are_no_message_are_alarmed_and_the_others_go_on(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    desk.create(ONE, goal_of(tmp_path / "keys"))
    rubbish = Incoming(topics.LOG, 0, 50, b"x", b"\x00nothing")
    bench.projector.apply([rubbish, *[replace(r, offset=r.offset + 51) for r in desk.log]])
    assert "undecodable campaign.log[0]@50" in bench.alarms[0][1]
    assert bench.campaign().saga == desk.sagas[ONE]


def test_a_failed_campaign_says_why_and_a_retry_takes_that_back(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    desk.create(ONE, goal_of(tmp_path / "keys"))
    desk.run(ONE, until="design")
    desk.fail(ONE, "design", FailureReason.NOT_CONFIGURED)
    desk.undo_all(ONE)
    bench.projector.apply(desk.log)
    line = bench.campaign().line
    assert (line.state, line.failure_reason, line.failure_step) == (
        "FAILED",
        "NOT_CONFIGURED",
        "design",
    )
    assert line.failure_message == "the engine said no"
    assert line.ended_at is not None
    desk.ask(ONE, RetryCampaign(failed_sequence=desk.sagas[ONE].failed_sequence))
    bench.projector.apply(desk.log)
    line = bench.campaign().line
    assert (line.failure_reason, line.failure_step, line.ended_at) == ("", "", None)
    assert line.life == "RUNNING"


def test_a_failure_without_anything_to_undo_says_why_too(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    desk.create(ONE, goal_of(tmp_path / "keys"))
    desk.fail(ONE, "research", FailureReason.INVALID_INPUT)
    bench.projector.apply(desk.log)
    line = bench.campaign().line
    assert (line.state, line.failure_reason, line.failure_step) == (
        "FAILED",
        "INVALID_INPUT",
        "research",
    )


def test_what_was_undone_is_not_referred_to_any_more(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    desk.create(ONE, goal_of(tmp_path / "keys"))
    desk.run(ONE, until="audit")
    bench.projector.apply(desk.log)
    found = asyncio.run(bench.view.artefact(TENANT, PICTURE_DIGEST))
    assert found is not None
    assert found.media_type == "image/png"
    desk.ask(ONE, CancelCampaign(reason="enough"))
    desk.undo_all(ONE)
    bench.projector.apply(desk.log)
    assert asyncio.run(bench.view.artefact(TENANT, PICTURE_DIGEST)) is None
    assert bench.campaign().line.state == "CANCELLED"
    assert results(bench.campaign().saga, CODEC)["assets"] == []


def test_a_tenant_finds_nothing_of_another_tenant(bench: Bench, desk: Desk, tmp_path: Path) -> None:
    completed(desk, tmp_path)
    bench.projector.apply(desk.log)
    view, cause = bench.view, bench.events()[0].causation_id

    async def probe() -> list[object]:
        page = await view.campaigns(OTHER_TENANT, Wanted())
        return [
            await view.campaign(OTHER_TENANT, ONE),
            await view.events(OTHER_TENANT, ONE, after=0),
            await view.answer(OTHER_TENANT, ONE, cause),
            await view.artefact(OTHER_TENANT, PICTURE_DIGEST),
            page.campaigns,
        ]

    assert asyncio.run(probe()) == [None, (), None, None, ()]


def test_progress_never_falls_and_ends_at_a_hundred(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    completed(desk, tmp_path)
    seen: list[int] = []
    told: dict[str, Any] = {}
    for record in desk.log:
        bench.projector.apply([record])
        told = progress(bench.campaign().line, desk.clock.now())
        seen.append(told["progress_percentage"])
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 100)
    assert told["current_phase"] == "COMPLETED"
    line = bench.campaign().line
    assert line.started_at is not None
    assert line.ended_at is not None
    assert told["elapsed_seconds"] == (line.ended_at - line.started_at).total_seconds()


def test_the_trace_names_the_service_and_the_time_of_every_phase(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    completed(desk, tmp_path)
    bench.projector.apply(desk.log)
    told = trace(bench.campaign().saga, CODEC)
    assert {entry["phase"]: entry["actor"] for entry in told} == {
        "research": "radar",
        "strategy": "analyst",
        "content": "analyst",
        "design": "visual",
        "audit": "optimizer",
        "gate": "console",
        "publish": "optimizer",
        "analytics": "optimizer",
        "learn": "optimizer",
    }
    assert all(entry["called_at"] and entry["answered_at"] for entry in told)
    assert all(entry["execution_id"] for entry in told if entry["phase"] != "gate")
    engines = {entry["phase"]: entry["engine"] for entry in told}
    assert (engines["strategy"], engines["content"]) == ("openai gpt-x", "embedded")
    assert engines["gate"] is None


def test_the_audit_trail_lists_every_fact_with_time_actor_input_and_output(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    """SAGA-18: from the log alone, each transition."""
    completed(desk, tmp_path)
    bench.projector.apply(desk.log)
    told = trail(bench.events())
    assert [entry["type"] for entry in told] == [CODEC.decode(r.value).entry.name for r in desk.log]
    assert [entry["sequence"] for entry in told] == list(range(1, len(desk.log) + 1))
    for entry, following in zip(told, bench.events()[1:], strict=False):
        position: Any = CODEC.decode(following.value).header
        assert entry["output"]["record_hash"] == position.previous_hash
    assert all(entry["time"] and entry["actor"]["id"] for entry in told)
    assert {entry["input"]["topic"] for entry in told} == {topics.REQUESTS, topics.RESULTS}
    decided = [entry for entry in told if entry["type"] == "ReviewDecided"]
    assert decided[0]["actor"] == {"kind": "person", "id": "maria", "source": "orchestrator"}
    rendered = [entry for entry in told if entry["output"]["result_type"] == "DesignRendered"]
    assert rendered[0]["output"]["artefacts"] == [PICTURE_DIGEST]


def test_streams_call_the_facts_by_their_agreed_names(
    bench: Bench, desk: Desk, tmp_path: Path
) -> None:
    completed(desk, tmp_path)
    bench.projector.apply(desk.log)
    named = [(entry.sse_name, entry.type, entry.step) for entry in bench.events()]
    assert named[0][0] == "pipeline_start"
    assert named[-1][0] == "pipeline_complete"
    assert ("agent_complete", "AgentCompleted", "research") in named
    assert ("phase_complete", "ToolResultReceived", "strategy") in named
    published = [name for name, _, step in named if step.startswith("publish.")]
    assert published.count("phase_complete") == 1
    assert ("agent_complete", "ToolResultReceived", "publish.email") in named
    assert ("phase_complete", "ToolResultReceived", "publish.blog") in named
    assert ("plan_generated", "PlanGenerated", "") in named
    agents = [entry.data for entry in bench.events() if entry.sse_name == "agent_complete"]
    assert all(data["agent"] and data["cost_usd"] > 0 for data in agents)


def test_nothing_personal_is_in_the_view(bench: Bench, desk: Desk, tmp_path: Path) -> None:
    completed(desk, tmp_path)
    bench.projector.apply(desk.log)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("view.sqlite*"))
    assert b"Harbour Coffee" in stored
    assert EMAIL.encode() not in stored
    assert RECIPIENT.encode() not in stored
    goal = bench.events()[0].data["goal"]["goal"]
    assert set(goal["contact_email"]) == {"subject_id"}


def test_the_size_of_the_views_pool_is_a_metric(bench: Bench) -> None:
    """RES-13: pool sizes are exported."""
    pool = bench.database._engine.pool
    assert isinstance(pool, QueuePool)
    told = REGISTRY.get_sample_value("sagaline_pool_size", {"pool": "view"})
    assert told == pool.size() > 0


def test_a_view_of_another_build_is_made_anew(
    bench: Bench, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    completed(desk, tmp_path)
    bench.projector.apply(desk.log)
    assert bench.database.prepare() is False
    monkeypatch.setattr("services.orchestrator.view.database.VIEW_VERSION", VIEW_VERSION + 1)
    assert bench.database.prepare() is True
    assert all(rows == [] for rows in bench.rows().values())
