"""Time travel over HTTP: a campaign as it was at any of its facts, and what changed since."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from contracts import identity
from contracts.requests import DecideReview, ReviewDecision
from services.orchestrator.saga.engine import evolve
from services.orchestrator.saga.facts import fact_of
from services.orchestrator.saga.state import Saga
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.view.stories import OTHER_TENANT, START, TENANT, goal_of

CAMPAIGN = identity.campaign_id(TENANT, "one")
URL = f"/api/v1/campaigns/{CAMPAIGN}/history"


async def given(stand: Stand) -> None:
    """A campaign that waits for its review."""
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir))
    stand.desk.run(CAMPAIGN)
    await stand.log.publish()


async def ask(stand: Stand, path: str = "", **query: Any) -> Any:
    async with stand.client() as client:
        answer = await client.get(f"{URL}{path}", params=query or None)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def refusal(stand: Stand, path: str, **query: Any) -> dict[str, str]:
    """What is wrong with the one place that is."""
    async with stand.client() as client:
        answer = await client.get(f"{URL}{path}", params=query or None)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    return dict(error)


def names(stand: Stand) -> list[str]:
    return [CODEC.decode(record.value).entry.name for record in stand.desk.log]


def folded(stand: Stand, upto: int) -> Saga:
    saga: Saga | None = None
    for record in stand.desk.log[:upto]:
        saga = evolve(saga, fact_of(CODEC.decode(record.value)))
    assert saga is not None
    return saga


async def test_every_sequence_is_the_fold_of_the_facts_up_to_it_and_of_no_later_one(
    stand: Stand,
) -> None:
    await given(stand)
    for number, name in enumerate(names(stand), start=1):
        told = await ask(stand, at=number)
        saga = folded(stand, number)
        assert told["at"] | {"time": ""} == {
            "sequence": number,
            "last": len(stand.desk.log),
            "time": "",
            "type": name,
        }
        assert told["state_hash"] == hashlib.sha256(saga.model_dump_json().encode()).hexdigest()
        record = stand.desk.log[number - 1].value or b""
        assert told["head_hash"] == hashlib.sha256(record).hexdigest()
        assert told["state"] == saga.campaign_state.value


async def test_a_past_point_looks_the_same_whatever_happens_later(stand: Stand) -> None:
    await given(stand)
    before = await ask(stand, at=9)
    shown = stand.desk.sagas[CAMPAIGN].steps["review"].shown_digest
    word = DecideReview(step="review", decision=ReviewDecision.REJECT, shown_digest=shown)
    stand.desk.ask(CAMPAIGN, word)
    stand.desk.undo_all(CAMPAIGN)
    await stand.log.publish()
    after = await ask(stand, at=9)
    assert after["at"].pop("last") > before["at"].pop("last")
    assert after == before
    assert (await ask(stand))["state"] == "REJECTED"


async def test_without_a_point_it_is_now(stand: Stand) -> None:
    await given(stand)
    told = await ask(stand)
    assert (told["state"], told["at"]["sequence"]) == ("REVIEW", len(stand.desk.log))


async def test_at_the_gate_it_says_what_was_shown_and_until_when(stand: Stand) -> None:
    await given(stand)
    told = await ask(stand)
    saga = stand.desk.sagas[CAMPAIGN]
    state = saga.steps["review"]
    assert state.deadline is not None
    assert saga.finish_by is not None
    gate = told["gate"]
    assert gate["shown_digest"] == state.shown_digest
    assert list(gate["shows"]) == ["content", "design", "audit"]
    assert gate["shows"]["content"]["items"][0]["title"] == "A better cup at work"
    reminder = state.deadline - timedelta(hours=6)
    assert told["deadlines"] == [
        {"at": reminder.isoformat(), "kind": "REMINDER", "step": "review"},
        {"at": state.deadline.isoformat(), "kind": "REVIEW", "step": "review"},
        {"at": saga.finish_by.isoformat(), "kind": "SAGA", "step": ""},
    ]


async def test_a_moment_means_the_last_fact_that_was_there_then(stand: Stand) -> None:
    await given(stand)
    times = [CODEC.decode(record.value).envelope.time for record in stand.desk.log]
    between = times[5] + timedelta(microseconds=1)
    told = await ask(stand, at=between.isoformat())
    assert told["at"]["sequence"] == max(n for n, at in enumerate(times, 1) if at <= between)
    exact = await ask(stand, at=START.isoformat().replace("+00:00", "Z"))
    assert exact["at"]["time"] == START.isoformat()


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        ("0", "the campaign has the facts 1 to"),
        ("9999", "the campaign has the facts 1 to"),
        ("-1", "a sequence, or a moment"),
        ("yesterday", "a sequence, or a moment"),
        ("2026-02-03T09:00:00", "needs its zone"),
        ("2026-02-03T08:59:59Z", f"the campaign began at {START.isoformat()}"),
        ("9000-01-01T00:00:00Z", "has not come yet"),
    ],
)
async def test_a_point_at_which_it_was_not_there_is_refused_with_those_there_are(
    stand: Stand, at: str, rule: str
) -> None:
    await given(stand)
    error = await refusal(stand, "", at=at)
    assert error["field"] == "at"
    assert rule in error["rule"]
    assert (await refusal(stand, f"/diff?from=1&to={at}"))["field"] == "to"
    assert (await refusal(stand, f"/diff?from={at}&to=1"))["field"] == "from"


async def test_two_points_are_compared_value_by_value(stand: Stand) -> None:
    await given(stand)
    number = 1 + names(stand).index("ToolResultReceived")
    told = await ask(stand, f"/diff?from={number - 1}&to={number}")
    changes = {one["path"]: (one["before"], one["after"]) for one in told["changes"]}
    assert changes["steps.research.status"] == ("CALLED", "ANSWERED")
    assert changes["results.findings.0"][0] is None
    assert changes["deadlines.STEP research"][1] is None
    assert told["facts"] == [{"sequence": number, "type": "ToolResultReceived", "step": "research"}]
    assert not any(path.startswith("at.") for path in changes)


async def test_compared_backwards_the_same_changes_are_told_the_other_way(stand: Stand) -> None:
    await given(stand)
    there = await ask(stand, "/diff?from=3&to=12")
    back = await ask(stand, "/diff?from=12&to=3")
    assert there["facts"] == back["facts"]
    turned = {one["path"]: (one["after"], one["before"]) for one in back["changes"]}
    assert turned == {one["path"]: (one["before"], one["after"]) for one in there["changes"]}
    same = await ask(stand, "/diff?from=3&to=3")
    assert (same["changes"], same["facts"]) == ([], [])


@pytest.mark.parametrize("path", ["", "/diff?from=1&to=2"])
async def test_another_tenants_past_is_not_there(stand: Stand, path: str) -> None:
    await given(stand)
    async with stand.client(**{"X-Tenant-Id": OTHER_TENANT}) as client:
        assert (await client.get(URL + path)).status_code == 404


async def test_no_cipher_text_and_no_address_leaves_by_the_past(stand: Stand) -> None:
    await given(stand)
    told = str(await ask(stand)) + str(await ask(stand, "/diff?from=1&to=9"))
    goal = stand.desk.sagas[CAMPAIGN].goal
    sealed = CODEC.decode(goal).record["goal"]["contact_email"]["token"]
    assert sealed not in told
    assert "@example" not in told
