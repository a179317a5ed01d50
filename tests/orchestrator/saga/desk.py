"""The saga role without a broker: a processor over a topic kept in a list, and whoever asks it."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chassis.broker import Incoming, Outgoing, TopicPartition
from chassis.codec import Codec, Decoded
from contracts import identity, topics
from contracts.analytics import AnalyticsReady
from contracts.audit import ContentAudited
from contracts.content import ContentWritten
from contracts.design import DesignRendered
from contracts.envelope import (
    EventEnvelope,
    FailureReason,
    StepCall,
    StepDone,
    StepOutcome,
)
from contracts.goal import Channel, CreateCampaign
from contracts.learn import LessonsLearned
from contracts.message import Command, Message, Request, Result, Undo
from contracts.publish import ContentPublished
from contracts.requests import DecideReview, ReviewDecision
from contracts.research import ResearchCompleted
from contracts.review import ReviewAnnounced
from contracts.saga import StepFailed, StepUndone
from contracts.strategy import StrategyBuilt
from contracts.video import VideoRendered
from services.orchestrator.saga.definitions import DEFINITIONS, SagaDefinition
from services.orchestrator.saga.processor import SagaProcessor
from services.orchestrator.saga.speech import Speech
from services.orchestrator.saga.state import Saga
from services.orchestrator.saga.store import Held
from tests.contracts.examples import envelope_of, example_of, header_of, sparse_example_of, uuid_of
from tests.specification import CAMPAIGN_ID, MORNING, TENANT_ID

RESULTS: Mapping[str, type[Result]] = {
    "research": ResearchCompleted,
    "strategy": StrategyBuilt,
    "content": ContentWritten,
    "design": DesignRendered,
    "video": VideoRendered,
    "audit": ContentAudited,
    "announce": ReviewAnnounced,
    "publish": ContentPublished,
    "analytics": AnalyticsReady,
    "learn": LessonsLearned,
}
PARTITION = 0
CODEC = Codec()


def result_of(step: str, *, sparse: bool = False) -> Result:
    """An example of what the step's phase answers."""
    model = RESULTS[step.partition(".")[0]]
    return sparse_example_of(model) if sparse else example_of(model)


def campaign_request(*, start: bool = True, **goal: Any) -> CreateCampaign:
    """An example goal for two channels; its film is asked for where `goal` says so."""
    example = example_of(CreateCampaign)
    wishes = {"channels": (Channel.EMAIL, Channel.BLOG), "generate_video": False, "max_retries": 2}
    wishes |= {"reviewers": (), "review_notices": ()}
    wanted = example.goal.model_copy(update={**wishes, **goal})
    return example.model_copy(update={"start": start, "goal": wanted})


class Shelf:
    """A `chassis.broker.Reader` over records that somebody put on it."""

    def __init__(self) -> None:
        self.records: dict[TopicPartition, list[Incoming]] = defaultdict(list)

    def put(self, made: Outgoing) -> None:
        """Append the record to its topic's one partition."""
        kept = self.records[TopicPartition(made.topic, PARTITION)]
        kept.append(Incoming(made.topic, PARTITION, len(kept), made.key, made.value, made.headers))

    def of(self, topic: str) -> list[Incoming]:
        """The topic's records so far."""
        return self.records[TopicPartition(topic, PARTITION)]

    def change(self, topic: str, offset: int, **changes: Any) -> None:
        """Put another record in this one's place."""
        self.of(topic)[offset] = replace(self.of(topic)[offset], **changes)

    async def cluster(self) -> str:
        return "shelf"

    async def partitions(self, topic: str) -> int:
        return 1

    async def ends(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[int, int]]:
        return {tp: (0, len(self.records[tp])) for tp in partitions}

    async def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Incoming]:
        for tp, end in ends.items():
            for record in self.records[tp][starts[tp] : end]:
                yield record

    def tail(self, starts: Mapping[TopicPartition, int]) -> AsyncIterator[Incoming]:
        raise AssertionError("the saga role follows no topic without a group")

    async def close(self) -> None:
        pass


class Desk:
    """A saga role, the topics it writes, and a hand that asks and answers it."""

    def __init__(
        self, shelf: Shelf | None = None, definitions: Mapping[str, SagaDefinition] = DEFINITIONS
    ) -> None:
        self.shelf = shelf or Shelf()
        self.now = MORNING
        self._asked = 0
        self.processor = SagaProcessor(Speech.of(CODEC, definitions, self.shelf, "saga-1"))

    async def open(self) -> "Desk":
        """Take the partition over."""
        await self.processor.restore(frozenset({PARTITION}))
        return self

    @property
    def held(self) -> Held:
        """The campaign as the role holds it."""
        found = self.processor._store.get(PARTITION, CAMPAIGN_ID)
        assert found is not None
        return found

    @property
    def saga(self) -> Saga:
        return self.held.saga

    def give(self, *records: Incoming) -> list[Decoded]:
        """One tick over these records, committed; what it wrote."""
        return self.keep(self.processor.think(records, self.now))

    def keep(self, outgoing: Sequence[Outgoing]) -> list[Decoded]:
        """Commit a tick."""
        for made in outgoing:
            self.shelf.put(made)
        self.processor.merge()
        return [CODEC.decode(made.value) for made in outgoing]

    def ask(self, body: Request, **envelope: Any) -> list[Decoded]:
        """A person asks something of the campaign."""
        return self.give(self.request(body, **envelope))

    def request(self, body: Request, *, key: str = "", **envelope: Any) -> Incoming:
        """The record of a request, not given yet."""
        self._asked += 1
        own = {"campaign_id": CAMPAIGN_ID, "tenant_id": TENANT_ID, "time": self.now}
        own["id"] = uuid_of(f"request {self._asked} behind {len(self.shelf.of(topics.LOG))} facts")
        value = CODEC.encode(self._envelope(body, **{**own, **envelope}), None, body)
        return self._incoming(topics.REQUESTS, value, key)

    def answer(self, step: str, body: Result | None = None, **done: Any) -> list[Decoded]:
        """The step's phase answers the command in flight."""
        return self.give(self.result(step, body, **done))

    def result(
        self, step: str, body: Result | None = None, *, undo: bool = False, **done: Any
    ) -> Incoming:
        """The record of a result, not given yet."""
        body = body or result_of(step)
        state = self.saga.steps[step]
        command_id = state.undo_command_id if undo else state.command_id
        entry = CODEC.catalog.entry_of(type(body))
        example = header_of(entry)
        assert isinstance(example, StepDone)
        header = example.model_copy(update={"step": step, "outcome": StepOutcome.SUCCEEDED, **done})
        own = {"campaign_id": CAMPAIGN_ID, "tenant_id": TENANT_ID, "execution_id": command_id}
        own["id"] = identity.derived(identity.FORWARDS, command_id, "result")
        value = CODEC.encode(self._envelope(body, **own), header, body)
        return self._incoming(topics.RESULTS, value)

    def fail(self, step: str, reason: FailureReason, *, undo: bool = False) -> list[Decoded]:
        body = StepFailed(reason=reason, message="it broke")
        return self.give(self.result(step, body, undo=undo))

    def undone(self, step: str) -> list[Decoded]:
        return self.give(self.result(step, StepUndone(detail="gone"), undo=True))

    def decide(self, decision: ReviewDecision, **fields: Any) -> list[Decoded]:
        shown = self.saga.steps["review"].shown_digest
        word = DecideReview(step="review", decision=decision, shown_digest=shown, **fields)
        return self.ask(word)

    async def wait(self, duration: timedelta) -> list[Decoded]:
        """Time passes; the role does what falls due until nothing is due any more."""
        self.now += duration
        written: list[Decoded] = []
        while (partition := self.processor.due(self.now)) is not None:
            written += self.keep(await self.processor.think_of_time(partition, self.now))
        return written

    def run(self, *, until: str = "") -> None:
        """Answer every command with an example until nothing is called, or `until` is."""
        while called := [name for name, one in self.saga.steps.items() if one.status == "CALLED"]:
            if until in called or self.saga.life != "RUNNING":
                return
            self.answer(called[0])

    def log(self) -> list[str]:
        """The log by its events' names."""
        return [CODEC.decode(record.value).entry.name for record in self.shelf.of(topics.LOG)]

    def commands(self) -> list[Decoded]:
        """Every command sent so far, by partition of no importance."""
        return [
            CODEC.decode(record.value)
            for (topic, _), records in self.shelf.records.items()
            if topic.endswith(".commands")
            for record in records
        ]

    def _envelope(self, body: Message, **changes: Any) -> EventEnvelope:
        return envelope_of(CODEC.catalog.entry_of(type(body)), **changes)

    def _incoming(self, topic: str, value: bytes, key: str = "") -> Incoming:
        campaign_id = CODEC.decode(value).envelope.campaign_id
        return Incoming(topic, PARTITION, self._asked, (key or campaign_id).encode(), value)


def commands_in(written: Sequence[Decoded]) -> list[tuple[str, Command]]:
    """Steps and commands among what a tick wrote, in order."""
    found = []
    for message in written:
        if isinstance(message.body, Command):
            assert isinstance(message.header, StepCall)
            found.append((message.header.step, message.body))
    return found


def is_undo(command: Command) -> bool:
    return isinstance(command, Undo)


async def campaign(*, until: str = "research", **goal: Any) -> Desk:
    """A role whose campaign has gone so far: every step before `until` is answered."""
    desk = await Desk().open()
    desk.ask(campaign_request(**goal))
    desk.run(until=until)
    return desk


def names(written: Sequence[Decoded]) -> list[str]:
    """What a tick wrote, by its messages' names."""
    return [message.entry.name for message in written]


def edit(desk: Desk, edited: bytes) -> DecideReview:
    """A reviewer's edit of what is shown."""
    return DecideReview(
        step="review",
        decision=ReviewDecision.EDIT,
        shown_digest=desk.saga.steps["review"].shown_digest,
        edited=edited,
    )
