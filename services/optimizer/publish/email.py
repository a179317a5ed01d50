"""The e-mail channel: many recipients, each one variant, at most once. It knows no other channel.

Each variant's letter has a tracked link and a pixel; both say who followed or opened it by the key
of the recipient's mail, which means nothing to anybody without that person's id.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chassis.adapters.door import Door
from chassis.optout import opted_out
from contracts.analytics import link_id, link_path, pixel_path
from contracts.content import ContentItem
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
from services.optimizer.publish.variants import Split, split, traits_of

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
    tracking: bool = True

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
        parts = split(order.variants, effect.job.campaign_id, len(recipients))
        letters = {
            item.id: await draft(order.alone(item), effect, self._settings.mail_from)
            for item in parts.variants
        }
        carrier = self._carrier(effect)
        sending = _Sending(self._settings, _Mailing(parts, letters), effect, carrier)
        try:
            for sealed in recipients:
                await sending.one(sealed)
        finally:
            await carrier.close()
        return await self._concluded(sending, carrier)

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

    async def _concluded(self, sending: "_Sending", carrier: Carrier) -> Published:
        tally, effect = sending.tally, sending.effect
        waiting = tally.deferred and effect.job.call.attempt < DEFERRED_ATTEMPTS_MAX
        if waiting or not (tally.sent or tally.held or tally.unwanted):
            raise tally.failure()
        published = Published(
            publications=sending.publications(),
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


@dataclass(frozen=True, slots=True)
class _Mailing:
    """The letters by the item they are made of, and who gets which."""

    split: Split
    letters: Mapping[str, Letter]


class _Sending:
    """One walk over the recipients with their letters and one carrier."""

    def __init__(
        self, settings: MailSettings, mailing: _Mailing, effect: Effect, carrier: Carrier
    ) -> None:
        self.tally = Tally()
        self.effect = effect
        self._mailing = mailing
        self._tracking = settings.tracking
        self._carrier = carrier
        self._may_repeat = carrier.deduplicates or settings.on_unknown == "resend"
        self._root = settings.public_url.rstrip("/")

    async def one(self, sealed: SealedText) -> None:
        """One recipient: what is recorded already, their wish for no mail, or one more try."""
        subject = sealed.subject_id
        found = await standing(self.effect, subject)
        if found.place is Place.DONE and found.receipt is not None:
            self.tally.enter(subject, found.receipt)
            return
        if await opted_out(self.effect.job.claims, subject):
            self.tally.opted_out += 1
            return
        if found.place is Place.UNKNOWN and not self._may_repeat:
            self.tally.held.append(subject)
            return
        try:
            recipient = opened(self.effect, sealed)
        except Unreadable as error:
            self.tally.failed[subject] = str(error)
            return
        mail = await self._mail(subject, recipient)
        await self._carrier.ready()
        await self.effect.may_start()
        new = found.place is not Place.UNKNOWN and await claimed(self.effect, found)
        if new or self._may_repeat:
            await self._hand_over(subject, found.key, mail)
        else:
            self.tally.held.append(subject)

    async def _mail(self, subject: str, recipient: str) -> Mail:
        effect, item = self.effect, self._mailing.split.of(subject)
        letter, key = self._mailing.letters[item.id], effect.part(subject)
        link_url, pixel_url = self._counted(item, key) if self._tracking else ("", "")
        envelope = Envelope(
            key=key,
            recipient=recipient,
            unsubscribe_url=self._unsubscribe_url(subject),
            sent_at=effect.clock.now(),
            link_url=link_url,
            pixel_url=pixel_url,
        )
        data = await asyncio.to_thread(write, letter, envelope)
        return Mail(effect.key, envelope.key, letter.sender, recipient, data)

    async def _hand_over(self, subject: str, try_key: str, mail: Mail) -> None:
        effect, carrier = self.effect, self._carrier
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

    def publications(self) -> tuple[Publication, ...]:
        """One for each variant that went out; none where no mail is known to have gone out."""
        made = []
        for item in self._mailing.split.variants:
            sent = [r for s, r in self.tally.sent.items() if self._mailing.split.of(s) is item]
            if sent:
                publication = Publication(
                    channel=Channel.EMAIL,
                    item_id=item.id,
                    location=f"{self._carrier.location}/{self.effect.key}",
                    effect_key=self.effect.key,
                    published_at=min(receipt.at for receipt in sent),
                    sent=len(sent),
                    leads_to=self._mailing.letters[item.id].website,
                    traits=traits_of(item),
                )
                made.append(publication)
        return tuple(made)

    def _counted(self, item: ContentItem, reader: str) -> tuple[str, str]:
        """The reader's own link and pixel of this variant: the reader is a key, and no name."""
        campaign_id = self.effect.job.campaign_id
        link = link_id(campaign_id, Channel.EMAIL, item.id, self.effect.key)
        return (
            f"{self._root}{link_path(campaign_id, link)}?r={reader}",
            f"{self._root}{pixel_path(campaign_id, link)}?r={reader}",
        )

    def _unsubscribe_url(self, subject: str) -> str:
        job = self.effect.job
        return f"{self._root}/unsubscribe/{job.tenant_id}/{subject}?campaign={job.campaign_id}"


def _left_behind(found: Standing, *, outside: bool) -> str:
    """Why one recipient's mail stays where it is; empty where it does not."""
    if found.place is Place.UNKNOWN and outside:
        return "it is unknown whether it was sent; if it was, it cannot be recalled"
    receipt = found.receipt
    sent = receipt is not None and receipt.verdict is Verdict.SENT
    sent = sent and receipt is not None and receipt.via != Maildir.name
    return "was sent and cannot be recalled" if found.place is Place.DONE and sent else ""
