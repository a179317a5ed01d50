"""What a gate decided is heard where its reviewers were told: once, whatever comes in between."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chassis.errors import Retryable
from chassis.reviewlink import WHOEVER
from contracts.envelope import FailureReason
from contracts.requests import ReviewDecision
from services.orchestrator.saga.state import Life
from tests.optimizer.publish.builders import House
from tests.optimizer.review.newsroom import Newsroom, at_the_gate
from tests.optimizer.review.places import BRANCH, Chat, announce, command, outside, withdraw
from tests.orchestrator.saga.lives import Led, led

EDIT, CHANGES = ReviewDecision.EDIT, ReviewDecision.REQUEST_CHANGES


def said(message: dict[str, Any]) -> str:
    return "\n".join(block["text"]["text"] for block in message["blocks"])


def asks_nobody(chat: Chat) -> bool:
    told = json.dumps(chat.messages)
    return "/review/" not in told and "button" not in told


async def told(house: House, life: Led, round_: int = 0) -> None:
    """The publish role tells reviewers, and answers."""
    await announce(house, command(shown_digest=f"{round_:064x}"), round_=round_)
    life.answer("announce")


async def test_an_approval_is_said_in_the_message_and_its_pull_request_is_merged(
    house: House,
) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        room = Newsroom(house, life)
        await told(house, life)
        life.decide(ReviewDecision.APPROVE, reason="Lovely.\nShip it")
        await room.catch_up()
    (message,), (comment,), (pull,) = chat.messages, hub.comments, hub.pulls
    assert "*Approved* by ana on " in said(message)
    assert ">Lovely.\n>Ship it" in said(message)
    assert "Approved by ana on " in message["text"]
    assert asks_nobody(chat)
    assert pull["merged_at"]
    assert comment["on"] == pull["number"]
    for part in ("**Approved** by ana on ", "> Ship it", "`main` holds what was approved"):
        assert part in comment["body"]


@pytest.mark.parametrize("undo_first", [False, True])
async def test_a_rejection_is_said_and_stays_said_when_the_undo_comes(
    house: House, undo_first: bool
) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        room = Newsroom(house, life)
        await told(house, life)
        life.decide(ReviewDecision.REJECT, reason="off brand")
        if undo_first:
            await withdraw(house)
        await room.catch_up()
        await withdraw(house)
        life.undo_all()
        await room.catch_up()
    (message,), (comment,), (pull,) = chat.messages, hub.comments, hub.pulls
    assert "*Rejected* by ana on " in said(message)
    assert "The campaign was taken back." in said(message)
    assert asks_nobody(chat)
    assert (pull["state"], pull["merged_at"]) == ("closed", None)
    assert "**Rejected** by ana" in comment["body"]
    assert "> off brand" in comment["body"]


@pytest.mark.parametrize(("decision", "words"), [(CHANGES, "Changes requested"), (EDIT, "Edited")])
async def test_who_sent_a_version_back_is_said_and_the_next_one_is_told_beside_it(
    house: House, decision: ReviewDecision, words: str
) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        room = Newsroom(house, life)
        await told(house, life)
        life.decide(decision, reason="shorter", edited=b"x" if decision is EDIT else b"")
        await room.catch_up()
        assert f"*{words}* by ana on " in said(chat.messages[0])
        assert hub.pulls[0]["state"] == "open"
        life.run(until="announce")
        await told(house, life, 1)
        old, new = chat.messages
        assert f"*{words}* by ana on " in said(old)
        assert "A message below shows the new version." in said(old)
        assert "/review/" in json.dumps(new)
        life.approve()
        await room.catch_up()
    assert f"*{words}* by ana on " in said(chat.messages[0])
    assert "*Approved* by ana on " in said(chat.messages[1])
    assert [words in one["body"] for one in hub.comments] == [True, False]
    assert hub.pulls[0]["merged_at"]


async def test_a_gate_that_nobody_decided_says_so(house: House) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        await told(house, life)
        life.wait(timedelta(hours=25))
        assert life.saga.life is Life.COMPENSATING
        await Newsroom(house, life).catch_up()
    assert "*Nobody decided in time* until " in said(chat.messages[0])
    assert "**Nobody decided in time**" in hub.comments[0]["body"]
    assert hub.pulls[0]["state"] == "closed"


async def test_a_log_that_is_read_again_has_no_effect_outside(house: House) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        room = Newsroom(house, life)
        await told(house, life)
        life.approve()
        await room.catch_up()
        writes, messages = list(hub.writes), json.dumps(chat.messages)
        chat.updates = 0
        await room.replay()
        await Newsroom(house, life).catch_up()
    assert hub.writes == writes
    assert (json.dumps(chat.messages), chat.updates) == (messages, 0)


async def test_a_decision_that_comes_before_anybody_was_told_is_heard_then(house: House) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        room = Newsroom(house, life)
        life.approve()
        await room.catch_up()
        assert (hub.writes, chat.messages) == ([], [])
        await told(house, life)
        await room.catch_up()
    assert "*Approved* by ana on " in said(chat.messages[0])
    assert hub.pulls[0]["merged_at"]


async def test_an_answer_that_is_lost_makes_no_second_comment(house: House) -> None:
    life = at_the_gate()
    with outside(house) as (hub, _chat):
        room = Newsroom(house, life)
        await told(house, life)
        life.decide(ReviewDecision.REJECT)
        hub.loses = 2
        for _ in range(2):  # of the closing, then of the comment
            with pytest.raises(Retryable):
                await room.catch_up()
        await room.catch_up()
    assert len(hub.comments) == 1


async def test_a_place_that_is_away_keeps_no_other_from_hearing(house: House) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        room = Newsroom(house, life)
        await told(house, life)
        life.approve()
        hub.loses = 1
        with pytest.raises(Retryable):
            await room.catch_up()
        assert "*Approved*" in said(chat.messages[0])
        await room.catch_up()
    assert len(hub.comments) == 1


@pytest.mark.parametrize("why", ["Head branch was modified", "not mergeable"])
async def test_what_was_not_shown_is_never_merged(house: House, why: str) -> None:
    life = at_the_gate()
    with outside(house) as (hub, _):
        room = Newsroom(house, life)
        await told(house, life)
        hub.protected = why == "not mergeable"
        if not hub.protected:
            hub.push(BRANCH, "somebody's own words")
        life.approve()
        await room.catch_up()
    assert (hub.pulls[0]["state"], hub.pulls[0]["merged_at"]) == ("closed", None)
    assert "**Approved** by ana" in hub.comments[0]["body"]
    assert why in hub.comments[0]["body"]


async def test_an_approved_campaign_that_is_undone_says_so_and_may_be_reviewed_again(
    house: House,
) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        room = Newsroom(house, life)
        await told(house, life)
        life.approve()
        await room.catch_up()
        undone = await withdraw(house)
        assert undone == await withdraw(house)
        await announce(house, command(shown_digest="ef" * 32), round_=1)
    assert any("main in " in left for left in undone.left_behind)
    assert "stays merged" in undone.detail
    assert [bool(one["merged_at"]) for one in hub.pulls] == [True, False]
    assert [one["state"] for one in hub.pulls] == ["closed", "open"]
    assert "taken back" in hub.comments[1]["body"]
    assert len(hub.comments) == 2
    assert "*Approved* by ana on " in said(chat.messages[0])
    assert "The campaign was taken back." in said(chat.messages[0])


async def test_a_late_approval_touches_no_pull_request_of_another_version(house: House) -> None:
    life = at_the_gate()
    with outside(house) as (hub, _):
        room = Newsroom(house, life)
        await told(house, life)
        life.approve()
        await withdraw(house)
        await announce(house, command(shown_digest="ef" * 32), round_=1)
        await room.catch_up()
    (pull,) = hub.pulls
    assert (pull["state"], pull["merged_at"]) == ("open", None)


async def test_all_who_approved_are_named_and_a_link_is_no_name(house: House) -> None:
    life = at_the_gate(approvals_needed=2)
    with outside(house) as (hub, chat):
        room = Newsroom(house, life, by=WHOEVER)
        await told(house, life)
        life.approve()
        life.decide(ReviewDecision.APPROVE, actor=WHOEVER)
        await room.catch_up()
    assert "*Approved* by ana and whoever had the reviewer link on " in said(chat.messages[0])
    assert "ana and whoever had the reviewer link" in hub.comments[0]["body"]


async def test_a_reason_from_outside_calls_nobody_and_is_no_markup(house: House) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        room = Newsroom(house, life)
        await told(house, life)
        life.decide(ReviewDecision.APPROVE, reason="<img src=x> @everyone #12 <!channel> " * 50)
        await room.catch_up()
    assert "<" not in said(chat.messages[0]) + chat.messages[0]["text"]
    body = hub.comments[0]["body"].replace("<!--", "")
    assert not any(part in body for part in ("<img", "@everyone", "#12", "<!"))
    assert len(body) < 3_000


async def test_a_campaign_whose_reviewers_are_told_nowhere_leaves_no_trace(house: House) -> None:
    life = led()
    with outside(house):
        life.approve()
        await Newsroom(house, life).catch_up()
    assert not (house.settings.artefacts_dir / house.tenant_id).exists()


async def test_what_is_old_is_no_news(house: House) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        room = Newsroom(house, life)
        await told(house, life)
        life.approve()
        house.clock.advance(timedelta(days=8).total_seconds())
        await room.catch_up()
    assert hub.comments == []
    assert "/review/" in json.dumps(chat.messages)


async def test_a_place_whose_key_is_gone_is_passed_over(house: House) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        room = Newsroom(house, life)
        await told(house, life)
        life.approve()
        house.keys["slack_bot_token"] = ""
        _ = house.door
        await room.catch_up()
    assert len(hub.comments) == 1
    assert "/review/" in json.dumps(chat.messages)


async def test_where_nobody_could_be_told_nobody_hears(house: House) -> None:
    life = at_the_gate()
    with outside(house) as (hub, chat):
        life.fail("announce", FailureReason.NOT_CONFIGURED)
        life.approve()
        await Newsroom(house, life).catch_up()
    assert (hub.writes, chat.messages) == ([], [])
