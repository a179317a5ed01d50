"""The webhook and the mail server as adapters: what they must be sent, all of it."""

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from chassis.adapters.door import Door
from chassis.adapters.failures import CallFailed
from chassis.adapters.web import Web
from chassis.breaker import STANDARD
from chassis.clock import ManualClock
from chassis.errors import CircuitOpen, StepError
from contracts.envelope import FailureReason
from services.optimizer.publish.smtp import SmtpServer
from services.optimizer.publish.smtp_adapter import GuardedSmtp, smtp
from services.optimizer.publish.webhook import WebhookSettings, webhook
from tests.adapters.wire import KEY, Says, Tampering, opened, serving
from tests.certificates import certificate
from tests.optimizer.publish.builders import NOON, SECRET
from tests.optimizer.publish.conftest import free_port

EVENT = {"body": json.dumps({"type": "campaign.published"})}
MAIL = {
    "sender": "hello@molinoalto.example",
    "recipient": "ada@reader.example",
    "data": base64.b64encode(b"Subject: hi\r\n\r\nhello\r\n").decode(),
}


async def post(transport: Any = None) -> None:
    """Post an event to a receiver that checks it as Standard Webhooks 1.0.0 asks."""
    with serving([Says(status=204)]) as desk:
        url = f"{desk.root}/hooks/?token=hush"
        adapter = webhook(WebhookSettings(url=url, secret=SECRET))
        door = Door([adapter], web=Web(transport), clock=ManualClock(NOON))
        async with opened(door):
            await door.execute("webhook", "post_event", EVENT, key=KEY)
    (request,) = desk.requests
    headers = request.headers
    assert (request.method, request.path) == ("POST", "/hooks/")
    assert request.params == {"token": "hush"}
    assert headers.get("content-type") == "application/json"
    assert headers.get("idempotency-key") == headers.get("webhook-id") == KEY
    assert headers.get("webhook-timestamp") == str(int(NOON.timestamp()))
    signed = f"{KEY}.{headers['webhook-timestamp']}.".encode() + request.raw
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers.get("webhook-signature") == f"v1,{wanted}"
    assert request.body == {"type": "campaign.published"}


async def test_an_event_is_signed_and_keyed() -> None:
    await post()


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("header", "webhook-id"),
        ("header", "webhook-timestamp"),
        ("header", "webhook-signature"),
        ("header", "idempotency-key"),
        ("header", "content-type"),
        ("param", "token"),
        ("body", "type"),
    ],
)
async def test_what_is_dropped_from_an_event_is_noticed(part: str, name: str) -> None:
    with pytest.raises(AssertionError):
        await post(Tampering(0, part, name))


async def test_a_receiver_that_refuses_shows_neither_secret_nor_token() -> None:
    with serving([Says({"message": f"bad {SECRET}"}, 400)]) as desk:
        adapter = webhook(WebhookSettings(url=f"{desk.root}/?token=hush", secret=SECRET))
        async with opened(Door([adapter])) as door:
            with pytest.raises(CallFailed, match="400") as refusal:
                await door.execute("webhook", "post_event", EVENT, key=KEY)
    assert SECRET not in refusal.value.message
    assert "hush" not in refusal.value.message


class Office:
    """A mail server that keeps what it was sent."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.port = free_port()

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.original_content, bytes)
        self.mails.append(
            (envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content)
        )
        return "250 OK"


def known(server: SMTP, session: Session, envelope: Envelope, how: str, data: Any) -> AuthResult:
    return AuthResult(success=isinstance(data, LoginPassword) and data.password == b"hush")


@contextmanager
def office(**options: Any) -> Iterator[Office]:
    made = Office()
    controller = Controller(made, hostname="127.0.0.1", port=made.port, **options)
    controller.start()
    try:
        yield made
    finally:
        controller.stop()


async def carried(**changes: str) -> tuple[str, list[str], bytes]:
    with office() as server:
        door = Door([smtp(f"smtp://127.0.0.1:{server.port}")])
        await door.execute("smtp", "send_mail", {**MAIL, **changes}, key=KEY)
    ((sender, recipients, data),) = server.mails
    return sender, recipients, data


async def test_a_mail_reaches_the_server_whole() -> None:
    sender, recipients, data = await carried()
    assert (sender, recipients) == (MAIL["sender"], [MAIL["recipient"]])
    assert data == base64.b64decode(MAIL["data"])


@pytest.mark.parametrize("missing", ["sender", "recipient", "data"])
async def test_a_mail_without_one_of_its_parts_is_not_sent(missing: str) -> None:
    left = {name: value for name, value in MAIL.items() if name != missing}
    with office() as server:
        door = Door([smtp(f"smtp://127.0.0.1:{server.port}")])
        with pytest.raises(CallFailed, match=missing) as refusal:
            await door.execute("smtp", "send_mail", left, key=KEY)
    assert refusal.value.reason is FailureReason.INVALID_INPUT
    assert server.mails == []


@pytest.mark.parametrize("login", ["ada:hush@", "ada:wrong@", ""])
async def test_a_server_that_wants_a_login_takes_mails_with_it_only(
    login: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path, "localhost")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    strict = {"authenticator": known, "auth_required": True}
    with office(tls_context=tls, **strict) as server:
        door = Door([smtp(f"smtp://{login}localhost:{server.port}")])
        if login == "ada:hush@":
            await door.execute("smtp", "send_mail", MAIL, key=KEY)
        else:
            with pytest.raises(StepError) as refusal:
                await door.execute("smtp", "send_mail", MAIL, key=KEY)
            assert "wrong" not in refusal.value.message
    assert len(server.mails) == (login == "ada:hush@")


async def test_a_password_is_never_sent_in_the_clear_nor_shown() -> None:
    with office() as server:
        door = Door([smtp(f"smtp://ada:hush@127.0.0.1:{server.port}")])
        with pytest.raises(StepError, match="STARTTLS") as refusal:
            await door.execute("smtp", "send_mail", MAIL, key=KEY)
    assert refusal.value.reason is FailureReason.NOT_CONFIGURED
    assert "hush" not in refusal.value.message
    assert server.mails == []


async def test_a_mail_server_that_is_away_opens_its_breaker() -> None:
    url = f"smtp://127.0.0.1:{free_port()}"
    door = Door([smtp(url)])
    for _ in range(STANDARD.failures):
        with pytest.raises(StepError) as away:
            await GuardedSmtp(SmtpServer(url), door).ready()
        assert away.value.reason is FailureReason.UNAVAILABLE
    with pytest.raises(CircuitOpen):
        await GuardedSmtp(SmtpServer(url), door).ready()
