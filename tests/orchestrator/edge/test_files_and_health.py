"""Artefacts, published sites, counted links, health, and the console's pages."""

import httpx
import pytest

from chassis.artefacts import FolderArtefacts
from contracts import identity, topics
from contracts.analytics import EngagementRecorded
from contracts.goal import Channel
from contracts.requests import DecideReview, ReviewDecision
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.view.stories import (
    LINK_ID,
    OTHER_TENANT,
    PICTURE,
    PICTURE_DIGEST,
    TARGET,
    TENANT,
    goal_of,
)

CAMPAIGN = identity.campaign_id(TENANT, "one")


async def finished(stand: Stand, *, review_only: bool = False, name: str = "Spring") -> None:
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir, name=name))
    stand.desk.run(CAMPAIGN)
    if not review_only:
        digest = stand.desk.sagas[CAMPAIGN].steps["review"].shown_digest
        word = DecideReview(step="review", decision=ReviewDecision.APPROVE, shown_digest=digest)
        stand.desk.ask(CAMPAIGN, word)
        stand.desk.run(CAMPAIGN)
    await FolderArtefacts(stand.settings.artefacts_dir).put(TENANT, PICTURE)
    await stand.log.publish()


async def get(stand: Stand, path: str, **headers: str) -> httpx.Response:
    async with stand.client(**headers) as client:
        return await client.get(path)


async def test_an_artefact_is_served_as_what_it_is(stand: Stand) -> None:
    await finished(stand)
    answer = await get(stand, f"/artefacts/{PICTURE_DIGEST}")
    assert (answer.status_code, answer.content) == (200, PICTURE)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'none'" in answer.headers["content-security-policy"]


async def test_a_digest_is_no_permission(stand: Stand) -> None:
    await finished(stand)
    secret = await FolderArtefacts(stand.settings.artefacts_dir).put(TENANT, b"nobody refers to it")
    foreign = await get(stand, f"/artefacts/{PICTURE_DIGEST}?tenant={OTHER_TENANT}")
    unreferred = await get(stand, f"/artefacts/{secret}")
    nonsense = await get(stand, "/artefacts/../../etc/passwd")
    assert (foreign.status_code, unreferred.status_code, nonsense.status_code) == (404, 404, 404)


async def test_a_published_site_is_served_with_its_front_page(stand: Stand) -> None:
    site = stand.settings.site_dir / TENANT
    (site / "posts").mkdir(parents=True)
    (site / "index.html").write_text("<h1>Blog</h1>")
    (site / "posts" / "one.html").write_text("<p>One</p>")
    (site / "rss.xml").write_text("<rss/>")
    front = await get(stand, f"/site/{TENANT}/")
    page = await get(stand, f"/site/{TENANT}/posts/one.html")
    feed = await get(stand, f"/site/{TENANT}/rss.xml")
    assert (front.text, page.text, feed.text) == ("<h1>Blog</h1>", "<p>One</p>", "<rss/>")
    assert front.headers["content-type"].startswith("text/html")
    assert "script-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "data/claim.json",
        ".lock",
        "posts/.draft",
        "nothing.html",
        "posts",
        "%2e%2e/secret.txt",
        "posts/%2e%2e/%2e%2e/secret.txt",
        "posts/..%2f..%2fsecret.txt",
        "posts/%2e%2e/data/claim.json",
        "posts/link.txt",
        "posts/%00",
        "%2fetc%2fpasswd",
    ],
)
async def test_nothing_but_published_files_leaves_a_site(stand: Stand, path: str) -> None:
    site = stand.settings.site_dir / TENANT
    for folder in ("posts", "data"):
        (site / folder).mkdir(parents=True)
    (stand.settings.site_dir / "secret.txt").write_text("secret")
    (site / "data" / "claim.json").write_text("secret")
    (site / ".lock").write_text("secret")
    (site / "posts" / ".draft").write_text("secret")
    (site / "posts" / "link.txt").symlink_to(stand.settings.site_dir / "secret.txt")
    answer = await get(stand, f"/site/{TENANT}/{path}")
    assert answer.status_code == 404, path
    assert "secret" not in answer.text.replace("secret.txt", "")


async def test_a_followed_link_is_counted_and_leads_on(stand: Stand) -> None:
    await finished(stand)
    answer = await get(stand, f"/t/{CAMPAIGN}/{LINK_ID}")
    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    (record,) = stand.log.sent
    decoded = CODEC.decode(record.value)
    assert record.topic == topics.ENGAGEMENT
    assert decoded.envelope.tenant_id == TENANT
    assert isinstance(decoded.body, EngagementRecorded)
    assert (decoded.body.link_id, decoded.body.channel) == (LINK_ID, Channel.EMAIL)
    assert decoded.body.reader_id == ""


async def test_a_reader_gets_on_even_where_nothing_can_be_counted(stand: Stand) -> None:
    await finished(stand)
    stand.log.reachable = False
    answer = await get(stand, f"/t/{CAMPAIGN}/{LINK_ID}")
    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)


async def test_a_link_that_nobody_made_leads_nowhere(stand: Stand) -> None:
    await finished(stand)
    unknown = await get(stand, f"/t/{CAMPAIGN}/{OTHER_TENANT}")
    nowhere = await get(stand, f"/t/{OTHER_TENANT}/{LINK_ID}")
    assert (unknown.status_code, nowhere.status_code) == (404, 404)
    assert stand.log.sent == []


async def test_ready_names_what_does_not_answer(stand: Stand) -> None:
    fine = await get(stand, "/health/ready")
    stand.log.reachable = False
    down = await get(stand, "/health/ready")
    live = await get(stand, "/health/live")
    health = await get(stand, "/health")
    assert (fine.status_code, fine.json()["status"]) == (200, "ready")
    assert (down.status_code, live.status_code) == (503, 200)
    assert down.json()["dependencies"]["view"] == "ok"
    assert "9092" in down.json()["dependencies"]["broker"]
    assert health.json()["status"] == "degraded"


async def test_ready_names_a_view_that_nobody_made_yet(stand: Stand) -> None:
    for path in stand.settings.state_dir.glob("view.sqlite*"):
        path.unlink()
    answer = await get(stand, "/health/ready")
    assert answer.status_code == 503
    assert "projector" in answer.json()["dependencies"]["view"]
    problem = await get(stand, "/api/v1/campaigns")
    assert problem.status_code == 503


async def test_metrics_are_prometheus_text(stand: Stand) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    for path in ("/metrics", "/health/metrics"):
        answer = await get(stand, path)
        assert answer.headers["content-type"].startswith("text/plain")
        assert any(text_string_to_metric_families(answer.text))


async def test_errors_outside_the_api_are_problem_documents_too(stand: Stand) -> None:
    nowhere = await get(stand, "/nowhere")
    async with stand.client() as client:
        wrong = await client.delete("/api/v1/campaigns")
    assert (nowhere.status_code, wrong.status_code) == (404, 405)
    for answer in (nowhere, wrong):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"].startswith("urn:sagaline:problem:")


async def test_the_console_lists_campaigns_and_shows_one_whole(stand: Stand) -> None:
    await finished(stand, name="<script>alert(1)</script>")
    home = (await get(stand, "/")).text
    answer = await get(stand, f"/campaigns/{CAMPAIGN}")
    page = answer.text
    assert f'href="/campaigns/{CAMPAIGN}"' in home
    assert "completed" in home
    for words in (
        "The office coffee report &lt;2026&gt;",
        "A better cup at work",
        f"/artefacts/{PICTURE_DIGEST}",
        "https://example.org/blog",
        "citations",
        "trend",
    ):
        assert words in page
    assert "<script>alert" not in home + page
    assert "&lt;script&gt;alert" in page
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "http://" not in page.replace("http://edge", "")


async def test_the_console_asks_for_a_decision_where_one_is_waited_for(stand: Stand) -> None:
    await finished(stand, review_only=True)
    page = (await get(stand, f"/campaigns/{CAMPAIGN}")).text
    digest = stand.desk.sagas[CAMPAIGN].steps["review"].shown_digest
    assert f'data-digest="{digest}"' in page
    for word in ("APPROVE", "REJECT", "EDIT", "REQUEST_CHANGES"):
        assert f'data-decision="{word}"' in page
    assert 'data-field="body_markdown"' in page


async def test_an_idle_campaign_can_be_started_in_the_console(stand: Stand) -> None:
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir), start=False)
    await stand.log.publish()
    assert 'data-post="start"' in (await get(stand, f"/campaigns/{CAMPAIGN}")).text
    empty = await get(stand, f"/?tenant={OTHER_TENANT}")
    foreign = await get(stand, f"/campaigns/{CAMPAIGN}?tenant={OTHER_TENANT}")
    assert "Nothing here yet" in empty.text
    assert foreign.status_code == 404


@pytest.mark.parametrize("name", ["console.css", "console.js"])
async def test_the_consoles_own_files_are_served(stand: Stand, name: str) -> None:
    assert (await get(stand, f"/console/{name}")).status_code == 200
    assert (await get(stand, "/console/settings.py")).status_code == 404
