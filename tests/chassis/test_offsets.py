"""Whatever finishes in whatever order: nothing is lost, and what was noted is not done twice."""

from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.broker import METADATA_CHARS_MAX, Position, TopicPartition
from chassis.offsets import UNFINISHED_MAX, Progress, parse, require_short

START = 1_000


@dataclass
class Life:
    """A partition read by one copy after another, with everything that was worked and noted."""

    offsets: list[int]
    respects_full: bool = True
    committed: Position = field(default_factory=lambda: Position(START))
    noted: set[int] = field(default_factory=set)
    finished: set[int] = field(default_factory=set)
    started: set[int] = field(default_factory=set)
    in_flight: list[int] = field(default_factory=list)
    progress: Progress = field(default_factory=lambda: Progress(Position(START)))
    at: int = 0

    def take(self) -> None:
        if self.at == len(self.offsets) or (self.respects_full and self.progress.full):
            return
        offset = self.offsets[self.at]
        self.at += 1
        if self.progress.take(offset):
            assert offset not in self.noted, "finished before the commit, and worked on again"
            self.started.add(offset)
            self.in_flight.append(offset)

    def finish(self, which: int) -> None:
        if self.in_flight:
            offset = self.in_flight.pop(which % len(self.in_flight))
            self.progress.finish(offset)
            self.finished.add(offset)

    def commit(self) -> None:
        self.committed = self.progress.position()
        assert len(self.committed.metadata) <= METADATA_CHARS_MAX
        self.noted = set(self.finished)

    def crash(self) -> None:
        self.finished &= self.noted
        self.in_flight.clear()
        self.progress = Progress(self.committed)
        behind = [offset for offset in self.offsets if offset < self.committed.offset]
        assert set(behind) <= self.noted, "the watermark passed an unfinished record"
        self.at = len(behind)

    def drain(self) -> None:
        for _ in range(3 * len(self.offsets) + 1):
            self.take()
            self.finish(0)
        assert self.at == len(self.offsets)


@st.composite
def logs(draw: st.DrawFn) -> list[int]:
    """Offsets of records; what lies between them are markers."""
    gaps = draw(st.lists(st.integers(1, 4), min_size=5, max_size=60))
    offsets, at = [], START - 1
    for gap in gaps:
        at += gap
        offsets.append(at)
    return offsets


steps = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.just(0)),
        st.tuples(st.just("take"), st.just(0)),
        st.tuples(st.just("finish"), st.integers(0, 50)),
        st.tuples(st.just("finish"), st.integers(0, 50)),
        st.tuples(st.just("commit"), st.just(0)),
        st.tuples(st.just("crash"), st.just(0)),
    ),
    min_size=10,
    max_size=200,
)


@settings(max_examples=400)
@given(logs(), steps)
def test_every_record_is_worked_and_none_again_that_was_finished_before_the_commit(
    offsets: list[int], story: list[tuple[str, int]]
) -> None:
    life = Life(offsets)
    for step, which in story:
        match step:
            case "take":
                life.take()
            case "finish":
                life.finish(which)
            case "commit":
                life.commit()
            case "crash":
                life.crash()
    life.drain()
    assert life.started == set(offsets)
    life.commit()
    assert life.committed == Position(max([START, *(offset + 1 for offset in offsets)]))


@settings(max_examples=400)
@given(logs(), steps)
def test_a_position_taken_up_and_given_back_is_the_same(
    offsets: list[int], story: list[tuple[str, int]]
) -> None:
    life = Life(offsets)
    for step, which in story:
        if step == "take":
            life.take()
        elif step == "finish":
            life.finish(which)
    position = life.progress.position()
    assert Progress(position).position() == position


@pytest.mark.parametrize("gap", [1, 40, 50_000])
def test_while_full_is_respected_the_note_has_room_for_everything(gap: int) -> None:
    """Every second record hangs; a whole poll arrives before anybody looks whether it is full."""
    life = Life([START + n * gap for n in range(5_000)], respects_full=False)
    while not life.progress.full:
        taken = life.at
        for _ in range(200):
            life.take()
        for offset in life.offsets[taken + 1 : life.at : 2]:
            life.finish(life.in_flight.index(offset))
    assert life.progress.unfinished >= 200
    life.commit()
    assert sum(parse(life.committed.metadata)[::2]) == life.progress.unfinished
    life.crash()
    life.drain()
    assert life.started == set(life.offsets)


def test_a_note_without_room_is_cut_and_nothing_is_lost() -> None:
    life = Life([START + n * 2 for n in range(20_000)], respects_full=False)
    for _ in life.offsets:
        life.take()
    chance = Random(5)
    for _ in range(10_000):
        life.finish(chance.randrange(1, len(life.in_flight)))
    assert life.progress.full
    position = life.progress.position()
    assert METADATA_CHARS_MAX - 20 < len(position.metadata) <= METADATA_CHARS_MAX
    again = Progress(position)
    worked = {offset for offset in life.offsets if offset >= position.offset and again.take(offset)}
    assert worked >= set(life.offsets) - life.finished


def test_a_partition_is_full_before_its_note_is() -> None:
    progress = Progress(Position(0))
    for offset in range(UNFINISHED_MAX):
        assert not progress.full
        progress.take(offset)
    assert progress.full
    progress.finish(0)
    assert not progress.full


def test_a_record_that_arrives_again_while_it_is_worked_on_is_not_worked_twice() -> None:
    progress = Progress(Position(0))
    assert progress.take(0)
    assert not progress.take(0)
    progress.finish(0)
    assert not progress.take(0)
    assert progress.position() == Position(1)


def test_finished_ahead_is_written_as_runs() -> None:
    progress = Progress(Position(100))
    for offset in range(100, 111):
        progress.take(offset)
    for offset in (101, 102, 103, *range(106, 111)):
        progress.finish(offset)
    assert progress.position() == Position(100, "1:1,3,2,5")


def test_the_watermark_jumps_over_what_was_finished_in_an_earlier_life() -> None:
    progress = Progress(Position(100, "1:1,3,2,5"))
    assert progress.take(100)
    progress.finish(100)
    assert progress.position() == Position(104, "1:2,5")
    assert [offset for offset in range(101, 112) if progress.take(offset)] == [104, 105, 111]


def test_an_unfinished_record_that_retention_deleted_does_not_hold_the_watermark() -> None:
    progress = Progress(Position(100, "1:1,3,2,5"))
    assert progress.take(105)
    assert progress.position() == Position(105, "1:1,5")
    progress.finish(105)
    assert progress.position() == Position(111)


garbage = st.one_of(
    st.text(),
    st.text(alphabet="1:,0aZ-_ +.z", max_size=40),
    st.text(alphabet="0123456789abcdefghijklmnopqrstuvwxyz,", max_size=60).map(lambda t: "2:" + t),
)


@given(garbage)
def test_a_note_of_somebody_else_says_nothing(metadata: str) -> None:
    runs = parse(metadata)
    assert all(run >= 0 for run in runs)
    progress = Progress(Position(START, metadata))
    if not runs:
        assert progress.position() == Position(START)
        assert progress.take(START)


NOT_OURS = (
    *("", "1:", "1:1", "1:1,2,3", "1:-1,2", "1: 1,2", "1:1_0,2", "1:1,2 ", "1:1,2\n", "1:+1,2"),
    *("1:A,2", "2:1,2", "1:1,,2", "1:1,2,", "1:zzzzzz,1", "1:" + "z" * 4_000, "\ud800"),
    "1:\u0661,2",  # a digit, but an Arabic one
)


@pytest.mark.parametrize("metadata", NOT_OURS)
def test_a_note_that_nobody_of_us_wrote_is_no_note(metadata: str) -> None:
    assert parse(metadata) == []


def test_a_note_that_is_too_long_is_named() -> None:
    require_short({TopicPartition("t", 3): Position(1, "z" * METADATA_CHARS_MAX)})
    with pytest.raises(ValueError, match="t-3: 4001 characters"):
        require_short({TopicPartition("t", 3): Position(1, "z" * (METADATA_CHARS_MAX + 1))})
