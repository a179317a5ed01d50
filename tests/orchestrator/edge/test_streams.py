"""Streams: whatever is cut, late or lost in between, a client gets the log: no gap, no repeat."""

import asyncio
import json
import random

import httpx
import pytest
from httpx_sse import EventSource, ServerSentEvent

from contracts import identity
from contracts.envelope import FailureReason
from contracts.requests import DecideReview, RetryCampaign, ReviewDecision
from services.orchestrator.edge.app import create_app
from services.orchestrator.edge.sse import stream
from tests.orchestrator.edge.fakes import CODEC, Stand
from tests.orchestrator.edge.serving import served
from tests.orchestrator.view.stories import OTHER_TENANT, TENANT, goal_of

CAMPAIGN = identity.campaign_id(TENANT, "one")
URL = f"/api/v1/campaigns/{CAMPAIGN}/stream"
CUTS = 20


def to_the_review(stand: Stand) -> None:
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir))
    stand.desk.run(CAMPAIGN)


def to_the_end(stand: Stand) -> None:
    digest = stand.desk.sagas[CAMPAIGN].steps["review"].shown_digest
    word = DecideReview(step="review", decision=ReviewDecision.APPROVE, shown_digest=digest)
    stand.desk.ask(CAMPAIGN, word)
    stand.desk.run(CAMPAIGN)


async def listen(
    url: str,
    last: int,
    *,
    events_max: int = 10_000,
    into: list[ServerSentEvent] | None = None,
) -> tuple[list[ServerSentEvent], int]:
    """What one connection gives, cut after so many events; `into` has them as they come."""
    got: list[ServerSentEvent] = [] if into is None else into
    headers = {"Last-Event-ID": str(last)} if last else {}
    async with (
        httpx.AsyncClient(timeout=60) as client,
        client.stream("GET", url + URL, headers=headers) as answer,
    ):
        if answer.status_code == 200:
            async for event in EventSource(answer).aiter_sse():
                if not event.data:  # the retry line is no event
                    continue
                if len(got) < events_max:
                    got.append(event)
                if len(got) >= events_max:
                    break
        return got, answer.status_code


async def test_a_whole_run_is_told_by_named_events_with_ids(stand: Stand) -> None:
    to_the_review(stand)
    to_the_end(stand)
    await stand.log.publish()
    async with stand.client() as client:
        answer = await client.get(URL)
        same = await client.get(f"/api/genesis/stream/{CAMPAIGN}")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == same.text
    frames = [f for f in answer.text.split("\n\n") if f.startswith("id: ")]
    assert [int(f.split("\n")[0][4:]) for f in frames] == list(range(1, len(stand.desk.log) + 1))
    names = [f.split("\n")[1].removeprefix("event: ") for f in frames]
    assert {"pipeline_start", "phase_complete", "agent_complete", "pipeline_complete"} <= set(names)
    assert {"review_requested", "review_decided"} <= set(names)
    assert (names[0], names[-1]) == ("pipeline_start", "pipeline_complete")
    agents = [
        json.loads(f.split("\n")[2].removeprefix("data: "))
        for f in frames
        if "\nevent: agent_complete\n" in f
    ]
    assert {"trend_scout", "market_analyst", "publish.email"} == {one["agent"] for one in agents}
    assert all(one["cost_usd"] > 0 for one in agents)


async def test_twenty_cuts_at_random_on_two_copies_lose_and_repeat_nothing(stand: Stand) -> None:
    """Tail and view move in their own time, each ahead of the other by turns."""
    chance = random.Random(20)
    to_the_review(stand)
    to_the_end(stand)
    total = len(stand.desk.log)
    got: list[int] = []
    cuts = 0

    async def world() -> None:
        told = projected = 0
        while projected < total or told < total:
            await asyncio.sleep(0.01)
            if chance.random() < 0.5 and told < total:
                step = min(total, told + chance.randint(1, 2))
                stand.log.tell(told, step)
                told = step
            if chance.random() < 0.4 and projected < total:
                projected = min(total, projected + chance.randint(1, 2))
                await asyncio.to_thread(stand.projector.apply, stand.desk.log[:projected])

    await asyncio.to_thread(stand.projector.apply, stand.desk.log[:1])
    async with served(stand) as one, served(stand) as two:
        moving = asyncio.create_task(world())
        while not got or got[-1] < total:
            copy = chance.choice((one, two))
            few = chance.choice((0, 1, 1)) if cuts < CUTS else total
            events, status = await listen(copy, got[-1] if got else 0, events_max=few)
            assert status == 200
            got += [int(event.id) for event in events]
            cuts += 1
        await moving
        nothing, status = await listen(two, total)
        assert (nothing, status) == ([], 204)
    assert cuts > CUTS
    assert got == list(range(1, total + 1))


async def test_live_events_are_the_same_as_replayed_ones(stand: Stand) -> None:
    to_the_review(stand)
    await stand.log.publish()
    async with served(stand) as url:
        heard: list[ServerSentEvent] = []
        listening = asyncio.create_task(listen(url, 0, into=heard))
        shown = len(stand.desk.log)
        while len(heard) < shown and not listening.done():  # noqa: ASYNC110 - a client, no event
            await asyncio.sleep(0.01)
        to_the_end(stand)
        stand.log.tell(shown, len(stand.desk.log))  # the view lags: only the tail tells
        live, _ = await listening
        await stand.log.publish()
        replayed, _ = await listen(url, 0)
    assert [(e.id, e.event, e.data) for e in live] == [(e.id, e.event, e.data) for e in replayed]
    assert int(live[-1].id) == len(stand.desk.log)


async def test_a_tail_that_is_ahead_waits_for_the_view(stand: Stand) -> None:
    stand.settings = stand.settings.model_copy(update={"view_poll_s": 30.0})
    to_the_review(stand)
    await asyncio.to_thread(stand.projector.apply, stand.desk.log[:3])
    edge = stand.edge()
    frames = stream(edge, TENANT, CAMPAIGN, 0)
    got = [await anext(frames) for _ in range(4)]
    with edge.hub.listening(CAMPAIGN):
        edge.hub._hand_out(stand.desk.log[5].value or b"")  # 6 while the stream is at 3
        late = asyncio.create_task(anext(frames))
        await asyncio.sleep(0.2)
        assert not late.done()
        await asyncio.to_thread(stand.projector.apply, stand.desk.log[:6])
        got.append(await late)
    got += [await anext(frames), await anext(frames)]
    await frames.aclose()
    assert [frame.split("\n")[0] for frame in got[1:]] == [f"id: {n}" for n in range(1, 7)]
    assert edge.hub.streams == 0


async def test_a_client_that_is_ahead_of_this_copys_view_gets_only_what_comes_next(
    stand: Stand,
) -> None:
    to_the_review(stand)
    await asyncio.to_thread(stand.projector.apply, stand.desk.log[:4])
    frames = stream(stand.edge(), TENANT, CAMPAIGN, 6)
    await anext(frames)
    following = asyncio.create_task(anext(frames))
    await asyncio.sleep(0.1)
    await asyncio.to_thread(stand.projector.apply, stand.desk.log[:8])
    assert (await following).startswith("id: 7\n")
    await frames.aclose()


async def test_a_tail_that_repeats_what_the_client_has_tells_it_nothing_twice(
    stand: Stand,
) -> None:
    to_the_review(stand)
    await asyncio.to_thread(stand.projector.apply, stand.desk.log[:4])
    edge = stand.edge()
    frames = stream(edge, TENANT, CAMPAIGN, 6)
    await anext(frames)
    following = asyncio.create_task(anext(frames))
    await asyncio.sleep(0.1)
    for record in stand.desk.log[2:7]:
        edge.hub._hand_out(record.value or b"")
    assert (await following).startswith("id: 7\n")
    await frames.aclose()


async def test_a_record_that_names_another_tenant_is_not_told(stand: Stand) -> None:
    stand.settings = stand.settings.model_copy(update={"view_poll_s": 30.0})
    to_the_review(stand)
    await asyncio.to_thread(stand.projector.apply, stand.desk.log[:4])
    edge = stand.edge()
    frames = stream(edge, TENANT, CAMPAIGN, 4)
    await anext(frames)
    following = asyncio.create_task(anext(frames))
    await asyncio.sleep(0.1)
    edge.hub._hand_out(of_another_tenant(stand.desk.log[4].value))
    await asyncio.sleep(0.1)
    assert not following.done()
    edge.hub._hand_out(stand.desk.log[4].value or b"")
    assert (await following).startswith("id: 5\n")
    await frames.aclose()


def of_another_tenant(value: bytes | None) -> bytes:
    """The same fact at the same place of the same chain, under another tenant's name."""
    told = CODEC.decode(value)
    foreign = told.envelope.model_copy(update={"tenant_id": OTHER_TENANT})
    return CODEC.encode(foreign, told.header, told.body)


async def test_a_silent_stream_says_that_it_lives(stand: Stand) -> None:
    stand.settings = stand.settings.model_copy(update={"heartbeat_s": 0.1})
    to_the_review(stand)
    await stand.log.publish()
    frames = stream(stand.edge(), TENANT, CAMPAIGN, len(stand.desk.log))
    assert (await anext(frames)).startswith("retry: ")
    assert (await anext(frames)).startswith(": ")
    await frames.aclose()


async def test_a_retried_campaigns_stream_goes_on_behind_its_failure(stand: Stand) -> None:
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir))
    stand.desk.fail(CAMPAIGN, "research", FailureReason.INVALID_INPUT)
    await stand.log.publish()
    async with stand.client() as client:
        failed = (await client.get(URL)).text
        stand.desk.ask(CAMPAIGN, RetryCampaign(failed_sequence=len(stand.desk.log)))
        stand.desk.fail(CAMPAIGN, "research", FailureReason.INVALID_INPUT)
        await stand.log.publish()
        whole = (await client.get(URL)).text
    assert failed.count("event: pipeline_failed") == 1
    assert whole.count("event: pipeline_failed") == 2
    assert whole.count("\nevent: ") == len(stand.desk.log)


async def test_a_stream_holds_no_content_but_says_what_happened(stand: Stand) -> None:
    to_the_review(stand)
    to_the_end(stand)
    await stand.log.publish()
    async with stand.client() as client:
        text = (await client.get(URL)).text
    assert '"body_type":"ContentWritten"' in text
    assert '"body":' not in text
    assert '"goal":' not in text


@pytest.mark.parametrize("last", ["abc", "-1", "1.5", "9" * 30])
async def test_a_last_event_id_that_is_no_number_is_refused(stand: Stand, last: str) -> None:
    to_the_review(stand)
    await stand.log.publish()
    async with stand.client() as client:
        by_header = await client.get(URL, headers={"Last-Event-ID": last})
        by_query = await client.get(URL, params={"last_seen_sequence": last})
    assert (by_header.status_code, by_query.status_code) == (422, 422)


async def test_a_browser_names_its_tenant_in_the_query(stand: Stand) -> None:
    goal = goal_of(stand.settings.keyring_dir, OTHER_TENANT)
    stand.desk.create(CAMPAIGN, goal, tenant=OTHER_TENANT)
    stand.desk.fail(CAMPAIGN, "research", FailureReason.INVALID_INPUT)
    await stand.log.publish()
    async with stand.client() as client:
        foreign = await client.get(URL)
        own = await client.get(URL, params={"tenant": OTHER_TENANT})
        both = await client.get(
            URL, params={"tenant": OTHER_TENANT}, headers={"X-Tenant-Id": TENANT}
        )
    assert (foreign.status_code, own.status_code, both.status_code) == (404, 200, 422)


async def test_a_tail_that_breaks_is_taken_up_again(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.orchestrator.edge.hub.AGAIN_S", 0.05)
    stand.log.reachable = False
    edge = stand.edge()
    app = create_app(stand.settings, edge)
    async with app.router.lifespan_context(app):
        await asyncio.sleep(0.02)
        stand.log.reachable = True
        await asyncio.sleep(0.2)
        to_the_review(stand)
        with edge.hub.listening(CAMPAIGN) as listener:
            stand.log.tell(0, 1)
            assert await listener.wait(2)
            assert listener.take()[0].value == stand.desk.log[0].value
