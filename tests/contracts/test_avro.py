"""The functions made for a message write and read what its schema says, to the byte."""

from io import BytesIO
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.avro import (
    LONG,
    UNCOMMON,
    Uncommon,
    long_at,
    long_bytes,
    reader_of,
    writer_of,
)
from chassis.codec import FRAME, Codec
from contracts.catalog import CATALOG, Entry
from contracts.envelope import EventEnvelope, LogPosition, StepCall, StepDone
from contracts.generate.avro import avro_schema
from contracts.generate.shapes import record_of
from contracts.message import Message
from contracts.saga import RetryScheduled, WorkflowCompleted, WorkflowFailed
from tests.contracts.examples import envelope_of, example_of, header_of, sparse_example_of
from tests.contracts.strategies import messages

every_message = pytest.mark.parametrize("entry", CATALOG.entries, ids=lambda entry: entry.name)


class ByTheSchema:
    """A whole message as fastavro writes and reads it."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._schema = parse_schema(avro_schema(entry))

    def written(self, body: Message) -> bytes:
        header = header_of(self._entry)
        record: dict[str, Any] = {"envelope": envelope_of(self._entry).model_dump()}
        if header is not None:
            record[self._entry.header_field] = header.model_dump()
        buffer = BytesIO()
        schemaless_writer(buffer, self._schema, record | body.model_dump())
        return buffer.getvalue()

    def read(self, value: bytes) -> Any:
        return schemaless_reader(BytesIO(value), self._schema, None)


def made(entry: Entry, body: Message) -> bytes:
    """The same message by the functions that were made for its parts."""
    out = bytearray()
    for part in (envelope_of(entry), header_of(entry), body):
        if part is not None:
            writer_of(type(part))(part, out)
    return bytes(out)


def read_back(entry: Entry, value: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    at = 0
    for name, model in record_of(entry):
        found[name], at = reader_of(model)(value, at)
    own, at = reader_of(entry.model)(value, at)
    assert at == len(value)
    return found | own


@every_message
def test_examples_are_written_and_read_as_by_their_schema(entry: Entry) -> None:
    schema = ByTheSchema(entry)
    for body in (example_of(entry.model), sparse_example_of(entry.model)):
        value = made(entry, body)
        assert value == schema.written(body)
        found, expected = read_back(entry, value), schema.read(value)
        assert found == expected
        assert list(found) == list(expected)


@every_message
@given(data=st.data())
@settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_any_body_is_written_and_read_as_by_its_schema(entry: Entry, data: st.DataObject) -> None:
    body = data.draw(messages(entry.model))
    schema = ByTheSchema(entry)
    value = made(entry, body)
    assert value == schema.written(body)
    assert read_back(entry, value) == schema.read(value)


@pytest.mark.parametrize("model", [EventEnvelope, LogPosition, StepCall, StepDone])
@given(data=st.data())
@settings(max_examples=50, derandomize=True, database=None, deadline=None)
def test_any_envelope_and_header_come_back_from_their_bytes(
    model: type[Message], data: st.DataObject
) -> None:
    message = data.draw(messages(model))
    out = bytearray(b"before")
    writer_of(model)(message, out)
    found, end = reader_of(model)(bytes(out), len(b"before"))
    assert end == len(out)
    assert model.model_validate(found, strict=False) == message


@given(number=st.integers(-LONG, LONG - 1), rest=st.binary(max_size=3))
@settings(max_examples=300, derandomize=True, database=None, deadline=None)
def test_a_number_comes_back_whatever_follows_it(number: int, rest: bytes) -> None:
    value = long_bytes(number)
    assert long_at(value + rest, 0) == (number, len(value))


@pytest.mark.parametrize("number", [LONG, -LONG - 1])
def test_a_number_beyond_64_bits_is_left_to_the_general_way(number: int) -> None:
    with pytest.raises(Uncommon):
        long_bytes(number)


@pytest.mark.parametrize("value", [b"\xff" * 9 + b"\x02", b"\x80" * 10 + b"\x01"])
def test_bytes_beyond_64_bits_are_left_to_the_general_way(value: bytes) -> None:
    with pytest.raises(Uncommon):
        long_at(value, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "IDLE"},
        {"reason": "TIMEOUT"},
        {"step": 5},
        {"step": b"bytes"},
        {"step": "\ud800"},
        {"message": None},
        {"left_behind": ["a list"]},
        {"left_behind": "text"},
        {"left_behind": (1,)},
    ],
)
def test_a_mistyped_value_is_left_to_the_general_way(change: dict[str, Any]) -> None:
    body = example_of(WorkflowFailed).model_copy(update=change)
    with pytest.raises(UNCOMMON):
        writer_of(WorkflowFailed)(body, bytearray())


@pytest.mark.parametrize("attempt", [True, 1.0, "1", None, 2**63])
def test_a_number_of_another_type_is_left_to_the_general_way(attempt: object) -> None:
    body = example_of(RetryScheduled).model_copy(update={"attempt": attempt})
    with pytest.raises(UNCOMMON):
        writer_of(RetryScheduled)(body, bytearray())


def test_another_models_message_is_left_to_the_general_way() -> None:
    with pytest.raises(Uncommon):
        writer_of(WorkflowFailed)(example_of(RetryScheduled), bytearray())


def test_blocks_that_say_their_size_are_read_all_the_same(codec: Codec) -> None:
    """Other writers may do that; ours never does, so the general way reads them."""
    entry = CATALOG.entry_of(WorkflowCompleted)
    body = WorkflowCompleted(degraded=("a", "b"))
    value = codec.encode(envelope_of(entry), header_of(entry), body)
    plain, sized = b"\x04\x02a\x02b\x00", b"\x03\x08\x02a\x02b\x00"
    assert value.endswith(plain)
    with pytest.raises(Uncommon):
        reader_of(WorkflowCompleted)(sized, 0)
    assert codec.decode(value.removesuffix(plain) + sized).body == body


def test_bytes_that_are_cut_off_end_beyond_their_end_or_are_left_to_the_general_way() -> None:
    entry = CATALOG.entry_of(WorkflowFailed)
    value = made(entry, example_of(WorkflowFailed))
    for length in range(len(value)):
        try:
            at = 0
            for _, model in record_of(entry):
                _, at = reader_of(model)(value[:length], at)
            _, at = reader_of(entry.model)(value[:length], at)
        except UNCOMMON:
            continue
        assert at > length


def test_a_frame_is_passed_over(codec: Codec) -> None:
    entry = CATALOG.entry_of(RetryScheduled)
    body = example_of(RetryScheduled)
    value = codec.encode(envelope_of(entry), header_of(entry), body)
    assert value[FRAME.size :] == made(entry, body)
