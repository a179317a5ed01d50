"""A picture per channel: in its size, readable, with words for those who cannot see it."""

from contracts.audit import AuditContent, QualityCheck
from contracts.design import Asset, AssetPurpose, ShownText
from contracts.envelope import Severity
from contracts.goal import Channel
from services.optimizer.audit.prose import picture_place
from services.optimizer.audit.rule import Rule

SIZES: dict[Channel, tuple[AssetPurpose, int, int]] = {
    Channel.EMAIL: (AssetPurpose.EMAIL_BANNER, 1_200, 600),
    Channel.BLOG: (AssetPurpose.BLOG_HERO, 1_600, 900),
    Channel.LINKEDIN: (AssetPurpose.SOCIAL_POST_IMAGE, 1_200, 627),
    Channel.TWITTER: (AssetPurpose.SOCIAL_POST_IMAGE, 1_600, 900),
    Channel.WEBHOOK: (AssetPurpose.SOCIAL_POST_IMAGE, 1_200, 628),
}
"""The channel table: purpose, width and height in pixels, as the design phase draws them."""

ALT_CHARS_MAX = 250
"""Screen readers cannot pause inside alt text."""

CONTRAST_MIN, CONTRAST_OF_LARGE_MIN = 4.5, 3.0
LARGE_PX = 24.0
"""WCAG 2.2, success criterion 1.4.3: large text (18 point, 24 CSS pixels) needs less contrast."""

LETTERS_PX_MIN = 16.0
"""Smaller letters cannot be read where a channel shows the picture at half its size."""

HAS_PICTURE = Rule("channel_has_a_picture", Severity.HIGH)
RIGHT_SIZE = Rule("picture_fits_its_channel", Severity.HIGH)
HAS_ALT_TEXT = Rule("picture_has_alt_text", Severity.HIGH)
IS_READABLE = Rule("picture_can_be_read", Severity.HIGH)


def pictures(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Every text's channel has a picture; every picture fits, can be read, and is described.

    How its texts stand is what whoever drew the picture measured; nothing is said where nobody did.
    """
    checks: list[QualityCheck] = []
    drawn = {asset.channel for asset in subject.assets}
    for item in subject.items:
        missing = f"there is no picture for {item.channel.value}; draw one"
        checks += HAS_PICTURE.verdicts(item.id, [] if item.channel in drawn else [missing])
    for asset in subject.assets:
        place = picture_place(asset)
        checks += RIGHT_SIZE.verdicts(place, _misfit(asset))
        checks += HAS_ALT_TEXT.verdicts(place, _undescribed(asset))
        if asset.texts:
            faults = [fault for text in asset.texts for fault in _unreadable(text)]
            checks += IS_READABLE.verdicts(place, faults)
    return tuple(checks)


def _misfit(asset: Asset) -> list[str]:
    purpose, width, height = SIZES[asset.channel]
    reasons = []
    if (asset.width, asset.height) != (width, height):
        reasons.append(
            f"the picture is {asset.width} x {asset.height} pixels, "
            f"{asset.channel.value} shows {width} x {height}; draw it at that size"
        )
    if asset.purpose is not purpose:
        reasons.append(
            f"the picture was drawn as {asset.purpose.value}, {asset.channel.value} needs "
            f"{purpose.value}; draw it for that"
        )
    return reasons


def _unreadable(text: ShownText) -> list[str]:
    name = text.role.value
    if text.size_px < LETTERS_PX_MIN:
        return [f"the {name} has letters of {text.size_px:g} pixels; at least {LETTERS_PX_MIN:g}"]
    needed = CONTRAST_OF_LARGE_MIN if text.size_px >= LARGE_PX else CONTRAST_MIN
    if text.contrast < needed:
        found = f"the {name} has a contrast of {text.contrast:g} to what lies behind it"
        return [f"{found}; at least {needed:g}: draw it in other colours, or without the photo"]
    return []


def _undescribed(asset: Asset) -> list[str]:
    alt = asset.alt_text.strip()
    if not any(char.isalpha() for char in alt):
        return ["the alt text says nothing; describe the picture in a sentence"]
    if alt.lower().endswith((".png", ".jpg", ".jpeg", ".webp", ".svg")):
        return [f"the alt text “{alt[:80]}” is a file name; describe the picture in a sentence"]
    if len(alt) > ALT_CHARS_MAX:
        return [f"the alt text has {len(alt)} characters; {ALT_CHARS_MAX} can be listened to"]
    return []
