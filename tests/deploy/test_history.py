"""`sagaline show` and `sagaline fork`: the past of a campaign at the command line."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from contracts import identity
from contracts.requests import DecideReview, ReviewDecision
from deploy.cli import app, history_commands
from deploy.cli.board import words
from deploy.cli.edge import Edge, EdgeRefused, Event
from deploy.cli.talk import EXIT_INPUT, CommandFailed
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.view.stories import PICTURE, START, TENANT, goal_of

CAMPAIGN = identity.campaign_id(TENANT, "one")


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    """A campaign in review behind the edge that the commands talk to, without a network."""
    made = Stand(tmp_path / "state")

    class NearEdge(Edge):
        def __init__(self, url: str, tenant: str = "") -> None:
            super().__init__(url, tenant)
            self._client = made.client(**dict(self._client.headers))

    monkeypatch.setattr(history_commands, "Edge", NearEdge)
    made.desk.create(CAMPAIGN, goal_of(made.settings.keyring_dir, approvals_needed=2))
    made.desk.run(CAMPAIGN)
    asyncio.run(made.edge().artefacts.put(TENANT, PICTURE))
    asyncio.run(made.log.publish())
    yield made
    made.close()


def run(*words_: str) -> Result:
    return CliRunner().invoke(app, words_)


def said(*words_: str) -> str:
    result = run(*words_)
    assert result.exit_code == 0, result.output
    return result.stdout


def as_json(*words_: str) -> Any:
    return json.loads(said(*words_, "--json"))


def sequence_of(stand: Stand, name: str) -> int:
    names = [CODEC.decode(record.value).entry.name for record in stand.desk.log]
    return 1 + names.index(name)


def test_a_campaign_is_shown_as_it_is_with_its_steps_deadlines_and_gate(stand: Stand) -> None:
    told = said("show", CAMPAIGN)
    lines = told.splitlines()
    last = len(stand.desk.log)
    assert lines[0] == "Spring launch: REVIEW, 77 %"
    assert lines[1].startswith(f"after fact {last} of {last}: ReviewRequested, 2026-02-03T")
    assert lines[2].split() == ["step", "status", "outcome", "attempts", "answered_at"]
    assert lines[3].split()[:4] == ["research", "ANSWERED", "SUCCEEDED", "1"]
    assert any(line.startswith("waits until") and "REVIEW review" in line for line in lines)
    assert "  content: email-a: A better cup at work" in lines


def test_a_past_point_is_shown_by_sequence_and_by_moment(stand: Stand) -> None:
    told = as_json("show", CAMPAIGN, "--at", "2")
    assert (told["at"]["sequence"], told["state"], told["gate"]) == (2, "RADAR", None)
    first = as_json("show", CAMPAIGN, "--at", START.isoformat().replace("+00:00", "Z"))
    assert first["at"]["time"] == START.isoformat()


def test_votes_are_shown_with_what_they_are_about(stand: Stand) -> None:
    shown = stand.desk.sagas[CAMPAIGN].steps["review"].shown_digest
    word = DecideReview(step="review", decision=ReviewDecision.APPROVE, shown_digest=shown)
    stand.desk.ask(CAMPAIGN, word)
    asyncio.run(stand.log.publish())
    told = said("show", CAMPAIGN)
    assert f"review is WAITING; shown under {shown[:12]}…:" in told
    assert "approved by maria" in told


def test_two_points_are_compared(stand: Stand) -> None:
    number = sequence_of(stand, "ToolResultReceived")
    told = said("show", CAMPAIGN, "--diff", str(number - 1), str(number))
    lines = told.splitlines()
    assert lines[0] == f"{number - 1} (RADAR) to {number} (STRATEGY): 1 facts"
    assert lines[1].split() == [str(number), "ToolResultReceived", "research"]
    assert ["steps.research.status", "CALLED", "ANSWERED"] in [line.split() for line in lines]
    found = as_json("show", CAMPAIGN, "--diff", str(number - 1), str(number))
    assert found["to"]["at"]["sequence"] == number


@pytest.mark.parametrize("at", ["0", "9999", "yesterday", "2026-02-03T09:00:00"])
def test_a_point_out_of_range_is_refused_with_what_there_is(stand: Stand, at: str) -> None:
    result = run("show", CAMPAIGN, "--at", at)
    assert isinstance(result.exception, EdgeRefused)
    assert result.exception.exit_code == EXIT_INPUT
    assert str(result.exception).startswith("at: ")
    assert f"for example {len(stand.desk.log)}" in str(result.exception)


def test_one_point_and_two_are_not_asked_for_at_once(stand: Stand) -> None:
    result = run("show", CAMPAIGN, "--at", "1", "--diff", "1", "2")
    assert isinstance(result.exception, CommandFailed)
    assert result.exception.exit_code == EXIT_INPUT


def test_a_fork_takes_over_what_its_changes_do_not_touch(stand: Stand) -> None:
    headline = "strategy.brief.headline=Roast it"
    made = as_json("fork", CAMPAIGN, "--set", headline, "--set", "brief.name=Autumn")
    assert made["forked_from"] == {
        "campaign_id": CAMPAIGN,
        "sequence": stand.desk.sagas[CAMPAIGN].sequence,
    }
    assert made["taken_over"] == ["research", "strategy"]
    assert stand.desk.sagas[made["campaign_id"]].name == "Autumn"
    past = said("show", made["campaign_id"])
    assert f"forked from {CAMPAIGN} at {made['forked_from']['sequence']}" in past


def test_a_value_is_json_where_it_can_be_and_text_where_not(stand: Stand) -> None:
    changes = ("--set", 'brief.channels=["email"]', "--set", "brief.variants=1")
    made = as_json("fork", CAMPAIGN, *changes)
    goal = CODEC.decode(stand.desk.sagas[made["campaign_id"]].goal).record["goal"]
    assert (goal["channels"], goal["variants"]) == (["email"], 1)


def test_a_fork_begins_at_the_sequence_that_is_named_and_once_per_key(stand: Stand) -> None:
    first = said("fork", CAMPAIGN, "--at", "1", "--key", "k").strip()
    again = as_json("fork", CAMPAIGN, "--at", "1", "--key", "k")
    assert (again["campaign_id"], again["taken_over"]) == (first, [])


@pytest.mark.parametrize("change", ["brief.name", "=x"])
def test_a_change_without_path_or_value_is_refused(stand: Stand, change: str) -> None:
    result = run("fork", CAMPAIGN, "--set", change)
    assert isinstance(result.exception, CommandFailed)
    assert "PATH=VALUE" in str(result.exception)


@pytest.mark.parametrize(
    ("type_", "data", "told"),
    [
        ("ReviewVoted", {"voter": "ana", "votes": 1, "needed": 2}, "approved by ana, 1 of 2"),
        ("ReviewReminded", {"deadline": "at noon"}, "still waits for approval, until at noon"),
        ("ResultTakenOver", {"step": "research"}, "research is taken over"),
    ],
)
def test_who_watches_is_told_of_votes_reminders_and_forks(
    type_: str, data: dict[str, Any], told: str
) -> None:
    assert told in words(Event(1, "x", {"type": type_, **data}))
