"""`sagaline dead` without a broker: which letters are meant, what is told, what a file keeps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.broker import Incoming
from chassis.letterbox import Closed, Letter, Letters, Place
from contracts.envelope import Actor, ActorKind
from contracts.records import DeadLetter, LetterAction
from deploy.cli import dead_choice, dead_file, dead_words
from deploy.cli.dead_choice import Described, Means
from deploy.cli.talk import CommandFailed

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DROPPED = Closed(LetterAction.DROPPED, NOON, Actor(kind=ActorKind.PERSON, id="maya"), "no use")


def letter(offset: int, *, key: bytes = b"one", reason: str = "a bug") -> Letter:
    body = DeadLetter(
        reason=reason,
        detail="",
        topic="campaign.results",
        partition=1,
        offset=offset,
        key=key,
        value=b"",
        headers={"ce_id": b"7"},
        seen_by="saga-0",
    )
    return Letter(Place(1, offset), f"id-{offset}", NOON, body, 4, "no schema", "t", "c", 1)


def letters(*found: Letter) -> Letters:
    return Letters({one.place: one for one in found}, 0)


def test_letters_are_named_or_described_never_both_and_never_neither() -> None:
    box = letters(letter(1), letter(2, reason="another"))
    named = dead_choice.chosen(box, ["1@2", "1@2"], Described(), Means())
    assert [one.place for one in named] == [Place(1, 2)]
    described = dead_choice.chosen(box, [], Described(cause="BUG"), Means())
    assert [one.place for one in described] == [Place(1, 1)]
    assert len(dead_choice.chosen(box, [], Described(), Means(everything=True))) == 2
    for names, wanted in ((["1@1"], Described(cause="bug")), ([], Described())):
        with pytest.raises(CommandFailed):
            dead_choice.chosen(box, names, wanted, Means())


def test_a_letter_that_is_closed_is_taken_only_by_name_and_again() -> None:
    closed = letter(1)
    closed.closed.append(DROPPED)
    box = letters(closed, letter(2))
    with pytest.raises(CommandFailed, match="closed already: 1@1; --again"):
        dead_choice.chosen(box, ["1@1"], Described(), Means())
    assert dead_choice.chosen(box, ["1@1"], Described(), Means(again=True)) == [closed]
    assert closed not in dead_choice.chosen(box, [], Described(), Means(everything=True))


@pytest.mark.parametrize(("name", "reason"), [("x", "is no letter"), ("9@9", "there is no letter")])
def test_a_name_that_is_none_is_refused(name: str, reason: str) -> None:
    with pytest.raises(CommandFailed, match=reason):
        dead_choice.named(letters(letter(1)), [name])


def test_a_record_does_not_jump_an_earlier_one_of_its_key() -> None:
    first, second, other = letter(1), letter(2), letter(3, key=b"two")
    box = letters(first, second, other)
    with pytest.raises(CommandFailed, match="1@1 comes before 1@2"):
        dead_choice.require_order(box, [second])
    dead_choice.require_order(box, [first, second])
    dead_choice.require_order(box, [other])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30m", NOON - timedelta(minutes=30)),
        ("7d", NOON - timedelta(days=7)),
        ("2026-05-04T10:00", NOON - timedelta(hours=2)),
        ("2026-05-04T12:00:00+02:00", NOON - timedelta(hours=2)),
    ],
)
def test_since_is_so_long_ago_or_a_moment(text: str, moment: datetime) -> None:
    assert dead_choice.moment(text, NOON) == moment


def test_since_that_is_neither_says_how_to_say_it() -> None:
    with pytest.raises(CommandFailed, match="say 30m, 2h, 7d"):
        dead_choice.moment("yesterday", NOON)


def test_what_is_told_holds_no_content_only_its_size_and_hash() -> None:
    one = letter(1)
    one.closed.append(DROPPED)
    record = Incoming("campaign.results", 1, 1, b"one", b"a secret \x1b[2J")
    told = "\n".join(dead_words.told(one, record))
    assert "secret" not in told
    assert "13 bytes, SHA-256" in told
    assert "closed    DROPPED by person maya" in told
    assert "no use" in told
    assert dead_words.as_data(one)["closed"][0]["actor"] == "person:maya"


def test_a_saved_letter_is_the_letter_and_its_owners_only(tmp_path: Path) -> None:
    record = Incoming("campaign.results", 1, 1, None, b"\x00\xff", (("h", b"\xfe"),))
    saved = dead_file.SavedLetter(
        letter="1@1",
        cause="a bug",
        at=NOON,
        record=dead_file.SavedRecord.of(record),
        history=(dead_file.SavedRecord.of(record),),
    )
    path = tmp_path / "letter.json"
    dead_file.save(saved, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert dead_file.load(path) == saved
    assert dead_file.load(path).record.record == record


def test_a_file_that_is_no_letter_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.json"
    path.write_text("{}")
    with pytest.raises(CommandFailed, match="this is no letter"):
        dead_file.load(path)
