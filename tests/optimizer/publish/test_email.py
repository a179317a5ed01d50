"""E-mail into the mail folder: what a letter holds, one per recipient, and its undo."""

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path

import pytest

from chassis.errors import StepError
from contracts.envelope import FailureReason, StepOutcome
from contracts.goal import Channel
from tests.optimizer.publish.builders import (
    BODY,
    OTHER_TENANT,
    TITLE,
    Died,
    House,
    item,
    mortal,
    png,
)
from tests.optimizer.publish.test_blog import Page

EMAIL = Channel.EMAIL
PEOPLE = ("ada@reader.example", "bo@reader.example", "cy@reader.example")


def messages(house: House, folder: str = "new") -> list[EmailMessage]:
    return [read(file) for file in sorted((house.mail / folder).iterdir())]


def read(file: Path) -> EmailMessage:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    text = body.get_content()
    assert isinstance(text, str)
    return text


async def test_a_letter_has_both_parts_its_banner_and_every_header(house: House) -> None:
    people = tuple(house.sealed(person) for person in PEOPLE)
    await house.publish(await house.order(EMAIL, recipients=people, items=(item(EMAIL),)))
    found = {str(message["To"]): message for message in messages(house)}
    assert sorted(found) == sorted(PEOPLE)
    message = found[PEOPLE[0]]
    assert message.get_content_type() == "multipart/alternative"
    assert str(message["From"]) == "Molino Alto <no-reply@molinoalto.example>"
    assert str(message["Reply-To"]) == "hello@molinoalto.example"
    assert (str(message["Subject"]), str(message["Content-Language"])) == (TITLE, "en")
    assert str(message["Date"]) == "Fri, 20 Nov 2026 12:00:00 +0000"
    assert str(message["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    (picture,) = (p for p in message.walk() if p.get_content_type() == "image/png")
    assert picture.get_payload(decode=True) == png()
    assert f"cid:{picture['Content-ID'].strip('<>')}" in part(message, "html")
    assert picture.get_content_disposition() == "inline"


async def test_every_recipient_has_a_message_id_and_a_way_out_of_their_own(house: House) -> None:
    people = tuple(house.sealed(person) for person in PEOPLE)
    await house.publish(await house.order(EMAIL, recipients=people))
    raw = b"".join(file.read_bytes() for file in (house.mail / "new").iterdir())
    assert len({m["Message-ID"] for m in messages(house)}) == 3
    links = set(re.findall(rb"(?m)^List-Unsubscribe: <(http://[^>]+)>\r?$", raw))
    assert len(links) == 3
    for message in messages(house):
        link = str(message["List-Unsubscribe"]).strip("<>")
        assert link in part(message, "plain")
        assert link in Page(part(message, "html")).values("a", "href")
        assert str(message["To"]) not in link


async def test_no_placeholder_is_left_in_a_letter(house: House) -> None:
    body = (
        f"{BODY}\n\nNo more of this? [Leave]({{{{unsubscribe_url}}}}) or {{{{ unsubscribe_url }}}}"
    )
    await house.publish(await house.order(EMAIL, items=(item(EMAIL, body_markdown=body),)))
    (message,) = messages(house)
    for kind in ("plain", "html"):
        assert "{{" not in part(message, kind)
        assert "unsubscribe_url" not in part(message, kind)


async def test_the_footer_that_a_text_brings_stands_in_for_ours(house: House) -> None:
    foot = "Molino Alto · 24 Harbour Street, Bristol BS1 4RN  \nUnsubscribe: {{unsubscribe_url}}"
    body = f"Hello,\n\n**[Order a sample bag](https://molinoalto.example)**\n\n---\n\n{foot}"
    await house.publish(await house.order(EMAIL, items=(item(EMAIL, body_markdown=body),)))
    (message,) = messages(house)
    way_out = str(message["List-Unsubscribe"]).strip("<>")
    shown = Page(part(message, "html"))
    assert shown.values("a", "href").count(way_out) == 1
    assert (shown.words.count("Harbour Street"), shown.words.count("Unsubscribe")) == (1, 1)
    assert part(message, "plain").count(way_out) == 1
    assert "**" not in part(message, "html")


async def test_an_unfilled_placeholder_is_refused_by_name(house: House) -> None:
    body = "Hello {{ first_name }}, a word about flour."
    with pytest.raises(StepError, match="first_name") as refusal:
        await house.publish(await house.order(EMAIL, items=(item(EMAIL, body_markdown=body),)))
    assert refusal.value.reason is FailureReason.INVALID_INPUT
    assert not (house.mail / "new").exists()


async def test_hostile_texts_cannot_add_headers_or_scripts(house: House) -> None:
    text = item(
        EMAIL,
        title="Sale\r\nBcc: everybody@victim.example",
        preheader="</div><script>alert(1)</script>",
        body_markdown="<script>alert(2)</script> [x](javascript:alert(3)) ![y](https://t.example/p)",
    )
    order = await house.order(EMAIL, items=(text,), business_name='Shop" <x@y.example>\n')
    await house.publish(order)
    (message,) = messages(house)
    assert message["Bcc"] is None
    assert message["From"].addresses[0].addr_spec == "no-reply@molinoalto.example"
    shown = Page(part(message, "html"))
    assert "script" not in {tag for tag, _ in shown.tags}
    assert not [link for link in shown.values("a", "href") if "javascript" in link]
    (pixel,) = [src for src in shown.values("img", "src") if not src.startswith("cid:")]
    assert pixel.startswith("http://127.0.0.1:8000/o/")


async def test_the_contact_gets_the_letter_where_nobody_else_is_listed(house: House) -> None:
    answer, body = await house.publish(await house.order(EMAIL))
    assert [str(message["To"]) for message in messages(house)] == ["hello@molinoalto.example"]
    assert answer.outcome is StepOutcome.SUCCEEDED
    assert body.publications[0].effect_key == house.effect(1, EMAIL)
    assert any("set SMTP_URL" in note for note in answer.notes)


async def test_repeats_and_new_attempts_make_one_message_per_recipient(house: House) -> None:
    people = tuple(house.sealed(person) for person in (*PEOPLE, PEOPLE[0]))
    command = await house.order(EMAIL, recipients=people)
    first, _ = await house.publish(command)
    house.clock.advance(60)
    again, _ = await house.publish(command)
    retry, _ = await house.publish(command, attempt=2)
    assert first == again == retry
    assert len(messages(house)) == 3


async def test_a_death_before_the_outcome_makes_no_second_message(house: House) -> None:
    command = await house.order(EMAIL)
    with pytest.raises(Died):
        await house.publish(command, mortal(house, house.job(EMAIL)))
    answer, _ = await house.publish(command, attempt=2)
    assert answer.outcome is StepOutcome.SUCCEEDED
    assert len(messages(house)) == 1


async def test_a_message_that_was_read_meanwhile_is_not_put_there_again(house: House) -> None:
    command = await house.order(EMAIL)
    with pytest.raises(Died):
        await house.publish(command, mortal(house, house.job(EMAIL)))
    (file,) = (house.mail / "new").iterdir()
    file.rename(house.mail / "cur" / f"{file.name}:2,S")
    await house.publish(command, attempt=2)
    assert messages(house) == []


async def test_a_person_whose_key_is_destroyed_fails_alone_and_unnamed(house: House) -> None:
    people = tuple(house.sealed(person) for person in PEOPLE)
    house.keyring.destroy(house.tenant_id, people[1].subject_id)
    answer, _ = await house.publish(await house.order(EMAIL, recipients=people))
    assert answer.outcome is StepOutcome.DEGRADED
    assert sorted(str(m["To"]) for m in messages(house)) == [PEOPLE[0], PEOPLE[2]]
    assert [note for note in answer.notes if people[1].subject_id in note]
    assert not [note for note in answer.notes if "bo@" in note]


async def test_a_mailing_that_reaches_nobody_is_a_failure(house: House) -> None:
    people = (house.sealed(PEOPLE[0]),)
    house.keyring.destroy(house.tenant_id, people[0].subject_id)
    with pytest.raises(StepError, match=people[0].subject_id) as refusal:
        await house.publish(await house.order(EMAIL, recipients=people))
    assert refusal.value.reason is FailureReason.INVALID_INPUT


async def test_a_destroyed_contact_is_no_sender_unless_one_is_configured(house: House) -> None:
    command = await house.order(EMAIL, recipients=(house.sealed(PEOPLE[0]),))
    house.keyring.destroy(house.tenant_id, command.contact_email.subject_id)
    with pytest.raises(StepError, match="set MAIL_FROM"):
        await house.publish(command)
    house.options["mail_from"] = "news@molinoalto.example"
    await house.publish(command, attempt=2)
    (message,) = messages(house)
    assert (message["Reply-To"], message["From"].addresses[0].username) == (None, "news")


async def test_the_undo_removes_unread_messages_and_names_the_read_ones(house: House) -> None:
    people = tuple(house.sealed(person) for person in PEOPLE)
    await house.publish(await house.order(EMAIL, recipients=people))
    await house.publish(await house.order(EMAIL), campaign=2)
    opened = next(f for f in (house.mail / "new").iterdir() if read(f)["To"] == PEOPLE[0])
    opened.rename(house.mail / "cur" / f"{opened.name}:2,S")
    undone = await house.undo(EMAIL)
    again = await house.undo(EMAIL)
    assert [str(message["To"]) for message in messages(house)] == ["hello@molinoalto.example"]
    assert len(undone.left_behind) == 1
    assert people[0].subject_id in undone.left_behind[0]
    assert again == undone


async def test_a_mailing_that_comes_after_its_undo_is_refused(house: House) -> None:
    await house.undo(EMAIL)
    with pytest.raises(StepError) as refusal:
        await house.publish(await house.order(EMAIL))
    assert refusal.value.reason is FailureReason.CANCELLED
    assert not (house.mail / "new").exists()


async def test_a_mailing_taken_back_half_way_does_not_go_on(house: House) -> None:
    people = tuple(house.sealed(person) for person in PEOPLE)
    command = await house.order(EMAIL, recipients=people)
    with pytest.raises(Died):
        await house.publish(command, mortal(house, house.job(EMAIL)))
    assert len(messages(house)) == 1
    undone = await house.undo(EMAIL)
    assert undone.left_behind == ()
    with pytest.raises(StepError) as refusal:
        await house.publish(command, attempt=2)
    assert refusal.value.reason is FailureReason.CANCELLED
    assert messages(house) == []


async def test_no_letter_is_written_when_the_lease_is_over(house: House) -> None:
    command = await house.order(EMAIL)
    job = house.job(EMAIL, lease_s=5)
    house.clock.advance(6)
    with pytest.raises(StepError) as refusal:
        await house.publish(command, job)
    assert refusal.value.reason is FailureReason.TIMEOUT
    assert messages(house) == []
    await house.publish(command, attempt=2)
    assert len(messages(house)) == 1


async def test_tenants_have_mail_folders_of_their_own(house: House) -> None:
    other = House(house.root, tenant_id=OTHER_TENANT)
    await house.publish(await house.order(EMAIL))
    await other.publish(await other.order(EMAIL))
    await other.undo(EMAIL)
    assert (len(messages(house)), len(messages(other))) == (1, 0)


async def test_another_tenants_sealed_address_does_not_open(house: House) -> None:
    other = House(house.root, tenant_id=OTHER_TENANT)
    people = (house.sealed(PEOPLE[0]), other.sealed(PEOPLE[1]))
    answer, _ = await house.publish(await house.order(EMAIL, recipients=people))
    assert [str(message["To"]) for message in messages(house)] == [PEOPLE[0]]
    assert answer.outcome is StepOutcome.DEGRADED
