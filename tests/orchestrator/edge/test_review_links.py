"""A reviewer's link: it opens one gate's page, for one version, and it is all that is needed."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from chassis.reviewlink import WHOEVER, NoSuchLink, Question, hinted, opened, path_of
from chassis.sealing import FileKeyring
from contracts import identity
from contracts.goal import Channel, ChannelDate
from contracts.plan import StepKind
from services.orchestrator.saga.definitions.campaign import REVIEW_REMINDER_MS, REVIEW_TIMEOUT_MS
from services.orchestrator.saga.state import StepStatus
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.edge.test_files_and_health import finished
from tests.orchestrator.view.stories import OTHER_TENANT, PICTURE, PICTURE_DIGEST, TENANT, goal_of

CAMPAIGN = identity.campaign_id(TENANT, "one")
API = f"/api/v1/campaigns/{CAMPAIGN}"


@pytest.fixture(autouse=True)
def the_edge_reads_the_campaigns_clock(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.clock.SystemClock.now", lambda self: stand.desk.clock.now())


async def ask(stand: Stand, method: str, path: str, **given: Any) -> httpx.Response:
    async with stand.client() as client:
        return await client.request(method, path, **given)


async def links(stand: Stand) -> list[dict[str, Any]]:
    answer = await ask(stand, "GET", f"{API}/review-links")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["links"]
    return found


async def link(stand: Stand) -> str:
    (only,) = await links(stand)
    return str(only["url"])


async def say(stand: Stand, path: str, decision: str, **more: str) -> httpx.Response:
    return await ask(stand, "POST", path, data={"decision": decision, **more})


def decided(stand: Stand) -> list[tuple[str, str]]:
    told = [CODEC.decode(record.value) for record in stand.desk.log if record.value]
    return [
        (one.envelope.actor.id, one.body.decision.value)  # type: ignore[attr-defined]
        for one in told
        if one.entry.name == "ReviewDecided"
    ]


async def work(stand: Stand) -> None:
    stand.desk.run(CAMPAIGN)
    stand.desk.undo_all(CAMPAIGN)
    await stand.log.publish()


async def with_reviewers(stand: Stand, **wishes: Any) -> None:
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir, **wishes))
    await work(stand)


async def test_the_link_shows_what_is_to_be_approved_and_a_look_changes_nothing(
    stand: Stand,
) -> None:
    await finished(stand, review_only=True)
    before = len(stand.log.sent)
    page = await ask(stand, "GET", await link(stand))
    assert page.status_code == 200
    shown = stand.desk.sagas[CAMPAIGN].steps["review"].shown_digest
    for part in ("Spring", shown, "Approve", "Ask for changes", "Save my edits", "Reject", "Audit"):
        assert part in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert len(stand.log.sent) == before


async def test_the_page_shows_its_pictures_without_any_other_permission(stand: Stand) -> None:
    await finished(stand, review_only=True)
    path = await link(stand)
    page = (await ask(stand, "GET", path)).text
    (source,) = set(re.findall(r'<img src="([^"]+)"', page))
    assert source == f"{path}/{PICTURE_DIGEST}"
    assert (await ask(stand, "GET", source)).content == PICTURE
    research = stand.desk.sagas[CAMPAIGN].steps["review"].shown_digest
    assert (await ask(stand, "GET", f"{path}/{research}")).status_code == 404


async def test_an_approval_by_link_lets_it_be_published_and_counts_once(stand: Stand) -> None:
    await finished(stand, review_only=True)
    path = await link(stand)
    answer = await say(stand, path, "APPROVE", reason="reads well")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    again = await say(stand, path, "APPROVE", reason="reads well")
    assert (again.status_code, "Approved" in again.text) == (200, True)
    assert decided(stand) == [(WHOEVER, "APPROVE")]
    assert stand.desk.sagas[CAMPAIGN].steps["publish.email"].status is StepStatus.CALLED
    assert await links(stand) == []


async def test_a_rejection_by_link_undoes_the_campaign_and_the_page_says_so(stand: Stand) -> None:
    await finished(stand, review_only=True)
    path = await link(stand)
    await say(stand, path, "REJECT", reason="off brand")
    page = await ask(stand, "GET", path)
    assert (page.status_code, "Rejected" in page.text, "off brand" in page.text) == (
        410,
        True,
        True,
    )
    stray = await ask(stand, "GET", f"{path}/{PICTURE_DIGEST}")
    assert stray.status_code == 404


async def test_an_edit_by_link_is_audited_again_and_leads_on_to_the_new_version(
    stand: Stand,
) -> None:
    await finished(stand, review_only=True)
    path = await link(stand)
    page = (await ask(stand, "GET", path)).text
    body = re.search(r'name="body\.email-a"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert body is not None
    fields = {"title.email-a": "Better coffee", "body.email-a": body[1].replace("\n", "\r\n")}
    answer = await say(stand, path, "EDIT", **fields)
    assert answer.status_code == 303
    working = await ask(stand, "GET", path)
    assert 'http-equiv="refresh"' in working.text
    await work(stand)
    onwards = await ask(stand, "GET", path)
    following = re.search(r'href="(/review/[^"]+)"', onwards.text)
    assert following is not None
    assert following[1] == await link(stand) != path
    shown = await ask(stand, "GET", following[1])
    assert "Better coffee" in shown.text
    assert stand.desk.sagas[CAMPAIGN].steps["audit"].attempt == 2
    await say(stand, following[1], "APPROVE")
    assert decided(stand)[-1] == (WHOEVER, "APPROVE")


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"decision": "REQUEST_CHANGES"}, "Say what is to be changed"),
        ({"decision": "EDIT"}, "No text was changed"),
        ({"decision": "APPROVE", "title.email-a": "Mine"}, "Save them first"),
        ({"decision": "REJECT", "title.email-a": "Mine"}, "save them, or undo"),
        ({"decision": "EDIT", "title.email-a": " "}, "needs a title"),
        ({"decision": "PUBLISH"}, "Choose one of the buttons"),
        ({}, "Choose one of the buttons"),
    ],
)
async def test_a_form_that_cannot_be_taken_says_why_and_keeps_what_was_written(
    stand: Stand, form: dict[str, str], word: str
) -> None:
    await finished(stand, review_only=True)
    path = await link(stand)
    answer = await ask(stand, "POST", path, data={"reason": "", **form})
    assert answer.status_code == 422
    assert word in answer.text
    if form.get("title.email-a", "").strip():
        assert 'value="Mine"' in answer.text
    assert decided(stand) == []


async def test_each_named_reviewer_has_a_link_of_their_own_that_counts_for_them(
    stand: Stand,
) -> None:
    await with_reviewers(stand, reviewers=("ana", "ben"), approvals_needed=2)
    told = {one["reviewer"]: one["url"] for one in await links(stand)}
    assert set(told) == {"ana", "ben"}
    await say(stand, told["ana"], "APPROVE")
    page = await ask(stand, "GET", told["ana"])
    assert "Your approval counts" in page.text
    assert 'value="APPROVE"' not in page.text
    assert decided(stand) == []
    refused = await say(stand, told["ana"], "APPROVE", reason="and once more")
    assert (refused.status_code, "has approved this already" in refused.text) == (409, True)
    await say(stand, told["ben"], "APPROVE")
    assert decided(stand) == [("ben", "APPROVE")]


async def test_the_page_says_when_each_channel_goes_out_in_the_briefs_time_zone(
    stand: Stand,
) -> None:
    date = ChannelDate(channel=Channel.BLOG, at=datetime(2026, 7, 1, 7, 0, tzinfo=UTC))
    await with_reviewers(stand, calendar=(date,), time_zone="Europe/Madrid")
    page = (await ask(stand, "GET", await link(stand))).text
    assert "<b>blog</b> Wed 2026-07-01 09:00 Europe/Madrid" in page
    assert "<b>email</b> at once" in page


async def test_one_link_that_names_nobody_is_one_approval(stand: Stand) -> None:
    await with_reviewers(stand, approvals_needed=2)
    path = await link(stand)
    await say(stand, path, "APPROVE", reason="one")
    second = await say(stand, path, "APPROVE", reason="two")
    assert second.status_code == 409
    assert decided(stand) == []


async def test_an_older_versions_link_shows_and_decides_nothing(stand: Stand) -> None:
    await finished(stand, review_only=True)
    path = await link(stand)
    body = {"decision": "REQUEST_CHANGES", "reason": "shorter"}
    await ask(stand, "POST", f"{API}/review", json=body)
    await work(stand)
    for method in ("GET", "POST"):
        answer = await ask(stand, method, path, data={"decision": "APPROVE"})
        assert (answer.status_code, "newer version" in answer.text) == (410, True)
        assert "Harbour" not in answer.text
    assert decided(stand) == [("anonymous", "REQUEST_CHANGES")]


@pytest.mark.parametrize("seen", [True, False])
async def test_a_link_ends_with_its_gates_time(stand: Stand, seen: bool) -> None:
    """Also before the saga has looked at the clock."""
    await finished(stand, review_only=True)
    path = await link(stand)
    stand.desk.clock.advance(REVIEW_TIMEOUT_MS / 1_000)
    if seen:
        stand.desk.wait(CAMPAIGN, 1)
        await work(stand)
    for method in ("GET", "POST"):
        answer = await ask(stand, method, path, data={"decision": "APPROVE"})
        assert answer.status_code == 410
        assert ("Rejected" if seen else "has expired") in answer.text
    assert decided(stand) == []


async def test_the_reminder_stands_on_the_page(stand: Stand) -> None:
    await finished(stand, review_only=True)
    stand.desk.wait(CAMPAIGN, (REVIEW_TIMEOUT_MS - REVIEW_REMINDER_MS) / 1_000 + 1)
    await work(stand)
    assert "soon over" in (await ask(stand, "GET", await link(stand))).text


async def test_a_link_that_was_tampered_with_opens_nothing(stand: Stand) -> None:
    await finished(stand, review_only=True)
    path = await link(stand)
    place, _, token = path.rpartition("/")
    claims, _, signature = token.rpartition("~")
    other = identity.campaign_id(TENANT, "other")
    stand.desk.create(other, goal_of(stand.settings.keyring_dir))
    stand.desk.run(other)
    await stand.log.publish()
    for wrong in (
        f"{place}/{claims}~{signature[:-1]}",
        f"{place}/{claims}~{signature}0",
        f"{place}/{claims}ana~{signature}",
        f"{place}/{claims.replace('review', 'reviev')}~{signature}",
        f"{place}/{claims}~",
        f"{place}/{claims}",
        f"{place}/ä~ö",
        f"/review/{other}/{token}",
        f"/review/{identity.campaign_id(TENANT, 'none')}/{token}",
    ):
        for method in ("GET", "POST"):
            answer = await ask(stand, method, wrong, data={"decision": "APPROVE"})
            assert (answer.status_code, "not valid" in answer.text) == (404, True), wrong
        assert (await ask(stand, "GET", f"{wrong}/{PICTURE_DIGEST}")).status_code == 404
    assert decided(stand) == []


def test_every_part_of_the_question_is_signed(stand: Stand) -> None:
    keyring = FileKeyring(stand.settings.keyring_dir)
    question = Question(CAMPAIGN, "review", "a" * 64, "ana")
    path = path_of(keyring, TENANT, question)
    token = path.rpartition("/")[2]
    assert opened(keyring, TENANT, CAMPAIGN, token) == question
    assert path == path_of(keyring, TENANT, question)
    for tenant, campaign in ((OTHER_TENANT, CAMPAIGN), (TENANT, OTHER_TENANT)):
        with pytest.raises(NoSuchLink):
            opened(keyring, tenant, campaign, token)
    keyring.destroy(TENANT, TENANT)
    with pytest.raises(NoSuchLink):
        opened(keyring, TENANT, CAMPAIGN, token)


async def test_no_log_and_no_record_holds_a_link(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await finished(stand, review_only=True)
    path = await link(stand)
    await say(stand, path, "REQUEST_CHANGES", reason="shorter")
    monkeypatch.setattr("services.orchestrator.edge.api.review_page.opened", _broken)
    with capture_logs() as told:
        assert (await ask(stand, "GET", path)).status_code == 500
    signature = path.rpartition("~")[2]
    assert [one["path"] for one in told] == [f"/review/{CAMPAIGN}/…"]
    assert signature not in str(told)
    assert signature.encode() not in stand.stored_bytes()
    assert hinted(f"GET {path}?x=1 done") == f"GET /review/{CAMPAIGN}/…?x=1 done"


def _broken(*_: object) -> None:
    raise RuntimeError("a bug")


def test_the_campaigns_gate_is_the_one_that_links_open(stand: Stand) -> None:
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir))
    gates = [one.name for one in stand.desk.sagas[CAMPAIGN].plan if one.kind is StepKind.GATE]
    assert gates == ["review"]
