"""Artefacts, published sites, counted links, health, and the console's pages."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.artefacts import FolderArtefacts
from chassis.breaker import STANDARD
from chassis.circuits import Circuits
from chassis.telemetry import STALLED_AFTER_S, Vitals
from contracts import identity, topics
from contracts.analytics import EngagementRecorded
from contracts.goal import Channel
from contracts.requests import DecideReview, ReviewDecision
from services.orchestrator.edge.app import create_app
from services.orchestrator.edge.context import Edge
from services.orchestrator.edge.server import EdgeServer
from services.orchestrator.settings import OrchestratorSettings
from tests.chassis.redis_servers import redis_servers
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


@pytest.mark.parametrize("where", ["artefact", "site"])
async def test_a_browser_may_seek_in_a_file(stand: Stand, where: str) -> None:
    await finished(stand)
    media = stand.settings.site_dir / TENANT / "media"
    media.mkdir(parents=True)
    (media / "film.mp4").write_bytes(PICTURE)
    addresses = {
        "artefact": f"/artefacts/{PICTURE_DIGEST}",
        "site": f"/site/{TENANT}/media/film.mp4",
    }
    whole = await get(stand, addresses[where])
    part = await get(stand, addresses[where], Range="bytes=2-5")
    rest = await get(stand, addresses[where], Range="bytes=4-")
    beyond = await get(stand, addresses[where], Range="bytes=9000-")
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
    assert (part.status_code, part.content) == (206, PICTURE[2:6])
    assert part.headers["content-range"] == f"bytes 2-5/{len(PICTURE)}"
    assert rest.content == PICTURE[4:]
    assert beyond.status_code == 416
    assert "script-src 'none'" in part.headers["content-security-policy"]


async def test_an_artefact_whose_bytes_are_gone_is_not_there(stand: Stand) -> None:
    await finished(stand)
    for blob in stand.settings.artefacts_dir.rglob(PICTURE_DIGEST):
        blob.unlink()
    assert (await get(stand, f"/artefacts/{PICTURE_DIGEST}")).status_code == 404


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
    assert health.json()["dependencies"] == down.json()["dependencies"]
    assert health.json()["status"] == "degraded"


async def test_ready_names_a_view_that_nobody_made_yet(stand: Stand) -> None:
    for path in stand.settings.state_dir.glob("view.sqlite*"):
        path.unlink()
    answer = await get(stand, "/health/ready")
    assert answer.status_code == 503
    assert "projector" in answer.json()["dependencies"]["view"]
    problem = await get(stand, "/api/v1/campaigns")
    assert problem.status_code == 503


def role(name: str, *, ready: bool) -> Vitals:
    """A role of the same process that works, or waits for its partitions."""
    vitals = Vitals(name)
    if ready:
        vitals.works()
    return vitals


async def asked(stand: Stand, edge: Edge, path: str) -> httpx.Response:
    app = create_app(stand.settings, edge)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://edge"
    ) as client:
        return await client.get(path)


async def test_a_process_is_ready_once_every_role_in_it_is(stand: Stand) -> None:
    saga, projector = role("saga", ready=True), role("projector", ready=False)
    edge = replace(stand.edge(), vitals=(saga, projector))
    early = await asked(stand, edge, "/health/ready")
    assert (early.status_code, early.json()["status"]) == (503, "not ready")
    waits = {one["role"]: one["waiting_for"] for one in early.json()["roles"]}
    assert waits == {"saga": "", "projector": "its first assignment of partitions"}
    assert (await asked(stand, edge, "/health")).json()["roles"] == early.json()["roles"]
    projector.works()
    assert (await asked(stand, edge, "/health/ready")).status_code == 200


async def test_a_role_that_stands_still_asks_for_a_restart(stand: Stand) -> None:
    now = [0.0]
    saga = Vitals("saga", now=lambda: now[0])
    edge = replace(stand.edge(), vitals=(saga,))
    assert (await asked(stand, edge, "/health/live")).status_code == 200
    now[0] = STALLED_AFTER_S
    stalled = await asked(stand, edge, "/health/live")
    assert (stalled.status_code, stalled.json()["status"]) == (503, "stalled")


async def test_the_server_passes_the_roles_of_its_process_on(stand: Stand) -> None:
    server = EdgeServer(stand.settings, stand.edge(), vitals=[role("saga", ready=False)])
    app: Any = server._server.config.app
    assert [vitals.role for vitals in app.state.edge.vitals] == ["saga"]


async def test_health_says_what_copies_do_not_share(stand: Stand) -> None:
    alone = (await get(stand, "/health")).json()
    assert (alone["status"], "USE_IN_MEMORY_STORE" in alone["degraded"]["store"]) == (
        "degraded",
        True,
    )
    lost = OrchestratorSettings(
        redis_url="redis://:hush@127.0.0.1:1/0", state_dir=stand.settings.state_dir
    )
    told = (await asked(stand, replace(stand.edge(), settings=lost), "/health")).json()
    assert "Redis does not answer" in told["degraded"]["store"]
    assert "hush" not in str(told)


async def test_health_tells_the_breakers_that_copies_share(stand: Stand, tmp_path: Path) -> None:
    with redis_servers(1, tmp_path) as (server,):
        service, edge = (Circuits([server.url], wait_s=10.0) for _ in range(2))
        for _ in range(STANDARD.failures):
            generation = await service.admit("slack", STANDARD)
            await service.failed("slack", STANDARD, generation)
        told = (await asked(stand, replace(stand.edge(), circuits=edge), "/health")).json()
        await service.close()
        await edge.close()
    assert told["circuits"]["slack"] == {"state": "open", "failures": STANDARD.failures}
    assert told["circuits"]["github"] == {"state": "closed", "failures": 0}


async def test_health_counts_open_streams_and_the_campaigns_they_follow(stand: Stand) -> None:
    edge = stand.edge()
    with edge.hub.listening("one"), edge.hub.listening("one"), edge.hub.listening("two"):
        told = (await asked(stand, edge, "/health")).json()
    assert told["streams"] == {"active_connections": 3, "campaigns_with_connections": 2}


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


async def test_the_docs_need_nothing_from_outside(stand: Stand) -> None:
    page = await get(stand, "/docs")
    assert page.status_code == 200
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        if not address.startswith("data:"):
            assert address.startswith("/docs/")
            assert (await get(stand, address)).status_code == 200
    assert "http" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (await get(stand, "/docs/LICENSE.txt")).status_code == 404


@pytest.mark.parametrize("name", ["console.css", "console.js"])
async def test_the_consoles_own_files_are_served(stand: Stand, name: str) -> None:
    assert (await get(stand, f"/console/{name}")).status_code == 200
    assert (await get(stand, "/console/settings.py")).status_code == 404
