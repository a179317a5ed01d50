"""The design phase: one picture per channel, drawn at exactly the size the channel asks."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.content import ContentItem
from contracts.goal import BrandVoice, Channel, PictureFormat
from contracts.message import Command, Digest, Line, Message, Result, Undo


class RenderDesign(Command):
    """Draw a picture for each channel and each further format, with the headline on it."""

    business_name: Line
    headline: Line
    channels: tuple[Channel, ...]
    items: tuple[ContentItem, ...]
    brand_voice: BrandVoice = BrandVoice()
    logo_digest: Digest | None = None
    photo_digest: Digest | None = None
    formats: tuple[PictureFormat, ...] = ()


class AssetPurpose(StrEnum):
    """What a picture is for."""

    EMAIL_BANNER = "email_banner"
    SOCIAL_POST_IMAGE = "social_post_image"
    BLOG_HERO = "blog_hero"


class TextRole(StrEnum):
    """Which of a picture's texts."""

    BRAND = "brand"
    HEADLINE = "headline"
    SUPPORT = "support"
    ACTION = "action"


class ShownText(Message):
    """How a text stands in a picture: its letters' size in the picture's pixels, and the least
    contrast (WCAG 2.2) to what lies behind it, rounded down."""

    role: TextRole
    size_px: Annotated[float, Field(ge=0)]
    contrast: Annotated[float, Field(ge=0, le=21)]


class Asset(Message):
    """One PNG: `width` x `height` pixels, stored under `digest`, showing `headline`."""

    channel: Channel
    purpose: AssetPurpose
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    digest: Digest
    headline: Line
    alt_text: Line
    texts: tuple[ShownText, ...] = ()


class FurtherPicture(Message):
    """One PNG in a format that no channel publishes by itself."""

    format: PictureFormat
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    digest: Digest
    alt_text: Line
    texts: tuple[ShownText, ...] = ()


class DesignRendered(Result):
    """The pictures exist."""

    assets: tuple[Asset, ...]
    further: tuple[FurtherPicture, ...] = ()


class DeleteDesignAssets(Undo):
    """Drop the campaign's reference to its pictures; shared bytes stay for those who share them."""
