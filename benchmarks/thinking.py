"""CPU of the saga role's own thinking for one saga: inputs in, records out; no broker, no loop."""

import asyncio
import gc
import statistics
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import cast

from pydantic import BaseModel

from benchmarks import road
from benchmarks.open_sagas import result_of
from chassis.broker import Incoming, Outgoing
from chassis.codec import Codec
from chassis.memory import MemoryBroker
from contracts import topics
from contracts.envelope import AgentRun, StepCall
from services.orchestrator.saga.processor import SagaProcessor
from services.orchestrator.saga.speech import Speech

SAGAS = 300
AT_ONCE = 60
"""So many inputs are thought about in one tick."""

ROUNDS = 5
HERE = frozenset({0})


class Thought(BaseModel):
    """One saga: the median of its rounds, the fastest and the slowest."""

    records: int
    us: float
    us_min: float
    us_max: float


def measure(*, quick: bool) -> Thought:
    """The benchmark's road, again and again by a role that holds nothing yet."""
    codec = road.codec()
    ticks, records = _lived(codec, SAGAS // 10 if quick else SAGAS)
    sagas = sum(one.topic == topics.REQUESTS for tick in ticks for one in tick)
    found = sorted(_timed(codec, ticks) * 1e6 / sagas for _ in range(ROUNDS))
    middle, fastest, slowest = statistics.median(found), found[0], found[-1]
    return Thought(records=records // sagas, us=middle, us_min=fastest, us_max=slowest)


def table(found: Thought) -> str:
    """The CPU as a line for docs/performance.md."""
    span = f"{found.us:,.0f} ({found.us_min:,.0f} to {found.us_max:,.0f})"
    return f"thinking of one saga, {found.records} records: {span} µs"


def processor(codec: Codec) -> SagaProcessor:
    """A saga role that owns one partition and holds no saga."""
    broker = MemoryBroker()
    for topic in (topics.LOG, topics.SNAPSHOTS):
        broker.create(topic, 1)
    speech = Speech.of(codec, road.definitions(), broker.reader(), "benchmark")
    made = SagaProcessor(speech)
    asyncio.run(made.restore(HERE))
    return made


def _lived(codec: Codec, sagas: int) -> tuple[list[list[Incoming]], int]:
    """What came in, by ticks, until every saga had ended, and how many records were written."""
    role = processor(codec)
    ticks: list[list[Incoming]] = []
    written = 0
    waiting: list[Outgoing] = [road.request(f"m{n}", codec)[1] for n in range(sagas)]
    while waiting:
        answers: list[Outgoing] = []
        for begin in range(0, len(waiting), AT_ONCE):
            tick = [_incoming(one, n) for n, one in enumerate(waiting[begin : begin + AT_ONCE])]
            made = role.think(tick, datetime.now(UTC))
            role.merge()
            ticks.append(tick)
            written += len(made)
            answers.extend(_answers(codec, made))
        waiting = answers
    return ticks, written


def _incoming(one: Outgoing, number: int) -> Incoming:
    return Incoming(one.topic, 0, number, one.key, one.value, one.headers)


def _answers(codec: Codec, made: Iterable[Outgoing]) -> list[Outgoing]:
    commands = {topics.commands_of(phase) for phase in road.ASKS}
    asked = (codec.decode(one.value) for one in made if one.topic in commands)
    steps = [(one.envelope, cast(StepCall, one.header).step) for one in asked]
    text = "y" * road.ANSWER_CHARS
    return [
        result_of(cause, step, codec, text, (AgentRun(agent=step, succeeded=True, duration_ms=1),))
        for cause, step in steps
    ]


def _timed(codec: Codec, ticks: Sequence[Sequence[Incoming]]) -> float:
    """CPU seconds of a fresh role over all ticks."""
    role = processor(codec)
    now = datetime.now(UTC)
    gc.collect()
    began = time.process_time()
    for tick in ticks:
        role.think(tick, now)
        role.merge()
    return time.process_time() - began
