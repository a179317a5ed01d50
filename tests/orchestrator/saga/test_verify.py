"""Verifying: the same log gives the same report, and whatever was changed in it is named."""

from contracts import topics
from services.orchestrator.saga.verify import state_hash, verify
from tests.orchestrator.saga.desk import CODEC, campaign
from tests.orchestrator.saga.test_restore import OTHER, REFUSED, foreign
from tests.specification import CAMPAIGN_ID


async def test_the_report_of_an_untouched_log_names_no_problem_and_is_always_the_same() -> None:
    desk = await campaign(until="audit")
    view = {CAMPAIGN_ID: (desk.saga.sequence, desk.held.head_hash)}
    report = await verify(desk.shelf, CODEC, view)
    assert report["problems"] == []
    assert report["without_obligation"] == []
    assert report["campaigns"][CAMPAIGN_ID] == {
        "sequence": desk.saga.sequence,
        "state": "AUDIT",
        "head_hash": desk.held.head_hash,
        "state_hash": state_hash(desk.held),
    }
    assert await verify(desk.shelf, CODEC, view) == report


async def test_a_changed_byte_anywhere_in_the_log_is_named() -> None:
    desk = await campaign(until="content")
    view = {CAMPAIGN_ID: (desk.saga.sequence, desk.held.head_hash)}
    kept = list(desk.shelf.of(topics.LOG))
    for offset, record in enumerate(kept):
        assert record.value is not None
        for at in {0, 3, 7, len(record.value) // 2, len(record.value) - 1}:
            value = bytearray(record.value)
            value[at] ^= 1
            desk.shelf.change(topics.LOG, offset, value=bytes(value))
            report = await verify(desk.shelf, CODEC, view)
            assert report["problems"], f"byte {at} of record {offset}"
            desk.shelf.of(topics.LOG)[:] = kept
    assert (await verify(desk.shelf, CODEC, view))["problems"] == []


async def test_a_changed_byte_before_the_last_record_is_named_without_a_view() -> None:
    desk = await campaign(until="content")
    kept = list(desk.shelf.of(topics.LOG))
    for offset, record in enumerate(kept[:-1]):
        assert record.value is not None
        value = bytearray(record.value)
        value[len(value) // 2] ^= 1
        desk.shelf.change(topics.LOG, offset, value=bytes(value))
        report = await verify(desk.shelf, CODEC)
        assert any("campaign.log[0]@" in problem for problem in report["problems"]), offset
        desk.shelf.of(topics.LOG)[:] = kept


async def test_a_cut_tail_and_a_lost_campaign_are_named_by_the_view() -> None:
    desk = await campaign(until="audit")
    view = {CAMPAIGN_ID: (desk.saga.sequence, desk.held.head_hash), OTHER: (3, "a" * 64)}
    desk.shelf.of(topics.LOG).pop()
    problems = (await verify(desk.shelf, CODEC, view))["problems"]
    assert problems == [
        f"{CAMPAIGN_ID}: log at {desk.saga.sequence - 1}, view at {desk.saga.sequence}",
        f"{OTHER}: in the view, not in the log",
    ]


async def test_a_campaign_that_the_view_does_not_have_is_named() -> None:
    desk = await campaign(until="audit")
    assert (await verify(desk.shelf, CODEC, {}))["problems"] == [
        f"{CAMPAIGN_ID}: in the log, not in the view"
    ]


async def test_foreign_records_are_counted_in_the_report() -> None:
    desk = await campaign(until="content")
    desk.shelf.put(foreign(REFUSED, 2))
    desk.run()
    report = await verify(desk.shelf, CODEC)
    assert report["partitions"]["0"]["foreign_records"] == 1
    assert report["problems"] == []
