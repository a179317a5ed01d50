"""Forks over HTTP: a new campaign from any point of an old one, with what is to be otherwise."""

from typing import Any

import httpx
import pytest

from contracts import identity, topics
from contracts.content import ContentWritten
from contracts.goal import CreateCampaign
from contracts.requests import DecideReview, ForkCampaign, ReviewDecision
from contracts.saga import CampaignForked, GoalReceived, ReviewRequested, ToolCallRequested
from services.orchestrator.saga.state import Life, Saga, StepStatus, UndoStatus
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.view.stories import (
    EMAIL,
    OTHER_TENANT,
    PICTURE,
    PICTURE_DIGEST,
    TENANT,
    goal_of,
)

CAMPAIGN = identity.campaign_id(TENANT, "one")
API = "/api/v1/campaigns"
URL = f"{API}/{CAMPAIGN}"
KEY = {"Idempotency-Key": "f1"}
FORK = identity.fork_id(TENANT, CAMPAIGN, "f1")
MADE = ("research", "strategy", "content", "design", "audit")


async def given(stand: Stand, *, picture: bool = True) -> int:
    """A campaign that waits for its review; the sequence of the question."""
    if picture:
        await stand.edge().artefacts.put(TENANT, PICTURE)
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir))
    stand.desk.run(CAMPAIGN)
    await stand.log.publish()
    return stand.desk.sagas[CAMPAIGN].sequence


async def publish(stand: Stand) -> int:
    """The campaign is approved and runs to its end; its last sequence."""
    shown = stand.desk.sagas[CAMPAIGN].steps["review"].shown_digest
    word = DecideReview(step="review", decision=ReviewDecision.APPROVE, shown_digest=shown)
    stand.desk.ask(CAMPAIGN, word)
    stand.desk.run(CAMPAIGN)
    await stand.log.publish()
    assert stand.desk.sagas[CAMPAIGN].life is Life.COMPLETED
    return stand.desk.sagas[CAMPAIGN].sequence


async def fork(
    stand: Stand, at: int, changes: dict[str, Any] | None = None, key: str = "f1"
) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    answer = await post(stand, {"at": at, "changes": changes or {}}, **headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def post(stand: Stand, body: Any, **headers: str) -> httpx.Response:
    async with stand.client(**headers) as client:
        return await client.post(f"{URL}/fork", json=body)


def forked(stand: Stand) -> Saga:
    return stand.desk.sagas[FORK]


def facts(stand: Stand, campaign: str = FORK) -> list[Any]:
    decoded = [CODEC.decode(record.value) for record in stand.desk.log]
    return [one.body for one in decoded if one.envelope.campaign_id == campaign]


def called(stand: Stand) -> list[str]:
    return [fact.step for fact in facts(stand) if isinstance(fact, ToolCallRequested)]


async def test_a_fork_at_the_gate_takes_over_what_was_made_and_asks_the_gate_anew(
    stand: Stand,
) -> None:
    at = await given(stand)
    told = await fork(stand, at)
    assert told["campaign_id"] == FORK
    assert told["taken_over"] == list(MADE)
    assert told["runs"] == ["publish.email", "publish.blog", "analytics", "learn"]
    assert (told["state"], called(stand)) == ("REVIEW", [])
    assert forked(stand).steps["review"].status is StepStatus.WAITING
    assert len([fact for fact in facts(stand) if isinstance(fact, ReviewRequested)]) == 1


async def test_the_log_of_a_fork_names_its_origin_and_the_view_shows_it(stand: Stand) -> None:
    at = await given(stand)
    await fork(stand, at)
    begun, origin = facts(stand)[:2]
    assert isinstance(begun, GoalReceived)
    assert isinstance(CODEC.decode(begun.goal).body, CreateCampaign)
    assert isinstance(origin, CampaignForked)
    assert (origin.origin_campaign_id, origin.origin_sequence) == (CAMPAIGN, at)
    async with stand.client() as client:
        told = (await client.get(f"{API}/{FORK}")).json()
    assert told["forked_from"] == {"campaign_id": CAMPAIGN, "sequence": at}
    assert [one["step"] for one in told["trace"] if one["taken_over"]] == list(MADE)
    assert told["results"]["content"][0]["title"] == "A better cup at work"


async def test_the_origin_is_not_touched(stand: Stand) -> None:
    at = await given(stand)
    before = stand.desk.sagas[CAMPAIGN]
    await fork(stand, at, {"brief.target_audience": "cafés"})
    assert stand.desk.sagas[CAMPAIGN] is before


async def test_what_was_published_stays_the_origins_and_a_fork_publishes_for_itself(
    stand: Stand,
) -> None:
    await given(stand)
    last = await publish(stand)
    told = await fork(stand, last)
    assert told["taken_over"] == list(MADE)
    assert told["state"] == "REVIEW"
    theirs = stand.desk.sagas[CAMPAIGN].steps["publish.email"]
    shown = forked(stand).steps["review"].shown_digest
    word = DecideReview(step="review", decision=ReviewDecision.APPROVE, shown_digest=shown)
    stand.desk.ask(FORK, word)
    ours = forked(stand).steps["publish.email"]
    assert ours.status is StepStatus.CALLED
    assert ours.effect_key != theirs.effect_key


async def test_a_cancelled_fork_undoes_nothing_that_it_took_over(stand: Stand) -> None:
    at = await given(stand)
    await fork(stand, at)
    async with stand.client() as client:
        await client.post(f"{API}/{FORK}/cancel", json={})
    assert forked(stand).life is Life.CANCELLED
    assert all(one.undo is UndoStatus.NONE for one in forked(stand).steps.values())


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"brief.target_audience": "cafés"}, []),
        ({"brief.language": "de"}, []),
        ({"brief.call_to_action": "Taste it"}, ["research"]),
        ({"brief.variants": 1}, ["research", "strategy"]),
        ({"brief.channels": ["email"]}, ["research"]),
        ({"brief.website": "https://example.org/spring"}, ["research", "strategy"]),
        ({"brief.postal_address": "1 Quay Street"}, ["research", "strategy"]),
        ({"brief.name": "Another name"}, list(MADE)),
        ({"brief.max_retries": 1}, list(MADE)),
        ({"brief.metadata": {"team": "growth"}}, list(MADE)),
        ({"brief.approvals_needed": 2}, list(MADE)),
        ({"brief.generate_video": True}, ["research", "strategy", "content", "design"]),
    ],
)
async def test_only_what_a_change_of_the_brief_touches_runs_again(
    stand: Stand, changes: dict[str, Any], kept: list[str]
) -> None:
    at = await given(stand)
    told = await fork(stand, at, changes)
    assert told["taken_over"] == kept
    steps = forked(stand).steps
    assert [name for name, one in steps.items() if one.status is StepStatus.ANSWERED] == kept
    ((path, value),) = changes.items()
    brief = CODEC.decode(forked(stand).goal).body.model_dump(mode="json")["goal"]
    assert brief[path.removeprefix("brief.")] == value


async def test_only_what_was_answered_at_that_point_is_taken_over(stand: Stand) -> None:
    await given(stand)
    kinds = [type(fact).__name__ for fact in facts(stand, CAMPAIGN)]
    first = 1 + kinds.index("ToolResultReceived")
    assert (await fork(stand, 1, key=""))["taken_over"] == []
    assert (await fork(stand, first - 1, key=""))["taken_over"] == []
    assert (await fork(stand, first, key=""))["taken_over"] == ["research"]


async def test_an_edited_result_is_taken_over_and_what_follows_it_runs_again(
    stand: Stand,
) -> None:
    at = await given(stand)
    told = await fork(stand, at, {"strategy.brief.headline": "Roast it where they drink it"})
    assert told["taken_over"] == ["research", "strategy"]
    assert called(stand) == ["content"]
    async with stand.client() as client:
        detail = (await client.get(f"{API}/{FORK}")).json()
    assert detail["results"]["strategy"]["headline"] == "Roast it where they drink it"
    assert [one["step"] for one in detail["trace"] if one["edited"]] == ["strategy"]
    strategy = CODEC.decode(forked(stand).steps["strategy"].body)
    assert strategy.envelope.source.value == "edge"


async def test_an_edited_text_is_audited_again(stand: Stand) -> None:
    at = await given(stand)
    title = {"content.items.0.title": "Better coffee"}
    told = await fork(stand, at, title)
    assert told["taken_over"] == ["research", "strategy", "content"]
    stand.desk.run(FORK, until="audit")
    assert forked(stand).steps["audit"].status is StepStatus.CALLED
    content = CODEC.decode(forked(stand).steps["content"].body).body
    assert isinstance(content, ContentWritten)
    assert [item.title for item in content.items] == ["Better coffee", "A better cup at work"]


async def test_a_picture_whose_bytes_are_gone_is_drawn_again(stand: Stand) -> None:
    at = await given(stand, picture=False)
    told = await fork(stand, at)
    assert told["taken_over"] == ["research", "strategy", "content"]
    assert called(stand) == ["design"]


async def test_the_bytes_of_what_is_taken_over_stay_when_the_origin_gives_them_up(
    stand: Stand,
) -> None:
    at = await given(stand)
    await fork(stand, at)
    async with stand.client() as client:
        await client.post(f"{URL}/cancel", json={})
        stand.desk.undo_all(CAMPAIGN)
        await stand.log.publish()
        assert (await client.get(f"/artefacts/{PICTURE_DIGEST}")).status_code == 200
    kept = await stand.edge().artefacts.references(TENANT, FORK, "design")
    assert [ref.digest for ref in kept] == [PICTURE_DIGEST]


async def test_a_fork_of_a_fork_takes_over_again(stand: Stand) -> None:
    at = await given(stand)
    await fork(stand, at, {"strategy.brief.headline": "Roast it"})
    stand.desk.run(FORK)
    await stand.log.publish()
    last = forked(stand).sequence
    async with stand.client() as client:
        answer = await client.post(f"{API}/{FORK}/fork", json={"at": last})
    told = answer.json()
    assert told["taken_over"] == list(MADE)
    again = stand.desk.sagas[told["campaign_id"]]
    assert again.steps["strategy"].body == forked(stand).steps["strategy"].body


async def test_new_addresses_are_sealed_and_the_old_ones_keep_their_seals(stand: Stand) -> None:
    at = await given(stand)
    before = CODEC.decode(stand.desk.sagas[CAMPAIGN].goal).body
    told = await fork(stand, at, {"brief.recipients": ["new.reader@example.org"]})
    assert told["taken_over"] == list(MADE)
    after = CODEC.decode(forked(stand).goal).body
    assert isinstance(before, CreateCampaign)
    assert isinstance(after, CreateCampaign)
    assert after.goal.contact_email == before.goal.contact_email
    assert after.goal.recipients != before.goal.recipients
    assert EMAIL.encode() not in stand.stored_bytes()
    assert b"new.reader@example.org" not in stand.stored_bytes()


async def test_the_same_key_gives_the_same_fork_and_sends_nothing_twice(stand: Stand) -> None:
    at = await given(stand)
    changes = {"brief.recipients": ["new.reader@example.org"]}
    first = await fork(stand, at, changes)
    again = await fork(stand, at, changes)
    other = await fork(stand, at, changes, key="")
    assert first == again
    assert other["campaign_id"] != first["campaign_id"]
    sent = [CODEC.decode(record.value).body for record in stand.log.sent]
    assert len([body for body in sent if isinstance(body, ForkCampaign)]) == 2


@pytest.mark.parametrize("earlier", [True, False])
async def test_the_same_key_for_another_wish_is_a_conflict(stand: Stand, earlier: bool) -> None:
    at = await given(stand)
    await fork(stand, at)
    body = {"at": at - 1} if earlier else {"at": at, "changes": {"brief.name": "Other"}}
    answer = await post(stand, body, **KEY)
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:sagaline:problem:idempotency-conflict"


async def test_a_repeat_before_the_view_shows_it_is_dropped_by_the_saga(stand: Stand) -> None:
    at = await given(stand)
    project, stand.log.project = stand.log.project, None
    first = await post(stand, {"at": at}, **KEY)
    stand.log.project = project
    again = await post(stand, {"at": at}, **KEY)
    assert (first.status_code, again.status_code) == (202, 201)
    kinds = [type(fact).__name__ for fact in facts(stand)]
    assert kinds.count("GoalReceived") == 1
    assert "RequestRefused" not in kinds


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"name": "x"}, "changes.name", "begins with brief."),
        ({"brief.audience": "x"}, "changes.brief.audience", "no `audience`"),
        ({"brief.channels": ["fax"]}, "changes.brief.channels.0", ""),
        ({"brief.channels": ["blog", "blog"]}, "changes.brief.channels", "once"),
        ({"brief.contact_email": "nobody"}, "changes.brief.contact_email", ""),
        ({"strategy.brief.headline": ""}, "changes.strategy.brief.headline", ""),
        ({"strategy.brief.x": 1}, "changes.strategy.brief.x", "no `x`"),
        ({"content.items.9.title": "x"}, "changes.content.items.9.title", "no `9`"),
        ({"research.findings.0.claim": "x"}, "changes.research", "evidence"),
        ({"audit.report.verdict": "PASS"}, "changes.audit", "evidence"),
        ({"review.x": 1}, "changes.review", "no result at that point"),
        ({"publish.email.channel": "x"}, "changes.publish.email", "no result at that point"),
        ({"design.assets.0.digest": "e" * 64}, "changes.design", "names bytes"),
        (
            {"brief.target_audience": "x", "content.items.0.title": "x"},
            "changes.content",
            "runs again",
        ),
    ],
)
async def test_a_wrong_change_names_its_place_and_sends_nothing(
    stand: Stand, changes: dict[str, Any], field: str, rule: str
) -> None:
    at = await given(stand)
    answer = await post(stand, {"at": at, "changes": changes})
    assert answer.status_code == 422, answer.text
    errors = {error["field"]: error["rule"] for error in answer.json()["errors"]}
    assert field in errors
    assert rule in errors[field]
    assert stand.log.sent == []


async def test_what_was_published_may_not_be_edited(stand: Stand) -> None:
    await given(stand)
    last = await publish(stand)
    answer = await post(stand, {"at": last, "changes": {"publish.email.channel": "blog"}})
    assert answer.status_code == 422
    assert "stays the origin's" in answer.json()["errors"][0]["rule"]


@pytest.mark.parametrize("at", [0, 9_999, "3", None])
async def test_a_point_that_is_not_there_is_refused(stand: Stand, at: Any) -> None:
    await given(stand)
    answer = await post(stand, {"at": at})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["at"]
    assert stand.log.sent == []


async def test_another_tenants_campaign_is_not_there_to_be_forked(stand: Stand) -> None:
    at = await given(stand)
    answer = await post(stand, {"at": at}, **{"X-Tenant-Id": OTHER_TENANT})
    assert answer.status_code == 404
    assert stand.log.sent == []


async def test_a_failed_campaign_is_forked_at_the_point_before_its_undo(stand: Stand) -> None:
    at = await given(stand)
    async with stand.client() as client:
        await client.post(f"{URL}/cancel", json={})
    stand.desk.undo_all(CAMPAIGN)
    await stand.log.publish()
    last = stand.desk.sagas[CAMPAIGN].sequence
    assert (await fork(stand, at))["taken_over"] == list(MADE)
    assert (await fork(stand, last, key=""))["taken_over"] == ["research", "strategy"]


async def test_results_too_large_for_one_request_are_refused_before_anything_is_sent(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await given(stand)
    monkeypatch.setattr("services.orchestrator.edge.forks.REQUEST_BYTES_MAX", 500)
    answer = await post(stand, {"at": at})
    assert answer.status_code == 413
    assert "earlier sequence" in answer.json()["detail"]
    assert stand.log.sent == []


async def test_a_log_that_does_not_answer_takes_no_fork(stand: Stand) -> None:
    at = await given(stand)
    stand.log.reachable = False
    assert (await post(stand, {"at": at})).status_code == 503


async def test_a_fork_is_requested_under_its_own_key(stand: Stand) -> None:
    at = await given(stand)
    await fork(stand, at)
    (sent,) = stand.log.sent
    assert (sent.topic, sent.key) == (topics.REQUESTS, FORK.encode())
    assert CODEC.decode(sent.value).envelope.campaign_id == FORK
