"""What people ask of a campaign: start, review, cancel, retry."""

from typing import Any

import httpx
import pytest

from contracts import identity
from contracts.content import ContentWritten
from contracts.envelope import FailureReason
from contracts.saga import ContentEdited
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.view.stories import CLAIM, OTHER_TENANT, TENANT, goal_of

CAMPAIGN = identity.campaign_id(TENANT, "one")
URL = f"/api/v1/campaigns/{CAMPAIGN}"


async def given(stand: Stand, *, start: bool = True, run: bool = True) -> None:
    goal = goal_of(stand.settings.keyring_dir)
    stand.desk.create(CAMPAIGN, goal, start=start)
    if start and run:
        stand.desk.run(CAMPAIGN)
    await stand.log.publish()


def types(stand: Stand) -> list[str]:
    return [CODEC.decode(record.value).entry.name for record in stand.desk.log]


async def post(stand: Stand, path: str, body: Any = None, **headers: str) -> httpx.Response:
    async with stand.client(**headers) as client:
        return await client.post(f"{URL}/{path}", json=body)


async def test_an_idle_campaign_is_started_once(stand: Stand) -> None:
    await given(stand, start=False)
    first = await post(stand, "start")
    second = await post(stand, "start")
    assert (first.status_code, first.json()["state"]) == (202, "RADAR")
    assert second.status_code == 409
    assert "not IDLE" in second.json()["detail"]
    assert types(stand).count("PlanGenerated") == 1


async def test_a_start_that_is_sent_twice_with_one_key_is_one_start(stand: Stand) -> None:
    await given(stand, start=False)
    headers = {"Idempotency-Key": "s1"}
    first = await post(stand, "start", **headers)
    second = await post(stand, "start", **headers)
    assert (first.status_code, second.status_code) == (202, 202)
    assert types(stand).count("PlanGenerated") == 1
    assert "RequestRefused" not in types(stand)


async def test_an_approval_of_what_is_shown_lets_it_be_published(stand: Stand) -> None:
    await given(stand)
    answer = await post(
        stand, "review", {"decision": "APPROVE", "reason": "good"}, **{"X-Actor": "ana"}
    )
    assert (answer.status_code, answer.json()["state"]) == (202, "PUBLISH")
    decided = [r for r in stand.desk.log if CODEC.decode(r.value).entry.name == "ReviewDecided"]
    assert CODEC.decode(decided[0].value).envelope.actor.id == "ana"


async def test_an_approval_of_an_older_version_is_refused_with_the_sagas_reason(
    stand: Stand,
) -> None:
    await given(stand)
    body = {"decision": "APPROVE", "shown_digest": "c" * 64}
    answer = await post(stand, "review", body)
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:sagaline:problem:refused"
    assert "older version" in answer.json()["detail"]
    assert types(stand)[-1] == "RequestRefused"


async def test_a_decision_before_and_after_the_wait_is_refused_and_in_the_log(
    stand: Stand,
) -> None:
    await given(stand, run=False)
    early = await post(stand, "review", {"decision": "APPROVE"})
    stand.desk.run(CAMPAIGN)
    await stand.log.publish()
    await post(stand, "review", {"decision": "APPROVE"})
    late = await post(stand, "review", {"decision": "REJECT"})
    assert (early.status_code, late.status_code) == (409, 409)
    assert "nothing waits" in early.json()["detail"]
    assert types(stand).count("RequestRefused") == 2


async def test_a_rejection_undoes_the_campaign(stand: Stand) -> None:
    await given(stand)
    answer = await post(stand, "review", {"decision": "REJECT", "reason": "off brand"})
    assert (answer.status_code, answer.json()["state"]) == (202, "COMPENSATING")
    stand.desk.undo_all(CAMPAIGN)
    await stand.log.publish()
    async with stand.client() as client:
        told = (await client.get(URL)).json()
    assert told["state"] == "REJECTED"
    assert told["failure"]["message"] == "off brand"


async def test_an_edit_replaces_the_whole_result_and_drops_citations_that_are_untrue_now(
    stand: Stand,
) -> None:
    await given(stand)
    edit = {"item_id": "email-a", "title": "Better coffee", "body_markdown": "Just try it."}
    answer = await post(stand, "review", {"decision": "EDIT", "edits": [edit]})
    assert (answer.status_code, answer.json()["state"]) == (202, "AUDIT")
    (record,) = [r for r in stand.desk.log if CODEC.decode(r.value).entry.name == "ContentEdited"]
    event = CODEC.decode(record.value).body
    assert isinstance(event, ContentEdited)
    content = CODEC.decode(event.body).body
    assert isinstance(content, ContentWritten)
    items = {item.id: item for item in content.items}
    assert (items["email-a"].title, items["email-a"].body_markdown) == (
        "Better coffee",
        "Just try it.",
    )
    assert items["email-a"].citations == ()
    assert items["blog-a"].citations[0].claim == CLAIM


async def test_a_title_alone_may_be_edited(stand: Stand) -> None:
    await given(stand)
    edit = {"item_id": "blog-a", "title": "Better coffee"}
    await post(stand, "review", {"decision": "EDIT", "edits": [edit]})
    async with stand.client() as client:
        items = (await client.get(URL)).json()["results"]["content"]
    blog = next(item for item in items if item["id"] == "blog-a")
    assert blog["title"] == "Better coffee"
    assert CLAIM in blog["body_markdown"]
    assert len(blog["citations"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"decision": "MAYBE"}, "decision"),
        ({"decision": "EDIT"}, "edits"),
        ({"decision": "APPROVE", "edits": [{"item_id": "email-a", "title": "x"}]}, "decision"),
        ({"decision": "EDIT", "edits": [{"item_id": "fax-a", "title": "x"}]}, "edits.0.item_id"),
        ({"decision": "EDIT", "edits": [{"item_id": "email-a"}]}, "edits.0"),
        ({"decision": "EDIT", "edits": [{"item_id": "email-a", "body": "x"}]}, "edits.0.body"),
        ({"decision": "REQUEST_CHANGES"}, "reason"),
        ({"decision": "APPROVE", "shown_digest": "abc"}, "shown_digest"),
        ({"decision": "APPROVE", "why": "x"}, "why"),
    ],
)
async def test_a_wrong_decision_names_the_field_and_sends_nothing(
    stand: Stand, body: dict[str, Any], field: str
) -> None:
    await given(stand)
    answer = await post(stand, "review", body)
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert field in [error["field"] for error in errors]
    assert all(error["rule"] and error["example"] for error in errors)
    assert stand.log.sent == []


async def test_changes_that_are_asked_for_send_the_work_back(stand: Stand) -> None:
    await given(stand)
    body = {"decision": "REQUEST_CHANGES", "reason": "less exclamation"}
    answer = await post(stand, "review", body)
    assert (answer.status_code, answer.json()["state"]) == (202, "CONTENT_PROD")
    async with stand.client() as client:
        trace = (await client.get(URL)).json()["trace"]
    content = next(entry for entry in trace if entry["step"] == "content")
    assert content["feedback"] == ["less exclamation"]


async def test_a_campaign_is_cancelled_once(stand: Stand) -> None:
    await given(stand)
    first = await post(stand, "cancel", {"reason": "recalled"})
    stand.desk.undo_all(CAMPAIGN)
    await stand.log.publish()
    second = await post(stand, "cancel", {"reason": "recalled"})
    assert first.status_code == 202
    assert second.status_code == 409
    assert "CANCELLED" in second.json()["detail"]


async def test_only_a_failed_campaign_is_retried(stand: Stand) -> None:
    await given(stand, run=False)
    running = await post(stand, "retry")
    stand.desk.fail(CAMPAIGN, "research", FailureReason.INVALID_INPUT)
    await stand.log.publish()
    failed = await post(stand, "retry")
    again = await post(stand, "retry")
    assert (running.status_code, failed.status_code, again.status_code) == (409, 202, 409)
    assert failed.json()["state"] == "RADAR"


async def test_a_request_that_the_log_does_not_answer_in_time_is_accepted_with_a_note(
    stand: Stand,
) -> None:
    await given(stand, start=False)
    stand.log.answers = False
    answer = await post(stand, "start")
    assert answer.status_code == 202
    assert "does not show yet" in answer.json()["note"]
    assert answer.json()["state"] == "IDLE"


@pytest.mark.parametrize("path", ["start", "review", "cancel", "retry"])
async def test_nobody_decides_for_another_tenant(stand: Stand, path: str) -> None:
    await given(stand)
    foreign = {"X-Tenant-Id": OTHER_TENANT}
    answer = await post(stand, path, {"decision": "APPROVE"}, **foreign)
    assert answer.status_code == 404
    assert stand.log.sent == []


@pytest.mark.parametrize("path", ["start", "retry"])
async def test_a_log_that_does_not_answer_takes_no_request(stand: Stand, path: str) -> None:
    await given(stand)
    stand.log.reachable = False
    answer = await post(stand, path)
    assert answer.status_code == 503
    assert "make the same call again" in answer.json()["detail"]
