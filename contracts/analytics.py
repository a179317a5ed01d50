"""The analytics phase: what will be counted for a campaign, and what readers did."""

from enum import StrEnum

from contracts.goal import Channel
from contracts.message import Command, Line, Message, Moment, Record, Result, Undo, Uuid
from contracts.publish import Publication


class SetUpAnalytics(Command):
    """Prepare counting for these publications."""

    campaign_name: Line
    publications: tuple[Publication, ...] = ()
    kpis: tuple[Line, ...] = ()


class TrackedLink(Message):
    """A link whose clicks are counted: `path` on the edge leads to `target`."""

    id: Uuid
    channel: Channel
    path: str
    target: str


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
    """A reader did something; `reader_id` is sealed or empty."""

    kind: EngagementKind
    channel: Channel
    link_id: Uuid
    reader_id: str = ""
    happened_at: Moment
