"""The deploy gate: the last sagas of a running log, folded and decided again by this build.

It only reads: log, inputs and snapshots. What the running build made of an input, or of the whole
log, and this build would make otherwise, is a difference; the first one ends the comparison.
"""

import heapq
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chassis.broker import Incoming, Reader, TopicPartition
from chassis.codec import Codec
from chassis.errors import Undecodable
from contracts import identity, topics
from contracts.records import SagaSnapshot
from services.orchestrator.saga.replaying import Source, replay, ticks
from services.orchestrator.saga.restore import Restored
from services.orchestrator.saga.snapshots import state_json
from services.orchestrator.saga.store import kept

SAGAS_MAX = 10_000
"""Their logs are held in memory while they are compared."""

VALUE_CHARS_MAX = 120


@dataclass(slots=True)
class Compared:
    """What was held against this build; `difference` is empty where nothing differs."""

    sagas: int = 0
    facts: int = 0
    decided: int = 0
    inputs_gone: int = 0
    snapshots: int = 0
    schemas: set[int] = field(default_factory=set)
    difference: str = ""

    def as_data(self) -> dict[str, Any]:
        """The figures for programs."""
        return {
            "sagas": self.sagas,
            "facts": self.facts,
            "decided": self.decided,
            "inputs_gone": self.inputs_gone,
            "snapshots": self.snapshots,
            "schemas": sorted(self.schemas),
            "difference": self.difference,
        }


class Chosen(NamedTuple):
    """A saga that is compared, and the log partition that it is in."""

    partition: int
    campaign_id: str


async def against(reader: Reader, codec: Codec, count: int) -> Compared:
    """Hold the `count` sagas that were written to last against this build.

    Inputs that retention has taken are counted in `inputs_gone` and not decided again. Raises
    Retryable where the log cannot be read.
    """
    found = Compared()
    before = await _bounds(reader, topics.SNAPSHOTS)  # first: the log is never behind them
    bounds = await _bounds(reader, topics.LOG)
    chosen = await _last(reader, bounds, min(count, SAGAS_MAX))
    logs = await _logs(reader, codec, bounds, chosen)
    inputs = await _inputs(reader, codec, logs)
    snapshots = await _snapshots(reader, codec, before, chosen)
    for one in chosen:
        control = logs.get(Chosen(one.partition, identity.control_id(one.partition)), [])
        own = logs[one]
        facts = sorted((*own, *control), key=lambda fact: fact.offset)
        replayed = await replay(facts, inputs, codec)
        found.sagas += 1
        found.facts += len(own)
        found.decided += replayed.decided
        found.inputs_gone += replayed.not_decided
        found.schemas |= replayed.schemas
        found.difference = replayed.difference
        if one in snapshots and not found.difference:
            found.snapshots += 1
            found.difference = _unlike(own, snapshots[one], codec)
        if found.difference:
            break
    return found


async def _bounds(reader: Reader, topic: str) -> Mapping[TopicPartition, tuple[int, int]]:
    count = await reader.partitions(topic)
    return await reader.ends([TopicPartition(topic, number) for number in range(count)])


async def _last(
    reader: Reader, bounds: Mapping[TopicPartition, tuple[int, int]], count: int
) -> list[Chosen]:
    """The campaigns with the newest records, the newest first; no control sagas."""
    written: dict[Chosen, tuple[int, int]] = {}
    async for fact in _all(reader, bounds):
        one = Chosen(fact.partition, (fact.key or b"").decode(errors="replace"))
        if one.campaign_id != identity.control_id(fact.partition):
            written[one] = (fact.timestamp_ms, fact.offset)
    return heapq.nlargest(count, written, key=lambda one: (written[one], one))


async def _logs(
    reader: Reader,
    codec: Codec,
    bounds: Mapping[TopicPartition, tuple[int, int]],
    chosen: Iterable[Chosen],
) -> dict[Chosen, list[Incoming]]:
    """The facts of the chosen sagas, and of the control sagas beside them, in whole ticks.

    An end that was seen inside a transaction would cut a tick in two. By now that transaction has
    ended, so what follows is read too, and kept as far as it belongs to a tick that began before.
    """
    wanted = set(chosen)
    wanted |= {Chosen(one.partition, identity.control_id(one.partition)) for one in chosen}
    found: dict[Chosen, list[Incoming]] = defaultdict(list)
    ended: set[Chosen] = set()
    async for fact in _all(reader, await _bounds(reader, topics.LOG)):
        one = Chosen(fact.partition, (fact.key or b"").decode(errors="replace"))
        if one not in wanted or one in ended:
            continue
        if fact.offset >= bounds[fact.source][1] and not _same_tick(found[one][-1:], fact, codec):
            ended.add(one)
            continue
        found[one].append(fact)
    return dict(found)


def _same_tick(before: Sequence[Incoming], fact: Incoming, codec: Codec) -> bool:
    """True where one input, or one look at the clock, brought both about."""
    try:
        decoded = [codec.decode(one.value) for one in (*before, fact)]
    except Undecodable:
        return False
    return bool(before) and len(list(ticks(decoded))) == 1


async def _inputs(
    reader: Reader, codec: Codec, logs: Mapping[Chosen, Sequence[Incoming]]
) -> dict[Source, Incoming]:
    """The inputs that the facts name, as far as they are still kept."""
    wanted: dict[TopicPartition, set[int]] = defaultdict(set)
    for fact in (fact for facts in logs.values() for fact in facts):
        try:
            position = codec.decode(fact.value, validate=False).record.get("log")
        except Undecodable:
            continue  # the replay says so, and where
        if position and position["input_offset"] >= 0:
            source = TopicPartition(position["input_topic"], position["input_partition"])
            wanted[source].add(position["input_offset"])
    bounds = await reader.ends(list(wanted))
    parts = {
        source: (max(bounds[source][0], min(offsets)), min(bounds[source][1], max(offsets) + 1))
        for source, offsets in wanted.items()
    }
    return {
        Source(*record.source, record.offset): record
        async for record in _all(reader, parts)
        if record.offset in wanted[record.source]
    }


async def _snapshots(
    reader: Reader,
    codec: Codec,
    bounds: Mapping[TopicPartition, tuple[int, int]],
    chosen: Iterable[Chosen],
) -> dict[Chosen, SagaSnapshot]:
    """The latest snapshot of each chosen saga, where the running build's states are like ours."""
    wanted = set(chosen)
    found: dict[Chosen, SagaSnapshot] = {}
    async for record in _all(reader, bounds):
        one = Chosen(record.partition, (record.key or b"").decode(errors="replace"))
        if one not in wanted:
            continue
        found.pop(one, None)
        if record.value is not None:
            with suppress(Undecodable):  # then the role folds the log instead, as we do
                body = codec.decode(record.value).body
                if isinstance(body, SagaSnapshot) and state_json(body):
                    found[one] = body
    return found


def _all(
    reader: Reader, parts: Mapping[TopicPartition, tuple[int, int]]
) -> AsyncIterator[Incoming]:
    starts = {tp: begin for tp, (begin, _) in parts.items()}
    return reader.read(starts, {tp: end for tp, (_, end) in parts.items()})


def _unlike(facts: Sequence[Incoming], snapshot: SagaSnapshot, codec: Codec) -> str:
    """Where the fold differs from what the running build had folded by then."""
    restored = Restored(codec, facts[0].partition)
    campaign_id = (facts[0].key or b"").decode(errors="replace")
    where = f"campaign {campaign_id} at {snapshot.sequence}"
    for fact in facts:
        restored.fact(fact)
        held = restored.sagas.get(campaign_id)
        if held is not None and held.saga.sequence == snapshot.sequence:
            break
    else:
        return f"{where}: its snapshot is there, but the log ends before that"
    if held.head_hash != snapshot.head_hash:
        return f"{where}: the log's record is not the one that its snapshot names"
    state = json.loads(state_json(snapshot))
    if not state.get("plan"):
        held = kept(held)
    return _first_unlike(where, state, json.loads(held.saga.model_dump_json()))


def _first_unlike(where: str, was: Any, now: Any) -> str:  # noqa: ANN401 - any JSON
    """The first value of `was` that `now` has otherwise; what only `now` has is no harm."""
    if isinstance(was, dict) and isinstance(now, dict):
        pairs = [(f"{where}.{name}", value, now.get(name)) for name, value in was.items()]
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        pairs = [(f"{where}[{n}]", *two) for n, two in enumerate(zip(was, now, strict=True))]
    elif was != now:
        return f"{where}: the running build has {_short(was)}, this one {_short(now)}"
    else:
        return ""
    return next((told for pair in pairs if (told := _first_unlike(*pair))), "")


def _short(value: object) -> str:
    told = json.dumps(value)
    return told if len(told) <= VALUE_CHARS_MAX else f"{told[: VALUE_CHARS_MAX - 1]}…"
