"""The content phase: texts per channel and variant, each citing the findings it uses."""

from typing import Annotated

from pydantic import Field

from contracts.goal import BrandVoice, Channel, ChannelDate
from contracts.message import Command, Language, Line, Message, Micros, Moment, Result, Text, Undo
from contracts.research import Finding, FindingId
from contracts.strategy import StrategyBrief


class WriteContent(Command):
    """Write each channel's texts from the brief, in this voice, citing what they claim.

    `budget_micros` is what the whole campaign may cost (0: no limit was set), `spent_micros` what
    it cost so far; engines that are paid for spend no more than the difference.
    """

    business_name: Line
    target_audience: Line
    brief: StrategyBrief
    findings: tuple[Finding, ...]
    channels: tuple[Channel, ...]
    brand_voice: BrandVoice = BrandVoice()
    call_to_action: str = ""
    website: str = ""
    postal_address: str = ""
    variants: Annotated[int, Field(ge=1, le=4)] = 2
    scheduled_at: Moment | None = None
    calendar: tuple[ChannelDate, ...] = ()
    budget_micros: Micros = 0
    spent_micros: Micros = 0

    def date_of(self, channel: Channel) -> Moment | None:
        """When the channel's texts go out: on its own date, or on the campaign's."""
        own = (date.at for date in self.calendar if date.channel is channel)
        return next(own, self.scheduled_at)


class Citation(Message):
    """A claim in the text and the finding that carries it; `claim` occurs verbatim in the body."""

    finding_id: FindingId
    claim: Text
    source_url: str


class ContentItem(Message):
    """One text for one channel. `body_markdown` is the whole text; `title` is subject or headline.

    `id` is `<channel>-<variant>`, for example `email-a`.
    """

    id: Annotated[str, Field(pattern=r"^[a-z]+-[a-d]$")]
    channel: Channel
    variant: Annotated[str, Field(pattern=r"^[a-d]$")]
    language: Language
    title: Line
    preheader: Annotated[str, Field(max_length=300)] = ""
    body_markdown: Text
    call_to_action: Line
    hashtags: tuple[str, ...] = ()
    citations: tuple[Citation, ...]
    scheduled_at: Moment | None = None


class ContentWritten(Result):
    """The texts, one item per channel and variant."""

    items: Annotated[tuple[ContentItem, ...], Field(min_length=1)]


class DeleteContentDrafts(Undo):
    """Take back the drafts of a campaign that will not be published."""
