"""What the edge says where a request was sent and something failed before its answer."""

import asyncio
import copy
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts import identity
from services.orchestrator.edge.examples import BRIEF
from services.orchestrator.view.database import ViewUnavailable
from services.orchestrator.view.queries import View
from tests.orchestrator.edge.fakes import Stand
from tests.orchestrator.edge.serving import endable
from tests.orchestrator.view.stories import TENANT, goal_of

CREATE = "/api/v1/campaigns"
CAMPAIGN = identity.campaign_id(TENANT, "one")
NEW = {"brief": copy.deepcopy(BRIEF)}


def lose_the_view_once_sent(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unavailable(*_: object) -> Any:
        raise ViewUnavailable("the disk is full")

    stand.log.after_send = lambda: monkeypatch.setattr(View, "_read", unavailable)


async def test_a_campaign_that_was_sent_is_accepted_also_where_the_view_is_lost(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_the_view_once_sent(stand, monkeypatch)
    async with stand.client() as client:
        answer = await client.post(CREATE, json=NEW)
    assert answer.status_code == 202, answer.text
    assert "safe in the log" in answer.json()["note"]
    assert len(stand.log.sent) == 1


async def test_whoever_waits_where_the_process_ends_is_told_that_it_was_taken(
    tmp_path: Path,
) -> None:
    stand = Stand(tmp_path, read_wait_s=60.0)
    stand.log.answers = False
    sent = asyncio.Event()
    stand.log.after_send = sent.set
    async with endable(stand) as (url, server), httpx.AsyncClient(base_url=url) as client:
        waiting = asyncio.create_task(client.post(CREATE, json=NEW, timeout=30))
        await asyncio.wait_for(sent.wait(), 10)
        server.stop()
        answer = await waiting
    stand.close()
    assert answer.status_code == 202, answer.text
    assert "safe in the log" in answer.json()["note"]


async def test_a_start_that_was_sent_is_taken_also_where_the_view_is_lost(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir), start=False)
    await stand.log.publish()
    lose_the_view_once_sent(stand, monkeypatch)
    async with stand.client() as client:
        answer = await client.post(f"{CREATE}/{CAMPAIGN}/start")
    assert answer.status_code == 202, answer.text
    assert "does not show yet" in answer.json()["note"]


async def test_an_unconfirmed_campaign_is_made_once_by_whoever_obeys(stand: Stand) -> None:
    stand.log.loses_answers = True
    async with stand.client() as client:
        doubtful = await client.post(CREATE, json=NEW)
        assert doubtful.status_code == 503
        assert "may or may not have been accepted" in doubtful.json()["detail"]
        key = doubtful.json()["detail"].split("`Idempotency-Key: ")[1].split("`")[0]
        stand.log.loses_answers = False
        repeated = await client.post(CREATE, json=NEW, headers={"Idempotency-Key": key})
    assert repeated.status_code == 201
    first, second = stand.log.sent
    assert first.key == second.key


async def test_an_unconfirmed_decision_does_not_claim_that_nothing_was_accepted(
    stand: Stand,
) -> None:
    stand.desk.create(CAMPAIGN, goal_of(stand.settings.keyring_dir), start=False)
    await stand.log.publish()
    stand.log.loses_answers = True
    async with stand.client() as client:
        answer = await client.post(f"{CREATE}/{CAMPAIGN}/start")
    assert answer.status_code == 503
    assert "it may have been accepted" in answer.json()["detail"]
