"""Who unsubscribed gets no more mail, whenever they did so; nobody else is affected."""

import pytest

from chassis.optout import opt_out
from contracts.envelope import StepOutcome
from contracts.goal import Channel
from tests.optimizer.publish.builders import OTHER_TENANT, Died, House, mortal
from tests.optimizer.publish.conftest import Sink
from tests.optimizer.publish.test_email import PEOPLE, messages

EMAIL = Channel.EMAIL


async def leaves(house: House, person: str) -> str:
    """The person says that they want no more mail; who they are."""
    subject = house.sealed(person).subject_id
    assert await opt_out(house.claims, subject, said="2026-11-20")
    return subject


async def test_who_unsubscribed_is_dropped_and_only_counted(house: House) -> None:
    people = tuple(house.sealed(person) for person in PEOPLE)
    subject = await leaves(house, PEOPLE[1])
    answer, body = await house.publish(await house.order(EMAIL, recipients=people))
    assert sorted(str(m["To"]) for m in messages(house)) == [PEOPLE[0], PEOPLE[2]]
    assert answer.outcome is StepOutcome.SUCCEEDED
    assert "2 of 3 recipients: sent by maildir" in answer.notes
    assert "1 of 3 recipients had unsubscribed: not written to" in answer.notes
    assert not [note for note in answer.notes if subject in note or PEOPLE[1] in note]
    assert sum(made.sent for made in body.publications) == 2


async def test_a_mailing_that_everybody_left_is_skipped_and_says_so(house: House) -> None:
    people = tuple(house.sealed(person) for person in PEOPLE[:2])
    for person in PEOPLE[:2]:
        await leaves(house, person)
    answer, body = await house.publish(await house.order(EMAIL, recipients=people))
    assert (answer.outcome, body.publications) == (StepOutcome.SKIPPED, ())
    assert answer.notes == (
        "0 of 2 recipients: sent by maildir",
        "2 of 2 recipients had unsubscribed: not written to",
    )
    assert not (house.mail / "new").exists() or messages(house) == []
    again, _ = await house.publish(await house.order(EMAIL, recipients=people), attempt=2)
    assert again == answer


async def test_who_leaves_between_two_attempts_gets_nothing_from_the_second(
    house: House, sink: Sink
) -> None:
    people = tuple(house.sealed(person) for person in PEOPLE)
    command = await house.order(EMAIL, recipients=people)
    with pytest.raises(Died):  # the first mail is out, its receipt was never written
        await house.publish(command, mortal(house, house.job(EMAIL)))
    assert sink.recipients == [PEOPLE[0]]
    await leaves(house, PEOPLE[0])
    await leaves(house, PEOPLE[2])
    house.options["on_unknown"] = "resend"
    answer, _ = await house.publish(command, attempt=2)
    assert sink.recipients == [PEOPLE[0], PEOPLE[1]]
    assert "2 of 3 recipients had unsubscribed: not written to" in answer.notes


async def test_who_leaves_one_sender_still_hears_from_another(house: House) -> None:
    other = House(house.root, tenant_id=OTHER_TENANT)
    await leaves(other, PEOPLE[0])
    await house.publish(await house.order(EMAIL, recipients=(house.sealed(PEOPLE[0]),)))
    assert [str(message["To"]) for message in messages(house)] == [PEOPLE[0]]
