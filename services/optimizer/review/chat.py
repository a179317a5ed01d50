"""Reviews as messages in a Slack channel: one per version, and an older one says that it is.

Slack has no idempotency key: ours travels with the message, and a try after a try looks for it.
"""

from functools import partial

from chassis.adapters.description import Args, Outcome
from chassis.adapters.door import Door
from chassis.adapters.failures import not_configured
from chassis.adapters.vendors.slack import (
    FindMessage,
    FoundMessage,
    Posted,
    PostMessage,
    Updated,
    UpdateMessage,
)
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.once import done_once, retracted_once
from services.optimizer.publish.ports import Retracted
from services.optimizer.review.ports import Telling, Told, together
from services.optimizer.review.wording import Wording, over

TOOL = "slack"
SETTING = "SLACK_REVIEWS"
EFFECT_S_MAX = 40.0
"""A look and a post, 30 s at most: they are given up before, or their process is ended."""

RENEWED = "changed since; a message below shows the new version"
WITHDRAWN = "the review is over, nobody is to decide any more"


class ChatMessages:
    """Posts to one channel, and takes the word back in the same message."""

    def __init__(self, channel: str, door: Door) -> None:
        self._channel = channel
        self._door = door

    async def tell(self, wording: Wording, telling: Telling) -> Told:
        """Post once per version. Raises StepError."""
        await self._door.check(TOOL)
        if not self._channel:
            raise not_configured("reviews in Slack", (SETTING,))
        effect = telling.now
        told = await done_once(effect, Told, lambda: self._post(wording, effect))
        for earlier in telling.before:
            await self._say_in(earlier, wording.command.campaign_name, RENEWED)
        return told

    async def withdraw(self, campaign_name: str, telling: Telling) -> Retracted:
        """Say in every message that the review is over."""
        effects = (*telling.before, telling.now)
        nothing = "no message had been posted; none will be for this version"
        done = [
            await retracted_once(
                one, nothing, EFFECT_S_MAX, partial(self._take_back, one, campaign_name)
            )
            for one in effects
        ]
        return together(done)

    async def _post(self, wording: Wording, effect: Effect) -> Told:
        message = PostMessage(
            channel=self._channel, text=wording.notification, blocks=wording.blocks
        )
        tried = await effect.tried()
        async with effect.acting(EFFECT_S_MAX):
            posted = await self._do("post_message", message, effect, repeat=tried)
        assert isinstance(posted, Posted)
        place = f"slack:{posted.channel}/{posted.ts}"
        return Told(location=place, handle=f"{posted.channel}/{posted.ts}")

    async def _take_back(self, effect: Effect, campaign_name: str) -> Retracted:
        if await self._say_in(effect, campaign_name, WITHDRAWN):
            return Retracted(detail="the message in Slack says that the review is over")
        return Retracted(detail="no message of this campaign stands in Slack")

    async def _say_in(self, effect: Effect, campaign_name: str, why: str) -> bool:
        """True where there was a message to say it in."""
        handle = await self._handle(effect)
        if not handle:
            return False
        channel, _, ts = handle.partition("/")
        text, blocks = over(campaign_name, why)
        said = UpdateMessage(channel=channel, ts=ts, text=text, blocks=blocks)
        updated = await self._do("update_message", said, effect)
        assert isinstance(updated, Updated)
        return updated.found

    async def _handle(self, effect: Effect) -> str:
        """Of the message that was posted; looked for where nobody recorded what came of it."""
        recorded = await effect.job.claims.outcome(effect.key)
        if recorded is not None:
            return Told.model_validate_json(recorded).handle
        if not await effect.tried():
            return ""
        found = await self._do("find_message", FindMessage(channel=self._channel), effect)
        assert isinstance(found, FoundMessage)
        return f"{found.channel}/{found.ts}" if found.ts else ""

    async def _do(
        self, action: str, args: Args, effect: Effect, *, repeat: bool = False
    ) -> Outcome:
        done = await self._door.execute(TOOL, action, args, key=effect.key, repeat=repeat)
        return done.outcome
