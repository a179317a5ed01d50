"""The storm's saga types: idle steps, then publications side by side, each of which can be undone.

They publish by the real publish role; the idle steps only carry a text to it, or refuse at the end.
"""

from datetime import UTC, datetime

from chassis.broker import Outgoing
from chassis.codec import Codec
from chassis.errors import StepError
from chassis.messages import Conversation, Speaker, record
from chassis.service import Answer, Handler, Job, Role
from contracts import identity, topics
from contracts.catalog import CATALOG, Catalog, Entry
from contracts.content import ContentItem
from contracts.envelope import Actor, ActorKind, AppName, FailureReason
from contracts.goal import CampaignGoal, Channel, CreateCampaign, SealedText
from contracts.identity import COMMANDS, EFFECTS, derived
from contracts.message import Command, Request, Result
from contracts.plan import CampaignState, InputBinding, InputSource, PlannedStep, RetryPolicy
from contracts.publish import PublishContent, RollbackPublication
from contracts.requests import CancelCampaign, DecideReview, ReviewDecision
from services.orchestrator.saga.definitions import SagaDefinition, StepTemplate
from services.orchestrator.saga.definitions.definition import call, from_goal, from_result

FIRST_SCHEMA_ID = 3_100_000
"""Ids of the storm's own messages; the catalog's begin at 1,000,000."""

TENANT = "00000000-0000-4000-8000-000000000001"
ASKER = Speaker(AppName.EDGE, Actor(kind=ActorKind.PERSON, id="storm"))
POSTED, MAILED, DOOMED = "posted", "mailed", "doomed"
CAMPAIGN = "campaign"
"""The product's own saga type, with one channel."""

MAY_FAIL = frozenset({DOOMED, CAMPAIGN})
POSTS = 8
MAILS = 2
CHORES = "chores"
PUBLISH = "publish"
STEP_TIMEOUT_MS = 60_000
PERSISTENT = RetryPolicy(attempts_max=20, backoff_ms=200, backoff_ms_max=5_000, budget_ms=3_600_000)
FLAKY_SHARE = 0.05
"""Share of idle steps whose first attempt fails for the moment."""

RETRACTED = "retracted"
"""What the webhook channel puts behind an effect key to name its retraction."""


class BeginChores(Command):
    """Do nothing, first."""

    text: str


class ChoresBegun(Result):
    """Nothing was done."""

    text: str


class PrepareTexts(Command):
    """Give the texts that are to be published."""

    text: str


class TextsPrepared(Result):
    """One text for each channel that is used."""

    items: tuple[ContentItem, ...]


class EndChores(Command):
    """Do nothing, last; refuse where the saga is doomed."""

    fate: str


class ChoresEnded(Result):
    """Nothing was done."""


ASKED: tuple[type[Command], ...] = (BeginChores, PrepareTexts, EndChores)
ANSWERED: tuple[type[Result], ...] = (ChoresBegun, TextsPrepared, ChoresEnded)

USED_TOPICS = (
    *(topics.REQUESTS, topics.RESULTS, topics.LOG, topics.SNAPSHOTS, topics.DEAD_LETTERS),
    topics.MEMORY,
    *(topics.commands_of(CHORES), topics.commands_of(PUBLISH)),
)


def _codec() -> Codec:
    commands = topics.commands_of(CHORES)
    asked = [
        Entry(m, FIRST_SCHEMA_ID + n, commands, AppName.ORCHESTRATOR) for n, m in enumerate(ASKED)
    ]
    first = FIRST_SCHEMA_ID + len(asked)
    answered = [Entry(m, first + n, topics.RESULTS, AppName.PLUGIN) for n, m in enumerate(ANSWERED)]
    return Codec(Catalog((*CATALOG.entries, *asked, *answered)))


SPEECH = _codec()
"""The catalog's messages and the storm's own; made once, and shared by what is forked."""


def _literal(field: str, value: str) -> InputBinding:
    return InputBinding(field=field, source=InputSource.LITERAL, path=value)


def _chore(
    name: str, model: type[Command], *inputs: InputBinding, after: tuple[str, ...]
) -> PlannedStep:
    return call(
        name,
        model,
        phase=CHORES,
        stage=CampaignState.CONTENT_PROD,
        timeout_ms=STEP_TIMEOUT_MS,
        retry=PERSISTENT,
        after=after,
        inputs=inputs,
    )


def _publication(name: str, channel: Channel) -> PlannedStep:
    return call(
        name,
        PublishContent,
        RollbackPublication,
        phase=PUBLISH,
        stage=CampaignState.PUBLISH,
        timeout_ms=STEP_TIMEOUT_MS,
        retry=PERSISTENT,
        after=("texts",),
        inputs=(
            *from_goal("business_name", "contact_email", campaign_name="name"),
            *from_result("texts", "items"),
            _literal("channel", channel),
        ),
    )


def publications(saga: str) -> tuple[str, ...]:
    """The names of the steps by which a saga of this type publishes."""
    if saga == CAMPAIGN:
        return (f"publish.{Channel.WEBHOOK}",)
    if saga == MAILED:
        return tuple(f"mail.{number}" for number in range(MAILS))
    return tuple(f"post.{number}" for number in range(POSTS))


def _definition(saga: str) -> SagaDefinition:
    channel = Channel.EMAIL if saga == MAILED else Channel.WEBHOOK
    names = publications(saga)
    steps = (
        _chore("begin", BeginChores, *from_goal(text="industry"), after=()),
        _chore("texts", PrepareTexts, *from_result("begin", "text"), after=("begin",)),
        *(_publication(name, channel) for name in names),
        _chore("end", EndChores, _literal("fate", saga), after=names),
    )
    return SagaDefinition(name=saga, version=1, steps=tuple(map(StepTemplate, steps)))


DEFINITIONS = {saga: _definition(saga) for saga in (POSTED, MAILED, DOOMED)}


async def _begin(command: BeginChores, job: Job) -> Answer:
    _fail_now_and_then(job)
    return Answer(ChoresBegun(text=command.text))


async def _prepare(command: PrepareTexts, job: Job) -> Answer:
    _fail_now_and_then(job)
    return Answer(
        TextsPrepared(
            items=(text_for(Channel.WEBHOOK, command.text), text_for(Channel.EMAIL, command.text))
        )
    )


async def _end(command: EndChores, job: Job) -> Answer:
    if command.fate == DOOMED:
        raise StepError(FailureReason.INVALID_INPUT, "this saga is there to fail")
    return Answer(ChoresEnded())


def _fail_now_and_then(job: Job) -> None:
    drawn = int(derived(COMMANDS, job.command_id, "flaky")[:8], 16) / 0xFFFFFFFF
    if job.call.attempt == 1 and drawn < FLAKY_SHARE:
        raise StepError(FailureReason.UNAVAILABLE, "not at the moment")


def text_for(channel: Channel, about: str) -> ContentItem:
    """A short text for this channel."""
    return ContentItem(
        id=f"{channel.value}-a",
        channel=channel,
        variant="a",
        language="en",
        title="Nothing new",
        body_markdown=f"There is nothing new about {about}.",
        call_to_action="Read on",
        citations=(),
    )


def chores() -> Role:
    """The role behind the idle steps; it remembers its answers as roles with effects do."""
    handlers: dict[type[Command], Handler] = {
        BeginChores: _begin,
        PrepareTexts: _prepare,
        EndChores: _end,
    }
    return Role(CHORES, AppName.PLUGIN, handlers)


def create(name: str, saga: str, contact: SealedText) -> tuple[str, Outgoing]:
    """A saga's id, and the request that creates and starts it."""
    goal = CampaignGoal(
        name=name,
        business_name="Nobody",
        industry="x" * 100,
        target_audience="nobody",
        goals=("nothing",),
        channels=(Channel.WEBHOOK,),
        generate_video=True,
        metadata={},
        contact_email=contact,
    )
    campaign_id = identity.campaign_id(TENANT, name)
    return campaign_id, _request(campaign_id, CreateCampaign(saga=saga, start=True, goal=goal))


def cancel(campaign_id: str) -> Outgoing:
    """The request that cancels a saga."""
    return _request(campaign_id, CancelCampaign(reason="the storm cancels some"))


def approve(campaign_id: str, step: str, shown_digest: str) -> Outgoing:
    """The request that releases what a gate shows."""
    word = DecideReview(step=step, decision=ReviewDecision.APPROVE, shown_digest=shown_digest)
    return _request(campaign_id, word)


def _request(campaign_id: str, body: Request) -> Outgoing:
    entry = SPEECH.catalog.entry_of(type(body))
    request_id = derived(identity.FORWARDS, campaign_id, entry.name)
    within = Conversation(TENANT, campaign_id, campaign_id)
    envelope = ASKER.first(entry, request_id, within, at=datetime.now(UTC))
    return record(topics.REQUESTS, envelope, SPEECH.encode(envelope, None, body))


def keys(campaign_id: str, saga: str, contact: SealedText) -> dict[str, str]:
    """Under which key each publication of a saga reaches the outside: step by key."""
    found = {}
    for step in publications(saga):
        key = identity.effect_key(campaign_id, step, 0)
        found[derived(EFFECTS, key, contact.subject_id) if saga == MAILED else key] = step
    return found


def retraction(key: str) -> str:
    """The key of the call that takes a publication back."""
    return derived(EFFECTS, key, RETRACTED)
