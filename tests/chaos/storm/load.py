"""The load of a storm: so many sagas open at a time, some cancelled midway; it follows the log.

A saga counts as accepted once Kafka acknowledged its request. It is cancelled a drawn time after
the log shows its n-th fact, n drawn as well: so a cancel hits every place of the road, and also
sagas whose worker is frozen.
"""

import heapq
import time
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple, cast

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from chassis.broker import Outgoing
from chassis.kafka.configuration import client_options, consumer_options, producer_options
from contracts import topics
from tests.chaos.storm.ground import Ground
from tests.chaos.storm.sagas import DOOMED, MAILED, POSTED, cancel, create

TAKEN_PER_TURN = 1_000
SENT_PER_TURN = 20
WAIT_S = 0.02
CANCELLED_SHARE = 0.12
CANCEL_AT_FACTS = (2, 36)
CANCEL_LATER_SHARE = 0.5
"""Half of the cancels come at once, the others up to two session timeouts later."""

ENDS = {b"WorkflowCompleted", b"WorkflowFailed", b"WorkflowCancelled", b"WorkflowRejected"}
SORTS = {POSTED: 0.90, MAILED: 0.05, DOOMED: 0.05}


class Plan(NamedTuple):
    """How much: sagas open at a time, and all in all."""

    open_max: int
    sagas_max: int


class Fact(NamedTuple):
    """What stands in the log: of which saga, which fact, and its bytes."""

    campaign_id: str
    name: bytes
    value: bytes


class Wire:
    """Hands requests over, and reads the log from its beginning."""

    def __init__(self, ground: Ground, name: str) -> None:
        self._prefix = ground.prefix
        options = client_options(ground.settings())
        self._producer = Producer(producer_options(options))
        self._consumer = Consumer({**consumer_options(options), "group.id": f"{name}-load"})
        log = ground.prefix + topics.LOG
        self._consumer.assign([TopicPartition(log, n, 0) for n in range(topics.PARTITIONS)])

    def send(self, made: Outgoing, told: Callable[[bool], None] = lambda _: None) -> None:
        """Hand a request over; `told` hears whether Kafka has it, within a later `facts`."""
        self._producer.produce(
            self._prefix + made.topic,
            made.value,
            key=made.key,
            headers=list(made.headers),
            on_delivery=lambda error, _: told(error is None),
        )

    def facts(self) -> Iterator[Fact]:
        """What is new in the log, after a short wait where nothing is."""
        self._producer.poll(0)
        for message in self._consumer.consume(TAKEN_PER_TURN, WAIT_S):
            if message.error() is None:
                yield _fact(message)

    def leave(self) -> None:
        """Give up the connection."""
        self._consumer.close()


def _fact(message: Message) -> Fact:
    key, value = message.key(), message.value()
    campaign_id = key.decode() if isinstance(key, bytes) else str(key)
    headers = cast("dict[str, bytes]", dict(message.headers() or []))
    return Fact(campaign_id, headers.get("ce_type", b""), cast("bytes", value))


class Load:
    """Begins sagas and awaits their ends; `turn` does a little of everything."""

    def __init__(self, ground: Ground, plan: Plan, seed: int) -> None:
        self._ground = ground
        self._plan = plan
        self._random = Random(f"{seed}-load")
        self._contact = ground.contact()
        self._name = f"storm-{seed}"
        self._wire = Wire(ground, self._name)
        self.sorts: dict[str, str] = {}
        self.accepted: set[str] = set()
        self.cancelled: set[str] = set()
        self.refused: set[str] = set()
        self.ended: dict[str, float] = {}
        self._facts: Counter[str] = Counter()
        self._cancel_at: dict[str, int] = {}
        self._cancel_due: list[tuple[float, str]] = []
        self._open = True

    def turn(self) -> None:
        """Begin what may begin, take in what was told."""
        open_now = len(self.sorts) - len(self.refused) - len(self.ended)
        free = min(self._plan.open_max - open_now, SENT_PER_TURN)
        if self._open:
            for _ in range(min(free, self._plan.sagas_max - len(self.sorts))):
                self._begin()
        for fact in self._wire.facts():
            self._take(fact)
        while self._cancel_due and self._cancel_due[0][0] <= time.monotonic():
            self._cancel(heapq.heappop(self._cancel_due)[1])

    @property
    def used_up(self) -> bool:
        """True where no more sagas are to begin."""
        return len(self.sorts) >= self._plan.sagas_max

    @property
    def waiting(self) -> set[str]:
        """Accepted, or perhaps accepted, and without an end."""
        return self.sorts.keys() - self.refused - self.ended.keys()

    def close(self) -> None:
        """Begin nothing more."""
        self._open = False

    def leave(self) -> None:
        """Give up the connection."""
        self._wire.leave()

    def _begin(self) -> None:
        (sort,) = self._random.choices(tuple(SORTS), tuple(SORTS.values()))
        campaign_id, request = create(f"{self._name}-{len(self.sorts)}", sort, self._contact)
        self.sorts[campaign_id] = sort
        if self._random.random() < CANCELLED_SHARE:
            self._cancel_at[campaign_id] = self._random.randint(*CANCEL_AT_FACTS)

        def told(delivered: bool) -> None:
            (self.accepted if delivered else self.refused).add(campaign_id)

        self._wire.send(request, told)

    def _take(self, fact: Fact) -> None:
        campaign_id = fact.campaign_id
        self._facts[campaign_id] += 1
        if fact.name in ENDS:
            self.ended.setdefault(campaign_id, time.time())
        elif self._facts[campaign_id] == self._cancel_at.get(campaign_id):
            later = self._random.random() < CANCEL_LATER_SHARE
            wait_s = self._random.uniform(0, 2 * self._ground.session_s) if later else 0.0
            heapq.heappush(self._cancel_due, (time.monotonic() + wait_s, campaign_id))

    def _cancel(self, campaign_id: str) -> None:
        def told(delivered: bool) -> None:
            if delivered:
                self.cancelled.add(campaign_id)

        self._wire.send(cancel(campaign_id), told)
