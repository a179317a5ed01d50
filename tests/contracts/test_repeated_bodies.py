"""A body whose bytes came before is shared; whatever else a record says is its own."""

import copy
import re

import pytest

from chassis.codec import BODIES_MAX, Codec
from chassis.errors import Undecodable
from contracts.catalog import CATALOG
from contracts.envelope import LogPosition
from contracts.saga import PlanGenerated
from tests.contracts.examples import envelope_of, example_of, header_of, uuid_of

ENTRY = CATALOG.entry_of(PlanGenerated)
PLAN = example_of(PlanGenerated)


def reason(refused: Undecodable) -> str:
    """Its text without addresses of this process's memory."""
    return re.sub(r"0x[0-9a-f]{6,}", "", str(refused))


def position() -> LogPosition:
    found = header_of(ENTRY)
    assert isinstance(found, LogPosition)
    return found


def test_equal_plans_of_two_campaigns_are_one_and_their_envelopes_are_two(codec: Codec) -> None:
    other = envelope_of(ENTRY, campaign_id=uuid_of("another"))
    first = codec.decode(codec.encode(envelope_of(ENTRY), position(), PLAN))
    moved = position().model_copy(update={"sequence": 7})
    second = codec.decode(codec.encode(other, moved, PLAN))
    assert second.body is first.body
    assert second.body == PLAN
    assert (second.envelope, second.header) == (other, moved)
    whole = codec.decode(second.value, validate=False)
    assert second.record == whole.record
    assert list(second.record) == list(whole.record)


def test_another_plan_is_another(codec: Codec) -> None:
    first = codec.decode(codec.encode(envelope_of(ENTRY), position(), PLAN))
    longer = PLAN.model_copy(update={"max_retries": PLAN.max_retries + 1})
    second = codec.decode(codec.encode(envelope_of(ENTRY), position(), longer))
    assert (first.body, second.body) == (PLAN, longer)


def test_every_cut_of_a_known_plan_is_refused_as_if_it_came_first() -> None:
    codec, fresh = Codec(), Codec()
    value = codec.encode(envelope_of(ENTRY), position(), PLAN)
    codec.decode(value)
    for garbled in (*(value[:end] for end in range(5, len(value), 7)), value + b"\x00"):
        with pytest.raises(Undecodable) as known:
            codec.decode(garbled)
        with pytest.raises(Undecodable) as unknown:
            fresh.decode(garbled, validate=False)
        assert reason(known.value) == reason(unknown.value)


def test_a_bad_head_is_refused_before_a_known_plan(codec: Codec) -> None:
    codec.decode(codec.encode(envelope_of(ENTRY), position(), PLAN))
    bad = codec.encode(envelope_of(ENTRY), position().model_copy(update={"sequence": -1}), PLAN)
    with pytest.raises(Undecodable, match="sequence"):
        codec.decode(bad)


def test_only_so_many_bodies_are_kept() -> None:
    codec = Codec()
    for number in range(BODIES_MAX + 3):
        plan = PLAN.model_copy(update={"max_retries": number})
        codec.decode(codec.encode(envelope_of(ENTRY), position(), plan))
    assert len(codec._bodies) == 3


def test_a_copied_message_is_as_pydantic_copies_it() -> None:
    envelope = envelope_of(ENTRY)
    copied = copy.copy(envelope)
    assert copied == envelope
    assert copied is not envelope
    assert copied.model_fields_set == envelope.model_fields_set
    changed = PLAN.model_copy(update={"max_retries": 9})
    assert (changed.max_retries, PLAN.max_retries) != (9, 9)
    assert changed.model_dump(exclude={"max_retries"}) == PLAN.model_dump(exclude={"max_retries"})
    assert changed.model_fields_set == PLAN.model_fields_set | {"max_retries"}
    assert copy.deepcopy(PLAN) == PLAN
