"""Microseconds for one event through the codec and the fold, and how fast a log is folded again."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence

from pydantic import BaseModel

from benchmarks import road
from benchmarks.inmemory import log_of
from chassis.broker import Incoming
from chassis.codec import Codec, Decoded
from services.orchestrator.saga.engine import evolve
from services.orchestrator.saga.facts import fact_of
from services.orchestrator.saga.restore import Restored
from services.orchestrator.saga.state import Saga

SAGAS = 200
ROUNDS = 5


class Cost(BaseModel):
    """One operation: the median of its rounds, the fastest and the slowest."""

    name: str
    us: float
    us_min: float
    us_max: float
    per_s: float


def measure(*, quick: bool) -> list[Cost]:
    """Every operation, over the log of finished sagas of the benchmark's road."""
    speech = road.codec()
    log = log_of(SAGAS // 10 if quick else SAGAS)
    values = [record.value for record in log]
    facts = [speech.decode(value) for value in values]
    return [
        _cost("encode one log event (models to bytes)", len(log), lambda: _encode(speech, facts)),
        _cost("decode, record only", len(log), lambda: _decode(speech, values, validate=False)),
        _cost("decode, all models", len(log), lambda: _decode(speech, values, validate=True)),
        _cost("fold one fact (evolve)", len(log), lambda: _fold(facts)),
        _cost("refold one record (decode, chain, fold)", len(log), lambda: _refold(speech, log)),
    ]


def table(costs: Sequence[Cost]) -> str:
    """The costs as a table for docs/performance.md."""
    head = ("| operation | µs (min to max) | per second |", "| --- | --- | --- |")
    rows = [
        f"| {one.name} | {one.us:.0f} ({one.us_min:.0f} to {one.us_max:.0f}) | {one.per_s:,.0f} |"
        for one in costs
    ]
    return "\n".join((*head, *rows))


def _cost(name: str, events: int, run: Callable[[], object]) -> Cost:
    found = []
    for _ in range(ROUNDS):
        gc.collect()
        start = time.process_time()
        run()
        found.append((time.process_time() - start) * 1e6 / events)
    middle = statistics.median(found)
    rounded = [round(one, 2) for one in (middle, min(found), max(found))]
    return Cost(
        name=name, us=rounded[0], us_min=rounded[1], us_max=rounded[2], per_s=round(1e6 / middle)
    )


def _encode(speech: Codec, facts: Sequence[Decoded]) -> None:
    for fact in facts:
        speech.encode(fact.envelope, fact.header, fact.body)


def _decode(speech: Codec, values: Sequence[bytes | None], *, validate: bool) -> None:
    for value in values:
        speech.decode(value, validate=validate)


def _fold(facts: Sequence[Decoded]) -> None:
    sagas: dict[str, Saga] = {}
    for fact in facts:
        campaign = fact.envelope.campaign_id
        sagas[campaign] = evolve(sagas.get(campaign), fact_of(fact))


def _refold(speech: Codec, log: Sequence[Incoming]) -> None:
    partitions = {number: Restored(speech, number) for number in {one.partition for one in log}}
    for record in log:
        partitions[record.partition].fact(record)
    assert not any(one.skipped for one in partitions.values())
