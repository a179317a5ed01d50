"""Webhook and social channels: signed, told once, retracted, honest where not configured."""

import base64
import hashlib
import hmac
import json

import pytest

from chassis.clock import ManualClock
from chassis.errors import Retryable, StepError
from chassis.service import Wiring
from contracts import topics
from contracts.catalog import CATALOG
from contracts.envelope import FailureReason
from contracts.goal import Channel
from contracts.plan import Phase
from contracts.publish import PublishContent, RollbackPublication
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.handlers import channels_of, publish_role
from services.optimizer.publish.webhook import EFFECT_S_MAX
from tests.optimizer.publish.builders import NOON, SECRET, Died, House, mortal
from tests.optimizer.publish.conftest import Receiver, free_port

WEBHOOK = Channel.WEBHOOK


def events(receiver: Receiver) -> dict[str, str]:
    """Event type by id, as a receiver that keeps ids sees them."""
    return {h["webhook-id"]: json.loads(body)["type"] for h, body in receiver.requests}


async def test_an_event_is_signed_as_standard_webhooks_asks(
    house: House, receiver: Receiver
) -> None:
    _, body = await house.publish(await house.order(WEBHOOK))
    ((headers, sent),) = receiver.requests
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + sent
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    effect = house.effect(1, WEBHOOK)
    assert headers["webhook-id"] == headers["idempotency-key"] == effect
    event = json.loads(sent)
    assert event["type"] == "campaign.published"
    assert event["data"]["item"]["id"] == "webhook-a"
    assert "molinoalto.example/" in event["data"]["website"]
    assert "hush" not in body.publications[0].location


async def test_no_personal_field_is_posted(house: House, receiver: Receiver) -> None:
    people = (house.sealed("ada@reader.example"),)
    await house.publish(await house.order(WEBHOOK, recipients=people))
    ((_, sent),) = receiver.requests
    assert b"ada@" not in sent
    assert b"hello@molinoalto" not in sent
    assert people[0].token.encode() not in sent


async def test_repeats_and_attempts_post_nothing_more(house: House, receiver: Receiver) -> None:
    command = await house.order(WEBHOOK)
    first, _ = await house.publish(command)
    house.clock.advance(60)
    again, _ = await house.publish(command)
    retry, _ = await house.publish(command, attempt=2)
    assert first == again == retry
    assert len(receiver.requests) == 1


async def test_after_a_death_the_same_event_is_told_again_under_the_same_id(
    house: House, receiver: Receiver
) -> None:
    command = await house.order(WEBHOOK)
    with pytest.raises(Died):
        await house.publish(command, mortal(house, house.job(WEBHOOK)))
    house.clock.advance(60)
    await house.publish(command, attempt=2)
    assert events(receiver) == {house.effect(1, WEBHOOK): "campaign.published"}
    assert receiver.requests[0][1] == receiver.requests[1][1]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, FailureReason.REJECTED),
        (400, FailureReason.REJECTED),
        (410, FailureReason.REJECTED),
        (429, FailureReason.RATE_LIMITED),
        (503, FailureReason.UNAVAILABLE),
    ],
)
async def test_only_a_2xx_counts_and_a_redirect_is_not_followed(
    house: House, receiver: Receiver, status: int, reason: FailureReason
) -> None:
    receiver.statuses.append(status)
    command = await house.order(WEBHOOK)
    with pytest.raises(StepError, match=str(status)) as failure:
        await house.publish(command)
    assert failure.value.reason is reason
    assert len(receiver.requests) == 1
    await house.publish(command, attempt=2)
    assert len(events(receiver)) == 1


async def test_a_receiver_that_is_away_is_a_failure_that_may_pass(
    house: House, receiver: Receiver
) -> None:
    house.options["webhook_url"] = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(StepError) as failure:
        await house.publish(await house.order(WEBHOOK))
    assert failure.value.reason is FailureReason.UNAVAILABLE
    assert failure.value.reason.retryable


async def test_the_undo_tells_the_receiver_once_and_names_what_stays(
    house: House, receiver: Receiver
) -> None:
    await house.publish(await house.order(WEBHOOK))
    undone = await house.undo(WEBHOOK)
    assert await house.undo(WEBHOOK) == undone
    assert list(events(receiver).values()) == ["campaign.published", "campaign.retracted"]
    assert len(receiver.requests) == 2
    retraction = json.loads(receiver.requests[1][1])
    assert retraction["data"]["retracts"] == house.effect(1, WEBHOOK)
    assert len(undone.left_behind) == 1


async def test_undoing_what_never_happened_posts_nothing_and_bars_the_late_publish(
    house: House, receiver: Receiver
) -> None:
    undone = await house.undo(WEBHOOK)
    with pytest.raises(StepError) as refusal:
        await house.publish(await house.order(WEBHOOK))
    assert refusal.value.reason is FailureReason.CANCELLED
    assert receiver.requests == []
    assert undone.left_behind == ()
    assert await house.undo(WEBHOOK) == undone


async def test_a_late_attempt_after_the_undo_posts_nothing(
    house: House, receiver: Receiver
) -> None:
    command = await house.order(WEBHOOK)
    with pytest.raises(Died):
        await house.publish(command, mortal(house, house.job(WEBHOOK)))
    await house.undo(WEBHOOK)
    with pytest.raises(StepError) as refusal:
        await house.publish(command, attempt=2)
    assert refusal.value.reason is FailureReason.CANCELLED
    assert list(events(receiver).values()) == ["campaign.published", "campaign.retracted"]


async def test_the_undo_waits_for_a_try_that_never_ended(house: House, receiver: Receiver) -> None:
    frozen = Effect(house.job(WEBHOOK), house.clock)
    await frozen.begin()
    under_way = frozen.acting(EFFECT_S_MAX)
    await under_way.__aenter__()
    with pytest.raises(Retryable) as wait:
        await house.undo(WEBHOOK)
    assert receiver.requests == []
    assert wait.value.delay_s is not None
    assert EFFECT_S_MAX < wait.value.delay_s < EFFECT_S_MAX + 5
    house.clock.advance(wait.value.delay_s)
    await house.undo(WEBHOOK)
    assert list(events(receiver).values()) == ["campaign.retracted"]
    await under_way.__aexit__(None, None, None)


async def test_the_undo_does_not_wait_for_tries_that_failed(
    house: House, receiver: Receiver
) -> None:
    receiver.statuses += [503, 503]
    command = await house.order(WEBHOOK)
    for attempt in (1, 2):
        with pytest.raises(StepError):
            await house.publish(command, attempt=attempt)
    await house.undo(WEBHOOK)
    assert len(receiver.requests) == 3


async def test_nothing_is_posted_when_the_lease_is_over(house: House, receiver: Receiver) -> None:
    job = house.job(WEBHOOK, lease_s=1)
    house.clock.advance(2)
    with pytest.raises(StepError) as refusal:
        await house.publish(await house.order(WEBHOOK), job)
    assert refusal.value.reason is FailureReason.TIMEOUT
    assert receiver.requests == []


@pytest.mark.parametrize("missing", ["webhook_url", "webhook_secret"])
async def test_a_webhook_that_is_not_configured_says_what_to_set(
    house: House, receiver: Receiver, missing: str
) -> None:
    house.options[missing] = ""
    with pytest.raises(StepError, match=missing.upper()) as refusal:
        await house.publish(await house.order(WEBHOOK))
    assert refusal.value.reason is FailureReason.NOT_CONFIGURED
    try:
        undone = await house.undo(WEBHOOK)
    except StepError as failure:
        pytest.fail(f"nothing was sent, so nothing is needed to take it back: {failure.message}")
    assert undone.left_behind == ()


@pytest.mark.parametrize("secret", ["short", "whsec_not base64!", "whsec_c2hvcnQ="])
def test_a_weak_or_broken_secret_is_refused_at_the_start(house: House, secret: str) -> None:
    house.options |= {"webhook_url": "https://hooks.example/", "webhook_secret": secret}
    with pytest.raises(ValueError, match="webhook_secret"):
        channels_of(house.settings, house.door)


@pytest.mark.parametrize("channel", [Channel.LINKEDIN, Channel.TWITTER])
async def test_a_social_channel_says_that_it_is_not_configured(
    house: House, channel: Channel
) -> None:
    with pytest.raises(StepError, match="BUFFER_ACCESS_TOKEN") as refusal:
        await house.publish(await house.order(channel))
    assert refusal.value.reason is FailureReason.NOT_CONFIGURED
    assert (await house.undo(channel)).left_behind == ()


def test_the_role_takes_every_command_of_the_publish_phase(house: House) -> None:
    wiring = Wiring(artefacts=None, recall=None, clock=ManualClock(NOON))  # type: ignore[arg-type]
    role = publish_role(house.settings, wiring)
    assert role.name == "publish"
    phase = topics.commands_of(Phase.PUBLISH)
    asked = {entry.model for entry in CATALOG.entries if entry.topic == phase}
    assert set(role.handlers) == asked > {PublishContent, RollbackPublication}
