"""The publish phase: one step per channel, each effect under its stable key, each undoable."""

from typing import Annotated

from pydantic import Field

from contracts.content import ContentItem
from contracts.design import Asset
from contracts.goal import BrandVoice, Channel, SealedText
from contracts.message import Command, Digest, Line, Message, Moment, Result, Undo, Uuid
from contracts.research import Finding


class PublishContent(Command):
    """Publish this campaign on one channel: the item of that channel, with its picture.

    `items` holds all texts: the channel's own is chosen by variant, others may be linked.
    """

    channel: Channel
    campaign_name: Line
    business_name: Line
    items: tuple[ContentItem, ...]
    assets: tuple[Asset, ...] = ()
    video_digest: Digest | None = None
    findings: tuple[Finding, ...] = ()
    brand_voice: BrandVoice = BrandVoice()
    contact_email: SealedText
    recipients: tuple[SealedText, ...] = ()
    website: str = ""
    postal_address: str = ""
    scheduled_at: Moment | None = None


class Publication(Message):
    """One thing the outside world now has: where, under which key, since when.

    `sent` counts the people it was sent to (0: it waits for whoever comes). Its tracked link leads
    to `leads_to`, or to `location` where that is empty. `traits` say how its text is made, in
    words of ours, so that variants can be compared by more than their letters.
    """

    channel: Channel
    item_id: str
    location: Annotated[str, Field(min_length=1, max_length=2_000)]
    effect_key: Uuid
    published_at: Moment
    sent: Annotated[int, Field(ge=0)] = 0
    leads_to: Annotated[str, Field(max_length=2_000)] = ""
    traits: tuple[str, ...] = ()


class ContentPublished(Result):
    """What was published; empty where everybody opted out. Not configured is a StepFailed."""

    channel: Channel
    publications: tuple[Publication, ...] = ()


class RollbackPublication(Undo):
    """Take a channel's publications back where the channel can; what cannot be is named."""

    channel: Channel
