"""Rubbish on every topic that is read: kept whole where it was a message, and nothing stops."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from confluent_kafka import Message, Producer

from chassis.codec import Codec
from chassis.kafka import KafkaBroker
from contracts import topics
from contracts.plan import Phase
from contracts.records import DeadLetter
from deploy.stack.plan import EDGE_SERVICE, SERVICES
from services.orchestrator.saga.verify import verify
from services.orchestrator.settings import OrchestratorSettings
from tests.road.conftest import OpenRoad, new_prefix
from tests.road.driving import Road, Run
from tests.road.records import read_all

T = TypeVar("T")

LETTERED = (topics.REQUESTS, topics.RESULTS, *(topics.commands_of(phase) for phase in Phase))
"""Where a record is somebody's message: what nobody can work on becomes a dead letter."""

FOLDED = (topics.LOG, topics.SNAPSHOTS, topics.MEMORY, topics.ENGAGEMENT)
"""Where records are read back into state: what is no fact is skipped and alarmed."""

FOLLOWING_MEMORY = ("analyst", "optimizer", "radar")
"""The processes with a role that recalls."""


NOBODY = b"rubbish"
LARGE_BYTES = 900_000
UNKNOWN_ID = 4_000_000_000
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.25


class Piece(NamedTuple):
    """One rubbish record."""

    key: bytes
    value: bytes | None


def pieces(topic: str, real: dict[str, Piece]) -> list[Piece]:
    """Seven kinds of rubbish, made of records that were real; in the log under a live key."""
    last = real.get(topic) or real[topics.commands_of("design")]
    own, key = last.value or b"", last.key if topic == topics.LOG else NOBODY
    return [
        Piece(key, None),
        Piece(key, b""),
        Piece(key, b"\x01" + own[1:]),
        Piece(key, b"\x00" + UNKNOWN_ID.to_bytes(4, "big") + own[5:]),
        Piece(key, own[: len(own) // 2]),
        Piece(key, random.Random(topic).randbytes(LARGE_BYTES)),
        real[topics.REQUESTS if topic == topics.RESULTS else topics.RESULTS],
    ]


def real_records(road: Road, run: Run) -> dict[str, Piece]:
    """The campaign's last record of every topic that has any."""
    names = [road.prefix + spec.name for spec in topics.TOPICS]
    found = {}
    for message in read_all(road.stack.bootstrap, names):
        key, value = message.key(), message.value()
        if key == run.campaign_id.encode() and isinstance(value, bytes):
            found[str(message.topic()).removeprefix(road.prefix)] = Piece(key, value)
    return found


class Litter:
    """Rubbish in every partition, so that whatever campaign follows has some before it."""

    def __init__(self, road: Road, run: Run) -> None:
        self.thrown: Counter[tuple[str, bytes, bytes]] = Counter()
        self._real = real_records(road, run)
        self._road = road
        self._producer = Producer(
            {"bootstrap.servers": road.stack.bootstrap, "message.max.bytes": 2_000_000}
        )

    def throw(self, topic: str) -> None:
        """Each kind into every partition; the large one into one partition only."""
        for piece in pieces(topic, self._real):
            value = piece.value or b""
            for partition in range(1 if len(value) >= LARGE_BYTES else topics.PARTITIONS):
                self._producer.produce(
                    self._road.prefix + topic,
                    key=piece.key,
                    value=piece.value,
                    partition=partition,
                    headers={"sent_by": b"a test"},
                )
                self.thrown[topic, piece.key, value] += 1
        assert self._producer.flush(PATIENCE_S) == 0

    def count(self, topic: str) -> int:
        """How many pieces lie in a topic."""
        return sum(count for (at, _, _), count in self.thrown.items() if at == topic)


def letters_of(road: Road) -> list[Message]:
    return list(read_all(road.stack.bootstrap, [road.prefix + topics.DEAD_LETTERS]))


def opened(letters: Sequence[Message]) -> list[DeadLetter]:
    codec = Codec()
    bodies = [codec.decode(letter.value()).body for letter in letters]
    return [body for body in bodies if isinstance(body, DeadLetter)]


def said(road: Road, service: str, message: str) -> list[dict[str, Any]]:
    """What a service logged under this name."""
    lines = (road.state_dir / "logs" / f"{service}.log").read_text("utf-8").splitlines()
    return [event for line in lines if (event := json.loads(line))["message"] == message]


def wait_until(there: Callable[[], Sequence[T]], count: int) -> Sequence[T]:
    """Everything that is there as soon as there is so much of it."""
    deadline = time.monotonic() + PATIENCE_S
    while len(found := there()) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count}"
        time.sleep(LOOK_EVERY_S)
    return found


async def the_log_holds(road: Road, *runs: Run, foreign: int) -> None:
    """Nothing of the rubbish was folded: these campaigns and no other, every chain whole."""
    settings = OrchestratorSettings(
        kafka_bootstrap=road.stack.bootstrap, topic_prefix=road.prefix, use_in_memory_store=True
    )
    reader = KafkaBroker(settings).reader()
    report = await verify(reader, Codec())
    await reader.close()
    assert report["problems"] == []
    assert report["campaigns"].keys() == {run.campaign_id for run in runs}
    assert {told["state"] for told in report["campaigns"].values()} == {"COMPLETED"}
    assert sum(part["foreign_records"] for part in report["partitions"].values()) == foreign


async def test_rubbish_stops_nothing(open_road: OpenRoad, tmp_path: Path) -> None:
    with open_road(tmp_path, new_prefix()) as road:
        first = road.complete(road.brief("heatpumps"))
        waiting = road.create(road.brief("heatpumps"))
        road.start(waiting)
        road.follow(waiting, until=("REVIEW",))
        litter = Litter(road, waiting)
        for topic in (*LETTERED, *FOLDED):
            litter.throw(topic)
        wanted = {piece: n for piece, n in litter.thrown.items() if piece[0] in LETTERED}
        letters = opened(wait_until(partial(letters_of, road), sum(wanted.values())))
        assert Counter((letter.topic, letter.key, letter.value) for letter in letters) == wanted
        for letter in letters:
            assert letter.reason.strip()
            assert letter.headers == {"sent_by": b"a test"}
        for service, alarm, topic in (
            (EDGE_SERVICE, "view_cannot_follow", topics.LOG),
            (EDGE_SERVICE, "engagement_not_counted", topics.ENGAGEMENT),
            *((name, "memory_skipped", topics.MEMORY) for name in FOLLOWING_MEMORY),
        ):
            alarms = wait_until(partial(said, road, service, alarm), litter.count(topic))
            assert len(alarms) == litter.count(topic), (service, alarm)
        second = road.complete(road.brief("heatpumps"))
        road.stack.kill(EDGE_SERVICE)
        road.stack.wait_until_serving(EDGE_SERVICE)
        road.follow(waiting)
        assert waiting.detail["state"] == "COMPLETED"
        assert waiting.detail["view_problem"] is None
        third = road.complete(road.brief("heatpumps"))
        nulls = topics.PARTITIONS  # on a compacted topic a null deletes, and says nothing wrong
        skipped = said(road, EDGE_SERVICE, "log_record_skipped")
        assert Counter(event["extra"]["topic"] for event in skipped) == {
            topics.LOG: litter.count(topics.LOG),
            topics.SNAPSHOTS: litter.count(topics.SNAPSHOTS) - nulls,
        }
        await the_log_holds(road, first, waiting, second, third, foreign=litter.count(topics.LOG))
        for service in SERVICES:
            assert road.stack.children[service].restarts == (service == EDGE_SERVICE)
