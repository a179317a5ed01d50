"""Slack's Web API: post a message with blocks, take it back.

https://docs.slack.dev/reference/methods/chat.postMessage and conversations.history. Slack has no
idempotency key: ours travels in the message's metadata, and a repeat looks it up there first.
"""

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

NO_TOKEN = frozenset(
    {"not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired"}
)
AWAY = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


class PostMessage(Args):
    """What to post where; `blocks` are Slack's layout blocks, `text` is what notifications show."""

    channel: str
    text: str
    blocks: tuple[dict[str, Any], ...] = ()


class DeleteMessage(Args):
    """A message as Slack names it."""

    channel: str
    ts: str


class Posted(Outcome):
    """Where the message stands: the channel's id and the message's timestamp."""

    channel: str
    ts: str


class _Metadata(BaseModel):
    event_payload: Annotated[dict[str, Any], Field(default_factory=dict)]


class _Message(BaseModel):
    ts: str
    metadata: _Metadata | None = None


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

    async def delete(self, args: DeleteMessage, call: Call) -> Removed:
        body = {"channel": args.channel, "ts": args.ts}
        said = await call.web.ask(self._vendor, Ask("POST", "/chat.delete", body=body))
        if _error(said) == "message_not_found":
            return Removed(found=False)
        _fine(said)
        return Removed(found=True)

    async def _found(self, channel: str, call: Call) -> Posted | None:
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
