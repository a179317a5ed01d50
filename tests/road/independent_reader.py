"""Reads `campaign.log` with nothing of the project: plain Kafka, published schemas, SHA-256.

A second opinion on what docs/messages.md promises: per campaign the facts are numbered 1..n in
one partition, and each names the SHA-256 of the stored bytes of the one before it.
"""

import hashlib
import io
import json
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any

import fastavro
from confluent_kafka import Consumer, KafkaError, TopicPartition

BATCH = 500
BATCH_S = 0.2
SILENCE_S = 20.0
FRAME_BYTES = 5
FIRST_HASH = "0" * 64


@dataclass
class Chain:
    """One campaign's facts as far as they were read."""

    partition: int
    tenant: str
    sequence: int = 0
    head: str = FIRST_HASH
    types: list[str] = field(default_factory=list)


class BrokenLog(Exception):
    """The log is not what it is said to be; the message says where."""


class IndependentReader:
    """Reads the log of one Kafka, with the schemas of one registry."""

    def __init__(self, bootstrap: str, topic: str, registry: str) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._registry = registry
        self._schemas: dict[int, Any] = {}

    def chains(self) -> dict[str, Chain]:
        """Every campaign's chain, checked record by record. Raises BrokenLog."""
        found: dict[str, Chain] = {}
        for partition, offset, key, value in self._records():
            where = f"{self._topic}[{partition}]@{offset}"
            fact = self._decoded(where, value)
            campaign = fact["envelope"]["campaign_id"]
            if key != campaign.encode():
                raise BrokenLog(f"{where}: the key is not the campaign's id {campaign}")
            chain = found.setdefault(campaign, Chain(partition, fact["envelope"]["tenant_id"]))
            _append(chain, partition, fact, where)
            chain.head = hashlib.sha256(value).hexdigest()
        return found

    def _records(self) -> list[tuple[int, int, bytes, bytes]]:
        consumer = Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": "independent-reader",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
            }
        )
        try:
            known = consumer.list_topics(self._topic, timeout=SILENCE_S).topics[self._topic]
            left = set(known.partitions)
            consumer.assign([TopicPartition(self._topic, number, 0) for number in sorted(left)])
            return list(self._until_the_end(consumer, left))
        finally:
            consumer.close()

    def _until_the_end(self, consumer: Any, left: set[int]) -> Any:
        deadline = time.monotonic() + SILENCE_S
        while left:
            if time.monotonic() > deadline:
                raise BrokenLog(f"partitions {sorted(left)} do not answer")
            for message in consumer.consume(BATCH, BATCH_S):
                deadline = time.monotonic() + SILENCE_S
                error = message.error()
                if error is None:
                    yield message.partition(), message.offset(), message.key(), message.value()
                elif error.code() == KafkaError._PARTITION_EOF:
                    left.discard(message.partition())
                else:
                    raise BrokenLog(str(error))

    def _decoded(self, where: str, value: bytes | None) -> Any:
        if not value or value[0] != 0:
            raise BrokenLog(f"{where}: the value is not framed")
        schema = self._schema(int.from_bytes(value[1:FRAME_BYTES], "big"))
        body = io.BytesIO(value[FRAME_BYTES:])
        fact = fastavro.schemaless_reader(body, schema, None)
        if body.read(1):
            raise BrokenLog(f"{where}: bytes are left over behind the record")
        return fact

    def _schema(self, schema_id: int) -> Any:
        if schema_id not in self._schemas:
            address = f"{self._registry}/schemas/ids/{schema_id}"
            with urllib.request.urlopen(address, timeout=SILENCE_S) as answer:
                text = json.load(answer)["schema"]
            self._schemas[schema_id] = fastavro.parse_schema(json.loads(text))
        return self._schemas[schema_id]


def _append(chain: Chain, partition: int, fact: Any, where: str) -> None:
    position = fact["log"]
    if partition != chain.partition:
        raise BrokenLog(f"{where}: the campaign began in partition {chain.partition}")
    if fact["envelope"]["tenant_id"] != chain.tenant:
        raise BrokenLog(f"{where}: the campaign is another tenant's")
    if position["sequence"] != chain.sequence + 1:
        raise BrokenLog(f"{where}: {position['sequence']} comes after {chain.sequence}")
    if position["previous_hash"] != chain.head:
        raise BrokenLog(f"{where}: the hash of the record before it is {chain.head}")
    chain.sequence += 1
    chain.types.append(fact["envelope"]["type"])
