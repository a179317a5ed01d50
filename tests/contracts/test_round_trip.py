"""Every message comes back from the wire exactly as it was, and refuses what it does not know."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from chassis.codec import FRAME, Codec
from contracts.catalog import CATALOG, Entry
from contracts.envelope import AppName, EventEnvelope, LogPosition, StepDone
from contracts.generate.avro import avro_schema
from contracts.generate.shapes import HEADERS
from contracts.goal import Channel
from contracts.publish import Publication
from contracts.requests import CancelCampaign, DecideReview, ReviewDecision, StartCampaign
from contracts.research import RunResearch
from contracts.saga import RetryScheduled, WorkflowFailed
from tests.contracts.examples import (
    digest_of,
    envelope_of,
    example_of,
    header_of,
    message_of,
    sparse_example_of,
)
from tests.contracts.strategies import messages

every_message = pytest.mark.parametrize("entry", CATALOG.entries, ids=lambda entry: entry.name)

ENVELOPE_FIELDS = (
    "id",
    "type",
    "schema_version",
    "tenant_id",
    "campaign_id",
    "correlation_id",
    "causation_id",
    "execution_id",
    "source",
    "actor",
    "time",
    "traceparent",
)


@every_message
def test_a_full_and_a_sparse_message_come_back_unchanged(entry: Entry, codec: Codec) -> None:
    envelope, header = envelope_of(entry), header_of(entry)
    for body in (example_of(entry.model), sparse_example_of(entry.model)):
        decoded = codec.decode(codec.encode(envelope, header, body))
        assert decoded.entry is entry
        assert (decoded.envelope, decoded.header, decoded.body) == (envelope, header, body)
        assert type(decoded.body) is entry.model


@every_message
@given(data=st.data())
@settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_any_message_that_its_model_allows_comes_back_unchanged(
    entry: Entry, codec: Codec, data: st.DataObject
) -> None:
    body = data.draw(messages(entry.model))
    value = codec.encode(envelope_of(entry), header_of(entry), body)
    decoded = codec.decode(value)
    assert decoded.body == body
    assert codec.encode(decoded.envelope, decoded.header, decoded.body) == value


@given(data=st.data())
@settings(max_examples=50, derandomize=True, database=None, deadline=None)
def test_any_envelope_and_header_come_back_unchanged(codec: Codec, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["RunResearch", "WorkflowFailed", "DesignRendered"]))
    entry = CATALOG.by_name[name]
    own = {"type": entry.name, "schema_version": entry.version}
    envelope = data.draw(messages(EventEnvelope)).model_copy(update=own)
    header: Any = data.draw(messages(HEADERS[entry.header_field]))
    decoded = codec.decode(codec.encode(envelope, header, example_of(entry.model)))
    assert (decoded.envelope, decoded.header) == (envelope, header)


@every_message
def test_a_field_nobody_declared_is_refused_by_its_name(entry: Entry) -> None:
    fields = dict(example_of(entry.model))
    with pytest.raises(ValidationError, match=r"(?s)surprise.*extra_forbidden"):
        entry.model(**{**fields, "surprise": 1})


@every_message
def test_a_mistyped_field_is_refused_by_its_name(entry: Entry) -> None:
    class Nothing:
        """A value of no type that any field has."""

    fields = dict(example_of(entry.model))
    for name in fields:
        with pytest.raises(ValidationError, match=name):
            entry.model(**{**fields, name: Nothing()})


def test_a_number_written_as_text_is_refused() -> None:
    fields = dict(example_of(RetryScheduled))
    with pytest.raises(ValidationError, match=r"(?s)attempt.*valid integer"):
        RetryScheduled(**{**fields, "attempt": "1"})


def test_the_envelope_has_its_twelve_fields_and_no_other() -> None:
    assert tuple(EventEnvelope.model_fields) == ENVELOPE_FIELDS


@pytest.mark.parametrize("name", ENVELOPE_FIELDS)
def test_an_envelope_field_is_neither_left_out_nor_null(name: str) -> None:
    fields = dict(example_of(EventEnvelope))
    with pytest.raises(ValidationError, match=name):
        EventEnvelope(**{**fields, name: None})
    del fields[name]
    with pytest.raises(ValidationError, match=name):
        EventEnvelope(**fields)


@every_message
def test_the_envelope_stands_first_and_required_in_every_schema(entry: Entry) -> None:
    first = avro_schema(entry)["fields"][0]
    assert first["name"] == "envelope"
    for field in first["type"]["fields"]:
        assert "default" not in field, field["name"]
        assert not isinstance(field["type"], list), field["name"]


def test_there_are_exactly_twelve_apps() -> None:
    assert [app.value for app in AppName] == [
        "edge",
        "orchestrator",
        "radar",
        "analyst",
        "visual",
        "optimizer",
        "upstream",
        "console",
        "cli",
        "webhook",
        "scheduler",
        "plugin",
    ]


def test_an_instant_keeps_its_microseconds_and_comes_back_in_utc(codec: Codec) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    moments = [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 2, 3, 4, 5, 6, 1, tzinfo=zone),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ]
    envelope, header, body = message_of(RetryScheduled)
    for moment in moments:
        sent = body.model_copy(update={"due": moment})
        due = codec.decode(codec.encode(envelope, header, sent)).record["due"]
        assert due == moment
        assert due.tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    fields = dict(example_of(Publication))
    with pytest.raises(ValidationError, match=r"(?s)published_at.*timezone"):
        Publication(**{**fields, "published_at": datetime(2026, 2, 3)})  # noqa: DTZ001


def test_bytes_are_base64_in_json() -> None:
    body = DecideReview(
        step="review",
        decision=ReviewDecision.EDIT,
        shown_digest=digest_of("shown"),
        edited=b"\x00\xff\xfe",
    )
    text = body.model_dump_json()
    assert '"edited":"AP_-"' in text
    assert DecideReview.model_validate_json(text) == body


def test_the_frame_is_a_zero_byte_and_the_schema_id(codec: Codec) -> None:
    value = codec.encode(*message_of(StartCampaign))
    assert FRAME.unpack_from(value) == (0, CATALOG.entry_of(StartCampaign).schema_id)
    assert value[:5] == bytes([0]) + CATALOG.entry_of(StartCampaign).schema_id.to_bytes(4, "big")


def test_what_does_not_belong_together_is_not_written(codec: Codec) -> None:
    envelope, header, body = message_of(RunResearch)
    cancel = CATALOG.entry_of(CancelCampaign)
    with pytest.raises(ValueError, match="cannot go in an envelope of CancelCampaign v1"):
        codec.encode(envelope_of(cancel), header, body)
    with pytest.raises(ValueError, match="cannot go in an envelope of RunResearch v9"):
        codec.encode(envelope.model_copy(update={"schema_version": 9}), header, body)
    with pytest.raises(ValueError, match="needs StepCall, not NoneType"):
        codec.encode(envelope, None, body)
    with pytest.raises(ValueError, match="needs StepCall, not StepDone"):
        codec.encode(envelope, example_of(StepDone), body)
    with pytest.raises(ValueError, match="needs NoneType, not LogPosition"):
        codec.encode(envelope_of(cancel), example_of(LogPosition), example_of(CancelCampaign))
    with pytest.raises(KeyError, match="Publication"):
        codec.encode(envelope, header, example_of(Publication))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"step": "\ud800"}, "surrogates"),
        ({"reason": "IDLE"}, "Expected `enum`"),
        ({"step": 5}, "Expected `str`"),
    ],
)
def test_what_no_reader_could_read_is_not_written(
    codec: Codec, change: dict[str, Any], why: str
) -> None:
    envelope, header, body = message_of(WorkflowFailed)
    with pytest.raises(ValueError, match=f"(?s)WorkflowFailed cannot be written.*{why}"):
        codec.encode(envelope, header, body.model_copy(update=change))


def test_an_integer_beyond_64_bits_is_not_written(codec: Codec) -> None:
    envelope, header, body = message_of(RetryScheduled)
    with pytest.raises(ValueError, match="RetryScheduled cannot be written"):
        codec.encode(envelope, header, body.model_copy(update={"attempt": 2**63}))


def test_parts_are_made_once_and_only_when_asked(codec: Codec) -> None:
    value = codec.encode(*message_of(RunResearch))
    decoded = codec.decode(value, validate=False)
    assert decoded.record["business_name"]
    assert decoded.body is decoded.body
    assert decoded.envelope is decoded.envelope
    assert decoded.header is decoded.header
    assert decoded.value == value


def test_the_schemas_are_offered_by_their_ids(codec: Codec) -> None:
    assert set(codec.schemas()) >= {entry.schema_id for entry in CATALOG.entries}
    entry = CATALOG.entry_of(RunResearch)
    assert codec.schema_of(entry.schema_id) == avro_schema(entry)
    with pytest.raises(KeyError):
        codec.schema_of(1)


def test_channels_travel_as_their_names(codec: Codec) -> None:
    body = example_of(Publication).model_copy(update={"channel": Channel.BLOG})
    entry = CATALOG.by_name["ContentPublished"]
    sent = entry.model(channel=Channel.EMAIL, publications=(body,))  # type: ignore[call-arg]
    decoded = codec.decode(codec.encode(envelope_of(entry), header_of(entry), sent))
    assert decoded.record["publications"][0]["channel"] == "blog"
