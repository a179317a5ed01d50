"""Slack's Web API: post a message with blocks, say something else in it, take it back.

https://docs.slack.dev/reference/methods/chat.postMessage and conversations.history. Slack has no
idempotency key: ours travels in the message's metadata, and a repeat looks it up there first.
"""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field

from chassis.adapters.description import (
    Action,
    Adapter,
    Args,
    Call,
    KeyRule,
    Kind,
    Outcome,
    Pricing,
    Removed,
    adapter_to,
)
from chassis.adapters.failures import CallFailed, misunderstood
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.web import Ask, Said, Vendor, bearer
from contracts.envelope import FailureReason

EVENT = "sagaline_effect"
LOOK_BACK = timedelta(days=7)
"""A repeat comes within the step's retry budget of hours; nobody looks further back."""

LOOK_BACK_MESSAGES = 200

CHANNEL_PAGES_MAX = 20
_TYPES = "public_channel,private_channel"
_ID = re.compile(r"[CDG][A-Z0-9]{7,}")

NO_TOKEN = frozenset(
    {"not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired"}
)
AWAY = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


class PostMessage(Args):
    """What to post where; `blocks` are Slack's layout blocks, `text` is what notifications show."""

    channel: str
    text: str
    blocks: tuple[dict[str, Any], ...] = ()


class UpdateMessage(Args):
    """A message as Slack names it, and what it is to say from now on."""

    channel: str
    ts: str
    text: str
    blocks: tuple[dict[str, Any], ...] = ()


class FindMessage(Args):
    """A channel in which the message with the call's key is looked for."""

    channel: str


class DeleteMessage(Args):
    """A message as Slack names it."""

    channel: str
    ts: str


class Posted(Outcome):
    """Where the message stands: the channel's id and the message's timestamp."""

    channel: str
    ts: str


class Updated(Outcome):
    """Whether there was still a message to say it in."""

    found: bool


class FoundMessage(Outcome):
    """Where the message stands; both are empty where it was not found."""

    channel: str = ""
    ts: str = ""


class _Metadata(BaseModel):
    event_payload: Annotated[dict[str, Any], Field(default_factory=dict)]


class _Message(BaseModel):
    ts: str
    metadata: _Metadata | None = None


class _Channel(BaseModel):
    id: str
    name: str = ""


class _Next(BaseModel):
    next_cursor: str = ""


class _Channels(BaseModel):
    channels: tuple[_Channel, ...]
    response_metadata: _Next = _Next()


class _History(BaseModel):
    messages: tuple[_Message, ...]


def slack(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured."""
    vendor = bearer("slack", settings.slack_url, "SLACK_BOT_TOKEN", settings.slack_bot_token)
    calls = _Slack(vendor)
    return adapter_to(
        vendor,
        Kind.REVIEW,
        "messages with blocks to a Slack channel",
        actions=(
            Action(
                name="post_message",
                about="post a message",
                args=PostMessage,
                outcome=Posted,
                run=calls.post,
                timeout_s=15.0,
                key=KeyRule.LOOKED_UP,
                pricing=Pricing.PLAN,
                undo="delete_message",
            ),
            Action(
                name="find_message",
                about="look for the message with the key",
                args=FindMessage,
                outcome=FoundMessage,
                run=calls.find,
                timeout_s=15.0,
            ),
            Action(
                name="update_message",
                about="say something else in a message",
                args=UpdateMessage,
                outcome=Updated,
                run=calls.update,
                timeout_s=15.0,
                key=KeyRule.NAMES,
                undo="update_message",  # with the words that stood there before
            ),
            Action(
                name="delete_message",
                about="delete a message",
                args=DeleteMessage,
                outcome=Removed,
                run=calls.delete,
                timeout_s=15.0,
                key=KeyRule.NAMES,
            ),
        ),
    )


class _Slack:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    async def post(self, args: PostMessage, call: Call) -> Posted:
        if call.repeat and (found := await self._found(args.channel, call)):
            return found
        body: dict[str, object] = {"channel": args.channel, "text": args.text}
        if args.blocks:
            body["blocks"] = args.blocks
        if call.key:
            body["metadata"] = {"event_type": EVENT, "event_payload": {"key": call.key}}
        said = await call.web.ask(self._vendor, Ask("POST", "/chat.postMessage", body=body))
        return _fine(said).of(Posted)

    async def find(self, args: FindMessage, call: Call) -> FoundMessage:
        found = await self._found(args.channel, call)
        return FoundMessage(channel=found.channel, ts=found.ts) if found else FoundMessage()

    async def update(self, args: UpdateMessage, call: Call) -> Updated:
        body = {"channel": args.channel, "ts": args.ts, "text": args.text, "blocks": args.blocks}
        said = await call.web.ask(self._vendor, Ask("POST", "/chat.update", body=body))
        if _error(said) == "message_not_found":
            return Updated(found=False)
        _fine(said)
        return Updated(found=True)

    async def delete(self, args: DeleteMessage, call: Call) -> Removed:
        body = {"channel": args.channel, "ts": args.ts}
        said = await call.web.ask(self._vendor, Ask("POST", "/chat.delete", body=body))
        if _error(said) == "message_not_found":
            return Removed(found=False)
        _fine(said)
        return Removed(found=True)

    async def _found(self, named: str, call: Call) -> Posted | None:
        channel = named if _ID.fullmatch(named) else await self._id_of(named.lstrip("#"), call)
        params = {
            "channel": channel,
            "oldest": f"{(call.now - LOOK_BACK).timestamp():.6f}",
            "limit": str(LOOK_BACK_MESSAGES),
            "include_all_metadata": "true",
        }
        said = await call.web.ask(self._vendor, Ask("GET", "/conversations.history", params))
        for message in _fine(said).of(_History).messages:
            if message.metadata and message.metadata.event_payload.get("key") == call.key:
                return Posted(channel=channel, ts=message.ts)
        return None

    async def _id_of(self, name: str, call: Call) -> str:
        """Messages may be posted by a channel's name, and are read by its id alone."""
        params = {"exclude_archived": "true", "limit": "1000", "types": _TYPES}
        for _ in range(CHANNEL_PAGES_MAX):
            said = await call.web.ask(self._vendor, Ask("GET", "/conversations.list", params))
            page = _fine(said).of(_Channels)
            for channel in page.channels:
                if channel.name == name:
                    return channel.id
            if not page.response_metadata.next_cursor:
                break
            params = {**params, "cursor": page.response_metadata.next_cursor}
        raise CallFailed(
            FailureReason.REJECTED,
            f"slack knows no channel {name} that the bot is in; invite the bot, or correct it",
        )


def _error(said: Said) -> str:
    found = said.json()
    if not isinstance(found, dict) or "ok" not in found:
        raise misunderstood(said.tool, "no `ok`")
    return "" if found["ok"] else str(found.get("error", "unknown"))


def _fine(said: Said) -> Said:
    """The answer where Slack says ok: its errors come with status 200. Raises CallFailed."""
    error = _error(said)
    if not error:
        return said
    if error in NO_TOKEN:
        raise CallFailed(
            FailureReason.NOT_CONFIGURED, f"slack refused ({error}); correct SLACK_BOT_TOKEN"
        )
    if error in ("ratelimited", "rate_limited"):
        raise CallFailed(FailureReason.RATE_LIMITED, f"slack refused ({error}); asked again later")
    if error in AWAY:
        raise CallFailed(
            FailureReason.UNAVAILABLE, f"slack is out of order ({error})", nothing_done=False
        )
    raise CallFailed(
        FailureReason.REJECTED,
        f"slack refused ({error}); correct the channel, or what the bot may do there",
    )
