"""Publish phase: one channel per command, each effect once. Nothing here knows about Kafka."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from chassis.adapters.description import Adapter
from chassis.adapters.door import Door
from chassis.clock import Clock
from chassis.fuse import NO_FUSE, Fuse
from chassis.recall import memory_key
from chassis.service import Answer, Job, Role, Wiring
from contracts.envelope import AppName
from contracts.goal import Channel
from contracts.learn import PUBLICATIONS_NAMESPACE, MemoryItem
from contracts.publish import ContentPublished, PublishContent, RollbackPublication
from contracts.review import AnnounceReview, WithdrawReview
from contracts.saga import StepUndone
from services.optimizer.audit.earlier_texts import told_text
from services.optimizer.publish.blog import BlogChannel
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.email import EmailChannel, MailSettings
from services.optimizer.publish.github_blog import GitHubBlog, Repository
from services.optimizer.publish.ports import ChannelPort, Order, Published
from services.optimizer.publish.smtp_adapter import smtp
from services.optimizer.publish.social import SocialChannel, SocialSettings
from services.optimizer.publish.variants import variants_of
from services.optimizer.publish.webhook import WebhookChannel, WebhookSettings, webhook
from services.optimizer.review.handlers import announce_review, desk_of, withdraw_review
from services.optimizer.settings import OptimizerSettings

REMEMBERED_FOR = timedelta(days=730)
"""After so long a text may be said again."""

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

Channels = Mapping[Channel, ChannelPort]


async def publish_content(
    command: PublishContent, job: Job, *, channels: Channels, clock: Clock, fuse: Fuse = NO_FUSE
) -> Answer:
    """Publish the channel's item under the command's effect key.

    The same key never has a second effect: a repeat answers with what was recorded. The text is
    remembered, so that a later campaign does not say it again. Raises
    StepError: NOT_CONFIGURED, CANCELLED (its undo was first), TIMEOUT (its lease is over), others.
    """
    order = Order(command, variants_of(command))
    published = await channels[command.channel].publish(order, Effect(job, clock, fuse))
    job.log.info(
        "content_published",
        channel=command.channel,
        outcome=published.outcome,
        publications=len(published.publications),
    )
    return Answer(
        body=ContentPublished(channel=command.channel, publications=published.publications),
        outcome=published.outcome,
        usage=published.usage,
        notes=(*published.notes, *_schedule_notes(order, published)),
        also=_remembered(order, published, job),
    )


async def rollback_publication(
    command: RollbackPublication, job: Job, *, channels: Channels, clock: Clock
) -> Answer:
    """Take the channel's publication back, or keep a late one from happening.

    Undoing what never happened succeeds; what cannot be undone is named in `left_behind`, and its
    text stays remembered.
    """
    retracted = await channels[command.channel].retract(Effect(job, clock))
    job.log.info(
        "publication_retracted",
        channel=command.channel,
        left_behind=len(retracted.left_behind),
    )
    forgotten = () if retracted.left_behind else (_forgotten(command.channel, job),)
    return Answer(
        body=StepUndone(detail=retracted.detail, left_behind=retracted.left_behind),
        also=forgotten,
    )


def publish_role(settings: OptimizerSettings, wiring: Wiring) -> Role:
    """The publish phase's worker: every channel, and every place where reviewers are told.

    Raises ValueError for unusable settings.
    """
    wiring.door.register(*adapters_of(settings))
    channels = channels_of(settings, wiring.door)
    desk = desk_of(settings, wiring.door)
    return Role(
        name="publish",
        app=AppName.OPTIMIZER,
        handlers={
            PublishContent: partial(
                publish_content, channels=channels, clock=wiring.clock, fuse=wiring.fuse
            ),
            RollbackPublication: partial(
                rollback_publication, channels=channels, clock=wiring.clock
            ),
            AnnounceReview: partial(
                announce_review, desk=desk, clock=wiring.clock, fuse=wiring.fuse
            ),
            WithdrawReview: partial(withdraw_review, desk=desk, clock=wiring.clock),
        },
        max_in_flight=settings.max_in_flight,
    )


def adapters_of(settings: OptimizerSettings) -> tuple[Adapter, ...]:
    """What this phase adds to the door. Raises ValueError for a webhook secret that is none."""
    return (smtp(settings.smtp_url), webhook(_webhook(settings)))


def channels_of(settings: OptimizerSettings, door: Door) -> Channels:
    """Every channel as the operator configured it; what is outside goes through the door."""
    return {
        Channel.BLOG: _blog(settings, door),
        Channel.EMAIL: EmailChannel(
            MailSettings(
                mail_dir=settings.mail_dir,
                smtp_url=settings.smtp_url,
                public_url=settings.public_url,
                mail_from=settings.mail_from,
                on_unknown=settings.on_unknown,
                tracking=settings.mail_tracking,
            ),
            door,
        ),
        Channel.WEBHOOK: WebhookChannel(_webhook(settings), door),
        Channel.LINKEDIN: _social(Channel.LINKEDIN, settings, door),
        Channel.TWITTER: _social(Channel.TWITTER, settings, door),
    }


def _webhook(settings: OptimizerSettings) -> WebhookSettings:
    return WebhookSettings(
        url=settings.webhook_url, secret=settings.webhook_secret, public_url=settings.public_url
    )


def _blog(settings: OptimizerSettings, door: Door) -> ChannelPort:
    if settings.github_blog:
        repository = Repository(settings.github_blog, settings.github_blog_branch)
        return GitHubBlog(repository, settings.public_url, door)
    return BlogChannel(settings.site_dir, settings.public_url)


def _social(channel: Channel, settings: OptimizerSettings, door: Door) -> ChannelPort:
    ids = {Channel.LINKEDIN: settings.buffer_linkedin, Channel.TWITTER: settings.buffer_twitter}
    chosen = SocialSettings(
        setting=f"BUFFER_{channel.upper()}",
        channel_id=ids[channel],
        site_dir=settings.site_dir,
        public_url=settings.public_url,
    )
    return SocialChannel(channel, chosen, door)


def _remembered(order: Order, published: Published, job: Job) -> tuple[tuple[str, MemoryItem], ...]:
    """The published text for the audits of later campaigns; a repeat gives the same."""
    if not published.publications:
        return ()
    item = MemoryItem(
        namespace=PUBLICATIONS_NAMESPACE,
        item_id=_memory_id(order.command.channel, job),
        text=told_text(order.item, order.command.postal_address),
        evidence=job.campaign_id,
        subject=order.item.channel.value,
        expires_at=min(p.published_at for p in published.publications) + REMEMBERED_FOR,
    )
    return ((memory_key(job.tenant_id, item), item),)


def _forgotten(channel: Channel, job: Job) -> tuple[str, MemoryItem]:
    """What takes a publication's place in memory once it is taken back: it expired long ago."""
    item = MemoryItem(
        namespace=PUBLICATIONS_NAMESPACE,
        item_id=_memory_id(channel, job),
        text="taken back",
        evidence=job.campaign_id,
        subject=channel.value,
        importance=0.0,
        expires_at=LONG_AGO,
    )
    return memory_key(job.tenant_id, item), item


def _memory_id(channel: Channel, job: Job) -> str:
    return f"{job.campaign_id}.{channel}"


def _schedule_notes(order: Order, published: Published) -> tuple[str, ...]:
    planned = order.planned_at
    early = [p for p in published.publications if planned and planned > p.published_at]
    if planned is None or not early:
        return ()
    note = (
        f"scheduled for {planned.isoformat()}, but published at once: the campaign began under a "
        "plan that does not wait for its date"
    )
    return (note,)
