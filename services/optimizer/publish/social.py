"""The social channels, LinkedIn and X, through Buffer. It knows no other channel.

Buffer keeps no keys of ours: what is to be posted is noted first, and a try after a try looks for
its text before it posts. A picture is put where readers reach the blog, and stays there.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from chassis.adapters.description import Removed
from chassis.adapters.door import Door
from chassis.adapters.failures import not_configured
from chassis.adapters.vendors.buffer import CreatePost, FoundPost, Post
from chassis.artefacts import write_once
from contracts.goal import Channel
from contracts.publish import Publication
from services.optimizer.publish.counted import Counted, counted
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.once import published_once, retracted_once
from services.optimizer.publish.ports import Order, Published, Retracted
from services.optimizer.publish.prose import to_text
from services.optimizer.publish.selection import bytes_of, clean, picture_of
from services.optimizer.publish.variants import traits_of

TOOL = "buffer"
EFFECT_S_MAX = 20.0
"""No call is under way longer than this: it is given up before, or its process is ended."""

FOLDER = "social"
PLACE = "buffer:"
NO_PICTURE = (
    "posted without its picture: Buffer fetches pictures from the web, and PUBLIC_URL is not https"
)


@dataclass(frozen=True, slots=True)
class SocialSettings:
    """Which of Buffer's channels it is (its setting's name, its id), and where pictures are put."""

    setting: str
    channel_id: str
    site_dir: Path
    public_url: str


class SocialChannel:
    """Posts to one network through Buffer, at once or at the campaign's date."""

    def __init__(self, channel: Channel, settings: SocialSettings, door: Door) -> None:
        self._channel = channel
        self._settings = settings
        self._door = door

    async def publish(self, order: Order, effect: Effect) -> Published:
        """Post once. Raises StepError, NOT_CONFIGURED where a key or the channel is missing."""
        await self._door.check(TOOL)
        if not self._settings.channel_id:
            raise not_configured(str(self._channel), (self._settings.setting,))
        return await published_once(effect, lambda: self._post(order, effect))

    async def retract(self, effect: Effect) -> Retracted:
        """Delete the post in Buffer; what the network shows already is named."""
        nothing = f"nothing had been posted on {self._channel}"
        return await retracted_once(effect, nothing, EFFECT_S_MAX, lambda: self._take_back(effect))

    async def _post(self, order: Order, effect: Effect) -> Published:
        lead = counted(order, effect, self._settings.public_url)
        wanted = await self._wanted(order, effect, lead)
        tried = await effect.tried()
        async with effect.acting(EFFECT_S_MAX):
            done = await self._door.execute(
                TOOL, "create_post", wanted, key=effect.key, repeat=tried
            )
        assert isinstance(done.outcome, Post)
        publication = Publication(
            channel=self._channel,
            item_id=order.item.id,
            location=f"{PLACE}{done.outcome.id}",
            effect_key=effect.key,
            published_at=order.due(effect.clock.now()) or effect.clock.now(),
            leads_to=lead.leads_to,
            traits=traits_of(order.item),
        )
        pictured = bool(wanted.media_urls) or picture_of(order.command) is None
        notes = () if pictured else (NO_PICTURE,)
        return Published(publications=(publication,), notes=notes, usage=done.usage)

    async def _wanted(self, order: Order, effect: Effect, lead: Counted) -> CreatePost:
        due = order.due(effect.clock.now())
        wanted = CreatePost(
            channel_id=self._settings.channel_id,
            text=to_text(lead.led(clean(order.item.body_markdown))),
            media_urls=await self._media(order, effect),
            due_at=due.isoformat() if due else "",
        )
        noted = await effect.noted("post", wanted.model_dump_json().encode())
        return CreatePost.model_validate_json(noted)

    async def _media(self, order: Order, effect: Effect) -> tuple[str, ...]:
        """The picture's public address, once it is there."""
        picture, root = picture_of(order.command), self._settings.public_url.rstrip("/")
        if picture is None or not root.startswith("https://"):
            return ()
        tenant, name = effect.job.tenant_id, f"{picture.digest}.png"
        data = await bytes_of(effect.job, picture.digest, "assets: the post's picture")
        path = self._settings.site_dir / tenant / FOLDER / name
        await asyncio.to_thread(write_once, path, data)
        return (f"{root}/site/{tenant}/{FOLDER}/{name}",)

    async def _take_back(self, effect: Effect) -> Retracted:
        post_id = await self._post_id(effect)
        if not post_id:
            return Retracted(detail=f"no post of this campaign stands on {self._channel}")
        done = await self._door.execute(TOOL, "delete_post", {"id": post_id}, key=effect.key)
        assert isinstance(done.outcome, Removed)
        how = "was deleted" if done.outcome.found else "was gone already"
        stays = (
            f"{self._channel}: a post that the network shows already is not removed by Buffer; "
            "delete it there"
        )
        return Retracted(detail=f"the post {post_id} {how} in Buffer", left_behind=(stays,))

    async def _post_id(self, effect: Effect) -> str:
        """Of the post that was made; looked for where nobody recorded what came of it."""
        recorded = await effect.job.claims.outcome(effect.key)
        if recorded is not None:
            (publication,) = Published.model_validate_json(recorded).publications
            return publication.location.removeprefix(PLACE)
        noted = await effect.note("post")
        if noted is None or not await effect.tried():
            return ""
        wanted = CreatePost.model_validate_json(noted)
        asked = {"channel_id": wanted.channel_id, "text": wanted.text}
        done = await self._door.execute(TOOL, "find_post", asked, key=effect.key)
        assert isinstance(done.outcome, FoundPost)
        return done.outcome.id
