"""One life of the whole system: sagas, phases, people and a storm, all drawn from one seed."""

import asyncio
import logging
import tempfile
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import structlog

import chassis.loop
import chassis.transaction
from chassis.memory import MemoryBroker
from chassis.settings import ChassisSettings
from contracts import topics
from services.orchestrator.saga.restore import restore
from services.orchestrator.saga.store import Held, Store, kept
from services.orchestrator.saga.verify import _partition, state_hash
from tests.simulation.seeded.clockwork import PROCESS, Livelock, SeededLoop, seeded
from tests.simulation.seeded.crew import NOON, Clock, Means, Member
from tests.simulation.seeded.hands import Temper
from tests.simulation.seeded.model import Judge
from tests.simulation.seeded.outside import Outside
from tests.simulation.seeded.people import TENANT, People
from tests.simulation.seeded.sagas import CODEC, SHOW_PHASES, TRIP_PHASES
from tests.simulation.seeded.storm import Storm, storm_of
from tests.simulation.seeded.transcript import Ends, digest_of
from tests.simulation.seeded.weather import weather

PARTITIONS: Final = 2
POLL_WAIT_S: Final = 4.0
SILENCE_S: Final = 3.0
SELDOM: Final = 8
NEWS_S_MAX: Final = 0.03
BOUND_S: Final = 3_600.0
"""So long after the storm every saga has ended; the longest undo alone may take 12 minutes."""

QUIET_S: Final = 75.0
"""Longer than any lease, pause or session: whoever would still do something has done it."""

LOOK_EVERY_S: Final = 5.0
STACK_CHARS_MAX: Final = 600
SETTINGS: Final = ChassisSettings(use_in_memory_store=True)


@dataclass(frozen=True, slots=True)
class Report:
    """What a life came to. Equal seeds give equal reports, `digest` included."""

    seed: str
    problems: tuple[str, ...]
    digest: str
    facts: int
    sagas: int
    steps: int
    seconds: float
    tally: dict[str, int] = field(default_factory=dict)
    struck: dict[str, int] = field(default_factory=dict)


def live(seed: str, *, aloud: bool = False) -> Report:
    """Live one life from its beginning to its judgement; `aloud` prints what the copies log."""
    with (
        tempfile.TemporaryDirectory(prefix="life-", dir=_memory()) as folder,
        seeded(seed) as loop,
        _patience(),
        _told(loop) if aloud else _silence(),
    ):
        life = Life(seed, loop, Path(folder))
        try:
            problems = loop.run_until_complete(life.whole())
        except Livelock as stuck:
            problems = [f"livelock: {stuck}"]
        report = life.judged(problems)
        loop.run_until_complete(life.buried())
        return report


class Life:
    """The parts of one life, and the order in which they act."""

    def __init__(self, seed: str, loop: SeededLoop, folder: Path) -> None:
        self.seed = seed
        self.loop = loop
        self.chance = Random(f"life/{seed}")
        self.storm: Storm = storm_of(Random(f"storm/{seed}"))
        self.clock = Clock(loop)
        self.born_s = NOON.timestamp()
        self.broker = MemoryBroker(
            clock=self.clock, waiting=Waiting(loop, self.chance), random=Random(f"broker/{seed}")
        )
        self.people = People(
            self.broker,
            self.clock,
            Random(f"people/{seed}"),
            Random(f"calendar/{seed}"),
            Random(f"haste/{seed}"),
        )
        wishes = range(self.chance.choice((2, 2, 3, 3, 4)))
        self.wishes = [self.people.wish(number, self.storm.ends_s) for number in wishes]
        self._create_topics()
        self.ends = Ends(self.broker, CODEC)
        self.judge = Judge(self.broker, CODEC)
        self.means = Means(
            seed=seed,
            loop=loop,
            broker=self.broker,
            folder=folder,
            storm=self.storm,
            temper=self._temper(),
            outside=Outside(self.ends, loop.time),
            committed=self.judge.committed,
            settings=SETTINGS,
        )
        self.members = self._members()

    async def whole(self) -> list[str]:
        """Live until the storm is over and every saga has ended; what is wrong with the copies."""
        try:
            await self._live()
        except TimeoutError:
            how = self.ends.how()
            open_ = [wish.name for wish in self.wishes if wish.campaign_id not in how]
            return [f"stuck: {open_} have not ended {BOUND_S:.0f} s after the storm"]
        return await self._held_against_itself()

    def judged(self, problems: list[str]) -> Report:
        """What the life came to, with everything that the outside model finds."""
        found = (*problems, *self.means.broken, *self.judge.problems(self))
        return Report(
            seed=self.seed,
            problems=found,
            digest=digest_of(self.broker),
            facts=self.judge.facts,
            sagas=len(self.wishes),
            steps=self.loop.steps,
            seconds=self.loop.time(),
            tally={**self.means.tally, **self.judge.tally},
            struck=dict(self.storm.struck),
        )

    async def _live(self) -> None:
        for member in self.members:
            self.means.later(self.chance.uniform(0, 3), member.start)
        reviewing = asyncio.create_task(self.people.review())
        asking = [asyncio.create_task(self.people.live(wish)) for wish in self.wishes]
        await weather(self)
        self._heal()
        async with asyncio.timeout(BOUND_S):
            await asyncio.gather(*asking)
            facts = -1
            while facts != self._facts() or not self._all_ended():
                facts = self._facts()
                await asyncio.sleep(QUIET_S)  # somebody may try again what failed
        self.people.patient = False
        await reviewing
        await asyncio.sleep(LOOK_EVERY_S)

    async def _held_against_itself(self) -> list[str]:
        """G3: what the copies hold, what snapshots and tail give, and the log folded afresh."""
        reader = self.broker.reader()
        found: list[str] = []
        told: dict[str, Held] = {}
        for number in range(PARTITIONS):
            afresh, problem = await _partition(reader, CODEC, number)
            found += [f"G3: {problem}"] if problem else []
            told.update(afresh.sagas)
        restored = await restore(reader, CODEC, frozenset(range(PARTITIONS)))
        found += [f"G3: not restored: {one.broken}" for one in restored.values() if one.broken]
        sagas = {key: held for one in restored.values() for key, held in one.sagas.items()}
        found += _differing("snapshots and tail", sagas, told)
        held: dict[str, Held] = {}
        for member in self.members:
            if member.running and not member.phases:
                store: Store = member.loops[0]._processor._store  # type: ignore[union-attr]
                for partition in store.partitions:
                    held.update({one.saga.campaign_id: one for one in store.all(partition)})
        return found + _differing("the copies", held, told)

    def references(self, campaign_id: str, step: str) -> int:
        """How many artefacts a campaign's step keeps."""
        folder = self.means.folder / TENANT / "refs" / campaign_id / step
        return len(list(folder.glob("*.json")))

    def _facts(self) -> int:
        """How long the log is."""
        log = self.broker._ledger._topics[topics.LOG]
        return sum(partition.end for partition in log)

    def _all_ended(self) -> bool:
        return all(self.ends(wish.campaign_id) for wish in self.wishes)

    def _heal(self) -> None:
        """No more faults: every clock is right, and everybody comes back."""
        self.storm.over = True
        self.broker._ledger.faults._ordered.clear()
        for member in self.members:
            member.clock.wrong_by_s = 0.0
            member.wanted = True
            member.recover(self.chance.uniform(0, 10))

    async def buried(self) -> None:
        """Let everything end that ever lived, so that nothing of it outlives this life."""
        for member in self.members:
            member.wanted = False
            for process in (*member.buried, member.process):
                self.loop.go_on(process)
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in sorted(others, key=hash):
                task.cancel()
            await asyncio.wait(others, timeout=LOOK_EVERY_S)

    def _create_topics(self) -> None:
        names = (topics.REQUESTS, topics.RESULTS, topics.LOG, topics.SNAPSHOTS, topics.DEAD_LETTERS)
        commands = (topics.commands_of(phase) for phase in (*SHOW_PHASES, *TRIP_PHASES))
        for name in (*names, *commands):
            self.broker.create(name, PARTITIONS)

    def _members(self) -> list[Member]:
        sagas = {wish.saga for wish in self.wishes}
        made = [Member(self.means, "saga", (), n) for n in range(self.chance.choice((1, 2, 2)))]
        if "show" in sagas:
            copies = range(self.chance.choice((1, 2, 2)))
            made += [Member(self.means, "troupe", SHOW_PHASES, n) for n in copies]
        if "trip" in sagas:
            copies = range(self.chance.choice((1, 2, 2)))
            made += [Member(self.means, "agency", TRIP_PHASES, n) for n in copies]
        return made

    def _temper(self) -> Temper:
        chance = self.chance
        unlucky = self.wishes[0].campaign_id
        fate = chance.choice(("", "", "", "poisoned", "hangs"))
        return Temper(
            fails=chance.choice((0.0, 0.1, 0.3)),
            refuses=chance.choice((0.0, 0.03, 0.1)),
            slow=chance.choice((0.0, 0.05, 0.15)),
            poisoned=unlucky if fate == "poisoned" else "",
            hangs=unlucky if fate == "hangs" else "",
        )


def _differing(who: str, held: Mapping[str, Held], told: Mapping[str, Held]) -> list[str]:
    if held.keys() != told.keys():
        return [f"G3: {who}: {sorted(held)} are held, the log has {sorted(told)}"]
    return [
        f"G3: {who}: {key[:8]} at {held[key].saga.sequence}, by the log {told[key].saga.sequence}"
        for key in sorted(held)
        if _state(held[key]) != _state(told[key])
    ]


def _state(held: Held) -> tuple[str, str]:
    return state_hash(kept(held)), held.head_hash


class Waiting:
    """How a poll waits: news takes a moment to arrive, and after a silence it is asked for rarely.

    Without the second an idle hour would cost as much as a busy one.
    """

    def __init__(self, loop: SeededLoop, chance: Random) -> None:
        self._loop = loop
        self._chance = chance
        self._news_s = 0.0

    async def __call__(self, change: asyncio.Event, seconds: float) -> float:
        """Wait for the event in the loop's time; how many of the seconds are left."""
        loop = self._loop
        began = loop.time()
        silent = seconds == POLL_WAIT_S and began - self._news_s > SILENCE_S
        try:
            async with asyncio.timeout(seconds * SELDOM if silent else seconds):
                await change.wait()
        except TimeoutError:
            return 0.0
        self._news_s = loop.time()
        await asyncio.sleep(self._chance.random() * NEWS_S_MAX)
        return max(0.0, began + seconds - loop.time())


def _memory() -> str | None:
    """Where files cost least."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@contextmanager
def _patience() -> Iterator[None]:
    """Whoever finds nothing asks again after a while: an idle hour must not cost a real one."""
    modules: tuple[Any, ...] = (chassis.loop, chassis.transaction)
    kept = [module.POLL_WAIT_S for module in modules]
    for module in modules:
        module.POLL_WAIT_S = POLL_WAIT_S
    try:
        yield
    finally:
        for module, wait in zip(modules, kept, strict=True):
            module.POLL_WAIT_S = wait


@contextmanager
def _silence() -> Iterator[None]:
    """Nobody reads the logs of so many lives."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.reset_defaults()


@contextmanager
def _told(loop: SeededLoop) -> Iterator[None]:
    """Every event with its virtual second and the process that it happened in."""

    def tell(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
        process = PROCESS.get()
        stack = str(event.pop("stack", ""))[-STACK_CHARS_MAX:]
        said = " ".join(f"{name}={value}" for name, value in event.items() if name != "event")
        return (
            f"{loop.time():9.3f} {process.name if process else '-'} {event['event']} {said}{stack}"
        )

    structlog.configure(processors=[tell])
    try:
        yield
    finally:
        structlog.reset_defaults()
