"""SendGrid's v3 Mail Send: one finished mail to one recipient.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send. SendGrid has no idempotency
key and no way to recall: whoever calls claims the mail first and does not repeat it unasked. The
key goes along as a custom argument, so that it stands in SendGrid's events.
"""

from typing import Annotated

from pydantic import Field

from chassis.adapters.description import (
    Action,
    Adapter,
    Args,
    Call,
    KeyRule,
    Kind,
    Outcome,
    Pricing,
    adapter_to,
)
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.web import Ask, bearer


class Address(Args):
    """A mailbox and the name shown with it."""

    email: str
    name: str = ""


class Attached(Args):
    """A file in base64; `content_id` where the HTML shows it in place."""

    filename: str
    type: str
    content: str
    content_id: str = ""


class SendMail(Args):
    """One mail. `headers` are those that SendGrid does not make itself."""

    sender: Address
    recipient: Address
    reply_to: Address | None = None
    subject: Annotated[str, Field(min_length=1)]
    text: str = ""
    html: str = ""
    attachments: tuple[Attached, ...] = ()
    headers: Annotated[dict[str, str], Field(default_factory=dict)]


class Taken(Outcome):
    """SendGrid has it; `message_id` is its own name for it."""

    message_id: str


def sendgrid(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured."""
    vendor = bearer(
        "sendgrid", settings.sendgrid_url, "SENDGRID_API_KEY", settings.sendgrid_api_key
    )

    async def send(args: SendMail, call: Call) -> Taken:
        said = await call.web.ask(vendor, Ask("POST", "/v3/mail/send", body=_body(args, call.key)))
        return Taken(message_id=said.headers.get("x-message-id", ""))

    return adapter_to(
        vendor,
        Kind.PUBLISHING,
        "e-mails through SendGrid",
        actions=(
            Action(
                name="send_mail",
                about="send one mail to one recipient",
                args=SendMail,
                outcome=Taken,
                run=send,
                timeout_s=20.0,
                key=KeyRule.CLAIMED,
                pricing=Pricing.PLAN,
            ),
        ),
    )


def _body(args: SendMail, key: str) -> dict[str, object]:
    contents = (("text/plain", args.text), ("text/html", args.html))
    body: dict[str, object] = {
        "personalizations": [{"to": [_mailbox(args.recipient)]}],
        "from": _mailbox(args.sender),
        "subject": args.subject,
        "content": [{"type": kind, "value": value} for kind, value in contents if value],
        # Links are ours already, and nobody is to be followed by a pixel.
        "tracking_settings": {
            "click_tracking": {"enable": False},
            "open_tracking": {"enable": False},
        },
    }
    if key:
        body["custom_args"] = {"effect_key": key}
    if args.reply_to:
        body["reply_to"] = _mailbox(args.reply_to)
    if args.headers:
        body["headers"] = args.headers
    if args.attachments:
        body["attachments"] = [_attached(one) for one in args.attachments]
    return body


def _mailbox(address: Address) -> dict[str, str]:
    named = {"name": address.name} if address.name else {}
    return {"email": address.email, **named}


def _attached(file: Attached) -> dict[str, str]:
    body = {"content": file.content, "type": file.type, "filename": file.filename}
    if file.content_id:
        return {**body, "disposition": "inline", "content_id": file.content_id}
    return {**body, "disposition": "attachment"}
