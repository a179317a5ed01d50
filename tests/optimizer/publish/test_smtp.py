"""E-mail by a real SMTP server: at most one mail each by default, and what can be said after."""

from email import message_from_bytes

import pytest

from chassis.errors import StepError
from contracts.envelope import FailureReason, StepOutcome
from contracts.goal import Channel
from services.optimizer.publish.handlers import channels_of
from tests.optimizer.publish.builders import Died, House, mortal
from tests.optimizer.publish.conftest import Sink, free_port

EMAIL = Channel.EMAIL
PEOPLE = ("ada@reader.example", "bo@reader.example", "cy@reader.example")


async def test_everybody_gets_one_mail_over_repeats_and_attempts(house: House, sink: Sink) -> None:
    command = await house.order(EMAIL, recipients=tuple(house.sealed(p) for p in PEOPLE))
    first, body = await house.publish(command)
    again, _ = await house.publish(command)
    retry, _ = await house.publish(command, attempt=2)
    assert sink.recipients == list(PEOPLE)
    assert first == again == retry
    assert first.outcome is StepOutcome.SUCCEEDED
    assert body.publications[0].location.startswith(f"smtp://127.0.0.1:{sink.port}/")
    message = message_from_bytes(sink.mails[0][1])
    assert message["To"] == PEOPLE[0]
    assert not message.defects


async def test_a_mail_in_doubt_is_held_by_default_and_the_others_go_out(
    house: House, sink: Sink
) -> None:
    people = tuple(house.sealed(p) for p in PEOPLE)
    command = await house.order(EMAIL, recipients=people)
    with pytest.raises(Died):
        await house.publish(command, mortal(house, house.job(EMAIL)))
    answer, body = await house.publish(command, attempt=2)
    assert sink.recipients == list(PEOPLE)
    assert answer.outcome is StepOutcome.HELD
    held = next(note for note in answer.notes if "held" in note)
    assert held.startswith("1 of 3 recipients are held")
    assert people[0].subject_id in held
    assert "ON_UNKNOWN=resend" in held
    assert sum(made.sent for made in body.publications) == len(people) - 1
    assert await house.publish(command, attempt=2) == (answer, body)


async def test_a_held_mail_goes_out_once_a_person_decided_to_resend(
    house: House, sink: Sink
) -> None:
    command = await house.order(EMAIL)
    with pytest.raises(Died):
        await house.publish(command, mortal(house, house.job(EMAIL)))
    held, _ = await house.publish(command, attempt=2)
    house.options["on_unknown"] = "resend"
    sent, _ = await house.publish(command, attempt=3)
    await house.publish(command, attempt=4)
    assert (held.outcome, sent.outcome) == (StepOutcome.HELD, StepOutcome.SUCCEEDED)
    assert len(sink.mails) == 2


async def test_a_mail_in_doubt_is_sent_again_where_the_operator_says_so(
    house: House, sink: Sink
) -> None:
    command = await house.order(EMAIL, recipients=tuple(house.sealed(p) for p in PEOPLE))
    with pytest.raises(Died):
        await house.publish(command, mortal(house, house.job(EMAIL)))
    house.options["on_unknown"] = "resend"
    answer, _ = await house.publish(command, attempt=2)
    await house.publish(command, attempt=3)
    assert sorted(sink.recipients) == sorted((*PEOPLE, PEOPLE[0]))
    assert answer.outcome is StepOutcome.SUCCEEDED
    ids = [message_from_bytes(data)["Message-ID"] for who, data in sink.mails if who == PEOPLE[0]]
    assert ids[0] == ids[1]


async def test_a_server_that_hangs_up_after_the_data_leaves_the_mail_in_doubt(
    house: House, sink: Sink
) -> None:
    command = await house.order(EMAIL)
    sink.hang_up = True
    answer, body = await house.publish(command)
    sink.hang_up = False
    assert (answer.outcome, body.publications) == (StepOutcome.HELD, ())
    held, _ = await house.publish(command, attempt=2)
    assert held.outcome is StepOutcome.HELD
    assert len(sink.mails) == 1


async def test_a_deferred_mail_is_sent_by_the_next_attempt(house: House, sink: Sink) -> None:
    command = await house.order(EMAIL, recipients=tuple(house.sealed(p) for p in PEOPLE))
    sink.answers[PEOPLE[1]] = "451 come back later"
    for attempt in (1, 2):
        with pytest.raises(StepError) as failure:
            await house.publish(command, attempt=attempt)
        assert failure.value.reason is FailureReason.UNAVAILABLE
    sink.answers.clear()
    answer, _ = await house.publish(command, attempt=3)
    assert answer.outcome is StepOutcome.SUCCEEDED
    assert sink.recipients == [PEOPLE[0], PEOPLE[2], PEOPLE[1]]


async def test_a_mail_that_stays_deferred_is_named_at_last(house: House, sink: Sink) -> None:
    people = tuple(house.sealed(p) for p in PEOPLE)
    command = await house.order(EMAIL, recipients=people)
    sink.answers[PEOPLE[1]] = "451 come back later"
    answer, _ = await house.publish(command, attempt=3)
    assert answer.outcome is StepOutcome.DEGRADED
    assert any(people[1].subject_id in note for note in answer.notes)


async def test_a_refused_recipient_fails_alone(house: House, sink: Sink) -> None:
    people = tuple(house.sealed(p) for p in PEOPLE)
    sink.answers[PEOPLE[1]] = "550 no such mailbox"
    command = await house.order(EMAIL, recipients=people)
    answer, _ = await house.publish(command)
    again, _ = await house.publish(command, attempt=2)
    assert again == answer
    assert answer.outcome is StepOutcome.DEGRADED
    assert f"recipient {people[1].subject_id}: the server answered 550" in answer.notes
    assert sink.recipients == [PEOPLE[0], PEOPLE[2]]


async def test_a_server_that_is_away_claims_nothing(house: House) -> None:
    house.options["smtp_url"] = f"smtp://127.0.0.1:{free_port()}"
    command = await house.order(EMAIL)
    with pytest.raises(StepError) as failure:
        await house.publish(command)
    assert failure.value.reason is FailureReason.UNAVAILABLE
    house.options["smtp_url"] = ""
    answer, _ = await house.publish(command, attempt=2)
    assert answer.outcome is StepOutcome.SUCCEEDED


async def test_a_password_is_not_sent_in_the_clear(house: House, sink: Sink) -> None:
    house.options["smtp_url"] = f"smtp://me:secret@127.0.0.1:{sink.port}"
    with pytest.raises(StepError) as failure:
        await house.publish(await house.order(EMAIL))
    assert failure.value.reason is FailureReason.NOT_CONFIGURED
    assert "secret" not in failure.value.message
    assert "secret" not in repr(house.settings)


async def test_the_lease_is_looked_at_before_every_single_mail(house: House, sink: Sink) -> None:
    command = await house.order(EMAIL, recipients=tuple(house.sealed(p) for p in PEOPLE))
    job = house.job(EMAIL, lease_s=5)
    send = Sink.handle_DATA

    async def slowly(self: Sink, *circumstances: object) -> str:
        house.clock.advance(3)
        return await send(self, *circumstances)  # type: ignore[arg-type]

    sink.handle_DATA = slowly.__get__(sink)  # type: ignore[method-assign]
    with pytest.raises(StepError) as refusal:
        await house.publish(command, job)
    assert refusal.value.reason is FailureReason.TIMEOUT
    assert sink.recipients == list(PEOPLE[:2])
    await house.publish(command, attempt=2)
    assert sink.recipients == list(PEOPLE)


async def test_the_undo_names_every_mail_that_cannot_be_recalled(house: House, sink: Sink) -> None:
    people = tuple(house.sealed(p) for p in PEOPLE)
    command = await house.order(EMAIL, recipients=people)
    job = house.job(EMAIL, lease_s=5)
    sink.answers[PEOPLE[1]] = "550 no"
    await house.publish(command, job)
    undone = await house.undo(EMAIL)
    assert await house.undo(EMAIL) == undone
    assert len(undone.left_behind) == 2
    assert all("cannot be recalled" in left for left in undone.left_behind)
    assert {people[0].subject_id, people[2].subject_id} == {
        left.split()[2].rstrip(":") for left in undone.left_behind
    }


async def test_the_undo_of_half_a_mailing_stops_the_other_half(house: House, sink: Sink) -> None:
    people = tuple(house.sealed(p) for p in PEOPLE)
    command = await house.order(EMAIL, recipients=people)
    with pytest.raises(Died):
        await house.publish(command, mortal(house, house.job(EMAIL)))
    undone = await house.undo(EMAIL)
    assert len(undone.left_behind) == 1
    assert "unknown whether it was sent" in undone.left_behind[0]
    house.options["on_unknown"] = "resend"
    with pytest.raises(StepError) as refusal:
        await house.publish(command, attempt=2)
    assert refusal.value.reason is FailureReason.CANCELLED
    assert sink.recipients == [PEOPLE[0]]


@pytest.mark.parametrize(
    ("field", "value"),
    [("smtp_url", "mail.example:25"), ("mail_from", "not an address")],
)
def test_settings_that_cannot_work_are_refused_at_the_start(
    house: House, field: str, value: str
) -> None:
    house.options[field] = value
    with pytest.raises(ValueError, match=field):
        channels_of(house.settings, house.door)
