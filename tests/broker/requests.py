"""Requests as the edge would write them, for tests that have no edge."""

from datetime import UTC, datetime

from chassis.broker import Outgoing
from chassis.codec import Codec
from chassis.messages import Conversation, Speaker, record
from contracts import identity, topics
from contracts.envelope import Actor, ActorKind, AppName
from contracts.goal import CampaignGoal, Channel, CreateCampaign, SealedText

TENANT = "00000000-0000-4000-8000-000000000001"
ASKER = Speaker(AppName.EDGE, Actor(kind=ActorKind.PERSON, id="tester"))


def goal() -> CampaignGoal:
    """The smallest goal that is one."""
    return CampaignGoal(
        name="A test",
        business_name="Tester",
        industry="tests",
        target_audience="testers",
        goals=("be tested",),
        channels=(Channel.BLOG,),
        metadata={},
        contact_email=SealedText(subject_id=TENANT, token="sealed"),
    )


def create(name: str, saga: str, codec: Codec) -> tuple[str, Outgoing]:
    """A campaign's id, and the request that creates and starts it."""
    campaign_id = identity.campaign_id(TENANT, name)
    request_id = identity.derived(identity.FORWARDS, campaign_id, "create")
    entry = codec.catalog.entry_of(CreateCampaign)
    within = Conversation(TENANT, campaign_id, campaign_id)
    envelope = ASKER.first(entry, request_id, within, at=datetime.now(UTC))
    body = CreateCampaign(saga=saga, start=True, goal=goal())
    return campaign_id, record(topics.REQUESTS, envelope, codec.encode(envelope, None, body))
