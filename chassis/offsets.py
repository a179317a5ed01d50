"""Which records of a partition are finished, and how that is written beside a committed offset.

Work on many keys at once finishes out of order. The committed offset is the watermark: the first
unfinished record. What was finished above it is noted in the commit's metadata as lengths of
alternating runs, unfinished first, base 36: `1:1,3,2,5` means from the watermark on 1 unfinished,
3 finished, 2 unfinished, 5 finished. Offsets that hold no record (transaction markers) count as
finished. Pure.
"""

import re
from bisect import bisect_left, insort
from collections.abc import Mapping

from chassis.broker import METADATA_CHARS_MAX, Position, TopicPartition

UNFINISHED_MAX = 400
"""So many unfinished records of one partition always fit into the note, whatever the gaps."""

RUNS_CHARS_MAX = 2 * len(",zzzzzzzzzzzz")
"""An unfinished record adds at most two runs to the note, of 12 digits each (`NOTE`)."""

UNFINISHED_READ_MAX = 1_000_000
"""More than any copy of ours leaves unfinished: a note that says so is not ours."""

VERSION = "1:"
NOTE = re.compile(r"1:[0-9a-z]{1,12}(,[0-9a-z]{1,12})*")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Progress:
    """One partition's unfinished records in offset order."""

    def __init__(self, start: Position) -> None:
        self._unfinished: list[int] = []
        self._unseen: set[int] = set()
        self._finished_below = start.offset
        if start.metadata:
            self._resume(start)

    def take(self, offset: int) -> bool:
        """A record arrived: True where it is to be worked on.

        False where it was finished before, or is being worked on already. Records arrive in offset
        order; an offset that was passed over holds no record.
        """
        if self._unseen:
            for gone in [unseen for unseen in self._unseen if unseen < offset]:
                self._unseen.discard(gone)
                self.finish(gone)
            if offset in self._unseen:
                self._unseen.discard(offset)
                return True
        if offset < self._finished_below or self._index(offset) is not None:
            return False
        insort(self._unfinished, offset)
        return True

    def finish(self, offset: int) -> None:
        """The record needs no more work."""
        index = self._index(offset)
        if index is not None:
            del self._unfinished[index]
        self._finished_below = max(self._finished_below, offset + 1)

    @property
    def unfinished(self) -> int:
        """How many records are waiting or being worked on."""
        return len(self._unfinished)

    def position(self) -> Position:
        """Watermark and note, for the commit.

        A note without room for all is cut: what was finished above the cut will be worked on again
        after a crash, and nothing is lost.
        """
        if not self._unfinished:
            return Position(self._finished_below)
        watermark = self._unfinished[0]
        if self._finished_below <= watermark:
            return Position(watermark)
        return Position(watermark, _note(self._runs(watermark)))

    @property
    def full(self) -> bool:
        """True where the note may soon lack room: stop fetching this partition."""
        if len(self._unfinished) >= UNFINISHED_MAX:
            return True
        if len(self._unfinished) * RUNS_CHARS_MAX <= METADATA_CHARS_MAX // 2:
            return False  # without writing it: asked at every turn, and few are unfinished
        return len(self.position().metadata) > METADATA_CHARS_MAX * 3 // 4

    def _index(self, offset: int) -> int | None:
        """Where the offset stands among the unfinished, or None."""
        index = bisect_left(self._unfinished, offset)
        there = index < len(self._unfinished) and self._unfinished[index] == offset
        return index if there else None

    def _runs(self, watermark: int) -> list[int]:
        runs: list[int] = []
        at, high = watermark, self._finished_below
        pending = [offset for offset in self._unfinished if offset < high]
        index = 0
        while at < high:
            start = index
            while index < len(pending) and pending[index] == at + (index - start):
                index += 1
            unfinished = index - start
            at += unfinished
            until = pending[index] if index < len(pending) else high
            runs += [unfinished, until - at]
            at = until
        return runs

    def _resume(self, start: Position) -> None:
        runs = parse(start.metadata)
        at = start.offset
        for unfinished, finished in zip(runs[::2], runs[1::2], strict=True):
            self._unfinished.extend(range(at, at + unfinished))
            at += unfinished + finished
        self._finished_below = at
        self._unseen = set(self._unfinished)


def parse(metadata: str) -> list[int]:
    """The run lengths in a commit's metadata; empty where it is not ours."""
    if not NOTE.fullmatch(metadata):
        return []
    runs = [int(length, 36) for length in metadata.removeprefix(VERSION).split(",")]
    ours = len(runs) % 2 == 0 and sum(runs[::2]) <= UNFINISHED_READ_MAX
    return runs if ours else []


def require_short(positions: Mapping[TopicPartition, Position]) -> None:
    """ValueError where a position's note is longer than the port allows."""
    for partition, position in positions.items():
        if len(position.metadata) > METADATA_CHARS_MAX:
            raise ValueError(
                f"{partition.topic}-{partition.partition}: {len(position.metadata)} characters of "
                f"metadata; at most {METADATA_CHARS_MAX} fit beside a position"
            )


def _note(runs: list[int]) -> str:
    note = VERSION
    for unfinished, finished in zip(runs[::2], runs[1::2], strict=True):
        comma = "," if len(note) > len(VERSION) else ""
        longer = f"{note}{comma}{_base36(unfinished)},{_base36(finished)}"
        if len(longer) > METADATA_CHARS_MAX:
            break
        note = longer
    return note


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
        if not number:
            return digits
