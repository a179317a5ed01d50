"""What nobody can ever act on becomes a dead letter, whole, and holds nothing else up."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from structlog.testing import capture_logs

from chassis.broker import Incoming, Outgoing
from chassis.dead_letter import TOO_LARGE, VALUE_BYTES_MAX
from contracts import topics
from contracts.records import DeadLetter
from contracts.requests import CancelCampaign
from contracts.saga import StepSkipped
from services.orchestrator.saga.state import Life
from tests.contracts.examples import envelope_of, header_of, uuid_of
from tests.orchestrator.saga.desk import (
    CODEC,
    Desk,
    campaign,
    campaign_request,
    edit,
    names,
)
from tests.specification import CAMPAIGN_ID


def letters(desk: Desk) -> list[str]:
    found = [CODEC.decode(record.value).body for record in desk.shelf.of(topics.DEAD_LETTERS)]
    return [letter.reason for letter in found if isinstance(letter, DeadLetter)]


async def _dead(desk: Desk, record: Incoming, reason: str) -> None:
    """The record becomes a dead letter, whole, and changes nothing."""
    before = len(desk.shelf.of(topics.LOG))
    written = desk.give(record)
    assert [one.entry.name for one in written] == ["DeadLetter"]
    letter = written[0].body
    assert isinstance(letter, DeadLetter)
    assert reason in letter.reason
    assert (letter.value, letter.key) == (record.value or b"", record.key or b"")
    assert (letter.topic, letter.partition, letter.offset) == (
        record.topic,
        record.partition,
        record.offset,
    )
    assert len(desk.shelf.of(topics.LOG)) == before


async def test_another_tenants_request_is_a_dead_letter() -> None:
    desk = await campaign()
    record = desk.request(CancelCampaign(), tenant_id=uuid_of("another tenant"))
    await _dead(desk, record, "the campaign is another tenant's")
    assert desk.saga.life is Life.RUNNING


async def test_a_request_under_another_campaigns_key_is_a_dead_letter() -> None:
    desk = await campaign()
    record = desk.request(CancelCampaign(), key=uuid_of("another campaign"))
    await _dead(desk, record, "the record's key is not its campaign's id")


@pytest.mark.parametrize("key", [None, b"", b"\xff\xfe"])
async def test_a_request_without_a_usable_key_is_a_dead_letter(key: bytes | None) -> None:
    desk = await campaign()
    await _dead(desk, replace(desk.request(CancelCampaign()), key=key), "the record's key")


async def test_a_goal_for_a_saga_type_that_nobody_knows_is_a_dead_letter() -> None:
    desk = await Desk().open()
    strange = campaign_request().model_copy(update={"saga": "juggling"})
    await _dead(
        desk, desk.request(strange), "there is no saga type `juggling`; there are: campaign"
    )


async def test_a_request_to_a_campaign_that_nobody_knows_is_a_dead_letter() -> None:
    desk = await Desk().open()
    await _dead(
        desk,
        desk.request(CancelCampaign()),
        "CancelCampaign names a campaign that does not exist",
    )


async def test_a_result_for_a_campaign_that_nobody_knows_is_a_dead_letter() -> None:
    desk = await campaign()
    stray = desk.result("research")
    fresh = await Desk().open()
    await _dead(fresh, stray, "ResearchCompleted names a campaign that does not exist")


@pytest.mark.parametrize("value", [None, b"", b"junk", b"\x00\x00\x00\x00\x01 junk"])
async def test_what_is_no_message_is_a_dead_letter(value: bytes | None) -> None:
    desk = await campaign()
    await _dead(desk, replace(desk.request(CancelCampaign()), value=value), "")


async def test_a_message_that_is_no_input_is_a_dead_letter() -> None:
    desk = await campaign()
    entry = CODEC.catalog.entry_of(StepSkipped)
    tenant = desk.saga.tenant_id
    envelope = envelope_of(entry, campaign_id=CAMPAIGN_ID, tenant_id=tenant)
    value = CODEC.encode(envelope, header_of(entry), StepSkipped(step="research", reason="so"))
    record = replace(desk.request(CancelCampaign()), value=value)
    await _dead(desk, record, "StepSkipped belongs on campaign.log")


async def test_a_phase_that_speaks_as_a_reviewer_is_a_dead_letter() -> None:
    desk = await campaign()
    record = replace(desk.request(CancelCampaign()), topic=topics.RESULTS)
    await _dead(desk, record, "CancelCampaign belongs on campaign.requests, not here")
    assert desk.saga.life is Life.RUNNING


async def test_an_edit_that_is_another_kind_of_result_is_a_dead_letter() -> None:
    desk = await campaign(until="nothing")
    edited = desk.result("strategy").value
    assert edited is not None
    record = desk.request(edit(desk, edited))
    await _dead(desk, record, "an edit must be a ContentWritten, not a StrategyBuilt")


async def test_a_bad_record_holds_up_no_other_of_its_tick() -> None:
    desk = await campaign()
    bad = replace(desk.request(CancelCampaign()), value=b"junk")
    written = desk.give(bad, desk.result("research"))
    assert names(written)[0] == "DeadLetter"
    assert "BuildStrategy" in names(written)
    assert len(letters(desk)) == 1


async def test_a_goal_that_breaks_the_engine_is_a_dead_letter_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is no saga yet that it could wait in; see test_parking.py for those that can."""
    desk = await Desk().open()
    broken = desk.request(campaign_request())
    other = uuid_of("another campaign")
    good = desk.request(campaign_request(), campaign_id=other)
    take = desk.processor.take

    def breaking(record: Incoming, now: datetime) -> Iterator[Outgoing]:
        yield from take(record, now)
        if record.offset == broken.offset:
            raise RuntimeError("a bug of ours")

    monkeypatch.setattr(desk.processor, "take", breaking)
    with capture_logs() as told:
        written = desk.give(broken, good)
    assert [one["event"] for one in told] == ["input_breaks_the_engine", "dead_letter"]
    assert names(written)[:2] == ["DeadLetter", "GoalReceived"]
    assert "a bug of ours" in letters(desk)[0]
    assert {fact.envelope.campaign_id for fact in written[1:]} == {other}


async def test_a_letter_never_outgrows_what_the_brokers_take() -> None:
    desk = await campaign()
    huge = replace(desk.request(CancelCampaign()), value=b"x" * (VALUE_BYTES_MAX + 1))
    desk.give(huge)
    (letter,) = desk.shelf.of(topics.DEAD_LETTERS)
    body = CODEC.decode(letter.value).body
    assert isinstance(body, DeadLetter)
    assert (body.value, body.detail) == (b"", TOO_LARGE)
