"""The blog channel: a static site in a folder. It knows no other channel and no web server."""

import asyncio
from functools import partial
from pathlib import Path

from chassis.errors import StepError
from contracts.envelope import FailureReason
from contracts.publish import Publication
from services.optimizer.publish.counted import counted
from services.optimizer.publish.effects import Effect, taken_back
from services.optimizer.publish.pages import Picture, Post
from services.optimizer.publish.ports import Order, Published, Retracted
from services.optimizer.publish.prose import opening, with_marks, without_title
from services.optimizer.publish.selection import (
    bytes_of,
    claims_of,
    clean,
    one_line,
    picture_of,
    slug_of,
    sources_of,
)
from services.optimizer.publish.site import Site, Withdrawn
from services.optimizer.publish.variants import traits_of

DESCRIPTION_CHARS_MAX = 200


class BlogChannel:
    """Publishes posts into `<site_dir>/<tenant>`; a post's data file is the claim on its key."""

    def __init__(self, site_dir: Path, public_url: str) -> None:
        self._site_dir = site_dir
        self._public_url = public_url

    async def publish(self, order: Order, effect: Effect) -> Published:
        """Put the post up once. Raises StepError."""
        media: dict[str, bytes] = {}
        post = await self._post(order, effect, media)
        site = self._site(effect)
        publish = partial(site.publish, post, media, effect.check_lease)
        try:
            standing = await asyncio.to_thread(publish)
        except Withdrawn:
            raise taken_back(effect.key) from None
        except OSError as error:
            raise _unwritable(error) from error
        publication = Publication(
            channel=order.command.channel,
            item_id=standing.item_id,
            location=site.location(standing),
            effect_key=effect.key,
            published_at=standing.published_at,
            leads_to=standing.website if standing.leads_to else "",
            traits=traits_of(order.item),
        )
        return Published(publications=(publication,), notes=_notes(standing))

    async def retract(self, effect: Effect) -> Retracted:
        """Take the post down, or keep it from ever coming up."""
        effect.check_lease()
        withdraw = partial(self._site(effect).withdraw, effect.key, effect.undo_owner)
        try:
            slug = await asyncio.to_thread(withdraw)
        except OSError as error:
            raise _unwritable(error) from error
        if slug is None:
            return Retracted(detail="no post had been published; none will be under this key")
        return Retracted(detail=f"the post {slug} was removed, overview and feed were rebuilt")

    def _site(self, effect: Effect) -> Site:
        return Site(self._site_dir, effect.job.tenant_id, self._public_url)

    async def _post(self, order: Order, effect: Effect, media: dict[str, bytes]) -> Post:
        command, item = order.command, order.item
        now = effect.clock.now()
        body = without_title(clean(item.body_markdown), item.title)
        sources = sources_of(command, item)
        lead = counted(order, effect, self._public_url, at_home=True)
        return Post(
            effect_key=effect.key,
            campaign_id=effect.job.campaign_id,
            item_id=item.id,
            slug=slug_of(item.title),
            language=item.language,
            title=one_line(item.title),
            description=one_line(item.preheader) or opening(body, DESCRIPTION_CHARS_MAX),
            preheader=one_line(item.preheader),
            body_markdown=lead.led(with_marks(body, claims_of(item, sources))),
            call_to_action=one_line(item.call_to_action),
            website=lead.website,
            leads_to=lead.link,
            business_name=one_line(command.business_name),
            primary_color=command.brand_voice.primary_color,
            accent_color=command.brand_voice.accent_color,
            hashtags=tuple(one_line(tag).lstrip("#") for tag in item.hashtags),
            sources=sources,
            hero=await _hero(order, effect, media),
            video_name=await _video(order, effect, media),
            dated_at=order.due(now) or now,
            published_at=now,
        )


async def _hero(order: Order, effect: Effect, media: dict[str, bytes]) -> Picture | None:
    asset = picture_of(order.command)
    if asset is None:
        return None
    name = f"{asset.digest}.png"
    media[name] = await bytes_of(effect.job, asset.digest, "assets: the blog's picture")
    return Picture(
        name=name,
        alt=one_line(asset.alt_text),
        width=asset.width,
        height=asset.height,
        size_bytes=len(media[name]),
    )


async def _video(order: Order, effect: Effect, media: dict[str, bytes]) -> str:
    digest = order.command.video_digest
    if digest is None:
        return ""
    name = f"{digest}.mp4"
    media[name] = await bytes_of(effect.job, digest, "video_digest: the film")
    return name


def _notes(post: Post) -> tuple[str, ...]:
    if post.hero is None:
        return ("the post has no picture: the design step drew none for the blog",)
    return ()


def _unwritable(error: OSError) -> StepError:
    return StepError(
        FailureReason.UNAVAILABLE,
        f"the blog's folder cannot be written ({error.strerror}); free space or grant access to "
        "SITE_DIR, then retry the step",
    )
