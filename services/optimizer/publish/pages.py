"""A blog post and its pages: HTML, overview and RSS 2.0 as pure functions of posts."""

from datetime import datetime
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from contracts.message import Message
from services.optimizer.publish.colours import ink_on, mix, readable_on
from services.optimizer.publish.labels import labels, long_date
from services.optimizer.publish.prose import Manner, to_html
from services.optimizer.publish.selection import SourceNote, host_of

if TYPE_CHECKING:
    from jinja2 import Environment

PAPER, NIGHT = "#ffffff", "#12151b"
"""What text stands on by day and by night (the reader's system decides)."""

WORDS_PER_MINUTE = 220
FEED_ITEMS_MAX = 50


class Picture(Message):
    """The post's picture as a file of the site."""

    name: str
    alt: str
    width: int
    height: int
    size_bytes: int


class Post(Message):
    """Everything that a post's page shows; the page follows from this alone.

    Its call leads to `leads_to`, a tracked link; straight to the `website` where that is empty.
    """

    effect_key: str
    campaign_id: str
    item_id: str
    slug: str
    language: str
    title: str
    description: str
    preheader: str = ""
    body_markdown: str
    call_to_action: str
    website: str
    leads_to: str = ""
    business_name: str
    primary_color: str
    accent_color: str
    hashtags: tuple[str, ...] = ()
    sources: tuple[SourceNote, ...] = ()
    hero: Picture | None = None
    video_name: str = ""
    dated_at: datetime
    published_at: datetime

    @property
    def media_names(self) -> tuple[str, ...]:
        """The files below `media/` that the post shows."""
        names = (self.hero.name if self.hero else "", self.video_name)
        return tuple(name for name in names if name)

    @property
    def minutes(self) -> int:
        """How long reading takes, at 220 words a minute; at least one."""
        return max(1, round(len(self.body_markdown.split()) / WORDS_PER_MINUTE))

    @property
    def guid(self) -> str:
        """The post's lasting name in the feed: its effect key."""
        return self.effect_key

    def render(self, address: str) -> str:
        """The post's page; `address` is the site's public one."""
        marks = {
            finding_id: (str(source.number), f"#source-{source.number}")
            for source in self.sources
            for finding_id in source.finding_ids
        }
        body = to_html(self.body_markdown, Manner(marks=marks, button=self.call_to_action))
        return (
            environment()
            .get_template("post.html")
            .render(
                post=self,
                body=body,
                look=look_of(self),
                labels=labels(self.language),
                date=long_date(self.dated_at, self.language),
                url=f"{address}/{page_of(self)}",
                address=address,
            )
        )


def page_of(post: Post) -> str:
    """The page's place below the site."""
    return f"posts/{quote(post.slug)}.html"


def render_index(posts: list[Post], address: str) -> str:
    """The overview of all posts, newest first, in the colours of the newest."""
    newest = posts[0] if posts else None
    return (
        environment()
        .get_template("index.html")
        .render(
            posts=[
                (post, page_of(post), long_date(post.dated_at, post.language)) for post in posts
            ],
            newest=newest,
            look=look_of(newest),
            labels=labels(newest.language if newest else "en"),
            address=address,
        )
    )


def render_feed(posts: list[Post], address: str) -> str:
    """The newest posts as RSS 2.0; each item's guid is its effect key."""
    return (
        environment()
        .get_template("rss.xml")
        .render(
            posts=[
                (post, f"{address}/{page_of(post)}", format_datetime(post.published_at))
                for post in posts[:FEED_ITEMS_MAX]
            ],
            newest=posts[0] if posts else None,
            built=format_datetime(posts[0].published_at) if posts else "",
            address=address,
            labels=labels(posts[0].language if posts else "en"),
        )
    )


def look_of(post: Post | None) -> dict[str, str]:
    """The page's colours, each readable where it is used, by day and by night."""
    primary = post.primary_color if post else "#1f4b99"
    accent = post.accent_color if post else "#f2a33a"
    return {
        "primary": primary,
        "on_primary": ink_on(primary),
        "link": readable_on(primary, PAPER),
        "link_night": readable_on(primary, NIGHT),
        "accent": accent,
        "on_accent": ink_on(accent),
        "tint": mix(primary, PAPER, 0.94),
        "paper": PAPER,
        "night": NIGHT,
    }


@cache
def environment() -> "Environment":
    """The templates; everything that they print is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("services.optimizer.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["host"] = host_of
    return made
