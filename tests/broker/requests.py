"""Requests as the edge would write them, for tests that have no edge."""

from datetime import UTC, datetime

from chassis.broker import Outgoing
from chassis.codec import Codec
from chassis.messages import new_traceparent, record
from contracts import identity, topics
from contracts.envelope import Actor, ActorKind, AppName, EventEnvelope
from contracts.goal import CampaignGoal, Channel, CreateCampaign, SealedText

TENANT = "00000000-0000-4000-8000-000000000001"


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


def create(
    name: str, saga: str, codec: Codec, wanted: CampaignGoal | None = None
) -> tuple[str, Outgoing]:
    """A campaign's id, and the request that creates and starts it."""
    campaign_id = identity.campaign_id(TENANT, name)
    request_id = identity.derived(identity.FORWARDS, campaign_id, "create")
    envelope = EventEnvelope(
        id=request_id,
        type="CreateCampaign",
        schema_version=codec.catalog.by_name["CreateCampaign"].version,
        tenant_id=TENANT,
        campaign_id=campaign_id,
        correlation_id=campaign_id,
        causation_id=request_id,
        execution_id=request_id,
        source=AppName.EDGE,
        actor=Actor(kind=ActorKind.PERSON, id="tester"),
        time=datetime.now(UTC),
        traceparent=new_traceparent(),
    )
    body = CreateCampaign(saga=saga, start=True, goal=wanted or goal())
    return campaign_id, record(topics.REQUESTS, envelope, codec.encode(envelope, None, body))
