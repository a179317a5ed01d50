"""The analytics phase: what will be counted for a campaign, and what readers did."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.goal import Channel
from contracts.identity import EFFECTS, derived
from contracts.message import Command, Line, Message, Moment, Record, Result, Undo, Uuid
from contracts.publish import Publication


class SetUpAnalytics(Command):
    """Prepare counting for these publications."""

    campaign_name: Line
    publications: tuple[Publication, ...] = ()
    kpis: tuple[Line, ...] = ()


class TrackedLink(Message):
    """A link whose clicks are counted: `path` on the edge leads to `target`.

    `item_id` names the text that it belongs to, and so the variant, for example `email-b`.
    """

    id: Uuid
    channel: Channel
    path: str
    target: str
    item_id: str = ""


def link_id(campaign_id: str, channel: Channel, item_id: str, effect_key: str) -> str:
    """The id of a publication's tracked link: known before the publication is made."""
    return derived(EFFECTS, campaign_id, "link", channel, item_id, effect_key)


def link_path(campaign_id: str, link: str) -> str:
    """Where a tracked link begins, below the edge's address."""
    return f"/t/{campaign_id}/{link}"


def pixel_path(campaign_id: str, link: str) -> str:
    """The picture that counts an opening, below the edge's address."""
    return f"/o/{campaign_id}/{link}.gif"


class AnalyticsReady(Result):
    """Counting is on; `view_path` is the campaign's page of figures on the edge."""

    links: tuple[TrackedLink, ...]
    view_path: str


class CleanUpAnalytics(Undo):
    """Stop counting for a campaign and drop its view."""


class EngagementKind(StrEnum):
    """What a reader did."""

    CLICK = "CLICK"
    OPEN = "OPEN"
    CONVERSION = "CONVERSION"


class EngagementRecorded(Record):
    """A reader did something; `reader_id` is sealed, a pseudonym or empty."""

    kind: EngagementKind
    channel: Channel
    link_id: Uuid
    reader_id: str = ""
    happened_at: Moment


Count = Annotated[int, Field(ge=0)]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]


class TrackedVariant(Message):
    """A text that readers got: how many it was sent to (0: whoever came), and how it is made."""

    link_id: Uuid
    channel: Channel
    item_id: str
    sent: Count = 0
    traits: tuple[str, ...] = ()


class VariantsTracked(Record):
    """What of a campaign is compared from now on; beside what readers do, on the same topic.

    `subject` says whom the campaign was for: under it what comes of the comparison is remembered.
    """

    campaign_name: Line
    subject: Annotated[str, Field(max_length=1_000)] = ""
    variants: tuple[TrackedVariant, ...]


class EngagementWindow(Record):
    """What was done with a link from `begins_at` on, for `size_s` seconds; a later one replaces it.

    Windows tumble: each begins at a multiple of its size since 1970 in UTC. An event counts once,
    by its id, where it happened and not where it was read.
    """

    size_s: Annotated[int, Field(ge=1)]
    begins_at: Moment
    channel: Channel
    link_id: Uuid
    item_id: str = ""
    clicks: Count = 0
    opens: Count = 0
    conversions: Count = 0


class VariantStanding(Message):
    """How one variant does: events, the readers behind them, and how likely it is the best.

    `trials` is what `sent` is, or the readers who opened it where it was sent to nobody.
    """

    link_id: Uuid
    item_id: str
    sent: Count = 0
    trials: Count = 0
    openers: Count = 0
    clickers: Count = 0
    converters: Count = 0
    opens: Count = 0
    clicks: Count = 0
    conversions: Count = 0
    probability_best: Probability = 0.0
    traits: tuple[str, ...] = ()


class VariantsCompared(Record):
    """A channel's variants side by side; the newest counts.

    `winner` is an item's id, or empty: then `why` says what the evidence lacks. `as_of` is when
    the last event that counts happened.
    """

    channel: Channel
    standings: tuple[VariantStanding, ...]
    winner: str = ""
    probability: Probability = 0.0
    why: str = ""
    as_of: Moment
