"""What each channel can show: lengths only; it does not know how a channel publishes."""

import re
import unicodedata

from contracts.audit import AuditContent, QualityCheck
from contracts.content import ContentItem
from contracts.envelope import Severity
from contracts.goal import Channel
from services.optimizer.audit.prose import plain, words
from services.optimizer.audit.rule import Rule

SUBJECT_CHARS_MAX = 60
PREHEADER_CHARS_MAX = 150
LINKEDIN_CHARS_MAX = 1_300
LINKEDIN_CHARS_HARD_MAX = 3_000
"""LinkedIn refuses a longer post; above 1,300 characters it only reads badly."""
TWEET_WEIGHT_MAX = 280
TWEET_URL_WEIGHT = 23
BLOG_WORDS = (300, 1_200)

SUBJECT = Rule("email_subject_length", Severity.HIGH)
PREHEADER = Rule("email_preheader_length", Severity.MEDIUM)
LINKEDIN = Rule("linkedin_length", Severity.HIGH)
LINKEDIN_HARD = Rule("linkedin_hard_limit", Severity.CRITICAL)
TWEET = Rule("tweet_length", Severity.CRITICAL)
TWEET_HASHTAGS = Rule("tweet_length_with_hashtags", Severity.MEDIUM)
BLOG = Rule("blog_length", Severity.MEDIUM)

_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]+)[^()]*\)")
_URL = re.compile(r"https?://[^\s<>()\[\]]+")
_LIGHT = ((0, 4_351), (8_192, 8_205), (8_208, 8_223), (8_242, 8_247))
"""Code points that weigh one; all others weigh two (twitter-text, configuration v3)."""


def channel_limits(subject: AuditContent) -> tuple[QualityCheck, ...]:
    """Every text fits its channel; a webhook's reader sets its own limits."""
    return tuple(check for item in subject.items for check in _limits(item))


def tweet_weight(text: str) -> int:
    """How much of 280 a tweet takes, as the channel counts: an address weighs 23."""
    bare, urls = _URL.subn("", unicodedata.normalize("NFC", text))
    light = sum(any(low <= ord(char) <= high for low, high in _LIGHT) for char in bare)
    return urls * TWEET_URL_WEIGHT + light + 2 * (len(bare) - light)


def _limits(item: ContentItem) -> tuple[QualityCheck, ...]:
    match item.channel:
        case Channel.EMAIL:
            return (
                *_at_most(SUBJECT, item, len(item.title), SUBJECT_CHARS_MAX, "subject"),
                *_at_most(PREHEADER, item, len(item.preheader), PREHEADER_CHARS_MAX, "preheader"),
            )
        case Channel.LINKEDIN:
            chars = len(_as_posted(item.body_markdown))
            return (
                *_at_most(LINKEDIN, item, chars, LINKEDIN_CHARS_MAX, "post"),
                *_at_most(LINKEDIN_HARD, item, chars, LINKEDIN_CHARS_HARD_MAX, "post"),
            )
        case Channel.TWITTER:
            weight = tweet_weight(_as_posted(item.body_markdown))
            tagged = weight + sum(
                tweet_weight(f" #{tag.lstrip('#')}")
                for tag in item.hashtags
                if tag.lstrip("#") not in item.body_markdown
            )
            return (
                *_at_most(TWEET, item, weight, TWEET_WEIGHT_MAX, "tweet"),
                *_at_most(TWEET_HASHTAGS, item, tagged, TWEET_WEIGHT_MAX, "tweet with hashtags"),
            )
        case Channel.BLOG:
            return _blog(item)
        case Channel.WEBHOOK:
            return ()


def _at_most(
    rule: Rule, item: ContentItem, chars: int, limit: int, what: str
) -> tuple[QualityCheck, ...]:
    reason = (
        f"the {what} is too long: {chars} characters, {limit} fit; cut at least {chars - limit}"
    )
    return rule.verdicts(item.id, [reason] if chars > limit else [])


def _blog(item: ContentItem) -> tuple[QualityCheck, ...]:
    count, (low, high) = len(words(plain(item.body_markdown))), BLOG_WORDS
    if count < low:
        return (
            BLOG.failed(item.id, f"the article is too short: {count} words; write at least {low}"),
        )
    if count > high:
        return (BLOG.failed(item.id, f"the article is too long: {count} words; cut it to {high}"),)
    return (BLOG.passed(item.id),)


def _as_posted(markdown: str) -> str:
    """The post as a channel without Markdown shows it: a link is its text and its address."""
    urls: list[str] = []

    def keep(match: re.Match[str]) -> str:
        urls.append(match.group(2))
        return f"{match.group(1)} "

    bare = _LINK.sub(keep, markdown)
    urls.extend(_URL.findall(bare))
    return " ".join([plain(bare).strip(), *urls]).strip()
