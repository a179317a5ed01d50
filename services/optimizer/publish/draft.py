"""From a command to the letter that everybody gets, and to whom it can go. It sends nothing."""

from chassis.errors import StepError
from chassis.sealing import SealBroken, Shredded
from contracts.envelope import FailureReason
from contracts.goal import SealedText
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.letter import (
    Letter,
    address_of,
    unknown_placeholders,
    with_footer_apart,
)
from services.optimizer.publish.ports import Order
from services.optimizer.publish.prose import with_marks, without_title
from services.optimizer.publish.selection import (
    bytes_of,
    claims_of,
    clean,
    one_line,
    picture_of,
    sources_of,
    web_address,
)


class Unreadable(ValueError):
    """A sealed field that is no address to write to; the text says why and names nobody."""


async def draft(order: Order, effect: Effect, mail_from: str) -> Letter:
    """The letter. Raises StepError where the text or the sender is not fit to be sent."""
    command, item, voice = order.command, order.item, order.command.brand_voice
    _refuse_placeholders(item.title, item.preheader, item.body_markdown)
    contact = _contact(order, effect, mail_from)
    picture = picture_of(command)
    banner = None
    if picture is not None:
        banner = await bytes_of(effect.job, picture.digest, "assets: the e-mail's banner")
    sources = sources_of(command, item)
    body, footer = with_footer_apart(without_title(clean(item.body_markdown), item.title))
    signature = one_line(voice.signature)
    address = one_line(command.postal_address)
    return Letter(
        business_name=one_line(command.business_name),
        sender=mail_from or f"no-reply@{contact.rpartition('@')[2]}",
        reply_to=contact,
        subject=one_line(item.title),
        preheader=one_line(item.preheader),
        language=item.language,
        body_markdown=with_marks(body, claims_of(item, sources)),
        footer_markdown=footer,
        call_to_action=one_line(item.call_to_action),
        website=web_address(command.website),
        signature="" if signature in body else signature,
        postal_address="" if address in body or footer else address,
        primary_color=voice.primary_color,
        accent_color=voice.accent_color,
        sources=sources,
        banner=banner,
        banner_alt="" if picture is None else one_line(picture.alt_text),
    )


def opened(effect: Effect, sealed: SealedText) -> str:
    """The address in a sealed field. Raises Unreadable."""
    try:
        return address_of(effect.job.unseal(sealed))
    except Shredded:
        raise Unreadable(
            "the key of this person was destroyed, so the address cannot be read"
        ) from None
    except SealBroken:
        raise Unreadable(
            "the sealed address does not open (altered, or another tenant's)"
        ) from None
    except ValueError:
        raise Unreadable(
            "the sealed value is not an e-mail address that plain SMTP can carry"
        ) from None


def _contact(order: Order, effect: Effect, mail_from: str) -> str:
    """The contact's address; empty where it cannot be read and MAIL_FROM stands in."""
    try:
        return opened(effect, order.command.contact_email)
    except Unreadable as error:
        if mail_from:
            return ""
        raise StepError(
            FailureReason.INVALID_INPUT,
            f"contact_email: {error}; so no sender can be named: set MAIL_FROM",
        ) from error


def _refuse_placeholders(*texts: str) -> None:
    names = unknown_placeholders(*texts)
    if names:
        raise StepError(
            FailureReason.INVALID_INPUT,
            f"items: the text still holds placeholders that nobody fills ({', '.join(names)}); "
            "write the words themselves. {{unsubscribe_url}} is the only one that is filled",
        )
