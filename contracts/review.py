"""Telling reviewers: where they are told that a gate waits for them, and taking that back."""

from typing import Annotated

from pydantic import Field

from contracts.audit import QualityReport
from contracts.content import ContentItem
from contracts.design import Asset
from contracts.goal import NoticePlace
from contracts.message import AccountId, Command, Digest, Line, Message, Result, StepName, Undo


class AnnounceReview(Command):
    """Tell reviewers in these places what `gate` shows them, and where they decide.

    `shown_digest` is the hash of what it shows now. Where `reviewers` are named, each has a link
    of their own, and none of these is told in a place that others read.
    """

    notices: tuple[NoticePlace, ...]
    gate: StepName
    shown_digest: Digest
    campaign_name: Line
    business_name: Line
    items: tuple[ContentItem, ...]
    assets: tuple[Asset, ...] = ()
    report: QualityReport
    reviewers: tuple[AccountId, ...] = ()


class Notice(Message):
    """Where reviewers were told: a pull request's page, or a channel's message."""

    place: NoticePlace
    location: Annotated[str, Field(min_length=1, max_length=2_000)]


class ReviewAnnounced(Result):
    """Reviewers were told there; a place that is missing stands in the notes."""

    told: tuple[Notice, ...]


class WithdrawReview(Undo):
    """Close what was opened, and say where it was told that nobody is to decide any more."""

    notices: tuple[NoticePlace, ...]
    campaign_name: Line
