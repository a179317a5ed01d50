"""Reviews as messages in a Slack channel: one per version, which says what became of it.

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
from services.optimizer.review.fate import Fate, message
from services.optimizer.review.ports import (
    Heard,
    Telling,
    Told,
    fate_of,
    note_renewed,
    together,
    told_under,
)
from services.optimizer.review.story import Verdict
from services.optimizer.review.wording import Wording, title_of

TOOL = "slack"
SETTING = "SLACK_REVIEWS"
EFFECT_S_MAX = 40.0
"""A look and a post, 30 s at most: they are given up before, or their process is ended."""


class ChatMessages:
    """Posts to one channel, and says in the same message what became of the review."""

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
            await note_renewed(earlier)
            await self._say_in(earlier, wording.title)
        return told

    async def hear(self, verdict: Verdict, telling: Telling) -> Heard:
        """Say it in the message, whose button goes. Raises StepError."""
        return await done_once(telling.heard, Heard, lambda: self._hear(telling))

    async def withdraw(self, campaign_name: str, telling: Telling) -> Retracted:
        """Say in every message that the review is over."""
        effects = (*telling.before, telling.now)
        nothing = "no message had been posted; none will be for this version"
        title = title_of(campaign_name)
        done = [
            await retracted_once(one, nothing, EFFECT_S_MAX, partial(self._take_back, one, title))
            for one in effects
        ]
        return together(done)

    async def _post(self, wording: Wording, effect: Effect) -> Told:
        post = PostMessage(channel=self._channel, text=wording.notification, blocks=wording.blocks)
        tried = await effect.tried()
        async with effect.acting(EFFECT_S_MAX):
            posted = await self._do("post_message", post, effect, repeat=tried)
        assert isinstance(posted, Posted)
        place = f"slack:{posted.channel}/{posted.ts}"
        handle = f"{posted.channel}/{posted.ts}"
        return Told(location=place, handle=handle, title=wording.title)

    async def _hear(self, telling: Telling) -> Heard:
        told = await told_under(telling.now)
        stands = told is not None and await self._say_in(telling.now, told.title)
        return Heard(detail="the message says it" if stands else "the message is gone")

    async def _take_back(self, effect: Effect, title: str) -> Retracted:
        if await self._say_in(effect, title):
            return Retracted(detail="the message in Slack says that the review is over")
        return Retracted(detail="no message of this campaign stands in Slack")

    async def _say_in(self, effect: Effect, title: str) -> bool:
        """Say what is on record of the announcement; True where there was a message for it.

        Others may put more on record meanwhile, and say it: so it looks again after it spoke, and
        whoever is last to speak has said everything.
        """
        handle = await self._handle(effect)
        if not handle:
            return False
        channel, _, ts = handle.partition("/")
        said: Fate | None = None
        found = True
        while found and said != (fate := await fate_of(effect)):
            text, blocks = message(title, fate)
            update = UpdateMessage(channel=channel, ts=ts, text=text, blocks=blocks)
            updated = await self._do("update_message", update, effect)
            assert isinstance(updated, Updated)
            said, found = fate, updated.found
        return found

    async def _handle(self, effect: Effect) -> str:
        """Of the message that was posted; looked for where nobody recorded what came of it."""
        told = await told_under(effect)
        if told is not None:
            return told.handle
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
