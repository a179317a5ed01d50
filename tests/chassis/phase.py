"""A phase role on the broker in memory: commands in, hands that a test holds back, results out."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chassis.artefacts import FolderArtefacts
from chassis.broker import Incoming, Outgoing, Position, Producer, Subscription
from chassis.broker import TopicPartition as At
from chassis.claims import FolderClaims
from chassis.clock import ManualClock
from chassis.codec import Codec, Decoded
from chassis.dead_letter import DeadLetters
from chassis.loop import Gear, PhaseLoop
from chassis.memory import MemoryBroker
from chassis.messages import Conversation, Speaker, record
from chassis.results import FolderResults
from chassis.service import Answer, Handler, Job, Role
from chassis.worker import Stores, Worker
from contracts import identity, topics
from contracts.content import DeleteContentDrafts
from contracts.envelope import Actor, ActorKind, AppName, StepCall
from contracts.message import Command
from contracts.plan import Phase
from contracts.saga import StepUndone

COMMANDS = topics.commands_of(Phase.CONTENT)
TENANT = "11111111-1111-4111-8111-111111111111"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LEASE_S = 600
SOON_S = 10.0
ORCHESTRATOR = Speaker(AppName.ORCHESTRATOR, Actor(kind=ActorKind.SERVICE, id="saga-0"))
CODEC = Codec()


def campaign(number: int) -> str:
    return identity.derived(identity.CAMPAIGNS, TENANT, number)


def value_of(
    body: Command, number: int, step: str, attempt: int, not_after: datetime, round_: int = 0
) -> bytes:
    """A command's framed value."""
    entry = CODEC.catalog.entry_of(type(body))
    command_id = identity.command_id(campaign(number), step, attempt)
    within = Conversation(TENANT, campaign(number), campaign(number))
    envelope = ORCHESTRATOR.first(entry, command_id, within, at=NOON)
    call = StepCall(
        step=step,
        attempt=attempt,
        round=round_,
        effect_key=identity.effect_key(campaign(number), step, round_),
        not_after=not_after,
    )
    return CODEC.encode(envelope, call, body)


def command(
    number: int,
    attempt: int = 1,
    *,
    step: str = "content",
    partition: int = 0,
    lease_s: float = LEASE_S,
    tenant: str = TENANT,
    round_: int = 0,
) -> Outgoing:
    """A command for campaign `number`, on the partition that the test wants."""
    not_after = NOON + timedelta(seconds=lease_s)
    value = value_of(DeleteContentDrafts(), number, step, attempt, not_after, round_)
    if tenant != TENANT:
        found = CODEC.decode(value)
        envelope = found.envelope.model_copy(update={"tenant_id": tenant})
        value = CODEC.encode(envelope, found.header, found.body)
    made = record(COMMANDS, CODEC.decode(value).envelope, value)
    return Outgoing(made.topic, made.key, made.value, made.headers, partition)


class Hands:
    """A handler that notes what it does; where it is `closed` it waits until it is let go."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, str, int]] = []
        self.ended: list[tuple[str, str, int]] = []
        self.at_once: Counter[tuple[str, str]] = Counter()
        self.most_at_once = 0
        self.most_of_one_step = 0
        self._gates: dict[tuple[str, str], asyncio.Event] = {}

    def close(self, number: int, step: str = "content") -> None:
        self._gates[campaign(number), step] = asyncio.Event()

    def open(self, number: int, step: str = "content") -> None:
        self._gates[campaign(number), step].set()

    async def __call__(self, _: DeleteContentDrafts, job: Job) -> Answer:
        key, done = (job.campaign_id, job.call.step), f"{len(self.begun)}"
        self.begun.append((*key, job.call.attempt))
        self.at_once[key] += 1
        self.most_at_once = max(self.most_at_once, self.at_once.total())
        self.most_of_one_step = max(self.most_of_one_step, self.at_once[key])
        try:
            await asyncio.sleep(0)
            if key in self._gates:
                await self._gates[key].wait()
        finally:
            self.at_once[key] -= 1
        self.ended.append((*key, job.call.attempt))
        return Answer(StepUndone(detail=done))

    def begun_by(self, number: int, step: str = "content") -> list[int]:
        """The attempts that were begun, in order."""
        return [n for who, what, n in self.begun if (who, what) == (campaign(number), step)]


class Stage:
    """The broker, the folders, and the copies of the role that were started."""

    def __init__(self, folder: Path, handler: Handler, partitions: int = 2) -> None:
        self.clock = ManualClock(NOON)
        self.broker = MemoryBroker()
        for topic in (COMMANDS, topics.RESULTS, topics.DEAD_LETTERS, topics.MEMORY):
            self.broker.create(topic, partitions)
        self.handler = handler
        self.max_in_flight = 20
        self.remembers = True
        self.closings = 0
        self.wrap: Callable[[Producer], Producer] = lambda producer: producer
        self._producer = self.broker.producer()
        self._folder = folder
        self._partitions = partitions
        self._running: list[tuple[PhaseLoop, asyncio.Task[None]]] = []

    def start(self, instance: str = "content-0") -> tuple[PhaseLoop, asyncio.Task[None]]:
        """A copy of the role, at work."""
        role = Role(
            name=Phase.CONTENT,
            app=AppName.ANALYST,
            handlers={DeleteContentDrafts: self.handler},
            max_in_flight=self.max_in_flight,
            remembers=self.remembers,
            close=self._closed,
        )
        stores = Stores(
            artefacts=FolderArtefacts(self._folder),
            results=FolderResults(self._folder),
            claims_of=lambda tenant: FolderClaims(self._folder, tenant),
            unseal=lambda _, sealed: str(sealed),
        )
        gear = Gear(
            consumer=self.broker.consumer(Subscription("content", (COMMANDS,), instance)),
            producer=self.wrap(self.broker.producer()),
            letters=DeadLetters(CODEC, role.app, instance),
            clock=self.clock,
        )
        worker = Worker(role, instance, codec=CODEC, stores=stores, clock=self.clock)
        loop = PhaseLoop(role, worker, gear)
        task = asyncio.create_task(loop.run())
        self._running.append((loop, task))
        return loop, task

    async def _closed(self) -> None:
        self.closings += 1

    async def end(self) -> None:
        """End every copy that still runs; one that failed where it should not fails the test."""
        for _, task in self._running:
            task.cancel()
        ended = await asyncio.gather(*(t for _, t in self._running), return_exceptions=True)
        unseen = [it for it in ended if isinstance(it, Exception)]
        assert not unseen, unseen

    async def crash(self, task: asyncio.Task[None]) -> None:
        """End a copy without a last commit."""
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def forget(self, task: asyncio.Task[None]) -> None:
        """The test has seen how this copy ended."""
        self._running = [(loop, kept) for loop, kept in self._running if kept is not task]

    async def send(self, *records: Outgoing) -> None:
        await self._producer.send(records)

    async def read(self, topic: str) -> list[Incoming]:
        """Everything that can be read of a topic now."""
        reader = self.broker.reader()
        names = [At(topic, n) for n in range(self._partitions)]
        ends = {name: end for name, (_, end) in (await reader.ends(names)).items()}
        return [it async for it in reader.read(dict.fromkeys(names, 0), ends)]

    async def messages(self, topic: str = topics.RESULTS) -> list[Decoded]:
        return [CODEC.decode(incoming.value) for incoming in await self.read(topic)]

    async def answered(self, count: int) -> list[Decoded]:
        """The results, once there are so many of them."""
        found: list[Decoded] = []

        async def enough() -> bool:
            found[:] = await self.messages()
            return len(found) >= count

        await until(enough)
        assert len(found) == count
        return found

    def committed(self, partition: int = 0) -> Position | None:
        """Seen from behind, so that no fault that was ordered strikes the onlooker."""
        return self.broker._ledger.group("content").position(At(COMMANDS, partition))

    async def commits(self, offset: int, partition: int = 0, note: str = "") -> None:
        """Return once the position is exactly this."""
        await until(lambda: self.committed(partition) == Position(offset, note))


async def until(condition: Callable[[], object]) -> None:
    """Let the others run until the condition, or what it awaits, is true; soon it must be."""
    deadline = asyncio.get_running_loop().time() + SOON_S
    while True:
        answer = condition()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer:
            return
        assert asyncio.get_running_loop().time() < deadline, "it never came to that"
        await asyncio.sleep(0.005)


async def a_moment() -> None:
    """Long enough for what should not happen to happen."""
    await asyncio.sleep(0.05)


def numbers(results: Sequence[Decoded]) -> list[int]:
    """Which campaigns were answered, in the results' order."""
    known = {campaign(number): number for number in range(1_000)}
    return [known[result.envelope.campaign_id] for result in results]
