"""The sizes that pictures are drawn in: each channel's own, and the formats a brief may add."""

from dataclasses import dataclass

from contracts.design import AssetPurpose
from contracts.goal import Channel, PictureFormat


@dataclass(frozen=True, slots=True)
class Format:
    """What a channel wants: its picture's purpose, size in pixels, and file name."""

    purpose: AssetPurpose
    width: int
    height: int
    file: str


FORMATS: dict[Channel, Format] = {
    Channel.EMAIL: Format(AssetPurpose.EMAIL_BANNER, 1200, 600, "email-banner.png"),
    Channel.BLOG: Format(AssetPurpose.BLOG_HERO, 1600, 900, "blog-hero.png"),
    Channel.LINKEDIN: Format(AssetPurpose.SOCIAL_POST_IMAGE, 1200, 627, "linkedin-post.png"),
    Channel.TWITTER: Format(AssetPurpose.SOCIAL_POST_IMAGE, 1600, 900, "twitter-post.png"),
    Channel.WEBHOOK: Format(AssetPurpose.SOCIAL_POST_IMAGE, 1200, 628, "webhook-post.png"),
}

FURTHER: dict[str, tuple[int, int]] = {
    PictureFormat.SQUARE.value: (1080, 1080),
    PictureFormat.PORTRAIT.value: (1080, 1350),
    PictureFormat.STORY.value: (1080, 1920),
}
"""Width and height in pixels of what people post by hand: feed (1:1, 4:5) and story (9:16)."""
