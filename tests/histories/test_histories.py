"""What a release has left on somebody's brokers is read, folded and decided as it was then."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts import topics
from contracts.requests import ReviewDecision
from contracts.saga import PlanGenerated
from services.orchestrator.saga.definitions import DEFINITIONS, SagaDefinition
from services.orchestrator.saga.definitions.shorter import RESEARCH_ONLY
from services.orchestrator.saga.engine import backward, forward, retry
from services.orchestrator.saga.replaying import replay
from services.orchestrator.saga.restore import Restored
from tests.histories.reading import History, ends_of_ticks, history, kept
from tests.histories.record import (
    FOLDER,
    LIVES,
    cancelled,
    completed,
    failed,
    lines_of,
    record_lives,
    rejected,
    standing,
)
from tests.orchestrator.saga.desk import CODEC, PARTITION, Desk, Shelf, result_of
from tests.specification import CAMPAIGN_ID

FILES = sorted(FOLDER.glob("*/*.jsonl"))
RELEASED = re.compile(r"^## (?P<version>\d+\.\d+\.\d+)(?! \(unreleased\))\b", re.MULTILINE)


def name_of(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def standings(life: History) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Where the saga stood after each tick, as recorded and as today's fold has it."""
    restored = Restored(CODEC, PARTITION)
    facts = iter(life.facts)
    for line in life.lines:
        if line["kind"] == "fact":
            restored.fact(next(facts))
        elif line["kind"] == "stands":
            recorded = {name: value for name, value in line.items() if name != "kind"}
            yield recorded, standing(restored.sagas[CAMPAIGN_ID].saga)
    assert restored.skipped == 0


def test_every_release_has_its_histories() -> None:
    released = RELEASED.findall((FOLDER.parents[1] / "CHANGELOG.md").read_text("utf-8"))
    kept_ = {path.parent.name for path in FILES}
    assert kept_ >= set(released), "run `python -m tests.histories.record` and commit what it adds"
    lives = {live.__name__ for live in LIVES}
    for version in kept_:
        assert {path.stem for path in (FOLDER / version).glob("*.jsonl")} >= lives


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_record_of_a_release_is_still_read(path: Path) -> None:
    life = kept(path)
    values = [record.value for record in (*life.facts, *life.inputs.values())]
    read = [CODEC.decode(value) for value in (*values, *(value for _, value in life.commands))]
    assert len(read) > 20
    for (topic, _), message in zip(life.commands, read[len(values) :], strict=True):
        assert message.entry.topic == topic


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_after_every_tick_the_saga_stands_where_it_stood_then(path: Path) -> None:
    """A newer build may wait for more moments than the release did, never for fewer."""
    compared = 0
    for recorded, today in standings(kept(path)):
        then, now = recorded.pop("deadlines"), today.pop("deadlines")
        assert today == recorded
        assert [one for one in then if one not in now] == []
        compared += 1
    assert compared > 10


@pytest.mark.parametrize("path", FILES, ids=name_of)
async def test_every_input_brings_about_what_it_did_then(path: Path) -> None:
    life = kept(path)
    found = await replay(life.facts, life.inputs, CODEC)
    assert found.difference == ""
    assert (found.not_decided, found.facts) == (0, len(life.facts))
    assert found.decided > 10


@pytest.mark.parametrize("path", FILES, ids=name_of)
async def test_inputs_that_retention_took_hinder_no_replay(path: Path) -> None:
    life = kept(path)
    late = {source: record for source, record in life.inputs.items() if source.offset > 4}
    found = await replay(life.facts, late, CODEC)
    assert found.difference == ""
    assert found.not_decided > 0
    assert found.decided > 5


@pytest.mark.parametrize("path", FILES, ids=name_of)
async def test_a_running_saga_goes_on_with_the_plan_it_began_with(path: Path) -> None:
    """Taken over in every state that the release left it in, by a build that plans otherwise."""
    life = kept(path)
    bodies = [CODEC.decode(fact.value).body for fact in life.facts]
    (plan,) = [body for body in bodies if isinstance(body, PlanGenerated)]
    otherwise: dict[str, SagaDefinition] = {
        **DEFINITIONS,
        "campaign": replace(RESEARCH_ONLY, name="campaign", version=99),
    }
    for length in ends_of_ticks(life):
        if length <= bodies.index(plan):
            continue  # without a plan yet it gets the newest
        shelf = Shelf()
        shelf.records[life.facts[0].source].extend(life.facts[:length])
        desk = await Desk(shelf, otherwise).open()
        desk.now = desk.saga.updated_at
        await _to_its_end(desk)
        after = Restored(CODEC, PARTITION)
        for record in desk.shelf.of(topics.LOG):
            after.fact(record)
        saga = after.sagas[CAMPAIGN_ID].saga
        assert saga.life.ended
        assert (saga.plan, saga.definition_version) == (plan.steps, plan.definition_version)
        assert desk.log().count("PlanGenerated") == 1


async def _to_its_end(desk: Desk) -> None:
    """Answer whatever is called, and approve whatever is shown."""
    for _ in range(60):
        if desk.saga.life.ended:
            return
        steps = desk.saga.steps.items()
        undoing = [name for name, one in steps if one.undo == "CALLED"]
        running = desk.saga.life == "RUNNING"
        called = [name for name, one in steps if running and one.status == "CALLED"]
        if undoing:
            desk.undone(undoing[0])
        elif called:
            desk.answer(called[0], result_of(called[0], sparse=True))
        elif running and any(one.status == "WAITING" for _, one in steps):
            desk.decide(ReviewDecision.APPROVE)
        else:
            first = min(deadline.at for deadline in desk.saga.deadlines)
            await desk.wait(max(first - desk.now, datetime.resolution))


@pytest.mark.parametrize("live", LIVES, ids=lambda live: live.__name__)
async def test_what_this_build_records_it_replays(live: Any) -> None:
    life = history(await lines_of(live))
    found = await replay(life.facts, life.inputs, CODEC)
    assert found.difference == ""
    assert all(recorded == today for recorded, today in standings(life))


def test_a_release_is_recorded_once(tmp_path: Path) -> None:
    record_lives(tmp_path / "9.9.9")
    with pytest.raises(FileExistsError):
        record_lives(tmp_path / "9.9.9")


# A replay that cannot fail proves nothing: each way in which a build may differ is found.


async def difference(life: History) -> str:
    return (await replay(life.facts, life.inputs, CODEC)).difference


async def test_another_wait_before_the_next_try_is_a_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    life = history(await lines_of(completed))
    monkeypatch.setattr(retry, "backoff", lambda *_: timedelta(seconds=7))
    assert "RetryScheduled.due: logged" in await difference(life)


async def test_another_order_of_the_undo_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    life = history(await lines_of(failed))
    plan = backward.undo_plan
    monkeypatch.setattr(backward, "undo_plan", lambda saga: plan(saga)[::-1])
    assert "CompensationStarted.undo_plan: logged" in await difference(life)


async def test_a_fact_more_or_fewer_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    life = history(await lines_of(rejected))
    monkeypatch.setattr(forward, "send_back", lambda *_: False)
    found = await difference(life)
    assert "WorkSentBack" in found.partition("; today ")[0]
    assert "WorkSentBack" not in found.partition("; today ")[2]


async def test_an_input_that_breaks_this_build_is_a_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    life = history(await lines_of(cancelled))

    def breaking(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(backward, "cancel", breaking)
    found = await difference(life)
    assert "logged CancelRequested" in found
    assert "a bug of ours" in found


async def test_a_record_that_is_missing_or_cannot_be_read_is_a_difference() -> None:
    life = history(await lines_of(completed))
    without = life._replace(facts=life.facts[:5] + life.facts[6:])
    assert "it does not follow the campaign's last record" in await difference(without)
    garbled = list(life.facts)
    garbled[5] = replace(garbled[5], value=b"\x00\x00\x00\x00\x4dunknown")
    assert "it does not follow" in await difference(life._replace(facts=garbled))


async def test_a_stranger_under_the_campaigns_key_is_passed_over() -> None:
    life = history(await lines_of(completed))
    stranger = replace(life.facts[5], value=b"rubbish")
    assert await difference(life._replace(facts=[*life.facts[:5], stranger, *life.facts[5:]])) == ""
