"""The load: starts sagas and waits for their ends, as `python -m benchmarks.load` with six words.

SUBJECT (`engine`, `bare` or `chain`), BOOTSTRAP, PREFIX, NAME, COUNT, RATE (a second; 0: all at
once). It says `begin`, and at the end one line of JSON. A saga has ended once its last snapshot is
read as committed, one of a peer's `chain` once its last answer is; latency is from handing the
request to the client until then.
"""

import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast
from uuid import uuid4

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition

from benchmarks import bare_loop, road
from benchmarks.inmemory import Size
from benchmarks.outcome import Outcome
from benchmarks.peers.offered import ASKED
from chassis.codec import Codec
from chassis.kafka.configuration import client_options, consumer_options, producer_options
from chassis.settings import ChassisSettings
from contracts import identity, topics

LIMIT_S = 60.0
"""After so long the measurement ends, however many sagas are left."""

SENT_PER_TURN = 200
WAIT_S = 0.01
CALL_S = 10.0
LEADER_WAIT_S = 0.1

CHAIN = ("hop-0", "hop-6")
"""Where a chain of six begins and ends."""

Headers = list[tuple[str, bytes]]


class Request(NamedTuple):
    """A campaign's id, and the record that starts it."""

    campaign: str
    value: bytes
    headers: Headers


class Load:
    """One measurement of one subject."""

    def __init__(
        self,
        settings: ChassisSettings,
        ended: Callable[[bytes], bool],
        way: tuple[str, str] = (topics.REQUESTS, topics.SNAPSHOTS),
    ) -> None:
        options = client_options(settings)
        self._first, self._last = (settings.topic_prefix + topic for topic in way)
        self._ended = ended
        self._producer = Producer(producer_options(options))
        self._consumer = Consumer({**consumer_options(options), "group.id": uuid4().hex})
        self._consumer.assign([self._end(number) for number in range(topics.PARTITIONS)])
        self._consumer.poll(0.5)
        self._begun: dict[str, float] = {}
        self._latencies: list[float] = []

    def run(self, requests: Sequence[Request], rate: float) -> Outcome:
        """Send at `rate` a second (0: as fast as it goes) until all ended, or the limit."""
        sent = 0
        start = now = time.monotonic()
        while len(self._latencies) < len(requests) and now - start < LIMIT_S:
            until = int((now - start) * rate) + 1 if rate else sent + SENT_PER_TURN
            for request in requests[sent:until]:
                self._send(request)
            sent = max(sent, min(until, len(requests)))
            self._producer.poll(0)
            self._take()
            now = time.monotonic()
        seconds = now - start
        self._consumer.close()
        return Outcome(len(self._latencies), seconds, sorted(self._latencies))

    def _send(self, request: Request) -> None:
        self._begun[request.campaign] = time.monotonic()
        self._producer.produce(
            self._first,
            request.value,
            key=request.campaign,
            headers=list(request.headers),
        )

    def _take(self) -> None:
        first = self._consumer.poll(WAIT_S)
        if first is None:
            return
        for message in [first, *self._consumer.consume(SENT_PER_TURN, 0)]:
            campaign = _campaign(message)
            if campaign in self._begun and self._ended(cast("bytes", message.value())):
                self._latencies.append((time.monotonic() - self._begun.pop(campaign)) * 1_000)

    def _end(self, number: int) -> TopicPartition:
        """The partition at its end; a topic just made may have no leader for a moment."""
        partition = TopicPartition(self._last, number)
        give_up = time.monotonic() + CALL_S
        while True:
            try:
                partition.offset = self._consumer.get_watermark_offsets(partition, CALL_S)[1]
            except KafkaException:
                if time.monotonic() > give_up:
                    raise
                time.sleep(LEADER_WAIT_S)
            else:
                return partition


def engine_requests(name: str, count: int, speech: Codec) -> list[Request]:
    """Requests as the edge writes them."""
    made = [road.request(f"{name}-{number}", speech) for number in range(count)]
    return [Request(campaign, one.value or b"", list(one.headers)) for campaign, one in made]


def bare_requests(name: str, count: int, speech: Codec) -> list[Request]:
    """Requests for the bare loop, as big as the engine's."""
    size = Size(topics.REQUESTS, len(road.request(name, speech)[1].value or b""), 0)
    campaigns = [identity.campaign_id(road.TENANT, f"{name}-{number}") for number in range(count)]
    made = [(campaign, bare_loop.written(size, campaign, campaign)) for campaign in campaigns]
    return [Request(campaign, value, headers) for campaign, (_, value, headers) in made]


def chain_requests(name: str, count: int, speech: Codec) -> list[Request]:
    """Bare texts, as long as what a peer's step answers."""
    campaigns = [identity.campaign_id(road.TENANT, f"{name}-{number}") for number in range(count)]
    return [Request(campaign, ASKED.encode(), []) for campaign in campaigns]


def _campaign(message: Message) -> str:
    key = message.key() if message.error() is None else None
    return key.decode() if isinstance(key, bytes) else ""


REQUESTS = {"engine": engine_requests, "bare": bare_requests, "chain": chain_requests}


def main(argv: Sequence[str]) -> None:
    """Measure what the arguments ask for."""
    subject, bootstrap, prefix, name, count, rate = argv
    settings = ChassisSettings(
        kafka_bootstrap=bootstrap, topic_prefix=prefix, use_in_memory_store=True
    )
    speech = road.codec()

    def closed(value: bytes) -> bool:
        return bool(speech.decode(value, validate=False).record["closed"])

    load = Load(
        settings,
        closed if subject == "engine" else bool,
        **({"way": CHAIN} if subject == "chain" else {}),
    )
    made = REQUESTS[subject](name, int(count), speech)
    print("begin", flush=True)
    print(load.run(made, float(rate)).told(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
