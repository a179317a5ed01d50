"""Open sagas in Kafka, many and fast: `python -m benchmarks.open_sagas` with six words.

BOOTSTRAP, PREFIX, PARTITIONS (with commas), COUNT, SEED, FILE. The role's own processor makes them
from requests and results, in memory, and its log, snapshots and checkpoints are written as they
are: value, key and headers byte for byte. What differs from a life on Kafka: no transactions (so
no markers between the records), the commands are not written, and each saga has one snapshot. FILE
gets a line for each command that waits for its answer.
"""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from confluent_kafka import Producer

from benchmarks import road
from chassis.broker import Incoming, Outgoing, TopicPartition
from chassis.codec import Codec, Decoded
from chassis.kafka.configuration import client_options, producer_options
from chassis.kafka.names import Names
from chassis.kafka.producer import produce
from chassis.memory.partitioner import partition_of
from chassis.messages import Speaker, record
from chassis.settings import ChassisSettings
from chassis.telemetry import configure_logs
from contracts import identity, topics
from contracts.envelope import (
    Actor,
    ActorKind,
    AgentRun,
    AppName,
    EventEnvelope,
    FailureReason,
    StepDone,
    StepOutcome,
    Usage,
)
from contracts.message import Result
from contracts.saga import StepFailed
from services.orchestrator.saga.processor import CHECKPOINT_EVERY, SagaProcessor
from services.orchestrator.saga.speech import Speech

COMMANDED, AT_GATE, RETRYING = "commanded", "at the gate", "retrying"
KINDS = (COMMANDED, AT_GATE, AT_GATE, RETRYING, RETRYING)
"""A fifth has a command out; two fifths wait for a person, two fifths for their next try."""

WORDS = (
    *("heat", "pump", "quiet", "winter", "house", "energy", "family", "garden", "roof", "old"),
    *("price", "subsidy", "install", "warm", "noise", "neighbour", "plan", "cost", "year", "save"),
)
PHASE = Speaker(AppName.PLUGIN, Actor(kind=ActorKind.SERVICE, id="benchmark-0"))
WRITTEN_AT_ONCE = 2_000
LINGER_MS = 50


class Waiting(NamedTuple):
    """A command that waits for its answer, as its phase would know it."""

    partition: int
    envelope: str
    step: str

    def answer(self, speech: Codec, text: str) -> Outgoing:
        """The record of its answer."""
        return result_of(EventEnvelope.model_validate_json(self.envelope), self.step, speech, text)


class Counted:
    """A `chassis.broker.Reader` of topics that are empty before, and as long as what was made."""

    def __init__(self) -> None:
        self.logged: dict[int, int] = {}

    async def cluster(self) -> str:
        return "counted"

    async def partitions(self, _: str) -> int:
        return topics.PARTITIONS

    async def ends(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[int, int]]:
        return {tp: (0, self.logged.get(tp.partition, 0)) for tp in partitions}

    async def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Incoming]:
        nothing: tuple[Incoming, ...] = ()
        for record_ in nothing:
            yield record_

    def tail(self, starts: Mapping[TopicPartition, int]) -> AsyncIterator[Incoming]:
        return self.read(starts, {})

    async def close(self) -> None:
        return


class Maker:
    """A saga role without a broker, and those who ask and answer it."""

    def __init__(self, seed: int) -> None:
        self._speech = road.codec()
        self._reader = Counted()
        self._chance = random.Random(seed)
        self._offset = 0
        self._now = datetime.now(UTC)
        speech = Speech.of(self._speech, road.definitions(), self._reader, "saga-0")
        self._processor = SagaProcessor(speech)

    async def make(
        self, partition: int, names: Sequence[str]
    ) -> AsyncIterator[tuple[list[Outgoing], Waiting | None]]:
        """The records of one saga after another, and last the partition's snapshots."""
        await self._processor.restore(frozenset({partition}))
        for number, name in enumerate(names):
            yield self._saga(partition, name, KINDS[number % len(KINDS)])
        late = self._now + CHECKPOINT_EVERY + timedelta(seconds=1)
        made = list(await self._processor.think_of_time(partition, late))
        self._processor.merge()
        self._processor.drop(frozenset({partition}))
        yield made, None

    def _saga(self, partition: int, name: str, kind: str) -> tuple[list[Outgoing], Waiting | None]:
        _, asked = road.request(name, self._speech, road.GATED_SAGA, words(self._chance, 200))
        made: list[Outgoing] = []
        command = self._take(partition, asked, made)
        steps = ("one", "two", "three") if kind == AT_GATE else ("one", "two")
        for step in steps:
            assert command is not None
            text = words(self._chance, road.ANSWER_CHARS)
            result = result_of(command.envelope, step, self._speech, text)
            command = self._take(partition, result, made)
        if kind == AT_GATE:
            return made, None
        assert command is not None
        if kind == COMMANDED:
            return made, Waiting(partition, command.envelope.model_dump_json(), "three")
        self._take(partition, result_of(command.envelope, "three", self._speech, ""), made)
        return made, None

    def _take(self, partition: int, given: Outgoing, made: list[Outgoing]) -> Decoded | None:
        """Let the role take one input; the command that it sends, if any."""
        self._offset += 1
        incoming = Incoming(given.topic, partition, self._offset, given.key, given.value)
        command = None
        for one in self._processor.think([incoming], self._now):
            if one.topic == topics.LOG:
                self._reader.logged[partition] = self._reader.logged.get(partition, 0) + 1
                made.append(one)
            elif one.topic.endswith(".commands"):
                command = self._speech.decode(one.value)
        self._processor.merge()
        return command


def result_of(
    cause: EventEnvelope, step: str, speech: Codec, text: str, agents: tuple[AgentRun, ...] = ()
) -> Outgoing:
    """A phase's answer, as its worker would write it; without a text, its failure."""
    body: Result = road.Done(text=text)
    if not text:
        body = StepFailed(reason=FailureReason.UNAVAILABLE, message="nobody is there")
    entry = speech.catalog.entry_of(type(body))
    result_id = identity.derived(identity.FORWARDS, cause.execution_id, "result")
    envelope = PHASE.answer(cause, entry, result_id, at=datetime.now(UTC))
    done = StepDone(
        step=step, attempt=1, outcome=StepOutcome.SUCCEEDED, usage=Usage(), agents=agents
    )
    return record(topics.RESULTS, envelope, speech.encode(envelope, done, body))


def words(chance: random.Random, chars: int) -> str:
    """Text of about so many characters, of few words, as people write."""
    text = ""
    while len(text) < chars:
        text += f" {chance.choice(WORDS)}{chance.randrange(1_000)}"
    return text.strip()[:chars]


def names_in(partitions: Sequence[int], count: int, seed: int) -> dict[int, list[str]]:
    """So many names in all, evenly over the partitions that their campaigns' keys fall into."""
    found: dict[int, list[str]] = {partition: [] for partition in partitions}
    share = count // len(partitions)
    for name in _names(seed):
        key = identity.campaign_id(road.TENANT, name).encode()
        mine = found.get(partition_of(key, topics.PARTITIONS))
        if mine is not None and len(mine) < share:
            mine.append(name)
        if all(len(names) == share for names in found.values()):
            break
    return found


def _names(seed: int) -> Iterator[str]:
    number = 0
    while True:
        yield f"open-{seed}-{number}"
        number += 1


async def _written(argv: Sequence[str]) -> dict[str, int]:
    bootstrap, prefix, partitions, count, seed, file = argv
    settings = ChassisSettings(
        kafka_bootstrap=bootstrap, topic_prefix=prefix, use_in_memory_store=True
    )
    options = producer_options(client_options(settings))
    producer = Producer({**options, "linger.ms": LINGER_MS})
    mine = [int(one) for one in partitions.split(",")]
    maker, names = Maker(int(seed)), Names(prefix)
    told = {"sagas": 0, "facts": 0, "snapshots": 0, "snapshot_bytes": 0}
    waiting: list[str] = []
    for partition, own in names_in(mine, int(count), int(seed)).items():
        told["sagas"] += len(own)
        async for records, command in maker.make(partition, own):
            for number, one in enumerate(records):
                told["facts"] += one.topic == topics.LOG
                told["snapshots"] += one.topic == topics.SNAPSHOTS
                told["snapshot_bytes"] += len(one.value or b"") * (one.topic != topics.LOG)
                if number % WRITTEN_AT_ONCE == WRITTEN_AT_ONCE - 1:
                    producer.flush()
                produce(producer, one, names)
            producer.poll(0)
            if command is not None:
                waiting.append(json.dumps(command) + "\n")
        producer.flush()
    await asyncio.to_thread(Path(file).write_text, "".join(waiting))
    return told


def main(argv: Sequence[str]) -> None:
    """Make what the arguments ask for, and say how much it was."""
    configure_logs("ERROR", "open-sagas")
    print(json.dumps(asyncio.run(_written(argv))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
