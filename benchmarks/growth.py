"""What one event costs the saga role as a saga's history grows, and as more sagas are open.

In memory, by the role's own processor, on its own CPU time: neither Kafka nor the machine's other
work is in these figures. The goal is a flat line.
"""

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pydantic import BaseModel

from benchmarks import road
from benchmarks.long_saga import again
from benchmarks.open_sagas import Counted, result_of
from benchmarks.outcome import Spread
from chassis.broker import Incoming, Outgoing, TopicPartition
from chassis.codec import Codec
from chassis.collector import calm_collector
from contracts import topics
from services.orchestrator.saga.processor import CHECKPOINT_EVERY, SagaProcessor
from services.orchestrator.saga.speech import Speech

HISTORIES = (10, 100, 1_000, 10_000)
OPEN = (100, 1_000, 10_000, 100_000)
INPUT, CHECKPOINT, ANSWER = "one input", "one snapshot", "one answer"
ROUNDS = 5
INPUTS = 40
ANSWERED = 20
"""Sagas of a round; each of them takes three answers."""

STEPS = ("one", "two", "three")
MADE_AT_ONCE = 2_000
INSTANCE = "saga-0"
HERE = frozenset({0})


class Cost(BaseModel):
    """CPU microseconds of `what` at a size: the median of its rounds, the least and the most."""

    what: str
    size: int
    us: float
    us_min: float
    us_max: float


class Timed(NamedTuple):
    """One reading: what took how many CPU microseconds at a size."""

    what: str
    size: int
    us: float


class Shelf(Counted):
    """A partition's snapshots, its checkpoint behind them, and how long its log is."""

    def __init__(self, snapshots: Sequence[Incoming] = (), logged: int = 0) -> None:
        super().__init__()
        self._snapshots = snapshots
        self.logged[0] = logged

    async def ends(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[int, int]]:
        """The first and the next offset of each."""
        ends = {topics.LOG: self.logged[0], topics.SNAPSHOTS: len(self._snapshots)}
        return {tp: (0, ends[tp.topic]) for tp in partitions}

    async def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Incoming]:
        """The snapshots, where they are asked for."""
        if any(tp.topic == topics.SNAPSHOTS for tp in starts):
            for one in self._snapshots:
                yield one


class Role:
    """The role's processor of one partition, fed by hand."""

    def __init__(self, shelf: Shelf) -> None:
        self.codec = road.codec()
        self._shelf = shelf
        self._offset = 0
        self.now = datetime.now(UTC)
        speech = Speech.of(self.codec, road.definitions(), shelf, INSTANCE)
        self.processor = SagaProcessor(speech)

    def incoming(self, one: Outgoing) -> Incoming:
        """The record as the role reads it."""
        self._offset += 1
        return Incoming(one.topic, 0, self._offset, one.key, one.value, one.headers)

    def take(self, one: Incoming) -> Sequence[Outgoing]:
        """One tick with one input: what it writes is committed, and the clock is looked at."""
        made = self.processor.think([one], self.now)
        self.processor.merge()
        self.processor.due(self.now)
        self.processor.next_due()
        return made

    def count(self, made: Sequence[Outgoing]) -> None:
        """The log is longer by these facts."""
        facts = sum(one.topic == topics.LOG for one in made)
        self._shelf.logged[0] += facts

    async def snapshots(self) -> Sequence[Outgoing]:
        """Snapshots of everything that changed, and last the checkpoint."""
        made = await self.processor.think_of_time(0, self.now + CHECKPOINT_EVERY)
        self.processor.merge()
        return made


def measure(*, quick: bool) -> list[Cost]:
    """Every size; quick leaves the largest out."""
    found = readings(quick=quick)
    pairs = dict.fromkeys((one.what, one.size) for one in found)
    return [_cost(what, size, found) for what, size in pairs]


def readings(*, quick: bool) -> list[Timed]:
    """Each round of each size."""
    calm_collector()
    upto = len(HISTORIES) - quick
    return asyncio.run(_measure(HISTORIES[:upto], OPEN[:upto]))


def grown(costs: Sequence[Cost], what: str) -> Spread | None:
    """What it costs at the largest size, as a share of what it costs at the smallest."""
    own = sorted((one for one in costs if one.what == what), key=lambda one: one.size)
    if len(own) < len(OPEN):
        return None
    least, most = own[0], own[-1]
    return Spread(most.us_min / least.us, most.us / least.us, most.us_max / least.us, ROUNDS)


def table(costs: Sequence[Cost]) -> str:
    """The costs as a table for docs/performance.md."""
    first = {one.what: one.us for one in reversed(costs)}
    sizes = {INPUT: "facts of history", CHECKPOINT: "facts of history", ANSWER: "open sagas"}
    head = ("| event | at | CPU µs (min to max) | of the first |", "| --- | --- | --- | --- |")
    rows = [
        f"| {one.what} | {one.size:,} {sizes[one.what]} | {one.us:,.0f} ({one.us_min:,.0f} to "
        f"{one.us_max:,.0f}) | {one.us / first[one.what]:.2f} |"
        for one in costs
    ]
    return "\n".join((*head, *rows))


def _cost(what: str, size: int, found: Sequence[Timed]) -> Cost:
    spread = Spread.of([one.us for one in found if (one.what, one.size) == (what, size)])
    assert spread is not None
    low, middle, high = (round(us, 1) for us in spread[:3])
    return Cost(what=what, size=size, us=middle, us_min=low, us_max=high)


async def _measure(histories: Sequence[int], counts: Sequence[int]) -> list[Timed]:
    await _history("warm-up", histories[:1])
    found = [one for number in range(ROUNDS) for one in await _history(f"long-{number}", histories)]
    print(f"histories of {histories} facts are measured", file=sys.stderr)
    made = await _made(counts[-1])
    print(f"{counts[-1]:,} open sagas are made", file=sys.stderr)
    await _answered(made, counts[0])  # warms up
    for count in counts:
        found += await _answered(made, count)
    return found


async def _history(name: str, sizes: Sequence[int]) -> list[Timed]:
    """One saga that is asked to start again and again: each refusal is one more fact."""
    role = Role(Shelf())
    await role.processor.restore(HERE)
    campaign_id, first = road.request(name, role.codec)
    facts = len([one for one in role.take(role.incoming(first)) if one.topic == topics.LOG])
    found = []
    for size in sizes:
        while facts < size:
            role.take(role.incoming(again(campaign_id, role.codec)))
            facts += 1
        inputs = [role.incoming(again(campaign_id, role.codec)) for _ in range(INPUTS)]
        found.append(Timed(INPUT, size, _timed(inputs, role.take)[0]))
        facts += len(inputs)
        began = time.process_time()
        await role.snapshots()
        found.append(Timed(CHECKPOINT, size, (time.process_time() - began) * 1e6))
        role.now += CHECKPOINT_EVERY + timedelta(seconds=1)
    return found


class Made(NamedTuple):
    """Open sagas: a snapshot of each, what each one's phase is asked, and the checkpoint."""

    snapshots: Sequence[Incoming]
    commands: Sequence[bytes]
    checkpoint: Incoming
    logged: int

    def first(self, count: int) -> Shelf:
        """So many of them, as a role reads them back."""
        return Shelf((*self.snapshots[:count], self.checkpoint), self.logged)


async def _made(count: int) -> Made:
    """So many sagas, each with its first command out."""
    shelf = Shelf()
    role = Role(shelf)
    snapshots: list[Outgoing] = []
    commands: list[bytes] = []
    checkpoints: list[Outgoing] = []
    for start in range(0, count, MADE_AT_ONCE):
        await role.processor.restore(HERE)
        for number in range(start, min(count, start + MADE_AT_ONCE)):
            _, asked = road.request(f"open-{number}", role.codec)
            made = role.take(role.incoming(asked))
            role.count(made)
            commands.append(_command(made))
        *some, last = await role.snapshots()
        snapshots += some
        checkpoints.append(last)
        role.processor.drop(HERE)
    kept = [role.incoming(one) for one in snapshots]
    return Made(kept, commands, role.incoming(checkpoints[-1]), shelf.logged[0])


async def _answered(made: Made, count: int) -> list[Timed]:
    """Answers for sagas all over the partition, with `count` open ones in it."""
    role = Role(made.first(count))
    await role.processor.restore(HERE)
    gc.collect()
    stride = count // (ROUNDS * ANSWERED)
    found = []
    for number in range(ROUNDS):
        places = [(number * ANSWERED + n) * stride for n in range(ANSWERED)]
        commands = [made.commands[place] for place in places]
        used = 0.0
        for step in STEPS:
            inputs = [role.incoming(_answer(role.codec, one, step)) for one in commands]
            us, outgoing = _timed(inputs, role.take)
            used += us / len(STEPS)
            commands = [_command(one) for one in outgoing]
        found.append(Timed(ANSWER, count, used))
    return found


def _timed(
    inputs: Sequence[Incoming], take: Callable[[Incoming], Sequence[Outgoing]]
) -> tuple[float, list[Sequence[Outgoing]]]:
    """CPU microseconds of each, and what each one made."""
    began = time.process_time()
    made = [take(one) for one in inputs]
    return (time.process_time() - began) * 1e6 / len(inputs), made


def _command(made: Sequence[Outgoing]) -> bytes:
    """The command among what was written."""
    (found,) = (one.value for one in made if one.topic.endswith(".commands"))
    assert found is not None
    return found


def _answer(codec: Codec, command: bytes, step: str) -> Outgoing:
    return result_of(codec.decode(command).envelope, step, codec, "y" * road.ANSWER_CHARS)
