"""Pausing, resuming and undoing by hand over HTTP: what is taken, refused, and shown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chassis.clock import ManualClock
from chassis.messages import NO_CAMPAIGN
from contracts import identity, topics
from contracts.envelope import FailureReason, StepDone, StepOutcome, Usage
from contracts.saga import StepFailed
from tests.orchestrator.edge.fakes import Stand
from tests.orchestrator.view.stories import OTHER_TENANT, TENANT, goal_of

CAMPAIGN = identity.campaign_id(TENANT, "one")
URL = f"/api/v1/campaigns/{CAMPAIGN}"
PAUSES = "/api/v1/pauses"
TRIES = 5


async def given(stand: Stand, *, start: bool = True, until: str = "") -> None:
    stand.desk.clock = ManualClock(datetime.now(UTC))
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir), start=start)
    if start:
        stand.desk.run(CAMPAIGN, until=until)
    await stand.log.publish()


async def post(stand: Stand, path: str, body: Any = None, **headers: str) -> httpx.Response:
    address = path if path.startswith("/") else f"{URL}/{path}"
    async with stand.client(**headers) as client:
        return await client.post(address, json={} if body is None else body)


async def get(stand: Stand, path: str = "", **headers: str) -> dict[str, Any]:
    async with stand.client(**headers) as client:
        answer = await client.get(path if path.startswith("/api") else f"{URL}{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def later(days: float = 2) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


async def fail_undo(stand: Stand, step: str) -> None:
    """The undo fails as often as it may."""
    desk = stand.desk
    for _ in range(TRIES):
        state = desk.sagas[CAMPAIGN].steps[step]
        done = StepDone(step=step, attempt=1, outcome=StepOutcome.DEGRADED, usage=Usage())
        body = StepFailed(reason=FailureReason.UNAVAILABLE, message="the store is away")
        desk._result(CAMPAIGN, state.undo_command_id, done, body)
        desk.wait(CAMPAIGN, 60)
    await stand.log.publish()


async def test_a_pause_is_shown_with_owner_reason_and_review_and_progress_stays(
    stand: Stand,
) -> None:
    await given(stand, until="content")
    before = await get(stand)
    review_at = later()
    body = {"reason": "legal asks", "review_at": review_at}
    answer = await post(stand, "pause", body, **{"X-Actor": "ana"})
    assert (answer.status_code, answer.json()["state"]) == (202, "PAUSED")
    told = await get(stand)
    (pause,) = told["pauses"]
    assert (pause["scope"], pause["owner"], pause["reason"]) == ("CAMPAIGN", "ana", "legal asks")
    assert datetime.fromisoformat(pause["review_at"]) == datetime.fromisoformat(review_at)
    assert told["progress_percentage"] == before["progress_percentage"]
    assert (await get(stand, "/progress"))["current_phase"] == "PAUSED"
    listed = await get(stand, "/api/v1/campaigns?state=PAUSED")
    assert [one["campaign_id"] for one in listed["campaigns"]] == [CAMPAIGN]


async def test_a_pause_that_names_no_moment_is_looked_at_in_a_day(stand: Stand) -> None:
    await given(stand, until="content")
    assert (await post(stand, "pause")).status_code == 202
    (pause,) = (await get(stand))["pauses"]
    since, review_at = map(datetime.fromisoformat, (pause["since"], pause["review_at"]))
    assert timedelta(hours=23) < review_at - since < timedelta(hours=25)


async def test_a_resumed_campaign_goes_on(stand: Stand) -> None:
    await given(stand, until="content")
    await post(stand, "pause")
    stand.desk.run(CAMPAIGN)
    answer = await post(stand, "resume", {"reason": "legal agreed"})
    assert (answer.status_code, answer.json()["state"]) == (202, "CONTENT_PROD")
    assert (await get(stand))["pauses"] == []


async def test_what_cannot_be_is_refused_and_says_what_would_work(stand: Stand) -> None:
    await given(stand, until="content")
    nothing = await post(stand, "resume")
    await post(stand, "pause")
    twice = await post(stand, "pause")
    past = await post(stand, "undo/content/resume")
    assert [one.status_code for one in (nothing, twice, past)] == [409, 409, 409]
    assert nothing.headers["content-type"] == "application/problem+json"
    assert "is not paused" in nothing.json()["detail"]
    assert "resume it first" in twice.json()["detail"]
    assert "nothing is parked" in past.json()["detail"]


async def test_a_pause_that_is_sent_twice_with_one_key_is_one_pause(stand: Stand) -> None:
    await given(stand, until="content")
    headers = {"Idempotency-Key": "p1"}
    answers = [await post(stand, "pause", **headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len((await get(stand))["pauses"]) == 1


@pytest.mark.parametrize("path", ["pause", "resume", "undo/content/skip"])
async def test_nobody_controls_another_tenants_campaign(stand: Stand, path: str) -> None:
    await given(stand)
    answer = await post(stand, path, **{"X-Tenant-Id": OTHER_TENANT})
    assert answer.status_code == 404
    assert stand.log.sent == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("pause", {"review_at": "tomorrow"}, "review_at"),
        ("pause", {"until": "2026-03-01T09:00:00Z"}, "until"),
        ("resume", {"reason": 1}, "reason"),
        (PAUSES, {"scope": "CAMPAIGN"}, "scope"),
        (PAUSES, {"scope": "EVERYTHING"}, "scope"),
        (PAUSES, {"scope": "PHASE", "target": "desing"}, "target"),
        (PAUSES, {"scope": "GLOBAL", "target": "x"}, "target"),
        (PAUSES, {"scope": "TENANT", "target": OTHER_TENANT}, "target"),
    ],
)
async def test_a_wrong_request_names_the_field_and_sends_nothing(
    stand: Stand, path: str, body: dict[str, Any], field: str
) -> None:
    await given(stand)
    answer = await post(stand, path, body)
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert stand.log.sent == []


async def test_the_way_back_is_shown_before_the_start_and_while_the_campaign_runs(
    stand: Stand,
) -> None:
    await given(stand, start=False)
    plan = await get(stand, "/undo-plan")
    assert {one["status"] for one in plan["steps"]} == {"NOT_CALLED"}
    assert [one["step"] for one in plan["steps"]][-1] == "content"
    await post(stand, "start")
    stand.desk.run(CAMPAIGN)
    await stand.log.publish()
    plan = await get(stand, "/undo-plan")
    would = [one["step"] for one in plan["steps"] if one["status"] == "WOULD_RUN"]
    assert would == ["design", "content"]
    assert [one["undo"] for one in plan["steps"] if one["step"] == "content"] == [
        "DeleteContentDrafts"
    ]


async def test_the_way_back_is_shown_while_it_runs_and_a_parked_undo_may_be_skipped(
    stand: Stand,
) -> None:
    await given(stand)
    await post(stand, "cancel", {"reason": "recalled"})
    plan = await get(stand, "/undo-plan")
    assert plan["ending"] == "CANCELLED"
    assert [(one["step"], one["status"]) for one in plan["steps"]] == [
        ("design", "CALLED"),
        ("content", "WAITS"),
    ]
    await fail_undo(stand, "design")
    stand.desk.undo_all(CAMPAIGN)
    await stand.log.publish()
    told = await get(stand)
    assert [(one["step"], one["tries"]) for one in told["parked"]] == [("design", TRIES)]
    assert told["state"] == "COMPENSATING"
    answer = await post(stand, "undo/design/skip", {"reason": "removed by hand"})
    assert (answer.status_code, answer.json()["state"]) == (202, "CANCELLED")
    left = (await get(stand))["left_behind"]
    assert left == ["design: the undo failed, skipped; removed by hand"]
    assert (await get(stand, "/undo-plan"))["left_behind"] == left


async def test_a_parked_undo_may_be_tried_again(stand: Stand) -> None:
    await given(stand)
    await post(stand, "cancel", {"reason": "recalled"})
    await fail_undo(stand, "design")
    answer = await post(stand, "undo/design/resume", {"reason": "the store is back"})
    assert answer.status_code == 202
    stand.desk.undo_all(CAMPAIGN)
    await stand.log.publish()
    told = await get(stand)
    assert (told["state"], told["left_behind"]) == ("CANCELLED", [])


async def test_a_step_that_is_none_of_the_campaigns_is_not_found(stand: Stand) -> None:
    await given(stand)
    assert (await post(stand, "undo/nowhere/skip")).status_code == 404


async def test_a_wider_pause_stands_in_every_partition_and_is_listed_once(stand: Stand) -> None:
    await given(stand)
    body = {"scope": "PHASE", "target": "publish", "reason": "the mail server moves"}
    answer = await post(stand, PAUSES, body, **{"X-Actor": "ana"})
    assert answer.status_code == 202, answer.text
    assert (answer.json()["taken"], answer.json()["partitions"]) == (topics.PARTITIONS,) * 2
    sent = [(one.partition, (one.key or b"").decode()) for one in stand.log.sent]
    numbers = range(topics.PARTITIONS)
    assert sent == [(number, identity.control_id(number)) for number in numbers]
    (pause,) = (await get(stand, PAUSES))["pauses"]
    assert (pause["owner"], pause["target"], pause["partitions"]) == ("ana", "publish", 12)
    again = await post(stand, PAUSES, body)
    assert (again.status_code, "ana paused it at" in again.json()["detail"]) == (409, True)
    over = await post(stand, f"{PAUSES}/resume", {"scope": "PHASE", "target": "publish"})
    assert (over.status_code, over.json()["taken"]) == (202, topics.PARTITIONS)
    assert (await get(stand, PAUSES))["pauses"] == []


async def test_a_wider_pause_that_broke_off_is_made_whole_by_the_same_call(stand: Stand) -> None:
    await given(stand)

    def break_off() -> None:
        stand.log.reachable = len(stand.log.sent) < 5

    stand.log.after_send = break_off
    broken = await post(stand, PAUSES, {"scope": "GLOBAL"})
    assert broken.status_code == 503
    stand.log.reachable, stand.log.after_send = True, None
    whole = await post(stand, PAUSES, {"scope": "GLOBAL"})
    assert whole.status_code == 202
    assert 0 < whole.json()["taken"] < topics.PARTITIONS
    (pause,) = (await get(stand, PAUSES))["pauses"]
    assert pause["partitions"] == topics.PARTITIONS


async def test_a_tenants_pause_is_its_own_and_no_other_tenant_sees_it(stand: Stand) -> None:
    await given(stand)
    assert (await post(stand, PAUSES, {"scope": "TENANT"})).status_code == 202
    assert [one["target"] for one in (await get(stand, PAUSES))["pauses"]] == [TENANT]
    assert (await get(stand, PAUSES, **{"X-Tenant-Id": OTHER_TENANT}))["pauses"] == []


async def test_nobody_is_the_tenant_that_the_partitions_pauses_are_kept_under(
    stand: Stand,
) -> None:
    await given(stand)
    async with stand.client(**{"X-Tenant-Id": NO_CAMPAIGN}) as client:
        assert (await client.get("/api/v1/campaigns")).status_code == 422


async def test_the_console_shows_the_pause_its_end_and_a_parked_undo(stand: Stand) -> None:
    await given(stand, until="content")
    await post(stand, "pause", {"reason": "legal asks"}, **{"X-Actor": "ana"})
    async with stand.client() as client:
        page = (await client.get(f"/campaigns/{CAMPAIGN}")).text
    assert "Paused by ana" in page
    assert "legal asks" in page
    assert 'data-post="resume"' in page
    await post(stand, "cancel", {"reason": ""})
    await fail_undo(stand, "content")
    async with stand.client() as client:
        page = (await client.get(f"/campaigns/{CAMPAIGN}")).text
    assert 'data-post="undo/content/skip"' in page
