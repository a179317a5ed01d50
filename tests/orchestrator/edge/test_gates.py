"""Gates over HTTP and in the console: who has approved, how many are needed, and the reminder."""

from datetime import timedelta
from typing import Any

import httpx

from contracts import identity
from contracts.saga import ReviewReminded, ReviewVoted
from services.orchestrator.edge.examples import BRIEF
from services.orchestrator.saga.engine import Owner, decide
from services.orchestrator.saga.engine.inputs import TimePassed
from services.orchestrator.view.following import stream_name, stream_names
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.view.stories import TENANT, goal_of

CAMPAIGN = identity.campaign_id(TENANT, "one")
URL = f"/api/v1/campaigns/{CAMPAIGN}"


async def given(stand: Stand, **goal: Any) -> None:
    """A campaign whose gate needs two approvals, in review."""
    wishes = {"approvals_needed": 2, **goal}
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir, **wishes))
    stand.desk.run(CAMPAIGN)
    await stand.log.publish()


async def say(stand: Stand, actor: str, decision: str = "APPROVE") -> httpx.Response:
    async with stand.client(**{"X-Actor": actor}) as client:
        return await client.post(f"{URL}/review", json={"decision": decision})


async def detail(stand: Stand) -> dict[str, Any]:
    async with stand.client() as client:
        told: dict[str, Any] = (await client.get(URL)).json()
    return told


async def page(stand: Stand) -> str:
    async with stand.client() as client:
        return (await client.get(f"/campaigns/{CAMPAIGN}")).text


async def test_a_brief_says_who_must_approve_and_the_campaign_waits_for_them(
    stand: Stand,
) -> None:
    brief = {**BRIEF, "approvals_needed": 2, "reviewers": ["ana", "bo", "cy"]}
    async with stand.client() as client:
        made = await client.post("/api/v1/campaigns", json={"brief": brief, "start": True})
        stand.desk.run(made.json()["campaign_id"])
        await stand.log.publish()
        told = (await client.get(made.json()["links"]["self"])).json()
    assert told["review"]["approvals_needed"] == 2
    assert told["review"]["reviewers"] == ["ana", "bo", "cy"]


async def test_more_approvals_than_reviewers_are_refused_before_anything_is_accepted(
    stand: Stand,
) -> None:
    brief = {**BRIEF, "approvals_needed": 3, "reviewers": ["ana", "bo"]}
    async with stand.client() as client:
        answer = await client.post("/api/v1/campaigns", json={"brief": brief})
    assert answer.status_code == 422
    assert "more than there are reviewers" in answer.json()["errors"][0]["rule"]
    assert stand.log.sent == []


async def test_two_accounts_open_the_gate_and_the_view_says_which(stand: Stand) -> None:
    await given(stand)
    first = await say(stand, "ana")
    assert (first.status_code, first.json()["state"]) == (202, "REVIEW")
    waiting = (await detail(stand))["review"]
    assert [vote["actor"] for vote in waiting["approvals"]] == ["ana"]
    second = await say(stand, "bo")
    assert (second.status_code, second.json()["state"]) == (202, "PUBLISH")
    told = await detail(stand)
    review = next(step for step in told["trace"] if step["step"] == "review")
    assert [vote["actor"] for vote in review["approvals"]] == ["ana", "bo"]


async def test_one_account_cannot_open_it_alone(stand: Stand) -> None:
    await given(stand)
    await say(stand, "ana")
    again = await say(stand, "ana")
    assert again.status_code == 409
    assert "somebody else's is needed" in again.json()["detail"]
    assert (await detail(stand))["state"] == "REVIEW"


async def test_who_is_no_reviewer_decides_nothing(stand: Stand) -> None:
    await given(stand, reviewers=("ana", "bo"))
    answer = await say(stand, "eve", "REJECT")
    assert answer.status_code == 409
    assert "not among the reviewers" in answer.json()["detail"]


async def test_the_console_shows_the_approvals_and_asks_for_the_account(stand: Stand) -> None:
    await given(stand, reviewers=("ana", "bo"))
    await say(stand, "ana")
    told = await page(stand)
    assert "1 of 2 approvals · ana" in told
    assert "Reviewers: ana, bo" in told
    assert 'id="actor"' in told


async def test_where_one_approval_is_enough_the_console_asks_for_no_account(stand: Stand) -> None:
    await given(stand, approvals_needed=1)
    assert 'id="actor"' not in await page(stand)


async def test_votes_and_reminders_have_their_names_in_streams(stand: Stand) -> None:
    await given(stand)
    await say(stand, "ana")
    vote = next(
        one for one in map(CODEC.decode, (r.value for r in stand.desk.log)) if _is(one, ReviewVoted)
    )
    assert stream_name(vote.body, stand.desk.sagas[CAMPAIGN]) == "review_voted"
    assert {"review_voted", "review_reminded"} <= set(stream_names())


async def test_a_reminder_is_told_as_a_fact(stand: Stand) -> None:
    await given(stand)
    saga = stand.desk.sagas[CAMPAIGN]
    owner = Owner(CAMPAIGN, TENANT, saga.correlation_id, "the clock")
    late = stand.desk.clock.now() + timedelta(hours=23)
    after = decide(saga, TimePassed(), owner, late)
    (reminded,) = [one.event for one in after.facts if isinstance(one.event, ReviewReminded)]
    assert after.saga is not None
    assert stream_name(reminded, after.saga) == "review_reminded"
    assert (reminded.votes, reminded.needed) == (0, 2)


def _is(decoded: Any, kind: type[Any]) -> bool:
    return decoded.entry.model is kind
