"""Dead letters are put back in their order, once, or dropped for a reason, and both are kept."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.broker import Incoming, Outgoing, TopicPartition
from chassis.clock import ManualClock
from chassis.codec import Codec
from chassis.dead_letter import DeadLetters
from chassis.errors import Aborted, Fenced, Rejected
from chassis.letterbox import REDRIVES_HEADER, Letter, Letterbox, Letters, Place, Which
from chassis.memory import Fault, MemoryBroker
from chassis.redrive import COUNTER, LETTER_HEADER, Clerk, Notes
from contracts import topics
from contracts.envelope import Actor, ActorKind, AppName
from contracts.records import LetterAction
from contracts.requests import CancelCampaign
from tests.contracts.examples import message_of, uuid_of

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
CODEC = Codec()
MAYA = Actor(kind=ActorKind.PERSON, id="maya")
CANCEL = CODEC.encode(*message_of(CancelCampaign))
EVERY = Which()


class Post:
    """A broker with dead letters, and whoever writes and closes them."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOON)
        self.broker = MemoryBroker(clock=self.clock)
        for topic in (topics.REQUESTS, topics.RESULTS, topics.DEAD_LETTERS):
            self.broker.create(topic, 3)
        self.maker = DeadLetters(CODEC, AppName.ORCHESTRATOR, "saga-1")

    async def bury(self, record: Incoming, reason: str = "it breaks") -> None:
        letter = self.maker.letter(record, reason, "", self.clock.now())
        await self.broker.producer().send([letter])

    def clerk(self) -> Clerk:
        box = Letterbox(self.broker.reader(), CODEC)
        return Clerk(box, self.broker.together(COUNTER), Notes(CODEC, MAYA, self.clock))

    async def letters(self) -> Letters:
        return await Letterbox(self.broker.reader(), CODEC).letters()

    async def open(self, which: Which = EVERY) -> tuple[Letter, ...]:
        return (await self.letters()).open(which)

    async def read(self, topic: str) -> list[Incoming]:
        reader = self.broker.reader()
        sources = [TopicPartition(topic, number) for number in range(3)]
        ends = {source: end for source, (_, end) in (await reader.ends(sources)).items()}
        return [one async for one in reader.read(dict.fromkeys(sources, 0), ends)]


@pytest.fixture
def post() -> Post:
    return Post()


def request(offset: int, key: bytes | None = b"one", value: bytes | None = CANCEL) -> Incoming:
    return Incoming(topics.REQUESTS, 1, offset, key, value, (("ce_id", b"%d" % offset),))


def outgoing(record: Incoming) -> Outgoing:
    """The record on the results' topic, all in one partition."""
    return Outgoing(topics.RESULTS, record.key, record.value, record.headers, 1)


async def test_a_letter_says_what_it_holds_and_where_that_stood(post: Post) -> None:
    await post.bury(request(7), "a bug")
    (letter,) = await post.open()
    envelope, _, _ = message_of(CancelCampaign)
    assert letter.schema.startswith("CancelCampaign v1 (schema 1000003)")
    assert (letter.tenant_id, letter.campaign_id) == (envelope.tenant_id, envelope.campaign_id)
    assert (letter.body.topic, letter.body.partition, letter.body.offset) == (*request(7).source, 7)
    assert (letter.body.key, letter.body.headers) == (b"one", {"ce_id": b"7"})
    assert (letter.body.reason, letter.attempts, letter.at) == ("a bug", 1, NOON)
    assert letter.size == len(CANCEL)


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (b"junk", "no schema: "),
        (b"\x00\x00\x00\x00\x4d, else", "schema 77: schema id 77 is unknown"),
    ],
)
async def test_a_letter_that_cannot_be_decoded_says_at_which_test_it_failed(
    post: Post, value: bytes, schema: str
) -> None:
    tenant = uuid_of("acme")
    headers = (("tenant_id", tenant.encode()),)
    await post.bury(replace(request(1, value=value), headers=headers))
    (letter,) = await post.open()
    assert letter.schema.startswith(schema)
    assert letter.tenant_id == tenant


async def test_letters_of_a_key_go_back_in_their_original_order(post: Post) -> None:
    for offset, key in ((9, b"one"), (3, b"two"), (5, b"one"), (4, b"two"), (7, b"one")):
        await post.bury(request(offset, key))
    clerk = post.clerk()
    await clerk.redrive((await clerk.open()).open(EVERY))
    back = await post.read(topics.REQUESTS)
    by_key = {key: [r.headers[0][1] for r in back if r.key == key] for key in (b"one", b"two")}
    assert by_key == {b"one": [b"5", b"7", b"9"], b"two": [b"3", b"4"]}
    assert all(record.value == CANCEL for record in back)
    assert await post.open() == ()


async def test_many_letters_go_back_batch_after_batch(post: Post) -> None:
    for offset in range(45):
        await post.bury(request(offset))
    clerk = post.clerk()
    await clerk.redrive((await clerk.open()).open(EVERY))
    ids = [int(record.headers[0][1]) for record in await post.read(topics.REQUESTS)]
    assert ids == list(range(45))


async def test_a_record_that_goes_back_says_which_letter_it_was(post: Post) -> None:
    await post.bury(request(7))
    clerk = post.clerk()
    (letter,) = (await clerk.open()).open(EVERY)
    await clerk.redrive([letter])
    (back,) = await post.read(topics.REQUESTS)
    assert dict(back.headers) == {
        "ce_id": b"7",
        LETTER_HEADER: f"{letter.letter_id} {letter.place}".encode(),
        REDRIVES_HEADER: b"1",
    }


async def test_a_record_that_dies_again_is_another_letter_with_one_attempt_more(
    post: Post,
) -> None:
    again = request(7)
    for attempts in (1, 2, 3):
        await post.bury(again)
        (letter,) = await post.open()
        assert letter.attempts == attempts
        clerk = post.clerk()
        await clerk.redrive((await clerk.open()).open(EVERY))
        *_, again = await post.read(topics.REQUESTS)
    assert again.headers[-1] == (REDRIVES_HEADER, b"3")


async def test_who_closed_a_letter_when_and_why_is_kept_beside_it(post: Post) -> None:
    await post.bury(request(1))
    await post.bury(request(2))
    clerk = post.clerk()
    one, two = (await clerk.open()).open(EVERY)
    post.clock.advance(60)
    await clerk.redrive([one])
    await clerk.drop([two], "the campaign is gone")
    kept = (await post.letters()).by_place
    assert [len(kept[letter.place].closed) for letter in (one, two)] == [1, 1]
    (redriven,), (dropped,) = kept[one.place].closed, kept[two.place].closed
    later = NOON + timedelta(seconds=60)
    assert (redriven.action, redriven.at, redriven.actor) == (LetterAction.REDRIVEN, later, MAYA)
    assert (dropped.action, dropped.reason) == (LetterAction.DROPPED, "the campaign is gone")
    assert await post.open() == ()
    assert len(await post.read(topics.REQUESTS)) == 1
    assert {r.partition for r in await post.read(topics.DEAD_LETTERS)} == {one.place.partition}


async def test_of_two_clerks_the_last_to_open_closes(post: Post) -> None:
    await post.bury(request(1))
    early, late = post.clerk(), post.clerk()
    letters = (await early.open()).open(EVERY)
    await late.redrive((await late.open()).open(EVERY))
    with pytest.raises(Fenced):
        await early.redrive(letters)
    assert len(await post.read(topics.REQUESTS)) == 1
    assert await post.open() == ()


async def test_record_and_note_stand_together_or_not_at_all(post: Post) -> None:
    await post.bury(request(1))
    clerk = post.clerk()
    letters = (await clerk.open()).open(EVERY)
    post.broker.fail_next(Fault.TRANSACTION_ABORTS)
    with pytest.raises(Aborted):
        await clerk.redrive(letters)
    assert await post.read(topics.REQUESTS) == []
    assert [one.place for one in await post.open()] == [one.place for one in letters]


async def test_a_redrive_that_is_cut_off_leaves_no_record_without_its_note(post: Post) -> None:
    await post.bury(request(1))
    clerk = post.clerk()
    letters = (await clerk.open()).open(EVERY)
    written = clerk._pen.write

    async def once(records: Sequence[Outgoing]) -> None:
        await written(records)
        post.broker.fail_next(Fault.TRANSACTION_ABORTS)

    clerk._pen.write = once  # type: ignore[method-assign]
    with suppress(Aborted):
        await clerk.redrive(letters)
    assert len(await post.read(topics.REQUESTS)) == 1
    assert await post.open() == ()


async def test_what_a_clerk_has_read_no_earlier_one_closes_any_more(post: Post) -> None:
    await post.bury(request(1))
    early, late = post.clerk(), post.clerk()
    seen = (await early.open()).open(EVERY)
    read = late._box.letters

    async def read_and_let_the_other_try() -> Letters:
        found = await read()
        with pytest.raises(Fenced):
            await early.redrive(seen)
        return found

    late._box.letters = read_and_let_the_other_try  # type: ignore[method-assign]
    await late.redrive((await late.open()).open(EVERY))
    assert len(await post.read(topics.REQUESTS)) == 1


async def test_two_letters_about_one_record_are_one(post: Post) -> None:
    await post.bury(request(1))
    await post.bury(request(1))
    clerk = post.clerk()
    (letter,) = (await clerk.open()).open(EVERY)
    assert letter.copies == 1
    await clerk.redrive([letter])
    assert len(await post.read(topics.REQUESTS)) == 1
    assert await post.open() == ()


async def test_a_letter_without_its_value_is_put_back_from_where_the_original_stands(
    post: Post,
) -> None:
    await post.broker.producer().send(
        [outgoing(request(0, value=b"x" * 10)), outgoing(request(1, value=b"y" * 10))]
    )
    stood = await post.read(topics.RESULTS)
    await post.bury(replace(stood[1], value=None))
    clerk = post.clerk()
    await clerk.redrive((await clerk.open()).open(EVERY))
    *_, back = await post.read(topics.RESULTS)
    assert (back.key, back.value) == (b"one", b"y" * 10)


async def test_a_letter_whose_original_is_gone_holds_all_back_and_can_be_dropped(
    post: Post,
) -> None:
    await post.bury(request(1))
    await post.bury(request(40, value=None))
    clerk = post.clerk()
    letters = (await clerk.open()).open(EVERY)
    with pytest.raises(
        Rejected, match=r"\d@\d+: the letter holds no value and retention has taken"
    ):
        await clerk.redrive(letters)
    assert await post.read(topics.REQUESTS) == []
    await clerk.drop(letters[1:], "nothing is left of it")
    assert [one.body.offset for one in await post.open()] == [1]


async def test_a_record_without_a_key_goes_back_where_it_stood(post: Post) -> None:
    await post.bury(request(4, key=None))
    clerk = post.clerk()
    await clerk.redrive((await clerk.open()).open(EVERY))
    (back,) = await post.read(topics.REQUESTS)
    assert (back.partition, back.key) == (1, None)


async def test_an_earlier_letter_of_the_key_is_named_before_it_is_jumped(post: Post) -> None:
    for offset, key in ((3, b"one"), (5, b"one"), (4, b"two"), (8, None), (9, None)):
        await post.bury(request(offset, key))
    letters = await post.letters()
    by_offset = {one.body.offset: one for one in letters.open(EVERY)}
    jumps = letters.before([by_offset[5], by_offset[4], by_offset[9]])
    assert [(one.body.offset, first.body.offset) for one, first in jumps] == [(5, 3)]
    assert letters.before([by_offset[3], by_offset[5]]) == ()


async def test_letters_are_chosen_by_topic_cause_tenant_key_and_age(post: Post) -> None:
    await post.bury(request(1, b"k1"), "The engine FAILED on it")
    await post.bury(replace(request(2, b"k2"), topic=topics.RESULTS), "no such campaign")
    post.clock.advance(3_600)
    await post.bury(request(3, b"k3", b"junk"), "the first byte")
    tenant = message_of(CancelCampaign)[0].tenant_id
    chosen = {
        "topic": Which(topic=topics.RESULTS),
        "cause": Which(cause="engine failed"),
        "tenant": Which(tenant_id=tenant),
        "key": Which(key="k3"),
        "since": Which(since=NOON + timedelta(minutes=30)),
        "both": Which(topic=topics.REQUESTS, tenant_id=tenant),
    }
    found = {
        name: [one.body.offset for one in await post.open(which)] for name, which in chosen.items()
    }
    assert found == {
        "topic": [2],
        "cause": [1],
        "tenant": [1, 2],
        "key": [3],
        "since": [3],
        "both": [1],
    }


async def test_what_is_no_letter_is_counted_and_passed_over(post: Post) -> None:
    stray = outgoing(request(1, value=b"stray"))
    await post.broker.producer().send([replace(stray, topic=topics.DEAD_LETTERS)])
    await post.bury(request(1))
    letters = await post.letters()
    assert (letters.strangers, len(letters.by_place)) == (1, 1)


@pytest.mark.parametrize("text", ["", "3", "@", "3@", "a@b", "3@-1", "1@2@3"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no letter"):
        Place.read(text)


def test_a_place_reads_as_it_is_written() -> None:
    assert Place.read(str(Place(3, 17))) == (3, 17)
