"""The design phase: one picture per channel, drawn at exactly the size the channel asks."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.content import ContentItem
from contracts.goal import BrandVoice, Channel
from contracts.message import Command, Digest, Line, Message, Result, Undo


class RenderDesign(Command):
    """Draw a picture for each channel, with the headline on it."""

    business_name: Line
    headline: Line
    channels: tuple[Channel, ...]
    items: tuple[ContentItem, ...]
    brand_voice: BrandVoice = BrandVoice()


class AssetPurpose(StrEnum):
    """What a picture is for."""

    EMAIL_BANNER = "email_banner"
    SOCIAL_POST_IMAGE = "social_post_image"
    BLOG_HERO = "blog_hero"


class Asset(Message):
    """One PNG: `width` x `height` pixels, stored under `digest`, showing `headline`."""

    channel: Channel
    purpose: AssetPurpose
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    digest: Digest
    headline: Line
    alt_text: Line


class DesignRendered(Result):
    """The pictures exist."""

    assets: tuple[Asset, ...]


class DeleteDesignAssets(Undo):
    """Drop the campaign's reference to its pictures; shared bytes stay for those who share them."""
