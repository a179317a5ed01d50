"""What anybody can read of the topics: committed bytes, record by record. It knows no engine."""

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from chassis.broker import Incoming, TopicPartition
from chassis.codec import Codec
from chassis.errors import Undecodable
from chassis.memory import MemoryBroker
from contracts import topics

ENDS = frozenset({"WorkflowCompleted", "WorkflowFailed", "WorkflowRejected", "WorkflowCancelled"})

READINGS_KEPT: Final = 2_048


class Said(NamedTuple):
    """One record: where it stands, what it is, and its fields as the wire has them."""

    incoming: Incoming
    name: str
    fields: dict[str, Any]

    @property
    def envelope(self) -> dict[str, Any]:
        found: dict[str, Any] = self.fields["envelope"]
        return found

    @property
    def campaign_id(self) -> str:
        return str(self.envelope["campaign_id"])


class Transcript:
    """A reader of one topic that remembers how far it has read, and sees no open transaction."""

    def __init__(self, broker: MemoryBroker, codec: Codec, topic: str) -> None:
        self._ledger = broker._ledger
        self._codec = codec
        self._at = {TopicPartition(topic, number): 0 for number in range(self._ledger.count(topic))}

    def new(self) -> Iterator[Said]:
        """What can be read now and could not be before, in the partitions' order."""
        for incoming in self.records():
            yield Said(incoming, *_read(self._codec, incoming.value))

    def records(self) -> Iterator[Incoming]:
        """The same, not decoded."""
        for place, start in self._at.items():
            log = self._ledger.partition(place)
            found, self._at[place] = log.read(start, log.end, 1_000_000)
            yield from found

    def standing(self) -> Iterator[Said]:
        """What was written outside any transaction, also where an open one still hides it."""
        for place, start in self._at.items():
            log = self._ledger.partition(place)
            entries, self._at[place] = log._entries[start:], log.end
            for entry in entries:
                if entry.record is not None and entry.fate is None:
                    yield Said(entry.record, *_read(self._codec, entry.record.value))


@lru_cache(READINGS_KEPT)
def _read(codec: Codec, value: bytes | None) -> tuple[str, dict[str, Any]]:
    """Name and fields of a message; an empty name where it is none. Many read the same records."""
    try:
        decoded = codec.decode(value, validate=False)
    except Undecodable:
        return "", {}
    return decoded.entry.name, decoded.record


class Ends:
    """Which campaigns have ended, by the log as it can be read at the moment of asking."""

    def __init__(self, broker: MemoryBroker, codec: Codec) -> None:
        self._log = Transcript(broker, codec, topics.LOG)
        self._how: dict[str, str] = {}

    def __call__(self, campaign_id: str) -> bool:
        self._read()
        return campaign_id in self._how

    def how(self) -> dict[str, str]:
        """The ends so far, by campaign."""
        self._read()
        return self._how

    def _read(self) -> None:
        for said in self._log.new():
            if said.name in ENDS:
                self._how[said.campaign_id] = said.name
            elif said.name == "WorkflowRetried":
                self._how.pop(said.campaign_id, None)


def digest_of(broker: MemoryBroker) -> str:
    """SHA-256 over every byte of every partition, uncommitted records and markers too."""
    digest = hashlib.sha256()
    for topic, partitions in sorted(broker._ledger._topics.items()):
        for partition in partitions:
            digest.update(f"{topic}-{partition.name.partition}:{partition.end}\n".encode())
            for entry in partition._entries:
                fate = entry.fate.outcome.name if entry.fate else ""
                digest.update(f"{fate} {entry.record!r}\n".encode())
    return digest.hexdigest()
