"""What a team asks for: the brief as people write it, and the goal as it enters a topic."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import EmailStr, Field, ValidationInfo, field_validator, model_validator

from contracts.message import (
    AccountId,
    Language,
    Line,
    Message,
    Micros,
    Moment,
    Record,
    Request,
    Uuid,
)

CHANNELS_MAX = 5
SOURCES_MAX = 50
PAGES_MAX = 50
LOCATION_CHARS_MAX = 2_000
FORMATS_MAX = 3
REVIEWERS_MAX = 20


class Channel(StrEnum):
    """Where a campaign may be published."""

    EMAIL = "email"
    BLOG = "blog"
    LINKEDIN = "linkedin"
    TWITTER = "twitter"
    WEBHOOK = "webhook"


class SourceKind(StrEnum):
    """How a source is read."""

    PAGE = "page"
    FEED = "feed"
    FILE = "file"
    SITEMAP = "sitemap"
    NOTION = "notion"
    SEARCH = "search"
    MEMORY = "memory"


class Source(Message):
    """What research reads, by its `location`.

    The URL of a page, a feed or a sitemap; the path of a file below the allowed folder; the id of
    a Notion database; the words to ask a search engine or the memory of earlier research for. A
    brief that asks memory also adds to it. Of a sitemap, a database, a search or memory at most
    `pages_max` pages are read. `render` has a browser run a page's scripts before it is read.
    """

    kind: SourceKind = SourceKind.PAGE
    location: Annotated[str, Field(min_length=1, max_length=LOCATION_CHARS_MAX)]
    selector: Annotated[str, Field(max_length=200)] = ""
    render: bool = False
    pages_max: Annotated[int, Field(ge=1, le=PAGES_MAX)] = 10


class PictureFormat(StrEnum):
    """A picture besides the channels' own, for where people post it themselves."""

    SQUARE = "square"
    PORTRAIT = "portrait"
    STORY = "story"


class BrandVoice(Message):
    """How the brand speaks; `banned_words` never appear in published text."""

    tone: Line = "clear and friendly"
    audience_address: Annotated[str, Field(max_length=60)] = "you"
    banned_words: tuple[Line, ...] = ()
    signature: Annotated[str, Field(max_length=200)] = ""
    primary_color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#1f4b99"
    accent_color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#f2a33a"


class SealedText(Message):
    """A personal field under its subject's own key (AES-256-GCM); destroying the key destroys it.

    `token` is base64url of nonce (12 bytes), ciphertext and tag. Tenant and subject are bound in.
    """

    subject_id: Uuid
    token: Annotated[str, Field(min_length=1, max_length=4_000)]


class NoticePlace(StrEnum):
    """Where reviewers are told that something waits for them."""

    GITHUB = "github"
    SLACK = "slack"


class LocalDate(Message):
    """When one channel's texts go out, as people write it: a time without an offset is local."""

    channel: Channel
    at: datetime


class ChannelDate(LocalDate):
    """When one channel's texts go out."""

    at: Moment


class _Wishes(Message):
    name: Line
    business_name: Line
    industry: Line
    target_audience: Line
    goals: Annotated[tuple[Line, ...], Field(min_length=1, max_length=10)]
    sources: Annotated[tuple[Source, ...], Field(max_length=SOURCES_MAX)] = ()
    competitor_urls: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=CHANNELS_MAX)]
    brand_voice_id: Annotated[str, Field(max_length=100)] = ""
    brand_voice: BrandVoice = BrandVoice()
    logo: Annotated[str, Field(max_length=LOCATION_CHARS_MAX)] = ""
    photo: Annotated[str, Field(max_length=LOCATION_CHARS_MAX)] = ""
    picture_formats: Annotated[tuple[PictureFormat, ...], Field(max_length=FORMATS_MAX)] = ()
    call_to_action: Annotated[str, Field(max_length=100)] = ""
    website: Annotated[str, Field(max_length=2_000)] = ""
    postal_address: Annotated[str, Field(max_length=300)] = ""
    language: Language = "en"
    variants: Annotated[int, Field(ge=1, le=4)] = 2
    generate_video: bool = False
    time_zone: Annotated[str, Field(max_length=60)] = ""
    scheduled_at: Moment | None = None
    review_notices: Annotated[tuple[NoticePlace, ...], Field(max_length=2)] = ()
    budget_micros: Micros = 0
    max_retries: Annotated[int, Field(ge=0, le=10)] = 3
    approvals_needed: Annotated[int, Field(ge=1, le=REVIEWERS_MAX)] = 1
    reviewers: Annotated[tuple[AccountId, ...], Field(max_length=REVIEWERS_MAX)] = ()
    session_id: Annotated[str, Field(max_length=100)] = ""
    metadata: Annotated[dict[str, str], Field(max_length=50, default_factory=dict)]


class CampaignBrief(_Wishes):
    """What people write in YAML or JSON. Personal fields are plain here and only here.

    `scheduled_at` is every channel's date, `calendar` gives some their own. A time without an
    offset is meant in `time_zone` (IANA, for example Europe/Madrid), and refused without one.
    """

    scheduled_at: datetime | None = None
    calendar: Annotated[tuple[LocalDate, ...], Field(max_length=CHANNELS_MAX)] = ()
    contact_email: EmailStr
    recipients: Annotated[tuple[EmailStr, ...], Field(max_length=1_000)] = ()

    @field_validator("channels")
    @classmethod
    def _each_once(cls, channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
        if len(set(channels)) < len(channels):
            raise ValueError("name each channel once, for example [email, blog]")
        return channels

    @field_validator("time_zone")
    @classmethod
    def _a_known_zone(cls, name: str) -> str:
        if name:
            _zone(name)
        return name

    @field_validator("scheduled_at")
    @classmethod
    def _as_an_instant(cls, at: datetime | None, info: ValidationInfo) -> datetime | None:
        return at and _meant(at, info.data.get("time_zone", ""))

    @field_validator("calendar")
    @classmethod
    def _as_instants(
        cls, calendar: tuple[LocalDate, ...], info: ValidationInfo
    ) -> tuple[LocalDate, ...]:
        zone, dated = info.data.get("time_zone", ""), [date.channel for date in calendar]
        if len(set(dated)) < len(dated) or set(dated) - set(info.data.get("channels", dated)):
            raise ValueError("give each of the brief's channels at most one date")
        return tuple(ChannelDate(channel=one.channel, at=_meant(one.at, zone)) for one in calendar)

    @model_validator(mode="after")
    def _enough_reviewers(self) -> "CampaignBrief":
        if self.reviewers and self.approvals_needed > len(set(self.reviewers)):
            raise ValueError("approvals_needed is more than there are reviewers; name more")
        return self


class CampaignGoal(_Wishes):
    """The brief as it enters a topic: personal fields sealed, everything else unchanged."""

    contact_email: SealedText
    recipients: tuple[SealedText, ...] = ()
    calendar: tuple[ChannelDate, ...] = ()


class SubmittedBrief(_Wishes):
    """A brief as another system writes it into a topic; it is checked where it is taken in."""

    contact_email: Annotated[str, Field(min_length=1, max_length=320)]
    recipients: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=320)], ...], Field(max_length=1_000)
    ] = ()
    calendar: Annotated[tuple[ChannelDate, ...], Field(max_length=CHANNELS_MAX)] = ()


class GoalSubmitted(Record):
    """A campaign that another system wants; its tenant must be one that it may speak for.

    One tenant's same `key` (empty: the message's id) always names the same campaign. It is the
    only message whose personal fields are plain: its topic keeps it for a day.
    """

    brief: SubmittedBrief
    saga: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")] = "campaign"
    start: bool = True
    key: Annotated[str, Field(max_length=255)] = ""


class CreateCampaign(Request):
    """Bring a campaign into being (IDLE), or straight on its way when `start` is set."""

    saga: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")] = "campaign"
    start: bool = False
    goal: CampaignGoal


def _meant(at: datetime, time_zone: str) -> datetime:
    """The instant in UTC; of an hour that comes twice, the first. Raises ValueError."""
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    if not time_zone:
        raise ValueError("its timezone is missing: name a time_zone, or write the offset behind it")
    zone = _zone(time_zone)
    meant = at.replace(tzinfo=zone).astimezone(UTC)
    if meant.astimezone(zone).replace(tzinfo=None) != at:
        raise ValueError(f"{at:%Y-%m-%d %H:%M} does not exist in {time_zone}: clocks change then")
    return meant


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as cause:
        raise ValueError("it is no IANA time zone, for example Europe/Madrid") from cause
