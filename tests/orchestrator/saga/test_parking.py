"""An input that breaks the fold waits in its own campaign, with what comes behind it."""

import sys
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from chassis.broker import Incoming, TopicPartition
from chassis.codec import Decoded
from chassis.dead_letter import letter_id
from chassis.letterbox import Letter, Letterbox
from contracts import topics
from contracts.parking import DropParked, InputParked, InputUnparked, RedriveParked
from contracts.requests import CancelCampaign, RetryCampaign, ReviewDecision
from contracts.saga import DeadlineKind, RequestRefused, ToolCallRequested, WorkflowCancelled
from services.orchestrator.saga.census import Census
from services.orchestrator.saga.engine import decide, forward
from services.orchestrator.saga.engine.inputs import Answered
from services.orchestrator.saga.engine.parked_inputs import PARKED_BYTES_MAX, PARKED_MAX
from services.orchestrator.saga.engine.story import Story
from services.orchestrator.saga.replaying import Source, replay
from services.orchestrator.saga.state import Life
from services.orchestrator.saga.verify import state_hash
from services.orchestrator.view import control
from tests.contracts.examples import uuid_of
from tests.orchestrator.saga.desk import (
    CODEC,
    PARTITION,
    Desk,
    Shelf,
    campaign,
    campaign_request,
    names,
)
from tests.specification import CAMPAIGN_ID

DECIDING: Any = sys.modules[decide.__module__]


class Bug:
    """Breaks the engine on every answer of one step, until it is repaired."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
        self.step = step
        answered = forward.answered

        def breaking(story: Story, answer: Answered) -> None:
            if answer.done.step == self.step:
                story.tell(RequestRefused(request="half", reason="folded before it broke"))
                raise RuntimeError("a bug of ours \udcff")
            answered(story, answer)

        monkeypatch.setattr(forward, "answered", breaking)

    def repair(self) -> None:
        self.step = "none"


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged, as events: a traceback is not drawn."""
    with capture_logs() as told:
        yield told


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> Bug:
    return Bug(monkeypatch, "design")


async def parked(**goal: Any) -> Desk:
    """A campaign whose picture broke the engine, and whose film waits behind it."""
    desk = await campaign(until="design", generate_video=True, **goal)
    picture = unique(desk, "design")
    desk.give(picture, unique(desk, "video"))
    assert [one.type for one in desk.saga.parked] == ["DesignRendered", "VideoRendered"]
    return desk


def unique(desk: Desk, step: str) -> Incoming:
    """The step's answer under an offset of its own."""
    desk._asked += 1
    return desk.result(step)


async def letters(desk: Desk) -> list[Letter]:
    found = await Letterbox(desk.shelf, CODEC).letters()
    return sorted(found.by_place.values(), key=lambda letter: letter.place)


def bodies(written: list[Decoded], kind: type) -> list[Any]:
    return [message.body for message in written if isinstance(message.body, kind)]


async def test_what_breaks_the_fold_is_kept_in_the_log_whole_and_nothing_of_it_is_folded(
    bug: Bug,
) -> None:
    desk = await campaign(until="design")
    before = desk.saga
    record = unique(desk, "design")
    written = desk.give(record)
    assert names(written)[:2] == ["InputParked", "DeadLetter"]
    (fact,) = bodies(written, InputParked)
    assert (fact.value, fact.topic, fact.offset) == (record.value, record.topic, record.offset)
    assert fact.cause == "the engine failed on it: RuntimeError: a bug of ours ?"
    assert not fact.behind
    assert desk.saga.steps == before.steps
    assert desk.saga.sequence == before.sequence + 1


async def test_later_inputs_of_the_campaign_queue_behind_it_and_others_go_on(bug: Bug) -> None:
    desk = await campaign(until="design", generate_video=True)
    other = uuid_of("another campaign")
    written = desk.give(
        unique(desk, "design"),
        unique(desk, "video"),
        desk.request(campaign_request(), campaign_id=other),
    )
    facts = [one for one in written if one.entry.topic == topics.LOG]
    assert [one.entry.name for one in facts[:3]] == ["InputParked", "InputParked", "GoalReceived"]
    assert [fact.behind for fact in bodies(written, InputParked)] == [False, True]
    assert "RunResearch" in names(written), "the other campaign is under way"


async def test_the_clocks_of_a_campaign_that_waits_stand_still_and_somebody_is_asked(
    bug: Bug,
) -> None:
    desk = await parked()
    assert [deadline.kind for deadline in desk.saga.deadlines] == [DeadlineKind.PAUSE]
    log = len(desk.log())
    await desk.wait(timedelta(hours=23))
    assert len(desk.log()) == log
    await desk.wait(timedelta(hours=2))
    assert desk.log()[log:] == ["DeadlinePassed"]
    assert [deadline.kind for deadline in desk.saga.deadlines] == [DeadlineKind.PAUSE]


async def test_its_state_is_shown_as_it_was_and_the_problem_beside_it(bug: Bug) -> None:
    desk = await parked()
    assert desk.saga.campaign_state.value == "CONTENT_PROD"
    assert desk.saga.problem.startswith("2 inputs are parked; the first is DesignRendered: the")
    assert not desk.saga.paused


async def test_people_are_told_what_is_parked_and_alarmed_once(
    bug: Bug, logs: list[MutableMapping[str, Any]]
) -> None:
    desk = await parked()
    alarms = [one for one in logs if one["event"] == "input_parked"]
    assert [(one["workflow_id"], one["type"]) for one in alarms] == [
        (CAMPAIGN_ID, "DesignRendered")
    ]
    assert [one["type"] for one in control.parked_inputs(desk.saga)] == [
        "DesignRendered",
        "VideoRendered",
    ]
    Census().take(desk.processor._store)
    assert REGISTRY.get_sample_value("sagaline_inputs_parked") == 2.0
    assert desk.saga.deadlines, "it waits for something, so it is not stalled"


async def test_redriven_inputs_are_folded_in_their_order_and_the_clocks_go_on(bug: Bug) -> None:
    desk = await parked()
    deadline = desk.saga.steps["design"].deadline
    assert deadline is not None
    await desk.wait(timedelta(hours=5))
    bug.repair()
    written = desk.ask(RedriveParked())
    steps = [one.step for one in bodies(written, ToolCallRequested)]
    assert steps == ["audit"]
    facts = [name for name in names(written) if name in ("InputUnparked", "ToolResultReceived")]
    assert facts == ["InputUnparked", "ToolResultReceived"] * 2
    assert desk.saga.problem == ""
    assert desk.saga.pauses == ()
    desk.run()
    desk.decide(ReviewDecision.APPROVE)
    desk.run()
    assert desk.saga.life is Life.COMPLETED


async def test_a_redriven_result_counts_for_the_step_that_was_asked(bug: Bug) -> None:
    """Its time did not run out meanwhile: the same attempt is still awaited."""
    desk = await parked()
    await desk.wait(timedelta(hours=5))
    bug.repair()
    desk.ask(RedriveParked())
    assert desk.saga.steps["design"].attempt == 1
    assert desk.saga.steps["design"].status == "ANSWERED"


async def test_one_that_still_breaks_keeps_its_place_and_those_behind_it_wait_on(
    bug: Bug,
) -> None:
    desk = await parked()
    written = desk.ask(RedriveParked())
    assert [name for name in names(written) if name != "DeadLetter"] == ["InputParked"]
    first, second = desk.saga.parked
    assert (first.type, first.attempts, second.attempts) == ("DesignRendered", 2, 1)
    one, two = await letters(desk)
    assert (one.state, one.attempts, two.state, two.attempts) == ("parked", 2, "parked", 1)


async def test_dropped_inputs_are_named_and_never_folded(bug: Bug) -> None:
    desk = await parked()
    first, second = desk.saga.parked
    desk.ask(DropParked(letters=(first.letter_id,), reason="asked for anew"))
    assert [one.letter_id for one in desk.saga.parked] == [second.letter_id]
    assert desk.saga.problem
    written = desk.ask(DropParked(reason="both"))
    assert [one.reason for one in bodies(written, InputUnparked)] == ["both"]
    assert desk.saga.parked == ()
    assert desk.saga.steps["design"].status == "CALLED", "its deadline runs again"
    assert [d.kind for d in desk.saga.obligations] == [DeadlineKind.STEP] * 2


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (RedriveParked(), "nothing is parked"),
        (DropParked(), "nothing is parked"),
        (DropParked(letters=(uuid_of("x"),)), "not parked here"),
    ],
)
async def test_what_is_not_parked_is_neither_redriven_nor_dropped(
    request_: RedriveParked | DropParked, reason: str
) -> None:
    desk = await campaign()
    (refused,) = bodies(desk.ask(request_), RequestRefused)
    assert reason in refused.reason


async def test_a_repeated_redrive_changes_nothing(bug: Bug) -> None:
    desk = await parked()
    bug.repair()
    wish = desk.request(RedriveParked())
    desk.give(wish)
    log = desk.log()
    desk.give(replace(wish, offset=wish.offset + 100))
    assert desk.log() == log


async def test_a_cancel_works_although_inputs_are_parked_and_drops_them(bug: Bug) -> None:
    desk = await parked()
    written = desk.ask(CancelCampaign(reason="enough"))
    assert [one.reason for one in bodies(written, InputUnparked)] == [
        "the campaign is cancelled"
    ] * 2
    while called := [name for name, one in desk.saga.steps.items() if one.undo == "CALLED"]:
        desk.undone(called[0])
    assert "WorkflowCancelled" in desk.log()
    assert desk.saga.life is Life.CANCELLED
    assert WorkflowCancelled.__name__ == desk.log()[-1]


async def test_a_queue_has_an_end_and_what_comes_beyond_is_a_dead_letter(bug: Bug) -> None:
    desk = await parked()
    for number in range(PARKED_MAX):
        desk.ask(RetryCampaign(failed_sequence=number + 1))
    assert len(desk.saga.parked) == PARKED_MAX
    beyond = [one for one in await letters(desk) if not one.body.parked]
    assert len(beyond) == 2
    assert "as many parked inputs as it may hold" in beyond[0].body.reason
    assert len(desk.saga.model_dump_json()) < 2 * PARKED_BYTES_MAX


async def test_an_input_that_the_queue_cannot_hold_is_a_dead_letter(
    monkeypatch: pytest.MonkeyPatch, bug: Bug
) -> None:
    monkeypatch.setattr("services.orchestrator.saga.engine.parked_inputs.PARKED_BYTES_MAX", 10)
    desk = await campaign(until="design")
    assert names(desk.give(unique(desk, "design"))) == ["DeadLetter"]
    assert desk.saga.parked == ()


async def test_an_ended_campaign_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await campaign()
    desk.ask(CancelCampaign())
    assert desk.saga.life.ended
    _break(monkeypatch, "_cancel")
    assert names(desk.ask(CancelCampaign())) == ["DeadLetter"]


async def test_a_deadline_that_breaks_the_engine_parks_its_campaign_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = await campaign()
    repair = _break(monkeypatch, "_fell_due")
    await desk.wait(timedelta(minutes=6))
    assert [one.type for one in desk.saga.parked] == ["TimePassed"]
    (letter,) = await letters(desk)
    assert (letter.state, letter.campaign_id) == ("parked", CAMPAIGN_ID)
    repair()
    desk.ask(RedriveParked())
    assert desk.saga.problem == ""
    await desk.wait(timedelta(minutes=1))
    assert (desk.saga.steps["research"].status, desk.saga.steps["research"].attempt) == (
        "CALLED",
        2,
    )
    assert [one.state for one in await letters(desk)] == ["REDRIVEN"]


def _break(monkeypatch: pytest.MonkeyPatch, name: str) -> Callable[[], None]:
    whole = getattr(DECIDING, name)

    def breaking(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(DECIDING, name, breaking)
    return lambda: monkeypatch.setattr(DECIDING, name, whole)


async def test_letters_say_what_is_parked_and_what_became_of_it(bug: Bug) -> None:
    desk = await parked()
    one, two = await letters(desk)
    first = desk.saga.parked[0]
    assert one.letter_id == letter_id(first.topic, first.partition, first.offset)
    assert (one.state, two.state) == ("parked", "parked")
    assert "a bug of ours" in one.body.reason
    assert "behind a parked input" in two.body.reason
    bug.repair()
    desk.ask(RedriveParked())
    assert [letter.state for letter in await letters(desk)] == ["REDRIVEN", "REDRIVEN"]


async def test_a_copy_that_takes_over_finds_the_same_queue(bug: Bug) -> None:
    desk = await parked()
    shelf = Shelf()
    log = TopicPartition(topics.LOG, PARTITION)
    shelf.records[log].extend(desk.shelf.records[log])
    other = await Desk(shelf).open()
    assert state_hash(other.held) == state_hash(desk.held)
    bug.repair()
    other._asked = 50
    other.ask(RedriveParked())
    assert other.saga.parked == ()


async def test_a_repaired_build_passes_the_gate_over_what_had_broken(bug: Bug) -> None:
    desk = await campaign(until="design", generate_video=True)
    given: dict[Source, Incoming] = {}
    for record in (unique(desk, "design"), unique(desk, "video")):
        given[Source(*record.source, record.offset)] = record
        desk.give(record)
    bug.repair()
    wish = desk.request(RedriveParked())
    given[Source(*wish.source, wish.offset)] = wish
    desk.give(wish)
    found = await replay(desk.shelf.of(topics.LOG), given, CODEC)
    assert found.difference == ""
    assert found.decided >= 2
