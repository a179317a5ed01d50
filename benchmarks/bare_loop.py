"""The yardstick: a bare Kafka loop that writes as many records, as big ones, as the engine does.

`python -m benchmarks.bare_loop ROLE BOOTSTRAP PREFIX SHAPE`, ROLE `saga` or `phases`. It shares
the engine's client options, and nothing else: sagas are numbers in a dict, lost when it ends. No
timers, retries, undo, hash chain, restore or validation: a ceiling, nothing to run a business on.
"""

import json
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from confluent_kafka import Consumer, Message, Producer, TopicPartition
from fastavro import parse_schema, schemaless_reader, schemaless_writer

from benchmarks import road
from benchmarks.inmemory import Shape, Size
from benchmarks.processes import when_input_ends
from chassis.kafka.configuration import client_options, consumer_options, producer_options
from chassis.settings import ChassisSettings
from contracts import topics

BATCH = 500
POLL_S = 0.05
CALL_S = 15.0

SCHEMA = parse_schema(
    {
        "type": "record",
        "name": "Bare",
        "fields": [
            *(
                {"name": name, "type": "string"}
                for name in (
                    *("id", "type", "tenant_id", "campaign_id", "correlation_id", "causation_id"),
                    *("execution_id", "source", "actor", "traceparent"),
                )
            ),
            {"name": "schema_version", "type": "long"},
            {"name": "time", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "filler", "type": "bytes"},
        ],
    }
)

Written = tuple[str, bytes, list[tuple[str, bytes]]]
"""Topic, value and headers of a record; its key is the campaign's id."""

Handle = Callable[[dict[str, Any]], Iterator[Written]]


def encoded(record: dict[str, Any]) -> bytes:
    """A framed Avro value, as the engine's are."""
    buffer = BytesIO()
    buffer.write(b"\0\0\0\0\1")
    schemaless_writer(buffer, SCHEMA, record)
    return buffer.getvalue()


def decoded(value: bytes) -> dict[str, Any]:
    """The record in a framed value."""
    buffer = BytesIO(value)
    buffer.seek(5)
    read = schemaless_reader(buffer, SCHEMA, None)
    assert isinstance(read, dict)
    return read


def written(size: Size, campaign: str, cause: str) -> Written:
    """A record with an envelope of twelve facts and the five headers, about as big as `size`."""
    message_id, trace = str(uuid.uuid4()), f"00-{uuid.uuid4().hex}-{cause[:8]}{cause[:8]}-01"
    record = {
        "id": message_id,
        "type": "Bare",
        "schema_version": 1,
        "tenant_id": road.TENANT,
        "campaign_id": campaign,
        "correlation_id": campaign,
        "causation_id": cause,
        "execution_id": message_id,
        "source": "bare",
        "actor": "bare-0",
        "time": datetime.now(UTC),
        "traceparent": trace,
        "filler": b"x" * max(0, size.value_bytes - ENVELOPE_BYTES),
    }
    headers = [
        ("ce_id", message_id.encode()),
        ("ce_type", b"Bare"),
        ("campaign_id", campaign.encode()),
        ("tenant_id", road.TENANT.encode()),
        ("traceparent", trace.encode()),
    ]
    more = size.header_bytes - sum(len(name) + len(text) for name, text in headers)
    if more > SIXTH_BYTES_MIN:  # a snapshot's own header
        headers.append(("brief", b"x" * (more - len("brief"))))
    return size.topic, encoded(record), headers


SIXTH_BYTES_MIN = 40
"""What the engine's headers have more than that is one more header."""

ENVELOPE_BYTES = 0
ENVELOPE_BYTES = len(written(Size("", 0, 0), road.TENANT, road.TENANT)[1])


def saga(shape: Shape) -> Handle:
    """Count each campaign's inputs; each one writes what the engine writes for it."""
    counts: dict[str, int] = {}

    def handle(record: dict[str, Any]) -> Iterator[Written]:
        campaign = record["campaign_id"]
        number = counts.get(campaign, 0)
        counts[campaign] = number + 1
        if number < len(shape.inputs):
            for size in shape.inputs[number]:
                yield written(size, campaign, record["id"])

    return handle


def phases(shape: Shape) -> Handle:
    """Answer each command with one result."""

    def handle(record: dict[str, Any]) -> Iterator[Written]:
        yield written(shape.result, record["campaign_id"], record["id"])

    return handle


def run(settings: ChassisSettings, role: str, handle: Handle) -> None:
    """Poll, handle, write, commit, until the standard input ends."""
    stopping = threading.Event()
    when_input_ends(stopping.set)
    prefix = settings.topic_prefix
    transactional = role == "saga"
    consumer, producer = _clients(settings, role, transactional=transactional)
    inputs = (topics.REQUESTS, topics.RESULTS) if transactional else _commands()
    consumer.subscribe([prefix + topic for topic in inputs])
    while not stopping.is_set():
        batch = _batch(consumer)
        if not batch:
            continue
        if transactional:
            producer.begin_transaction()
        for message in batch:
            for topic, value, headers in handle(decoded(_value(message))):
                producer.produce(prefix + topic, value, key=message.key(), headers=[*headers])
        producer.flush(CALL_S)
        _commit(consumer, producer, batch, transactional=transactional)
    consumer.close()


def _batch(consumer: Consumer) -> list[Message]:
    first = consumer.poll(POLL_S)
    if first is None:
        return []
    found = [first, *consumer.consume(BATCH - 1, 0)]
    return [message for message in found if message.error() is None]


def _commit(
    consumer: Consumer, producer: Producer, batch: Sequence[Message], *, transactional: bool
) -> None:
    ends: dict[tuple[str, int], int] = {}
    for message in batch:
        ends[message.topic() or "", message.partition() or 0] = (message.offset() or 0) + 1
    offsets = [TopicPartition(topic, number, end) for (topic, number), end in ends.items()]
    if transactional:
        producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata(), CALL_S)
        producer.commit_transaction(CALL_S)
    else:
        consumer.commit(offsets=offsets, asynchronous=True)


def _clients(
    settings: ChassisSettings, role: str, *, transactional: bool
) -> tuple[Consumer, Producer]:
    options = client_options(settings)
    name = f"{settings.group_prefix}{role}"
    consumer = Consumer(
        {
            **consumer_options(options),
            "group.id": name,
            "group.instance.id": f"{name}-0",
            "partition.assignment.strategy": "range",
            "session.timeout.ms": settings.session_timeout_ms,
        }
    )
    own = {"transactional.id": f"{name}-0"} if transactional else {}
    producer = Producer({**producer_options(options), **own})
    if transactional:
        producer.init_transactions(CALL_S)
    return consumer, producer


def _commands() -> tuple[str, ...]:
    return tuple(topics.commands_of(phase) for phase in road.ASKS)


def _value(message: Message) -> bytes:
    value = message.value()
    assert isinstance(value, bytes)
    return value


def shape_from(text: str) -> Shape:
    """A shape as the benchmark hands it over on the command line."""
    inputs, result = json.loads(text)
    return Shape(tuple(tuple(Size(*size) for size in one) for one in inputs), Size(*result))


def main(argv: Sequence[str]) -> None:
    """Run the role that the arguments name."""
    role, bootstrap, prefix, text = argv
    shape = shape_from(text)
    settings = ChassisSettings(
        kafka_bootstrap=bootstrap,
        topic_prefix=prefix,
        group_prefix=prefix,
        use_in_memory_store=True,
    )
    run(settings, role, saga(shape) if role == "saga" else phases(shape))


if __name__ == "__main__":
    main(sys.argv[1:])
