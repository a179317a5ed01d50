"""The webhook channel: signed JSON to one address (Standard Webhooks 1.0.0). It knows no receiver.

The effect key is `webhook-id` and `Idempotency-Key` in every attempt, and the body that was noted
first is sent every time, so a receiver that keeps ids sees one event however often it is told.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from chassis.errors import StepError
from contracts.envelope import FailureReason
from contracts.goal import Channel
from contracts.publish import Publication
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.ports import Order, Published, Retracted
from services.optimizer.publish.selection import host_of, web_address

if TYPE_CHECKING:
    import ssl

    import httpx

TIMEOUT_S = 15.0
EFFECT_S_MAX = 20.0
"""No call is under way longer than this: it is given up before, or its process is ended."""

SECRET_PREFIX = "whsec_"
SECRET_BYTES_MIN = 24
"""Standard Webhooks asks for 24 to 64 random bytes."""

_RETRACTED_KEY = "retracted"


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Where to post and what to sign with; an empty `url` means: not configured."""

    url: str
    secret: str


class WebhookChannel:
    """Posts `campaign.published`, and `campaign.retracted` as its undo."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._url = settings.url
        if settings.url and not web_address(settings.url):
            raise ValueError("webhook_url: give an address that begins with https:// or http://")
        self._key = _signing_key(settings.secret) if settings.secret else b""

    @cached_property
    def _trust(self) -> "ssl.SSLContext":
        """Whom to trust, read once: reading all authorities costs more than a whole call."""
        import httpx

        return httpx.create_ssl_context(trust_env=False)

    async def publish(self, order: Order, effect: Effect) -> Published:
        """Post the event until it is taken once. Raises StepError."""
        self._check_configured()
        recorded = await effect.begin()
        if recorded is not None:
            return Published.model_validate_json(recorded)
        body = await _noted(effect, "payload", _event(order, effect))
        async with effect.acting(EFFECT_S_MAX):
            now = effect.clock.now()
            await self._post(effect.key, body, now)
        publication = Publication(
            channel=Channel.WEBHOOK,
            item_id=order.item.id,
            location=self._shown(),
            effect_key=effect.key,
            published_at=now,
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
        body = await _noted(effect, "retraction", _retraction(effect))
        effect.check_lease()
        await self._post(effect.part(_RETRACTED_KEY), body, effect.clock.now())
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

    async def _post(self, message_id: str, body: bytes, now: datetime) -> None:
        import httpx

        headers = signed(self._key, message_id, body, now) | {
            "content-type": "application/json",
            "idempotency-key": message_id,
            "user-agent": "sagaline-webhook/1",
        }
        host = host_of(self._url)
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                httpx.AsyncClient(
                    timeout=TIMEOUT_S,
                    follow_redirects=False,
                    trust_env=False,
                    verify=self._trust,
                ) as client,
            ):
                answer = await client.post(self._url, content=body, headers=headers)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise StepError(
                FailureReason.TIMEOUT,
                f"webhook: {host} did not answer within {TIMEOUT_S:.0f} s; it is asked again under "
                "the same Idempotency-Key",
            ) from error
        except httpx.HTTPError as error:
            raise StepError(
                FailureReason.UNAVAILABLE,
                f"webhook: {host} cannot be reached ({type(error).__name__}); check WEBHOOK_URL "
                "and the receiver",
            ) from error
        _check_taken(answer, host)


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


def _check_taken(answer: "httpx.Response", host: str) -> None:
    code = answer.status_code
    if 200 <= code < 300:
        return
    reason, advice = FailureReason.REJECTED, "correct the receiver or WEBHOOK_URL"
    if 300 <= code < 400:
        advice = "redirects are not followed: set WEBHOOK_URL to the final address"
    elif code == 429:
        reason, advice = FailureReason.RATE_LIMITED, "it is asked again later"
    elif code in {408, 425} or code >= 500:
        reason, advice = FailureReason.UNAVAILABLE, "it is asked again later"
    raise StepError(reason, f"webhook: {host} answered {code}; {advice}")


async def _noted(effect: Effect, name: str, event: dict[str, object]) -> bytes:
    """The event's bytes as they were noted first: every attempt sends the same."""
    key = effect.part(name)
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    await effect.job.claims.settle(key, body)
    return await effect.job.claims.outcome(key) or body


def _event(order: Order, effect: Effect) -> dict[str, object]:
    command = order.command
    return {
        "type": "campaign.published",
        "timestamp": effect.clock.now().isoformat(),
        "data": {
            "campaign_id": effect.job.campaign_id,
            "campaign_name": command.campaign_name,
            "business_name": command.business_name,
            "website": command.website,
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
