"""Windows depend on what happened, and not on the order or the number of its reports."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.broker import Outgoing
from chassis.memory import MemoryBroker
from contracts import topics
from contracts.analytics import (
    EngagementKind,
    EngagementRecorded,
    EngagementWindow,
    VariantsCompared,
)
from contracts.message import Message
from services.optimizer.reckoning import Reckoning
from services.optimizer.settings import OptimizerSettings
from services.optimizer.stream import WindowStream
from services.optimizer.windows import SIZES_S, begin_of
from tests.optimizer.readers import CODEC, KEPT, campaign_of, crowd, did, said, tracked

CLICK = EngagementKind.CLICK
CROWD = crowd("spring", seed=3, sent=40)


def told(records: list[Outgoing]) -> dict[str, Message]:
    """What is told of these records after the last one, by key."""
    counted = Reckoning(CODEC, KEPT)
    for one in records:
        counted.take(CODEC.decode(one.value))
    return {(r.key or b"").decode(): CODEC.decode(r.value).body for r in counted.tell() if r.value}


def windows(found: dict[str, Message]) -> list[EngagementWindow]:
    return [body for body in found.values() if isinstance(body, EngagementWindow)]


def test_each_window_holds_what_happened_in_it() -> None:
    """Counted a second time, by hand and without any of the code that is tested."""
    expected: Counter[tuple[int, int, str, EngagementKind]] = Counter()
    for one in CROWD:
        body = CODEC.decode(one.value).body
        if isinstance(body, EngagementRecorded):
            for size in (60, 3600):
                begin = int(body.happened_at.timestamp()) // size * size
                expected[size, begin, body.link_id, body.kind] += 1
    found: Counter[tuple[int, int, str, EngagementKind]] = Counter()
    for window in windows(told(CROWD)):
        where = (window.size_s, int(window.begins_at.timestamp()), window.link_id)
        found[*where, EngagementKind.CLICK] = window.clicks
        found[*where, EngagementKind.OPEN] = window.opens
        found[*where, EngagementKind.CONVERSION] = window.conversions
    assert +found == expected


@settings(deadline=None, max_examples=30)
@given(order=st.randoms(use_true_random=False), again=st.integers(0, 60))
def test_neither_order_nor_repetition_changes_what_is_told(order: Random, again: int) -> None:
    mixed = [*CROWD, *order.choices(CROWD, k=again)]
    order.shuffle(mixed)
    assert told(mixed) == told(CROWD)


def test_what_was_told_before_a_restart_is_counted_and_not_told_again() -> None:
    counted = Reckoning(CODEC, KEPT)
    for one in CROWD[:-1]:
        counted.take(CODEC.decode(one.value), told=True)
    assert counted.tell() == []
    counted.take(CODEC.decode(CROWD[-1].value))
    again = {r.key: r for r in counted.tell() if r.topic == topics.WINDOWS}
    whole = told(CROWD)
    assert again
    assert all(CODEC.decode(r.value).body == whole[k.decode()] for k, r in again.items() if k)


def test_a_repeated_event_is_told_apart_from_a_new_one() -> None:
    counted = Reckoning(CODEC, KEPT)
    one = CODEC.decode(did("spring", "email-a", CLICK, 1).value)
    assert [counted.take(one), counted.take(one)] == ["counted", "repeated"]


def test_a_late_event_changes_the_window_it_belongs_to() -> None:
    early, late = (did("spring", "email-a", CLICK, reader, 1.5) for reader in (1, 2))
    later = did("spring", "email-a", CLICK, 3, 200)
    clicks = {w.begins_at: w.clicks for w in windows(told([early, later, late])) if w.size_s == 60}
    assert sorted(clicks.values()) == [1, 2]


def test_one_tenants_events_do_not_count_in_anothers_campaign() -> None:
    own = did("spring", "email-a", CLICK, 1)
    decoded = CODEC.decode(did("spring", "email-a", CLICK, 2).value)
    other = decoded.envelope.model_copy(
        update={"tenant_id": "7c1d6c36-94d7-4c1b-9a58-0d6cc1f0a002"}
    )
    foreign = Outgoing(topics.ENGAGEMENT, b"", CODEC.encode(other, None, decoded.body))
    counted = Reckoning(CODEC, KEPT)
    for one in (own, foreign):
        counted.take(CODEC.decode(one.value))
    found = [CODEC.decode(r.value) for r in counted.tell()]
    clicks = {
        (one.envelope.tenant_id, one.body.clicks)
        for one in found
        if isinstance(one.body, EngagementWindow)
    }
    assert clicks == {(decoded.envelope.tenant_id, 1), (other.tenant_id, 1)}


def test_readers_that_nobody_can_tell_apart_are_one_each_time() -> None:
    campaign = campaign_of("spring")
    body = CODEC.decode(did("spring", "email-a", CLICK, 1).value).body
    assert isinstance(body, EngagementRecorded)
    nameless = body.model_copy(update={"reader_id": ""})
    records = [said("spring", nameless, number, body.happened_at) for number in range(3)]
    same = [said("spring", body, f"again {n}", body.happened_at) for n in range(3)]
    start = said("spring", tracked("spring"), "tracked", body.happened_at)
    (compared,) = [
        found
        for found in told([start, *records, *same]).values()
        if isinstance(found, VariantsCompared)
    ]
    first = compared.standings[0]
    assert (first.clicks, first.clickers) == (6, 4), campaign


@pytest.mark.parametrize("size", SIZES_S)
def test_a_window_begins_at_a_multiple_of_its_size(size: int) -> None:
    moment = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)
    begin = begin_of(moment, size)
    assert begin <= moment < begin + timedelta(seconds=size)
    assert begin.timestamp() % size == 0


def test_an_event_that_breaks_the_count_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = OptimizerSettings(use_in_memory_store=True, state_dir=tmp_path)
    stream = WindowStream(settings, MemoryBroker(), CODEC)
    event = did("spring", "email-a", CLICK, 1).value

    def broken(*_: object, told: bool) -> str:
        raise ZeroDivisionError(told)

    monkeypatch.setattr(Reckoning, "take", broken)
    assert stream._counted(event, told=False) == "refused"
    monkeypatch.undo()
    assert stream._counted(event, told=False) != "refused"
