"""The e-mail channel: one letter, many recipients, each at most once. It knows no other channel."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chassis.adapters.door import Door
from chassis.optout import opted_out
from contracts.goal import Channel, SealedText
from contracts.publish import Publication
from services.optimizer.publish.carriers import Carrier, InThread, Mail, Verdict
from services.optimizer.publish.draft import Unreadable, draft, opened
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.letter import Envelope, Letter, address_of, write
from services.optimizer.publish.maildir import Maildir
from services.optimizer.publish.ports import Order, Published, Retracted
from services.optimizer.publish.recipients import (
    Place,
    Receipt,
    Standing,
    addressed,
    barred,
    claimed,
    intended,
    note_intent,
    standing,
)
from services.optimizer.publish.sendgrid import SendGridCarrier
from services.optimizer.publish.smtp import SmtpServer
from services.optimizer.publish.smtp_adapter import GuardedSmtp
from services.optimizer.publish.tally import Tally

DEFERRED_ATTEMPTS_MAX = 3
"""From this attempt on, mails that the server still defers are named and no longer waited for."""

NOT_ONE_CLICK = (
    "PUBLIC_URL is not https, so mailbox providers ignore one-click unsubscribe (RFC 8058)"
)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """What the operator chose for e-mail. Raises ValueError where it cannot work."""

    mail_dir: Path
    smtp_url: str
    public_url: str
    mail_from: str
    on_unknown: Literal["hold", "resend"]

    def __post_init__(self) -> None:
        if self.smtp_url:
            SmtpServer(self.smtp_url)
        if self.mail_from:
            try:
                address_of(self.mail_from)
            except ValueError as error:
                raise ValueError(f"mail_from: {error}") from error


class EmailChannel:
    """Sends by SendGrid where it is configured, else by SMTP, else into a mail folder."""

    def __init__(self, settings: MailSettings, door: Door) -> None:
        self._settings = settings
        self._door = door

    async def publish(self, order: Order, effect: Effect) -> Published:
        """Send to everybody who did not get it yet and did not opt out. Raises StepError."""
        recorded = await effect.begin()
        if recorded is not None:
            return Published.model_validate_json(recorded)
        recipients = addressed(order.command)
        await note_intent(effect, recipients)
        letter = await draft(order, effect, self._settings.mail_from)
        carrier = self._carrier(effect)
        sending = _Sending(self._settings, letter, effect, carrier)
        try:
            for sealed in recipients:
                await sending.one(sealed)
        finally:
            await carrier.close()
        return await self._concluded(order, effect, carrier, sending.tally)

    async def retract(self, effect: Effect) -> Retracted:
        """Remove unread messages from the mail folder; name what SMTP took away for good."""
        if not await effect.begin_undo():
            return Retracted(detail="no e-mail had been sent; none will be under this key")
        recorded = await effect.undone()
        if recorded is not None:
            return Retracted.model_validate_json(recorded)
        effect.check_lease()
        found = {subject: await barred(effect, subject) for subject in await intended(effect)}
        folder = Maildir(self._settings.mail_dir, effect.job.tenant_id)
        removed, read = await asyncio.to_thread(folder.recall, effect.key)
        left: list[str] = []
        for subject, place in found.items():
            opened_already = effect.part(subject) in read
            why = _left_behind(place, outside=self._goes_outside)
            if opened_already or why:
                why = "was opened already and stays with its reader" if opened_already else why
                left.append(f"e-mail to {subject}: {why}")
        detail = f"{removed} unread messages were removed, {len(left)} stay with their readers"
        retracted = Retracted(detail=detail, left_behind=tuple(left))
        await effect.settle_undo(retracted.model_dump_json().encode())
        return retracted

    @property
    def _goes_outside(self) -> bool:
        return self._door.configured(SendGridCarrier.name) or bool(self._settings.smtp_url)

    def _carrier(self, effect: Effect) -> Carrier:
        if self._door.configured(SendGridCarrier.name):
            return SendGridCarrier(self._door)
        if self._settings.smtp_url:
            return GuardedSmtp(SmtpServer(self._settings.smtp_url), self._door)
        return InThread(Maildir(self._settings.mail_dir, effect.job.tenant_id))

    async def _concluded(
        self, order: Order, effect: Effect, carrier: Carrier, tally: Tally
    ) -> Published:
        waiting = tally.deferred and effect.job.call.attempt < DEFERRED_ATTEMPTS_MAX
        if waiting or not (tally.sent or tally.held or tally.unwanted):
            raise tally.failure()
        published = Published(
            publications=_publications(order, effect, carrier, tally),
            outcome=tally.outcome,
            notes=(*tally.notes(carrier.name), *(() if tally.unwanted else self._notes(carrier))),
        )
        if not tally.held:
            await effect.settle(published.model_dump_json().encode())
        return published

    def _notes(self, carrier: Carrier) -> tuple[str, ...]:
        if carrier.name == Maildir.name:
            return ("the mails lie in the mail folder; set SMTP_URL to send them to people",)
        if not self._settings.public_url.startswith("https://"):
            return (NOT_ONE_CLICK,)
        return ()


class _Sending:
    """One walk over the recipients with one letter and one carrier."""

    def __init__(
        self, settings: MailSettings, letter: Letter, effect: Effect, carrier: Carrier
    ) -> None:
        self.tally = Tally()
        self._letter = letter
        self._effect = effect
        self._carrier = carrier
        self._may_repeat = carrier.deduplicates or settings.on_unknown == "resend"
        self._root = settings.public_url.rstrip("/")

    async def one(self, sealed: SealedText) -> None:
        """One recipient: what is recorded already, their wish for no mail, or one more try."""
        subject = sealed.subject_id
        found = await standing(self._effect, subject)
        if found.place is Place.DONE and found.receipt is not None:
            self.tally.enter(subject, found.receipt)
            return
        if await opted_out(self._effect.job.claims, subject):
            self.tally.opted_out += 1
            return
        if found.place is Place.UNKNOWN and not self._may_repeat:
            self.tally.held.append(subject)
            return
        try:
            recipient = opened(self._effect, sealed)
        except Unreadable as error:
            self.tally.failed[subject] = str(error)
            return
        mail = await self._mail(subject, recipient)
        await self._carrier.ready()
        await self._effect.may_start()
        new = found.place is not Place.UNKNOWN and await claimed(self._effect, found)
        if new or self._may_repeat:
            await self._hand_over(subject, found.key, mail)
        else:
            self.tally.held.append(subject)

    async def _mail(self, subject: str, recipient: str) -> Mail:
        effect, letter = self._effect, self._letter
        envelope = Envelope(
            key=effect.part(subject),
            recipient=recipient,
            unsubscribe_url=self._unsubscribe_url(subject),
            sent_at=effect.clock.now(),
        )
        data = await asyncio.to_thread(write, letter, envelope)
        return Mail(effect.key, envelope.key, letter.sender, recipient, data)

    async def _hand_over(self, subject: str, try_key: str, mail: Mail) -> None:
        effect, carrier = self._effect, self._carrier
        handed = await carrier.hand_over(mail)
        effect.job.log.info(
            "mail_handed_over", subject_id=subject, verdict=handed.verdict, via=carrier.name
        )
        if handed.verdict is Verdict.UNKNOWN:
            waiting = self.tally.deferred if self._may_repeat else self.tally.held
            waiting.append(subject)
            return
        receipt = Receipt(
            verdict=handed.verdict, via=carrier.name, at=effect.clock.now(), detail=handed.detail
        )
        await effect.job.claims.settle(try_key, receipt.model_dump_json().encode())
        self.tally.enter(subject, receipt)

    def _unsubscribe_url(self, subject: str) -> str:
        job = self._effect.job
        return f"{self._root}/unsubscribe/{job.tenant_id}/{subject}?campaign={job.campaign_id}"


def _left_behind(found: Standing, *, outside: bool) -> str:
    """Why one recipient's mail stays where it is; empty where it does not."""
    if found.place is Place.UNKNOWN and outside:
        return "it is unknown whether it was sent; if it was, it cannot be recalled"
    receipt = found.receipt
    sent = receipt is not None and receipt.verdict is Verdict.SENT
    sent = sent and receipt is not None and receipt.via != Maildir.name
    return "was sent and cannot be recalled" if found.place is Place.DONE and sent else ""


def _publications(
    order: Order, effect: Effect, carrier: Carrier, tally: Tally
) -> tuple[Publication, ...]:
    """One publication for the whole mailing; none where no mail is known to have gone out."""
    if not tally.sent:
        return ()
    return (
        Publication(
            channel=Channel.EMAIL,
            item_id=order.item.id,
            location=f"{carrier.location}/{effect.key}",
            effect_key=effect.key,
            published_at=min(receipt.at for receipt in tally.sent.values()),
        ),
    )
