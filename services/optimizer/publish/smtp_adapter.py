"""The mail server as an adapter: its description, and a carrier behind its breaker."""

import asyncio
import base64
import binascii

from chassis.adapters.description import (
    Action,
    Adapter,
    Args,
    Call,
    KeyRule,
    Kind,
    Outcome,
    empty,
)
from chassis.adapters.door import Door
from chassis.adapters.failures import CallFailed
from contracts.envelope import FailureReason
from services.optimizer.publish.carriers import Handed, InThread, Mail, Verdict
from services.optimizer.publish.smtp import SmtpServer

NAME = "smtp"
SEND = "send_mail"


class SendMail(Args):
    """A finished mail (RFC 5322) in base64, and who sends it to whom."""

    sender: str
    recipient: str
    data: str


class Carried(Outcome):
    """What the server said: SENT, or UNKNOWN where the connection broke after the data."""

    verdict: Verdict
    detail: str = ""


def smtp(smtp_url: str) -> Adapter:
    """The adapter to the server that SMTP_URL names."""
    needs = {"SMTP_URL": smtp_url}

    async def send(args: SendMail, call: Call) -> Carried:
        carrier = InThread(SmtpServer(smtp_url))
        data = _bytes(args.data)
        try:
            await carrier.ready()
            handed = await carrier.hand_over(
                Mail(call.key, call.key, args.sender, args.recipient, data)
            )
        finally:
            await carrier.close()
        return _carried(handed)

    return Adapter(
        name=NAME,
        kind=Kind.PUBLISHING,
        about="e-mails through a mail server",
        needs=tuple(needs),
        missing=empty(needs),
        secrets=(smtp_url,),
        actions=(
            Action(
                name=SEND,
                about="send one mail to one recipient",
                args=SendMail,
                outcome=Carried,
                run=send,
                timeout_s=60.0,
                key=KeyRule.CLAIMED,
            ),
        ),
    )


class GuardedSmtp(InThread):
    """The carrier of a whole mailing: one connection, made through the door."""

    def __init__(self, server: SmtpServer, door: Door) -> None:
        super().__init__(server)
        self._server = server
        self._door = door

    async def ready(self) -> None:
        """Connect and log in, once. Raises StepError, or CircuitOpen."""
        if not self._server.connected:
            await self._door.guard(NAME, SEND, lambda: asyncio.to_thread(self._server.ready))


def _carried(handed: Handed) -> Carried:
    """The outcome. Raises CallFailed where nothing was sent."""
    if handed.verdict in (Verdict.SENT, Verdict.UNKNOWN):
        return Carried(verdict=handed.verdict, detail=handed.detail)
    later = handed.verdict is Verdict.DEFERRED
    raise CallFailed(
        FailureReason.UNAVAILABLE if later else FailureReason.REJECTED,
        f"smtp: {handed.detail}; " + ("it is asked again later" if later else "correct the mail"),
    )


def _bytes(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise CallFailed(FailureReason.INVALID_INPUT, "data: this is not base64") from None
