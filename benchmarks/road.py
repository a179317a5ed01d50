"""The road that the benchmark drives: six steps in a row that do nothing, and their messages."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chassis.broker import Outgoing
from chassis.codec import Codec
from chassis.messages import Conversation, Speaker, record
from chassis.service import Answer, Handler, Job, Role
from contracts import identity, topics
from contracts.catalog import CATALOG, Catalog, Entry
from contracts.envelope import Actor, ActorKind, AppName, StepCall
from contracts.goal import CampaignGoal, Channel, CreateCampaign, SealedText
from contracts.message import Command, Result
from contracts.plan import CampaignState, PlannedStep, RetryPolicy, StepKind
from services.orchestrator.saga.definitions import SagaDefinition, StepTemplate
from services.orchestrator.saga.definitions.definition import call, from_goal, from_result

FIRST_SCHEMA_ID = 3_000_000
"""Ids of the benchmark's own messages; the catalog's begin at 1,000,000."""

ASKER = Speaker(AppName.EDGE, Actor(kind=ActorKind.PERSON, id="benchmark"))
SAGA = "six-steps"
TENANT = "00000000-0000-4000-8000-000000000001"
GATED_SAGA = "six-steps-and-a-gate"
GATE_PLACE = 3
RETRY_MS = 24 * 3_600_000
WAIT_MS = 7 * 24 * 3_600_000
ASK_CHARS = 200
ANSWER_CHARS = 300
AT_ONCE = 100
WAITED_S = 0.05
WAITING_AT_ONCE = 4
STEP_TIMEOUT_MS = 600_000
"""Longer than any run: a step that waits in a full queue must not be tried again."""


class _Ask(Command):
    text: str


class AskOne(_Ask):
    """Do nothing, first."""


class AskTwo(_Ask):
    """Do nothing, second."""


class AskThree(_Ask):
    """Do nothing, third."""


class AskFour(_Ask):
    """Do nothing, fourth."""


class AskFive(_Ask):
    """Do nothing, fifth."""


class AskSix(_Ask):
    """Do nothing, sixth."""


class Done(Result):
    """Nothing was done."""

    text: str


ASKS: dict[str, type[Command]] = {
    "one": AskOne,
    "two": AskTwo,
    "three": AskThree,
    "four": AskFour,
    "five": AskFive,
    "six": AskSix,
}
"""The six phases, in order, and what each is asked."""

FIRST = "one"

GATE = PlannedStep(
    name="look",
    kind=StepKind.GATE,
    stage=CampaignState.REVIEW,
    after=("three",),
    timeout_ms=WAIT_MS,
    shows=("three",),
)

USED_TOPICS = (
    topics.REQUESTS,
    topics.RESULTS,
    topics.LOG,
    topics.SNAPSHOTS,
    topics.DEAD_LETTERS,
    *(topics.commands_of(phase) for phase in ASKS),
)


def codec() -> Codec:
    """The catalog's messages and the benchmark's own."""
    own = (
        *(
            Entry(model, FIRST_SCHEMA_ID + n, topics.commands_of(phase), AppName.ORCHESTRATOR)
            for n, (phase, model) in enumerate(ASKS.items())
        ),
        Entry(Done, FIRST_SCHEMA_ID + len(ASKS), topics.RESULTS, AppName.PLUGIN),
    )
    return Codec(Catalog((*CATALOG.entries, *own)))


def definitions() -> dict[str, SagaDefinition]:
    """The saga types: each step after the one before, asked with that one's answer.

    In the gated one a person looks at the third answer, and who fails is tried again much later.
    """
    steps = []
    before = ""
    for phase, model in ASKS.items():
        step = call(
            phase,
            model,
            phase=phase,
            stage=CampaignState.CONTENT_PROD,
            timeout_ms=STEP_TIMEOUT_MS,
            after=(before,) if before else (),
            inputs=from_result(before, "text") if before else from_goal(text="industry"),
        )
        steps.append(step)
        before = phase
    slow = RetryPolicy(backoff_ms=RETRY_MS, backoff_ms_max=RETRY_MS)
    gated = [step.model_copy(update={"retry": slow, "timeout_ms": WAIT_MS}) for step in steps]
    gated[GATE_PLACE] = gated[GATE_PLACE].model_copy(update={"after": (GATE.name,)})
    gated.insert(GATE_PLACE, GATE)
    return {
        name: SagaDefinition(name=name, version=1, steps=tuple(map(StepTemplate, made)))
        for name, made in ((SAGA, steps), (GATED_SAGA, gated))
    }


async def do_nothing(_: Command, __: Job) -> Answer:
    """Answer at once."""
    return Answer(Done(text="y" * ANSWER_CHARS))


async def wait(_: Command, __: Job) -> Answer:
    """Answer after a while, as one does who waits for somebody else."""
    await asyncio.sleep(WAITED_S)
    return Answer(Done(text="y" * ANSWER_CHARS))


def waiting_role() -> Role:
    """The first phase's, where each command waits; one copy has few of them in hand."""
    asks: dict[type[Command], Handler] = {AskOne: wait}
    return Role(FIRST, AppName.PLUGIN, asks, max_in_flight=WAITING_AT_ONCE, remembers=False)


def roles(*, remembering: bool = False) -> tuple[Role, ...]:
    """The six phase roles; they do nothing, so they may do much of it at once, and forget it.

    The remembering ones are as roles with effects are: 20 commands at once, each result kept.
    """
    plain = tuple(Role(phase, AppName.PLUGIN, {ask: do_nothing}) for phase, ask in ASKS.items())
    if remembering:
        return plain
    return tuple(replace(role, max_in_flight=AT_ONCE, remembers=False) for role in plain)


def request(
    name: str, speech: Codec, saga: str = SAGA, text: str = "x" * ASK_CHARS
) -> tuple[str, Outgoing]:
    """A saga's id, and the record that creates and starts it."""
    campaign_id = identity.campaign_id(TENANT, name)
    request_id = identity.derived(identity.FORWARDS, campaign_id, "create")
    entry = speech.catalog.entry_of(CreateCampaign)
    within = Conversation(TENANT, campaign_id, campaign_id)
    envelope = ASKER.first(entry, request_id, within, at=datetime.now(UTC))
    body = CreateCampaign(saga=saga, start=True, goal=_goal(text))
    return campaign_id, record(topics.REQUESTS, envelope, speech.encode(envelope, None, body))


def command(name: str, speech: Codec) -> Outgoing:
    """The first phase's command of a saga that nobody tracks."""
    campaign_id = identity.campaign_id(TENANT, name)
    command_id = identity.command_id(campaign_id, FIRST, 1)
    entry = speech.catalog.entry_of(AskOne)
    now = datetime.now(UTC)
    envelope = ASKER.first(entry, command_id, Conversation(TENANT, campaign_id), at=now)
    call = StepCall(
        step=FIRST,
        attempt=1,
        round=0,
        effect_key=identity.effect_key(campaign_id, FIRST, 0),
        not_after=now + timedelta(milliseconds=STEP_TIMEOUT_MS),
    )
    value = speech.encode(envelope, call, AskOne(text="x" * ASK_CHARS))
    return record(entry.topic, envelope, value)


def _goal(text: str) -> CampaignGoal:
    return CampaignGoal(
        name="Benchmark",
        business_name="Nobody",
        industry=text,
        target_audience="nobody",
        goals=("nothing",),
        channels=(Channel.BLOG,),
        metadata={},
        contact_email=SealedText(subject_id=TENANT, token="sealed"),
    )
