"""Lives on record, read back: as facts, inputs and commands, and as topics of a broker."""

import json
from base64 import b64decode
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from chassis.broker import Incoming, TopicPartition
from contracts import topics
from services.orchestrator.saga.replaying import Source
from tests.orchestrator.saga.desk import CODEC, PARTITION


class History(NamedTuple):
    """A life on record: facts as they stand in the log, inputs, commands, and every line."""

    facts: list[Incoming]
    inputs: dict[Source, Incoming]
    commands: list[tuple[str, bytes]]
    lines: list[dict[str, Any]]


def history(lines: Sequence[str]) -> History:
    """The life that these lines tell."""
    found = History([], {}, [], [json.loads(line) for line in lines])
    for line in found.lines:
        value = b64decode(line["value"]) if "value" in line else b""
        if line["kind"] == "fact":
            key = CODEC.decode(value).envelope.campaign_id.encode()
            found.facts.append(Incoming(topics.LOG, PARTITION, len(found.facts), key, value))
        elif line["kind"] == "input":
            source = Source(line["topic"], PARTITION, line["offset"])
            found.inputs[source] = Incoming(*source, b64decode(line["key"]), value)
        elif line["kind"] == "command":
            found.commands.append((line["topic"], value))
    return found


def kept(path: Path) -> History:
    """The life in the file."""
    return history(path.read_text("ascii").splitlines())


def ends_of_ticks(life: History) -> list[int]:
    """How long the log was after each tick."""
    kinds = [line["kind"] for line in life.lines]
    return [kinds[:place].count("fact") for place, kind in enumerate(kinds) if kind == "stands"]


class Standing:
    """A `chassis.broker.Reader` over records that keep the offsets they have."""

    def __init__(self, *records: Incoming, partitions: int = 1) -> None:
        self._partitions = partitions
        self._records: dict[TopicPartition, list[Incoming]] = defaultdict(list)
        for record in records:
            self._records[record.source].append(record)

    @classmethod
    def of(cls, life: History, *more: Incoming) -> "Standing":
        """The life's log and inputs, and what else there is."""
        return cls(*life.facts, *life.inputs.values(), *more)

    async def cluster(self) -> str:
        return "standing"

    async def partitions(self, topic: str) -> int:
        return self._partitions

    async def ends(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[int, int]]:
        found = {tp: [one.offset for one in self._records[tp]] for tp in partitions}
        return {tp: (min(ns), max(ns) + 1) if ns else (0, 0) for tp, ns in found.items()}

    async def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Incoming]:
        for tp, end in ends.items():
            for record in self._records[tp]:
                if starts[tp] <= record.offset < end:
                    yield record

    def tail(self, starts: Mapping[TopicPartition, int]) -> AsyncIterator[Incoming]:
        raise AssertionError("a gate follows nothing")

    async def close(self) -> None:
        pass


def elsewhere(records: Sequence[Incoming], partition: int, timestamp_ms: int) -> list[Incoming]:
    """The same records in another partition, written at that time."""
    return [replace(one, partition=partition, timestamp_ms=timestamp_ms) for one in records]
