"""A campaign's log, led once more by this build's code: does each input bring about what it did?

It knows no broker that runs: facts and inputs are given, and a role in memory takes them up. Plans
are those on record, for a running saga keeps its own under any build.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple, cast

from chassis.broker import Incoming, Outgoing
from chassis.codec import FRAME, Codec, Decoded
from chassis.errors import Undecodable
from chassis.memory import MemoryBroker
from contracts import topics
from contracts.envelope import LogPosition
from contracts.parking import InputParked
from contracts.records import DeadLetter
from contracts.saga import ContentEdited, GoalReceived, PlanGenerated, ToolResultReceived
from services.orchestrator.saga.definitions import SagaDefinition
from services.orchestrator.saga.processor import SagaProcessor
from services.orchestrator.saga.restore import LogBroken, Restored
from services.orchestrator.saga.speech import Speech

INSTANCE = "replay"
VALUE_CHARS_MAX = 120


class Source(NamedTuple):
    """Where an input stood."""

    topic: str
    partition: int
    offset: int


class Tick(NamedTuple):
    """Facts that one input, or one look at the clock, brought about together."""

    campaign_id: str
    at: datetime
    source: Source
    facts: tuple[Decoded, ...]

    @property
    def by_time(self) -> bool:
        """True where a deadline and no input caused the facts."""
        return self.source.offset < 0

    @property
    def broke(self) -> bool:
        """True where the input broke that build: one that can take it in is no worse for it."""
        bodies = (fact.body for fact in self.facts)
        return any(isinstance(body, InputParked) and not body.behind for body in bodies)


@dataclass(slots=True)
class Replayed:
    """What a replay found; `difference` is empty where this build does as the log says."""

    facts: int = 0
    decided: int = 0
    not_decided: int = 0
    schemas: set[int] = field(default_factory=set)
    difference: str = ""


@dataclass(frozen=True, slots=True)
class OnRecord(SagaDefinition):
    """A saga type that plans what was planned once, whatever this build would plan."""

    recorded: PlanGenerated = field(kw_only=True)

    def plan(self, goal: Mapping[str, Any]) -> PlanGenerated:
        """The plan on record."""
        return self.recorded


async def replay(
    facts: Sequence[Incoming], inputs: Mapping[Source, Incoming], codec: Codec
) -> Replayed:
    """Decode, fold and decide one campaign's facts again; stops at the first difference.

    `facts` are the campaign's log records, and where wider pauses touched it those of its
    partition's control saga, in the log's order; a stranger among them is passed over as the role
    passes it over. An input that is not given, or that broke that build, is not decided again.
    """
    found = Replayed()
    try:
        facts = _chain(facts, codec)
        decoded = [_read(record, codec, found) for record in facts]
    except (Undecodable, LogBroken) as reason:
        found.difference = str(reason)
        return found
    found.facts = len(facts)
    if not facts:
        found.difference = "the log has no fact of it"
        return found
    role = _Role(codec, facts[0].partition, plans_on_record(decoded))
    await role.begin()
    place = 0
    for tick in ticks(decoded):
        logged = facts[place : place + len(tick.facts)]
        place += len(tick.facts)
        record = inputs.get(tick.source)
        if tick.broke or (record is None and not tick.by_time):
            found.not_decided += 1
            await role.believe(logged)
            continue
        written = await role.again(tick, record)
        found.decided += 1
        found.difference = _difference(tick, written, codec)
        if found.difference:
            return found
        await role.keep(logged)
    return found


def ticks(facts: Sequence[Decoded]) -> Iterator[Tick]:
    """The facts by the input that brought them about, in the log's order."""

    def cause(fact: Decoded) -> tuple[str, datetime, Source]:
        position = cast(LogPosition, fact.header)
        source = Source(position.input_topic, position.input_partition, position.input_offset)
        return fact.envelope.campaign_id, fact.envelope.time, source

    for (campaign_id, at, source), group in groupby(facts, cause):
        yield Tick(campaign_id, at, source, tuple(group))


def plans_on_record(facts: Sequence[Decoded]) -> dict[str, SagaDefinition]:
    """The saga types of these facts, each with the plan that the log holds."""
    sagas: dict[str, str] = {}
    found: dict[str, SagaDefinition] = {}
    for fact in facts:
        campaign_id, body = fact.envelope.campaign_id, fact.body
        if isinstance(body, GoalReceived):
            sagas[campaign_id] = body.saga
        elif isinstance(body, PlanGenerated):
            saga = sagas[campaign_id]
            found[saga] = OnRecord(saga, body.definition_version, (), recorded=body)
    return found


class _Role:
    """The saga role over a log in memory."""

    def __init__(
        self, codec: Codec, partition: int, definitions: Mapping[str, SagaDefinition]
    ) -> None:
        self._broker = MemoryBroker()
        for topic in (topics.LOG, topics.SNAPSHOTS):
            self._broker.create(topic, partition + 1)
        self._producer = self._broker.producer()
        self._partition = partition
        self._believed = False
        speech = Speech.of(codec, definitions, self._broker.reader(), INSTANCE)
        self._processor = SagaProcessor(speech)

    async def begin(self) -> None:
        """Hold what the log in memory says."""
        await self._processor.restore(frozenset({self._partition}))
        self._believed = False

    async def again(self, tick: Tick, record: Incoming | None) -> list[Outgoing]:
        """What the role writes for the input, or for the time, of the tick."""
        if self._believed:
            await self.begin()
        if record is not None:
            return list(self._processor.think([record], tick.at))
        return list(await self._processor.think_of_time(self._partition, tick.at))

    async def keep(self, logged: Sequence[Incoming]) -> None:
        """What was decided again is what was logged."""
        self._processor.merge()
        await self._write(logged)

    async def believe(self, logged: Sequence[Incoming]) -> None:
        """What was logged stands, though nobody can decide it again."""
        await self._write(logged)
        self._believed = True

    async def _write(self, logged: Sequence[Incoming]) -> None:
        await self._producer.send(
            [Outgoing(topics.LOG, one.key, one.value, one.headers, one.partition) for one in logged]
        )


def _read(record: Incoming, codec: Codec, found: Replayed) -> Decoded:
    """The fact, and every message that it carries. Raises Undecodable, saying where."""
    try:
        message = codec.decode(record.value)
        for framed in (record.value, *_carried(message)):
            if framed:
                found.schemas.add(FRAME.unpack_from(framed)[1])
                codec.decode(framed)
    except Undecodable as reason:
        raise Undecodable(f"{_where(record)}: {reason}") from reason
    return message


def _carried(message: Decoded) -> tuple[bytes, ...]:
    match message.body:
        case GoalReceived(goal=framed):
            return (framed,)
        case ToolResultReceived(body=framed) | ContentEdited(body=framed):
            return (framed,)
    return ()


def _chain(records: Sequence[Incoming], codec: Codec) -> list[Incoming]:
    """The records that the role would fold. Raises LogBroken where it would stop."""
    restored = Restored(codec, records[0].partition if records else 0)
    found = []
    for record in records:
        before = restored.skipped
        restored.fact(record)
        if restored.skipped == before:
            found.append(record)
    restored.end()
    return found


def _difference(tick: Tick, written: Sequence[Outgoing], codec: Codec) -> str:
    today = [codec.decode(one.value) for one in written if one.topic == topics.LOG]
    refused = [
        f"dead letter: {message.body.reason}"
        for one in written
        if one.topic == topics.DEAD_LETTERS
        and isinstance((message := codec.decode(one.value)).body, DeadLetter)
        and not message.body.parked
    ]
    names = [fact.entry.name for fact in tick.facts]
    now = [_name(fact) for fact in today] + refused
    if names != now:
        return f"{_which(tick)}: logged {', '.join(names)}; today {', '.join(now) or 'nothing'}"
    for logged, again in zip(tick.facts, today, strict=True):
        writer = codec.schema_of(FRAME.unpack_from(logged.value)[1])
        for name in (one["name"] for one in writer["fields"]):
            if name not in ("envelope", logged.entry.header_field):
                was, is_now = getattr(logged.body, name, None), getattr(again.body, name, None)
                if was != is_now:
                    place = f"{_which(tick)}: {logged.entry.name}.{name}"
                    return f"{place}: logged {_short(was)}; today {_short(is_now)}"
    return ""


def _name(fact: Decoded) -> str:
    match fact.body:
        case InputParked(behind=False, cause=cause):
            return f"InputParked ({cause})"
    return fact.entry.name


def _which(tick: Tick) -> str:
    first = cast(LogPosition, tick.facts[0].header).sequence
    source = "a deadline" if tick.by_time else "{}[{}]@{}".format(*tick.source)
    return f"campaign {tick.campaign_id}, fact {first}, caused by {source}"


def _where(record: Incoming) -> str:
    key = (record.key or b"").decode(errors="replace")
    return f"campaign {key}, {record.topic}[{record.partition}]@{record.offset}"


def _short(value: object) -> str:
    told = repr(value)
    return told if len(told) <= VALUE_CHARS_MAX else f"{told[: VALUE_CHARS_MAX - 1]}…"
