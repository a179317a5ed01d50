"""The webhook channel: signed JSON to one address (Standard Webhooks 1.0.0). It knows no receiver.

The effect key is `webhook-id` and `Idempotency-Key` in every attempt, and the body that was noted
first is sent every time, so a receiver that keeps ids sees one event however often it is told.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime

from chassis.adapters.description import (
    Action,
    Adapter,
    Args,
    Call,
    KeyRule,
    Kind,
    Outcome,
    adapter_to,
)
from chassis.adapters.door import Door
from chassis.adapters.web import Ask, Vendor
from chassis.errors import StepError
from contracts.envelope import FailureReason
from contracts.goal import Channel
from contracts.publish import Publication
from services.optimizer.publish.counted import Counted, counted
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.ports import Order, Published, Retracted
from services.optimizer.publish.selection import web_address
from services.optimizer.publish.variants import traits_of

NAME = "webhook"
TIMEOUT_S = 15.0
EFFECT_S_MAX = 20.0
"""No call is under way longer than this: it is given up before, or its process is ended."""

SECRET_PREFIX = "whsec_"
SECRET_BYTES_MIN = 24
"""Standard Webhooks asks for 24 to 64 random bytes."""

_RETRACTED_KEY = "retracted"


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Where to post and what to sign with; an empty `url` means: not configured.

    `public_url` is where readers reach the edge.
    """

    url: str
    secret: str
    public_url: str = ""


class PostEvent(Args):
    """An event as JSON text: its bytes are signed as they are."""

    body: str


class Taken(Outcome):
    """The receiver answered with this 2xx status."""

    status: int


class WebhookChannel:
    """Posts `campaign.published`, and `campaign.retracted` as its undo."""

    def __init__(self, settings: WebhookSettings, door: Door) -> None:
        self._url = settings.url
        self._public_url = settings.public_url
        if settings.url and not web_address(settings.url):
            raise ValueError("webhook_url: give an address that begins with https:// or http://")
        self._key = _signing_key(settings.secret) if settings.secret else b""
        self._door = door

    async def publish(self, order: Order, effect: Effect) -> Published:
        """Post the event until it is taken once. Raises StepError."""
        self._check_configured()
        recorded = await effect.begin()
        if recorded is not None:
            return Published.model_validate_json(recorded)
        lead = counted(order, effect, self._public_url)
        body = await effect.noted("payload", _bytes(_event(order, effect, lead)))
        async with effect.acting(EFFECT_S_MAX):
            now = effect.clock.now()
            await self._post(effect.key, body)
        publication = Publication(
            channel=Channel.WEBHOOK,
            item_id=order.item.id,
            location=self._shown(),
            effect_key=effect.key,
            published_at=now,
            leads_to=lead.leads_to,
            traits=traits_of(order.item),
        )
        published = Published(publications=(publication,))
        await effect.settle(published.model_dump_json().encode())
        recorded = await effect.job.claims.outcome(effect.key)
        return published if recorded is None else Published.model_validate_json(recorded)

    async def retract(self, effect: Effect) -> Retracted:
        """Tell the receiver that the campaign was taken back. Raises StepError."""
        if not await effect.begin_undo():
            return Retracted(detail="no webhook had been called; none will be under this key")
        recorded = await effect.undone()
        if recorded is not None:
            return Retracted.model_validate_json(recorded)
        self._check_configured()
        await effect.all_tries_are_over(EFFECT_S_MAX)
        body = await effect.noted("retraction", _bytes(_retraction(effect)))
        effect.check_lease()
        await self._post(effect.part(_RETRACTED_KEY), body)
        retracted = Retracted(
            detail=f"{self._shown()} was told that the campaign is retracted",
            left_behind=(
                f"webhook {self._shown()}: what the receiver did with the event before is its own",
            ),
        )
        await effect.settle_undo(retracted.model_dump_json().encode())
        return retracted

    def _check_configured(self) -> None:
        missing = "WEBHOOK_URL" if not self._url else "" if self._key else "WEBHOOK_SECRET"
        if missing:
            raise StepError(
                FailureReason.NOT_CONFIGURED,
                f"webhook: {missing} is empty; set WEBHOOK_URL to the receiver's address and "
                "WEBHOOK_SECRET to the secret that you share with it (whsec_…, 24 to 64 bytes in "
                "base64). Nothing was posted",
            )

    def _shown(self) -> str:
        """The address without user, password and query: fit for a log."""
        return self._url.partition("?")[0].partition("#")[0].replace(self._userinfo(), "", 1)

    def _userinfo(self) -> str:
        authority = self._url.partition("://")[2].partition("/")[0]
        user, at, _ = authority.rpartition("@")
        return f"{user}{at}"

    async def _post(self, message_id: str, body: bytes) -> None:
        event = PostEvent(body=body.decode())
        await self._door.execute(NAME, "post_event", event, key=message_id)


def webhook(settings: WebhookSettings) -> Adapter:
    """The adapter to the configured receiver. Raises ValueError for a secret that is none."""
    needs = {"WEBHOOK_URL": settings.url, "WEBHOOK_SECRET": settings.secret}
    hidden = tuple(filter(None, needs.values()))
    receiver = Vendor(NAME, settings.url, needs=needs, secrets=hidden)
    key = _signing_key(settings.secret) if settings.secret else b""

    async def post(args: PostEvent, call: Call) -> Taken:
        body = args.body.encode()
        headers = signed(key, call.key, body, call.now) | {
            "content-type": "application/json",
            "idempotency-key": call.key,
            "user-agent": "sagaline-webhook/1",
        }
        said = await call.web.ask(receiver, Ask("POST", "", headers=headers, content=body))
        return Taken(status=said.status)

    return adapter_to(
        receiver,
        Kind.PUBLISHING,
        "signed events to one address (Standard Webhooks 1.0.0)",
        actions=(
            Action(
                name="post_event",
                about="post a signed event; its undo is another event",
                args=PostEvent,
                outcome=Taken,
                run=post,
                timeout_s=TIMEOUT_S,
                key=KeyRule.SENT,
                undo="post_event",
            ),
        ),
    )


def signed(key: bytes, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`."""
    timestamp = str(int(now.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    digest = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{digest}",
    }


def _signing_key(secret: str) -> bytes:
    if not secret.startswith(SECRET_PREFIX):
        key = secret.encode()
    else:
        try:
            key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error as error:
            raise ValueError("webhook_secret: what follows whsec_ is not base64") from error
    if len(key) < SECRET_BYTES_MIN:
        raise ValueError(
            f"webhook_secret: {len(key)} bytes are too few; use {SECRET_BYTES_MIN} to 64 random "
            "bytes, for example whsec_ and the output of `openssl rand -base64 32`"
        )
    return key


def _bytes(event: dict[str, object]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _event(order: Order, effect: Effect, lead: Counted) -> dict[str, object]:
    command = order.command
    return {
        "type": "campaign.published",
        "timestamp": effect.clock.now().isoformat(),
        "data": {
            "campaign_id": effect.job.campaign_id,
            "campaign_name": command.campaign_name,
            "business_name": command.business_name,
            "website": command.website,
            "leads_to": lead.address,
            "item": order.item.model_dump(mode="json"),
            "pictures": [
                asset.model_dump(mode="json")
                for asset in command.assets
                if asset.channel is command.channel
            ],
            "video_digest": command.video_digest,
        },
    }


def _retraction(effect: Effect) -> dict[str, object]:
    return {
        "type": "campaign.retracted",
        "timestamp": effect.clock.now().isoformat(),
        "data": {"campaign_id": effect.job.campaign_id, "retracts": effect.key},
    }
