"""Whatever bytes arrive: decoding ends in a message, or in Undecodable with a helpful reason."""

from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_writer
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chassis.codec import FRAME, REASON_CHARS_MAX, Codec
from chassis.errors import Rejected, Undecodable
from contracts.catalog import CATALOG
from contracts.envelope import ActorKind
from contracts.message import Message
from contracts.publish import ContentPublished
from contracts.requests import CancelCampaign, StartCampaign
from contracts.research import ResearchCompleted
from tests.contracts.examples import message_of

PATIENT = settings(max_examples=300, derandomize=True, database=None, deadline=None)


def rubbish(record: dict[str, Any], model: type[Message], codec: Codec) -> bytes:
    """A well-framed record whose content our own encoder would never write."""
    schema_id = CATALOG.entry_of(model).schema_id
    buffer = BytesIO()
    buffer.write(FRAME.pack(0, schema_id))
    schemaless_writer(buffer, parse_schema(codec.schema_of(schema_id)), record)
    return buffer.getvalue()


def record_of(model: type[Message], codec: Codec) -> dict[str, Any]:
    return codec.decode(codec.encode(*message_of(model))).record


def test_a_tombstone_is_no_message(codec: Codec) -> None:
    with pytest.raises(Undecodable, match="no value: a tombstone"):
        codec.decode(None)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "the value is empty"),
        (b'{"type":"x"}', "the first byte is 0x7b, not 0x00"),
        (b"\x01\x00\x00\x00\x01", "the first byte is 0x01, not 0x00"),
        (b"\x00\x00\x0f", "truncated: 3 bytes, the frame alone has 5"),
        (b"\x00\x00\x00\x00\x07rest", "schema id 7 is unknown to this build"),
        (b"\x00\xff\xff\xff\xffrest", "schema id 4294967295 is unknown to this build"),
    ],
)
def test_a_wrong_frame_is_named(codec: Codec, value: bytes, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        codec.decode(value)


def test_every_shortened_message_is_refused(codec: Codec) -> None:
    value = codec.encode(*message_of(CancelCampaign))
    for length in range(FRAME.size, len(value)):
        with pytest.raises(Undecodable, match=r"CancelCampaign: not a whole Avro record.*cut off"):
            codec.decode(value[:length], validate=False)


def test_bytes_after_the_record_are_refused(codec: Codec) -> None:
    value = codec.encode(*message_of(CancelCampaign))
    with pytest.raises(Undecodable, match="CancelCampaign: 2 trailing bytes after the record"):
        codec.decode(value + b"\x00\x00", validate=False)


def test_another_messages_type_is_refused(codec: Codec) -> None:
    record = record_of(StartCampaign, codec)
    record["envelope"]["type"] = "CancelCampaign"
    value = rubbish(record, StartCampaign, codec)
    with pytest.raises(Undecodable, match="schema is StartCampaign's, the envelope says 'Cancel"):
        codec.decode(value, validate=False)


@pytest.mark.parametrize("part", ["source", "actor"])
def test_an_unknown_symbol_is_refused_where_it_stands(codec: Codec, part: str) -> None:
    record = record_of(StartCampaign, codec)
    if part == "actor":
        record["envelope"]["actor"]["kind"] = "UNKNOWN"
    else:
        record["envelope"]["source"] = "UNKNOWN"
    named = "envelope.actor.kind" if part == "actor" else "envelope.source"
    with pytest.raises(Undecodable, match=f"StartCampaign: {named} is UNKNOWN: written by a newer"):
        codec.decode(rubbish(record, StartCampaign, codec))


def test_an_unknown_symbol_deep_in_a_list_is_refused_where_it_stands(codec: Codec) -> None:
    record = record_of(ContentPublished, codec)
    record["publications"][1]["channel"] = "UNKNOWN"
    with pytest.raises(Undecodable, match=r"publications\.1\.channel is UNKNOWN"):
        codec.decode(rubbish(record, ContentPublished, codec))


def test_content_its_model_refuses_is_named_without_being_repeated(codec: Codec) -> None:
    record = record_of(CancelCampaign, codec)
    record["envelope"]["tenant_id"] = "somebody@example.com"
    value = rubbish(record, CancelCampaign, codec)
    with pytest.raises(
        Undecodable, match=r"CancelCampaign: envelope\.tenant_id: .*match"
    ) as caught:
        codec.decode(value)
    assert "somebody" not in str(caught.value)


def test_content_is_checked_when_it_is_touched_where_it_was_not_before(codec: Codec) -> None:
    record = record_of(ResearchCompleted, codec)
    record["done"]["attempt"] = 0
    record["findings"][0]["score"] = 7.0
    decoded = codec.decode(rubbish(record, ResearchCompleted, codec), validate=False)
    assert decoded.envelope.actor.kind in ActorKind
    with pytest.raises(Undecodable, match=r"done\.attempt: .*greater than or equal to 1"):
        _ = decoded.header
    with pytest.raises(Undecodable, match=r"findings\.0\.score: .*less than or equal to 1"):
        _ = decoded.body


def test_a_reason_is_short_enough_for_a_dead_letter(codec: Codec) -> None:
    record = record_of(ResearchCompleted, codec)
    for finding in record["findings"]:
        finding.update(claim="", quote="", agent="", source_url="", id="x" * 999)
    with pytest.raises(Undecodable) as caught:
        codec.decode(rubbish(record, ResearchCompleted, codec))
    assert 0 < len(str(caught.value)) <= REASON_CHARS_MAX
    assert isinstance(caught.value, Rejected)


@PATIENT
@given(value=st.binary(max_size=200))
@example(value=b"\x00")
def test_random_bytes_are_refused(codec: Codec, value: bytes) -> None:
    with pytest.raises(Undecodable):
        codec.decode(value)


@PATIENT
@given(entry=st.sampled_from(CATALOG.entries), rest=st.binary(max_size=400))
def test_random_bytes_in_a_right_frame_are_refused(codec: Codec, entry: Any, rest: bytes) -> None:
    with pytest.raises(Undecodable):
        codec.decode(FRAME.pack(0, entry.schema_id) + rest)


@PATIENT
@given(
    entry=st.sampled_from(CATALOG.entries),
    where=st.floats(0, 1, exclude_max=True),
    cut=st.integers(0, 8),
    planted=st.binary(max_size=10),
)
def test_a_garbled_message_is_read_or_refused_and_nothing_else(
    codec: Codec, entry: Any, where: float, cut: int, planted: bytes
) -> None:
    value = codec.encode(*message_of(entry.model))
    at = FRAME.size + int(where * (len(value) - FRAME.size))
    with suppress(Undecodable):
        decoded = codec.decode(value[:at] + planted + value[at + cut :])
        assert isinstance(decoded.body, entry.model)
