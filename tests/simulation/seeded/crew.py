"""The processes of a life: how each is made, struck, stopped, and started again."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from chassis.artefacts import FolderArtefacts
from chassis.broker import Position, Subscription, TopicPartition
from chassis.claims import FolderClaims
from chassis.dead_letter import DeadLetters
from chassis.errors import Fenced
from chassis.loop import Gear, PhaseLoop
from chassis.memory import MemoryBroker
from chassis.results import FolderResults
from chassis.service import Role
from chassis.settings import ChassisSettings
from chassis.transaction import TransactionalLoop
from chassis.worker import Stores, Worker
from contracts import topics
from services.orchestrator.saga.role import ROLE, saga_loop
from tests.simulation.seeded.clockwork import Being, Process, SeededLoop
from tests.simulation.seeded.hands import Hands, Temper
from tests.simulation.seeded.outside import Outside
from tests.simulation.seeded.ports import (
    CrossedArtefacts,
    CrossedBroker,
    CrossedClaims,
    CrossedResults,
    Passage,
)
from tests.simulation.seeded.sagas import CODEC, DEFINITIONS
from tests.simulation.seeded.storm import Blow, Storm, Strike

NOON: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SESSION_S: Final = 6.0
GRACE_S: Final = 15.0
RESTART_S_MAX: Final = 12.0

Loop = TransactionalLoop | PhaseLoop


class Clock:
    """One process's idea of the time: the loop's, and what its own clock is wrong by."""

    def __init__(self, loop: SeededLoop) -> None:
        self._loop = loop
        self._read = (0.0, 0.0)
        self._now = self.latest = NOON
        self.wrong_by_s = 0.0

    def now(self) -> datetime:
        """The present moment, as this clock has it."""
        read = (self._loop.time(), self.wrong_by_s)
        if read != self._read:
            self._read, self._now = read, NOON + timedelta(seconds=sum(read))
            self.latest = max(self.latest, self._now)
        return self._now


@dataclass(frozen=True, slots=True)
class Means:
    """What all processes of a life share."""

    seed: str
    loop: SeededLoop
    broker: MemoryBroker
    folder: Path
    storm: Storm
    temper: Temper
    outside: Outside
    committed: Callable[[str, Mapping[TopicPartition, Position], datetime], None]
    settings: ChassisSettings
    broken: list[str] = field(default_factory=list)
    nobody: Context = field(default_factory=copy_context)
    tally: dict[str, int] = field(default_factory=dict)

    def later(self, delay_s: float, act: Callable[..., None], *given: object) -> None:
        """Do it then, outside of any process: a dead one could not be started again otherwise."""
        self.loop.call_later(delay_s, act, *given, context=self.nobody)

    def count(self, what: str) -> None:
        """One more of these, for the report."""
        self.tally[what] = self.tally.get(what, 0) + 1


class Member:
    """One copy of a service: the same name and clock over all of its lives."""

    def __init__(self, means: Means, name: str, phases: tuple[str, ...], number: int) -> None:
        self.name = f"{name}-{number}"
        self.clock = Clock(means.loop)
        self.phases = phases
        self.number = number
        self.loops: Sequence[Loop] = ()
        self.wanted = True
        self._means = means
        self._chance = Random(f"{means.seed}/{self.name}")
        self._born = 0
        self.process = Process(self.name)
        self.process.being = Being.DEAD
        self.buried: list[Process] = []

    @property
    def groups(self) -> tuple[str, ...]:
        """The consumer groups that it belongs to."""
        return self.phases or (ROLE,)

    @property
    def running(self) -> bool:
        """True unless it is dead: one that stands still will wake up."""
        return self.process.being is not Being.DEAD

    def start(self) -> None:
        """Begin a life, unless one is going on."""
        if self.process.being is not Being.DEAD or not self.wanted:
            return
        self.buried.append(self.process)
        self._born += 1
        self.process = Process(self.name)
        kind = "phase" if self.phases else "saga"
        passage = Passage(kind, self._means.storm, self._chance, self._struck)
        broker = CrossedBroker(self._means.broker, passage, self._told)
        self.loops = (
            [self._phase_loop(role, broker, passage) for role in self._roles(passage)]
            if self.phases
            else [self._saga_loop(broker, passage)]
        )
        self._means.loop.spawn(self.process, self._live(self.process, self.loops))

    def kill(self, lasts_s: float) -> None:
        """End without finishing anything, and come back after a while."""
        if self.process.being is Being.DEAD:
            return
        self._means.count("kills")
        self._end(lasts_s)

    def pause(self, lasts_s: float) -> None:
        """Stand still, and not know it. A group gives up whom it does not hear."""
        process = self.process
        if process.being is not Being.RUNS:
            return
        self._means.count("standstills")
        process.being = Being.STOPPED
        self._unheard(process, lasts_s)
        self._means.later(lasts_s, self._wake, process)

    def recover(self, delay_s: float) -> None:
        """Come back soon, from death or a standstill."""
        if self.process.being is Being.STOPPED:
            self._means.later(delay_s, self._wake, self.process)
        elif self.process.being is Being.DEAD:
            self._means.later(delay_s, self.start)

    def leave(self) -> None:
        """Finish what is in hand, and end: a deploy."""
        self._means.count("deploys")
        for loop in self.loops:
            loop.stop()

    def _told(self, group: str, positions: Mapping[TopicPartition, Position]) -> None:
        self.clock.now()
        self._means.committed(group, positions, self.clock.latest)

    def _struck(self, strike: Strike) -> None:
        act = self.kill if strike.blow is Blow.KILL else self.pause
        if strike.inside:
            self.process.after_steps(strike.inside, lambda: act(strike.lasts_s))
        else:
            act(strike.lasts_s)

    def _end(self, restart_s: float) -> None:
        process = self.process
        process.being = Being.DEAD
        self._unheard(process, restart_s)
        self._means.later(restart_s, self.start)

    def _unheard(self, process: Process, lasts_s: float) -> None:
        if lasts_s > SESSION_S:
            self._means.later(SESSION_S, self._give_up, process)

    def _give_up(self, process: Process) -> None:
        if self.process is process and process.being is not Being.RUNS:
            for group in self.groups:
                self._means.broker.end_session(group, self._instance(group))

    def _wake(self, process: Process) -> None:
        if process.being is Being.STOPPED:
            self._means.loop.go_on(process)

    def _instance(self, group: str) -> str:
        return f"{group}-{self.number}"

    async def _live(self, process: Process, loops: Sequence[Loop]) -> None:
        """As chassis.main does it: one that ends takes the others with it."""
        tasks = [asyncio.create_task(loop.run()) for loop in loops]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for loop in loops:
            loop.stop()
        await asyncio.wait(tasks, timeout=GRACE_S)
        for task in tasks:
            if not task.done():
                task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Fenced):
                self._means.count("fenced")
            elif isinstance(outcome, Exception):
                self._means.broken.append(f"{self.name} broke: {outcome!r}")
        if self.process is process and process.being is Being.RUNS:
            self._end(self._chance.uniform(0.1, RESTART_S_MAX))

    def _saga_loop(self, broker: CrossedBroker, passage: Passage) -> TransactionalLoop:
        settings = self._means.settings.model_copy(update={"instance": self.number})
        loop = saga_loop(settings, broker, self.clock, CODEC, DEFINITIONS)
        _touched(loop, passage)
        return loop

    def _roles(self, passage: Passage) -> tuple[Role, ...]:
        means = self._means
        hands = Hands(means.seed, means.temper, means.outside, passage, self.clock)
        return hands.roles(self.phases)

    def _phase_loop(self, role: Role, broker: CrossedBroker, passage: Passage) -> PhaseLoop:
        folder, instance = self._means.folder, self._instance(role.name)
        stores = Stores(
            artefacts=CrossedArtefacts(FolderArtefacts(folder), passage),
            results=CrossedResults(FolderResults(folder), passage),
            claims_of=lambda tenant: CrossedClaims(FolderClaims(folder, tenant), passage),
            unseal=lambda _, sealed: sealed.token,
        )
        subscription = Subscription(role.name, (topics.commands_of(role.name),), instance)
        gear = Gear(
            consumer=broker.consumer(subscription),
            producer=broker.producer(),
            letters=DeadLetters(CODEC, role.app, instance),
            clock=self.clock,
        )
        worker = Worker(role, instance, codec=CODEC, stores=stores, clock=self.clock)
        return PhaseLoop(role, worker, gear)


def _touched(loop: TransactionalLoop, passage: Passage) -> None:
    """Let the passage see the steps that happen inside the saga role without any waiting."""
    processor: Any = loop._processor
    for step in ("think", "merge", "discard"):
        setattr(processor, step, _touching(getattr(processor, step), passage, step))


def _touching(act: Callable[..., Any], passage: Passage, step: str) -> Callable[..., Any]:
    def touching(*given: Any) -> Any:
        passage.touch(step)
        return act(*given)

    return touching
