"""The SendGrid carrier: a finished mail, taken apart for SendGrid. It knows no campaign.

SendGrid has no idempotency key: what was answered decides. Where nobody can say whether it took a
mail, the mail is in doubt as it is after a lost connection to a mail server.
"""

import base64
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from chassis.adapters.door import Door
from chassis.adapters.failures import CallFailed
from chassis.adapters.vendors.sendgrid import Address, Attached, SendMail
from chassis.errors import CircuitOpen
from contracts.envelope import FailureReason
from services.optimizer.publish.carriers import Handed, Mail, Verdict

PASSED_ON = ("List-Unsubscribe", "List-Unsubscribe-Post", "Content-Language")
NOT_NOW = frozenset({429, 503})
"""Answers that say: not taken, come back later."""


class SendGridCarrier:
    """A Carrier through SendGrid's API."""

    name = "sendgrid"
    deduplicates = False
    location = "sendgrid:"

    def __init__(self, door: Door) -> None:
        self._door = door

    async def ready(self) -> None:
        """Raises StepError NOT_CONFIGURED, or CircuitOpen."""
        await self._door.check(self.name)

    async def hand_over(self, mail: Mail) -> Handed:
        """One call of Mail Send."""
        try:
            await self._door.execute(self.name, "send_mail", taken_apart(mail), key=mail.key)
        except CircuitOpen as circuit:
            return Handed(Verdict.DEFERRED, str(circuit))
        except CallFailed as failure:
            return _verdict(failure)
        return Handed(Verdict.SENT)

    async def close(self) -> None:
        """The door keeps the connections."""


def taken_apart(mail: Mail) -> SendMail:
    """The mail's parts as SendGrid names them."""
    message = message_from_bytes(mail.data, policy=default)
    name, answers = message["From"].addresses[0].display_name, message["Reply-To"]
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return SendMail(
        sender=Address(email=mail.sender, name=name),
        recipient=Address(email=mail.recipient),
        reply_to=Address(email=answers.addresses[0].addr_spec) if answers else None,
        subject=str(message["Subject"]),
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        attachments=tuple(
            _attached(part)
            for part in message.walk()
            if not part.is_multipart() and part.get_content_maintype() != "text"
        ),
        headers={header: str(message[header]) for header in PASSED_ON if message[header]},
    )


def _attached(part: EmailMessage) -> Attached:
    return Attached(
        filename=part.get_filename() or "attached",
        type=part.get_content_type(),
        content=base64.b64encode(part.get_content()).decode(),
        content_id=str(part["Content-ID"] or "").strip("<>"),
    )


def _verdict(failure: CallFailed) -> Handed:
    """What became of the mail. A key that is refused concerns all mails, so this one waits."""
    if failure.reason is FailureReason.NOT_CONFIGURED:
        return Handed(Verdict.DEFERRED, failure.message)
    said = f"SendGrid answered {failure.status}" if failure.status else "SendGrid was not reached"
    if failure.status in NOT_NOW or (failure.nothing_done and failure.reason.retryable):
        return Handed(Verdict.DEFERRED, said)
    if failure.nothing_done:
        return Handed(Verdict.REFUSED, said)
    return Handed(Verdict.UNKNOWN, "SendGrid gave no clear answer")
