"""Reviewers told on GitHub and in Slack: once per version, taken back, honest without keys."""

import json
import re
from dataclasses import replace

import pytest

from chassis.claims import FolderClaims
from chassis.errors import StepError
from chassis.reviewlink import Question, opened
from chassis.service import Job
from contracts.envelope import FailureReason, StepOutcome
from contracts.goal import Channel
from contracts.review import ReviewAnnounced
from tests.optimizer.publish.builders import TENANT, Died, House, item
from tests.optimizer.review.newsroom import Newsroom, at_the_gate
from tests.optimizer.review.places import (
    BRANCH,
    CAMPAIGN,
    DIGEST,
    GITHUB,
    ROOT,
    SLACK,
    announce,
    command,
    job,
    outside,
    withdraw,
)


class DyingClaims(FolderClaims):
    """Claims of a worker that dies right before it can write down what it told."""

    async def settle(self, key: str, outcome: bytes) -> None:
        if outcome.startswith(b'{"location"'):
            raise Died
        await super().settle(key, outcome)


def mortal(house: House) -> Job:
    claims = DyingClaims(house.settings.artefacts_dir, house.tenant_id)
    return replace(job(house), claims=claims)


def link_in(text: str) -> str:
    found = re.search(rf"{ROOT}(/review/[^)\s>]+)", text)
    assert found is not None
    return found[1]


async def test_a_review_is_one_pull_request_and_one_message_also_when_told_again(
    house: House,
) -> None:
    with outside(house) as (hub, chat):
        first = await announce(house)
        again = await announce(house)
        retry = await announce(house, attempt=2)
    assert first.body == again.body == retry.body
    (pull,) = hub.pulls
    assert (pull["title"], pull["head"], pull["base"]) == (
        "Campaign: Autumn samples",
        BRANCH,
        "main",
    )
    for part in ("## Audit", "split two sentences", "`email-a`", "stone-milled", "## Pictures"):
        assert part in pull["body"]
    assert f"{ROOT}/artefacts/{'cd' * 32}?tenant={TENANT}" in pull["body"]
    (message,) = chat.messages
    assert message["channel"] == "reviews"
    kinds = [block["type"] for block in message["blocks"]]
    assert kinds == ["header", "section", "section", "section", "actions", "context"]
    assert "Campaign: Autumn samples" in message["text"]
    assert isinstance(first.body, ReviewAnnounced)
    assert [told.place for told in first.body.told] == [GITHUB, SLACK]
    assert first.outcome is StepOutcome.SUCCEEDED


async def test_the_link_in_both_places_opens_this_gate_and_stands_nowhere_else(
    house: House,
) -> None:
    with outside(house) as (hub, chat):
        answer = await announce(house)
    link = link_in(hub.pulls[0]["body"])
    assert link == link_in(json.dumps(chat.messages[0]["blocks"]).replace('"', " "))
    token = link.rpartition("/")[2]
    asked = Question(CAMPAIGN, "review", DIGEST)
    assert opened(house.keyring, TENANT, CAMPAIGN, token) == asked
    secret = token.rpartition("~")[2]
    assert secret not in str(answer)
    assert not any(secret in text for text in hub.files.values())
    kept = [path for path in house.root.rglob("*") if path.is_file()]
    assert not any(secret.encode() in path.read_bytes() for path in kept)


async def test_named_reviewers_links_are_told_in_no_place_that_others_read(house: House) -> None:
    with outside(house) as (hub, chat):
        await announce(house, command(reviewers=("ana", "ben")))
    told = hub.pulls[0]["body"] + json.dumps(chat.messages)
    assert "/review/" not in told
    assert f"{ROOT}/campaigns/{CAMPAIGN}" in told
    assert "ana, ben" in told


async def test_after_a_death_nothing_is_opened_or_posted_twice(house: House) -> None:
    with outside(house) as (hub, chat):
        with pytest.raises(Died):
            await announce(house, command(notices=(GITHUB,)), job=mortal(house))
        with pytest.raises(Died):
            await announce(house, command(notices=(SLACK,)), job=mortal(house))
        house.clock.advance(600)
        await announce(house, attempt=2)
    assert (len(hub.pulls), len(chat.messages)) == (1, 1)


async def test_what_a_worker_told_before_it_died_is_merged_all_the_same(house: House) -> None:
    life = at_the_gate()
    with outside(house) as (hub, _):
        room = Newsroom(house, life)
        with pytest.raises(Died):
            await announce(house, command(notices=(GITHUB,)), job=mortal(house))
        house.clock.advance(600)
        await announce(house, attempt=2)
        life.answer("announce")
        life.approve()
        await room.catch_up()
    assert hub.pulls[0]["merged_at"]


async def test_an_answer_that_is_lost_on_its_way_makes_no_second_one(house: House) -> None:
    with outside(house) as (hub, chat):
        hub.loses = chat.loses = 1
        with pytest.raises(StepError) as lost:
            await announce(house)
        assert lost.value.reason is FailureReason.UNAVAILABLE
        answer = await announce(house, attempt=2)
    assert (len(hub.pulls), len(chat.messages)) == (1, 1)
    assert answer.outcome is StepOutcome.SUCCEEDED


async def test_a_new_version_has_a_message_of_its_own_and_the_same_pull_request(
    house: House,
) -> None:
    with outside(house) as (hub, chat):
        await announce(house)
        await announce(house, command(shown_digest="ef" * 32), round_=1)
    (pull,) = hub.pulls
    old, new = chat.messages
    assert len([path for path in hub.files if CAMPAIGN in path]) == 2
    assert "changed since" in old["text"]
    assert "/review/" not in json.dumps(old)
    assert link_in(pull["body"]) == link_in(new["text"])
    token = link_in(new["text"]).rpartition("/")[2]
    assert opened(house.keyring, TENANT, CAMPAIGN, token).shown_digest == "ef" * 32


@pytest.mark.parametrize("rounds", [1, 2])
async def test_the_undo_closes_the_pull_request_and_says_so_in_every_message(
    house: House, rounds: int
) -> None:
    with outside(house) as (hub, chat):
        for number in range(rounds):
            await announce(house, round_=number)
        first = await withdraw(house, rounds - 1)
        again = await withdraw(house, rounds - 1)
    assert [pull["state"] for pull in hub.pulls] == ["closed"]
    assert all("the review is over" in message["text"] for message in chat.messages)
    assert len(chat.messages) == rounds
    assert first == again
    assert any(BRANCH in left for left in first.left_behind)


async def test_the_undo_finds_what_nobody_wrote_down(house: House) -> None:
    with outside(house) as (hub, chat):
        for place in (GITHUB, SLACK):
            with pytest.raises(Died):
                await announce(house, command(notices=(place,)), job=mortal(house))
        house.clock.advance(600)
        await withdraw(house)
    assert [pull["state"] for pull in hub.pulls] == ["closed"]
    assert "the review is over" in chat.messages[0]["text"]


async def test_undoing_what_never_happened_keeps_it_from_happening(house: House) -> None:
    with outside(house) as (hub, chat):
        await withdraw(house)
        with pytest.raises(StepError) as refusal:
            await announce(house)
    assert refusal.value.reason is FailureReason.CANCELLED
    assert (hub.pulls, chat.messages) == ([], [])


async def test_after_an_undo_another_round_opens_the_pull_request_again(house: House) -> None:
    with outside(house) as (hub, chat):
        await announce(house)
        await withdraw(house)
        await announce(house, round_=1)
    assert [pull["state"] for pull in hub.pulls] == ["open"]
    assert len(chat.messages) == 2


async def test_a_place_without_its_key_is_named_and_the_other_is_told(house: House) -> None:
    with outside(house, github=False) as (hub, chat):
        answer = await announce(house)
    assert answer.outcome is StepOutcome.DEGRADED
    assert any("GITHUB_TOKEN" in note for note in answer.notes)
    assert (len(hub.pulls), len(chat.messages)) == (0, 1)


async def test_without_any_key_nobody_is_called_and_the_failure_says_what_is_missing(
    house: House,
) -> None:
    with outside(house, github=False, slack=False) as (hub, chat):
        with pytest.raises(StepError) as failure:
            await announce(house)
        undone = await withdraw(house)
    assert failure.value.reason is FailureReason.NOT_CONFIGURED
    assert (hub.pulls, chat.messages) == ([], [])
    assert undone.left_behind == ()


async def test_text_from_outside_calls_nobody_and_is_no_markup(house: House) -> None:
    wicked = "<img src=x> @everyone #12 <!channel> <https://evil.example|here>"
    items = (item(Channel.BLOG, title=wicked, body_markdown=wicked),)
    with outside(house) as (hub, chat):
        await announce(house, command(items=items, campaign_name="A <!here> b"))
    body = hub.pulls[0]["body"]
    assert "<img" not in body
    assert "@everyone" not in body
    assert "#12" not in body
    sections = [b["text"]["text"] for b in chat.messages[0]["blocks"] if b["type"] == "section"]
    assert not any("<" in text for text in sections)


async def test_a_long_campaign_fits_into_what_the_vendors_take(house: House) -> None:
    long = tuple(item(Channel.BLOG, variant, body_markdown="word " * 3_900) for variant in "abcd")
    with outside(house) as (hub, chat):
        await announce(house, command(items=long, campaign_name="n" * 300))
    assert len(hub.pulls[0]["body"]) <= 65_536
    assert "too long for this place" in hub.pulls[0]["body"]
    header = chat.messages[0]["blocks"][0]["text"]["text"]
    assert len(header) == 150
    assert len(hub.pulls[0]["title"]) <= 256


async def test_a_message_that_somebody_deleted_holds_nothing_up(house: House) -> None:
    with outside(house) as (hub, chat):
        await announce(house)
        chat.messages.clear()
        await announce(house, command(shown_digest="ef" * 32), round_=1)
        chat.messages.clear()
        undone = await withdraw(house, 1)
    assert "no message of this campaign stands in Slack" in undone.detail
    assert [pull["state"] for pull in hub.pulls] == ["closed"]
