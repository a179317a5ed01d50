"""Which records of a partition are finished, and how that is written beside a committed offset.

Work on many keys at once finishes out of order. The committed offset is the watermark: the first
unfinished record. What was finished above it is noted in the commit's metadata as lengths of
alternating runs, unfinished first, base 36: `1:1,3,2,5` means from the watermark on 1 unfinished,
3 finished, 2 unfinished, 5 finished. Offsets that hold no record (transaction markers) count as
finished. Pure.
"""

from bisect import bisect_left, insort

from chassis.broker import METADATA_CHARS_MAX, Position

VERSION = "1:"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Progress:
    """One partition's unfinished records in offset order."""

    def __init__(self, start: Position) -> None:
        self._next = start.offset
        self._unfinished: list[int] = []
        self._unseen: set[int] = set()
        self._finished_below = start.offset
        if start.metadata:
            self._resume(start)

    def take(self, offset: int) -> bool:
        """A record arrived: True where it is to be worked on, False where it was finished before.

        Records arrive in offset order; an offset that was passed over holds no record.
        """
        for gone in [unseen for unseen in self._unseen if unseen < offset]:
            self._unseen.discard(gone)
            self.finish(gone)
        self._next = max(self._next, offset + 1)
        if offset in self._unseen:
            self._unseen.discard(offset)
            return True
        if offset < self._finished_below:
            return False
        insort(self._unfinished, offset)
        return True

    def finish(self, offset: int) -> None:
        """The record needs no more work."""
        index = bisect_left(self._unfinished, offset)
        if index < len(self._unfinished) and self._unfinished[index] == offset:
            del self._unfinished[index]
        self._finished_below = max(self._finished_below, offset + 1)

    @property
    def unfinished(self) -> int:
        """How many records are waiting or being worked on."""
        return len(self._unfinished)

    def position(self) -> Position:
        """Watermark and metadata, for the commit."""
        if not self._unfinished:
            return Position(max(self._next, self._finished_below))
        watermark = self._unfinished[0]
        if self._finished_below <= watermark:
            return Position(watermark)
        return Position(watermark, VERSION + ",".join(map(_base36, self._runs(watermark))))

    @property
    def full(self) -> bool:
        """True where the note has no room for another gap: stop fetching this partition."""
        return len(self.position().metadata) > METADATA_CHARS_MAX * 3 // 4

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
    if not metadata.startswith(VERSION):
        return []
    try:
        runs = [int(length, 36) for length in metadata.removeprefix(VERSION).split(",")]
    except ValueError:
        return []
    return runs if len(runs) % 2 == 0 else []


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
        if not number:
            return digits
