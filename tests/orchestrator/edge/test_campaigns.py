"""Bringing campaigns in over HTTP, and looking at them."""

import copy
import json
from typing import Any

import pytest

from contracts import topics
from contracts.goal import CreateCampaign
from contracts.requests import DecideReview, ReviewDecision
from services.orchestrator.edge.examples import BRIEF
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.view.stories import OTHER_TENANT, TENANT

URL = "/api/v1/campaigns"
KEY = {"Idempotency-Key": "order-17"}


def new(**changes: Any) -> dict[str, Any]:
    """A wish for a campaign that publishes when it is approved, unless the changes say more."""
    brief = {**copy.deepcopy(BRIEF), "scheduled_at": changes.pop("scheduled_at", None)}
    return {"brief": brief, **changes}


def approve(stand: Stand, campaign: str) -> None:
    """Let everything be answered up to the review, approved, and answered on."""
    stand.desk.run(campaign)
    digest = stand.desk.sagas[campaign].steps["review"].shown_digest
    word = DecideReview(
        step="review", decision=ReviewDecision.APPROVE, shown_digest=digest, reason="good"
    )
    stand.desk.ask(campaign, word)
    stand.desk.run(campaign)


async def test_a_new_campaign_is_created_idle(stand: Stand) -> None:
    async with stand.client() as client:
        answer = await client.post(URL, json=new(metadata={"order": "A-17"}))
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert told["state"] == "IDLE"
        assert answer.headers["location"] == told["links"]["self"]
        detail = (await client.get(told["links"]["self"])).json()
    assert detail["state"] == "IDLE"
    assert detail["brief"]["metadata"] == {"team": "growth", "order": "A-17"}
    assert detail["api"] == told["links"]


async def test_a_campaign_that_is_to_start_is_on_its_way(stand: Stand) -> None:
    async with stand.client() as client:
        answer = await client.post(URL, json=new(start=True))
    assert (answer.status_code, answer.json()["state"]) == (201, "RADAR")


async def test_the_same_key_gives_the_same_campaign_and_sends_nothing_twice(stand: Stand) -> None:
    async with stand.client() as client:
        first = await client.post(URL, json=new(), headers=KEY)
        again = await client.post(URL, json=new(), headers=KEY)
        other = await client.post(URL, json=new())
    assert first.json() == again.json()
    assert first.status_code == again.status_code == 201
    assert other.json()["campaign_id"] != first.json()["campaign_id"]
    assert len(stand.log.sent) == 2


async def test_a_repeat_before_the_view_shows_it_is_dropped_by_the_saga(stand: Stand) -> None:
    project, stand.log.project = stand.log.project, None
    async with stand.client() as client:
        first = await client.post(URL, json=new(), headers=KEY)
        stand.log.project = project
        again = await client.post(URL, json=new(), headers=KEY)
    assert first.status_code == 202
    assert "safe in the log" in first.json()["note"]
    assert again.status_code == 201
    ids = [CODEC.decode(record.value).envelope.id for record in stand.log.sent]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert [CODEC.decode(r.value).entry.name for r in stand.desk.log] == ["GoalReceived"]


async def test_the_same_key_with_another_body_is_a_conflict(stand: Stand) -> None:
    other = new()
    other["brief"]["recipients"] = ["somebody.else@example.org"]
    async with stand.client() as client:
        await client.post(URL, json=new(), headers=KEY)
        answer = await client.post(URL, json=other, headers=KEY)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:sagaline:problem:idempotency-conflict"
    assert len(stand.log.sent) == 1


async def test_a_conflict_that_only_the_log_shows_is_told_too(stand: Stand) -> None:
    other = new()
    other["brief"]["name"] = "Another wish"
    project, stand.log.project = stand.log.project, None
    async with stand.client() as client:
        await client.post(URL, json=new(), headers=KEY)
        stand.log.project = project
        answer = await client.post(URL, json=other, headers=KEY)
    assert answer.status_code == 409
    assert len(stand.desk.log) == 1


async def test_one_key_of_two_tenants_names_two_campaigns(stand: Stand) -> None:
    async with stand.client() as client:
        mine = await client.post(URL, json=new(), headers=KEY)
        headers = KEY | {"X-Tenant-Id": OTHER_TENANT}
        theirs = await client.post(URL, json=new(), headers=headers)
    assert mine.json()["campaign_id"] != theirs.json()["campaign_id"]


async def test_personal_fields_are_sealed_before_anything_is_sent_or_stored(stand: Stand) -> None:
    wish = new(start=True)
    wish["brief"] |= {
        "contact_email": "quincy.vaughn@example.org",
        "recipients": ["odette.brisk@example.org"],
    }
    async with stand.client() as client:
        answer = await client.post(URL, json=wish)
        campaign = answer.json()["campaign_id"]
        stand.desk.run(campaign)
        await stand.log.publish()
        shown = [
            (await client.get(f"{URL}/{campaign}{path}")).content
            for path in ("", "/events", "/trail", "/progress")
        ]
        shown.append((await client.get(f"/campaigns/{campaign}")).content)
    everything = stand.stored_bytes()
    assert b"Harbour Coffee" in everything
    for person in (b"quincy", b"vaughn", b"odette", b"brisk@"):
        assert person not in everything
        assert all(person not in page for page in shown)
    (record,) = stand.log.sent
    body = CODEC.decode(record.value).body
    assert isinstance(body, CreateCampaign)
    assert body.goal.contact_email.token.encode() not in b"".join(shown)


async def test_the_request_says_who_asked_and_belongs_to_the_callers_trace(stand: Stand) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with stand.client() as client:
        headers = {"X-Actor": "ana.ruiz", "traceparent": trace}
        await client.post(URL, json=new(), headers=headers)
    (record,) = stand.log.sent
    envelope = CODEC.decode(record.value).envelope
    assert record.topic == topics.REQUESTS
    assert record.key == envelope.campaign_id.encode()
    assert envelope.traceparent == trace
    assert (envelope.actor.kind, envelope.actor.id) == ("person", "ana.ruiz")
    assert (envelope.source, envelope.tenant_id) == ("edge", TENANT)
    assert envelope.causation_id == envelope.id == envelope.correlation_id


@pytest.mark.parametrize(
    ("change", "field", "hint"),
    [
        ({"brief": {**BRIEF, "channels": ["fax"]}}, "brief.channels.0", "email"),
        ({"brief": {**BRIEF, "channles": ["email"]}}, "brief.channles", "channels"),
        ({"brief": {**BRIEF, "contact_email": "nobody"}}, "brief.contact_email", "@example.org"),
        ({"brief": {**BRIEF, "variants": "2"}}, "brief.variants", "2"),
        ({"brief": {**BRIEF, "goals": []}}, "brief.goals", "200 trial orders"),
        ({"brief": {k: v for k, v in BRIEF.items() if k != "name"}}, "brief.name", "Spring"),
        ({"start": "yes"}, "start", "true"),
        ({"stat": True}, "stat", "start"),
        ({"saga": "travel"}, "saga", "campaign"),
        ({"tenant_id": "me"}, "tenant_id", "0000"),
        ({"metadata": {str(n): "x" for n in range(50)}}, "brief.metadata", "growth"),
    ],
)
async def test_bad_input_names_the_field_the_rule_and_an_example_and_sends_nothing(
    stand: Stand, change: dict[str, Any], field: str, hint: str
) -> None:
    async with stand.client() as client:
        answer = await client.post(URL, json=new(**change))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:sagaline:problem:invalid-input"
    (error,) = [error for error in problem["errors"] if error["field"] == field]
    assert error["rule"]
    assert hint in error["example"]
    assert stand.log.sent == []


async def test_a_body_that_is_no_json_is_told_so(stand: Stand) -> None:
    async with stand.client() as client:
        broken = await client.post(
            URL, content=b'{"brief": ', headers={"Content-Type": "application/json"}
        )
        form = await client.post(URL, data={"brief": "x"})
        large = await client.post(URL, json={"brief": "x" * 2_000_000})
    assert (broken.status_code, broken.json()["errors"][0]["field"]) == (422, "(body)")
    assert (form.status_code, form.json()["type"]) == (415, "urn:sagaline:problem:not-json")
    assert (large.status_code, large.json()["type"]) == (413, "urn:sagaline:problem:too-large")
    assert stand.log.sent == []


@pytest.mark.parametrize(
    "headers",
    [{"X-Tenant-Id": "acme"}, {"X-Actor": "maria@example.org"}, {"Idempotency-Key": "k" * 201}],
)
async def test_headers_of_the_wrong_form_are_refused(stand: Stand, headers: dict[str, str]) -> None:
    async with stand.client() as client:
        answer = await client.post(URL, json=new(), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].lower().endswith(next(iter(headers)).lower())
    assert stand.log.sent == []


async def test_two_tenants_in_one_request_are_refused(stand: Stand) -> None:
    async with stand.client() as client:
        headers = {"X-Tenant-Id": OTHER_TENANT}
        answer = await client.post(URL, json=new(tenant_id=TENANT), headers=headers)
        alone = await client.post(URL, json=new(tenant_id=OTHER_TENANT))
    assert answer.status_code == 422
    assert alone.status_code == 201
    assert CODEC.decode(stand.log.sent[0].value).envelope.tenant_id == OTHER_TENANT


async def test_a_log_that_does_not_answer_accepts_nothing(stand: Stand) -> None:
    stand.log.reachable = False
    async with stand.client() as client:
        answer = await client.post(URL, json=new())
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:sagaline:problem:unavailable"
    assert answer.headers["retry-after"]


async def test_the_list_shows_the_newest_first_by_state_and_by_pages(stand: Stand) -> None:
    async with stand.client() as client:
        ids = []
        for number in range(5):
            stand.desk.clock.advance(10)
            body = new(start=number == 4)
            ids.append((await client.post(URL, json=body)).json()["campaign_id"])
        first = (await client.get(URL, params={"limit": 2})).json()
        second = (await client.get(URL, params={"limit": 2, "after": first["next"]})).json()
        third = (await client.get(URL, params={"limit": 2, "after": second["next"]})).json()
        idle = (await client.get(URL, params={"state": "IDLE"})).json()
        wrong = await client.get(URL, params={"state": "SLEEPING"})
        nonsense = await client.get(URL, params={"after": "yesterday"})
    pages = [first, second, third]
    assert [c["campaign_id"] for page in pages for c in page["campaigns"]] == ids[::-1]
    assert third["next"] is None
    assert len(idle["campaigns"]) == 4
    assert (wrong.status_code, nonsense.status_code) == (422, 422)


async def test_an_approved_campaign_with_a_date_says_what_it_waits_for(stand: Stand) -> None:
    date = "2031-03-01T09:00:00+00:00"
    async with stand.client() as client:
        wished = new(start=True, scheduled_at=date)
        campaign = (await client.post(URL, json=wished)).json()["campaign_id"]
        approve(stand, campaign)
        await stand.log.publish()
        told = (await client.get(f"{URL}/{campaign}")).json()
        page = (await client.get(f"/campaigns/{campaign}")).text
    waiting = {one["step"]: one["begins_at"] for one in told["trace"] if one["begins_at"]}
    assert waiting == {"publish.email": date, "publish.blog": date}
    assert (told["state"], told["results"]["publications"]) == ("PUBLISH", [])
    assert "scheduled for 2031-03-01 09:00 UTC" in page


async def test_each_channel_waits_for_its_local_date_and_may_be_published_now(
    stand: Stand,
) -> None:
    wished = new(start=True, scheduled_at="2031-07-01T09:00:00")
    wished["brief"] |= {
        "time_zone": "Europe/Madrid",
        "calendar": [{"channel": "blog", "at": "2031-01-15T09:00:00"}],
    }
    async with stand.client() as client:
        campaign = (await client.post(URL, json=wished)).json()["campaign_id"]
        approve(stand, campaign)
        await stand.log.publish()
        told = (await client.get(f"{URL}/{campaign}")).json()
        page = (await client.get(f"/campaigns/{campaign}")).text
        one = await client.post(f"{URL}/{campaign}/publish-now", json={"steps": ["publish.blog"]})
        both = await client.post(f"{URL}/{campaign}/publish-now", json={})
        none = await client.post(f"{URL}/{campaign}/publish-now", json={})
        after = (await client.get(f"/campaigns/{campaign}")).text
    waiting = {one["step"]: one["begins_at"] for one in told["trace"] if one["begins_at"]}
    assert waiting == {
        "publish.email": "2031-07-01T07:00:00+00:00",
        "publish.blog": "2031-01-15T08:00:00+00:00",
    }
    assert 'data-post="publish-now"' in page
    assert [answer.status_code for answer in (one, both, none)] == [202, 202, 409]
    assert "nothing waits for its date" in none.json()["detail"]
    assert 'data-post="publish-now"' not in after
    steps = stand.desk.sagas[campaign].steps
    assert {steps[name].status.value for name in waiting} == {"CALLED"}


@pytest.mark.parametrize(
    ("wished", "notices", "planned"),
    [([], "", False), ([], "github,slack", True), (["slack"], "", True)],
)
async def test_reviewers_are_told_where_the_brief_or_the_operator_says_so(
    stand: Stand, wished: list[str], notices: str, planned: bool
) -> None:
    stand.settings = stand.settings.model_copy(update={"review_notices": notices})
    told = new(start=True)
    told["brief"]["review_notices"] = wished
    async with stand.client() as client:
        campaign = (await client.post(URL, json=told)).json()["campaign_id"]
    stand.desk.run(campaign)
    saga = stand.desk.sagas[campaign]
    assert ("announce" in saga.steps) is planned
    assert saga.steps["review"].status.value == "WAITING"


async def test_a_finished_campaign_shows_trace_results_usage_and_links(stand: Stand) -> None:
    async with stand.client() as client:
        campaign = (await client.post(URL, json=new(start=True))).json()["campaign_id"]
        approve(stand, campaign)
        await stand.log.publish()
        told = (await client.get(f"{URL}/{campaign}")).json()
        progress = (await client.get(f"{URL}/{campaign}/progress")).json()
        events = (await client.get(f"{URL}/{campaign}/events", params={"after": 3})).json()
        trail = (await client.get(f"{URL}/{campaign}/trail")).json()["trail"]
    assert (told["state"], told["progress_percentage"], told["failure"]) == ("COMPLETED", 100, None)
    assert {entry["phase"] for entry in told["trace"]} >= {"research", "content", "publish"}
    for name in ("findings", "sources", "strategy", "content", "assets", "report", "lessons"):
        assert told["results"][name], name
    assert len(told["results"]["publications"]) == 2
    assert told["usage"]["cost_usd"] == pytest.approx(0.0015 * 9)
    assert progress["progress_percentage"] == 100
    assert progress["current_phase"] == "COMPLETED"
    assert events["events"][0]["sequence"] == 4
    assert events["last"] == len(trail) == len(stand.desk.log)


@pytest.mark.parametrize("path", ["", "/progress", "/events", "/trail", "/stream"])
async def test_a_foreign_or_unknown_campaign_is_not_there(stand: Stand, path: str) -> None:
    async with stand.client() as client:
        campaign = (await client.post(URL, json=new())).json()["campaign_id"]
        foreign = await client.get(f"{URL}/{campaign}{path}", headers={"X-Tenant-Id": OTHER_TENANT})
        unknown = await client.get(f"{URL}/{OTHER_TENANT}{path}")
        nonsense = await client.get(f"{URL}/abc{path}")
        listed = await client.get(URL, headers={"X-Tenant-Id": OTHER_TENANT})
    assert (foreign.status_code, unknown.status_code, nonsense.status_code) == (404, 404, 422)
    assert json.loads(foreign.text.replace(campaign, OTHER_TENANT)) == unknown.json()
    assert listed.json()["campaigns"] == []


async def test_every_route_is_in_the_api_description(stand: Stand) -> None:
    async with stand.client() as client:
        docs = await client.get("/docs")
        told = (await client.get("/openapi.json")).json()
    assert docs.status_code == 200
    own = {
        URL,
        *(
            f"{URL}/{{campaign_id}}{path}"
            for path in (
                "",
                *("/progress", "/events", "/trail", "/stream"),
                *("/start", "/review", "/cancel", "/retry"),
            )
        ),
    }
    assert own <= set(told["paths"])
    assert "/api/genesis/stream/{campaign_id}" in told["paths"]
    body = told["paths"][URL]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["$ref"] == "#/components/schemas/NewCampaign"
    references = set(_references(told))
    assert references <= {f"#/components/schemas/{n}" for n in told["components"]["schemas"]}


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in _references(value)]
    return [ref for one in node for ref in _references(one)] if isinstance(node, list) else []
