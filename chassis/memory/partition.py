"""One partition as a list: records, transaction markers, and how far readers may see.

A transaction's records share its `Fate`. Markers take an offset each, so offsets have holes.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from chassis.broker import Incoming, Outgoing, TopicPartition


class Outcome(Enum):
    """How a transaction ended, or that it has not."""

    OPEN = auto()
    COMMITTED = auto()
    ABORTED = auto()


@dataclass(slots=True, eq=False)
class Fate:
    """What became of one transaction; all of its records look here."""

    outcome: Outcome = Outcome.OPEN


@dataclass(frozen=True, slots=True)
class _Entry:
    record: Incoming | None  # None: a marker
    fate: Fate | None = None  # None: written outside any transaction

    @property
    def readable(self) -> bool:
        visible = self.fate is None or self.fate.outcome is Outcome.COMMITTED
        return self.record is not None and visible


@dataclass(slots=True)
class Partition:
    """One partition of one topic."""

    name: TopicPartition
    _entries: list[_Entry] = field(default_factory=list)
    _open: dict[Fate, int] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The high watermark: the offset that the next entry gets."""
        return len(self._entries)

    @property
    def stable_end(self) -> int:
        """The last stable offset: before it every transaction has ended."""
        return min(self._open.values(), default=self.end)

    def append(self, record: Outgoing, timestamp_ms: int, fate: Fate | None = None) -> None:
        """Write a record; one with a fate stays unread until its transaction is committed."""
        offset = self.end
        if fate is not None:
            self._open.setdefault(fate, offset)
        topic, number = self.name
        incoming = Incoming(
            topic, number, offset, record.key, record.value, record.headers, timestamp_ms
        )
        self._entries.append(_Entry(incoming, fate))

    def mark(self, fate: Fate) -> None:
        """Write the marker that ends a transaction here."""
        self._open.pop(fate)
        self._entries.append(_Entry(None))

    def read(self, start: int, end: int, records_max: int) -> tuple[list[Incoming], int]:
        """Committed records in [start, end), and the position behind what was looked at."""
        found: list[Incoming] = []
        at = start
        until = min(end, self.stable_end)
        while at < until and len(found) < records_max:
            entry = self._entries[at]
            if entry.readable and entry.record is not None:
                found.append(entry.record)
            at += 1
        return found, at
