"""The sagas of the partitions that this copy owns, with the overlay of the tick in hand."""

import heapq
from collections.abc import Iterator
from datetime import datetime

from services.orchestrator.saga.brief import Brief, brief_of
from services.orchestrator.saga.snapshots import Packed
from services.orchestrator.saga.state import Life, Saga

OVER = frozenset({Life.COMPLETED, Life.REJECTED, Life.CANCELLED})
"""Ended for good. What FAILED may be retried, and so keeps everything."""


class Held:
    """A saga, the hash of its last record, and how much has happened since its snapshot.

    Equal where these are. Nobody changes one; it may be packed, and unpacks when `saga` is asked
    for. `brief` and `sequence` never unpack.
    """

    __slots__ = ("_brief", "_saga", "facts_since_snapshot", "head_hash")

    def __init__(
        self,
        saga: Saga | Packed,
        head_hash: str,
        facts_since_snapshot: int = 0,
        brief: Brief | None = None,
    ) -> None:
        assert brief or isinstance(saga, Saga), "what is packed needs its brief"
        self._saga = saga
        self._brief = brief
        self.head_hash = head_hash
        self.facts_since_snapshot = facts_since_snapshot

    @property
    def is_packed(self) -> bool:
        """True until somebody asks for the saga itself."""
        return isinstance(self._saga, Packed)

    @property
    def saga(self) -> Saga:
        """The saga. Raises Unusable where its snapshot turns out to be none."""
        if isinstance(self._saga, Packed):
            assert self._brief is not None
            self._saga = self._saga.unpacked(self._brief, self.head_hash)
        return self._saga

    @property
    def sequence(self) -> int:
        """How many facts the saga has."""
        return self.brief.sequence if isinstance(self._saga, Packed) else self._saga.sequence

    @property
    def brief(self) -> Brief:
        """What is asked of every saga at once."""
        if self._brief is None:
            self._brief = brief_of(self.saga)
        return self._brief

    def __eq__(self, other: object) -> bool:
        """True where saga, hash and count are the same; unpacks both."""
        if not isinstance(other, Held):
            return NotImplemented
        own = (self.saga, self.head_hash, self.facts_since_snapshot)
        return own == (other.saga, other.head_hash, other.facts_since_snapshot)

    __hash__ = None  # type: ignore[assignment]


def kept(held: Held) -> Held:
    """What is held of a saga: of one that is over, only what a late request is refused by.

    Its plan, steps and goal are in the log, and in the view; here they would pile up for ever.
    What is packed was written by a role that had done this.
    """
    if held.is_packed:
        return held
    if held.saga.life not in OVER or not held.saga.plan:
        return held
    saga = held.saga.model_copy(update={"goal": b"", "plan": (), "steps": {}, "closing": None})
    return Held(saga, held.head_hash, held.facts_since_snapshot)


class Store:
    """Sagas by partition and campaign. Changes go to an overlay until `merge` or `discard`."""

    def __init__(self) -> None:
        self._partitions: dict[int, dict[str, Held]] = {}
        self._overlay: dict[tuple[int, str], Held] = {}
        self._due: list[tuple[datetime, int, str]] = []

    def replace(self, partition: int, sagas: dict[str, Held]) -> None:
        """Hold exactly these sagas for the partition."""
        sagas = {campaign_id: kept(held) for campaign_id, held in sagas.items()}
        self._partitions[partition] = sagas
        others = [entry for entry in self._due if entry[1] != partition]
        own = (self._entry(partition, campaign_id, held) for campaign_id, held in sagas.items())
        self._due = [*others, *(entry for entry in own if entry is not None)]
        heapq.heapify(self._due)

    def drop(self, partition: int) -> None:
        """Forget the partition."""
        self._partitions.pop(partition, None)

    def get(self, partition: int, campaign_id: str) -> Held | None:
        """The saga as the tick in hand sees it."""
        changed = self._overlay.get((partition, campaign_id))
        return changed or self._partitions.get(partition, {}).get(campaign_id)

    def put(self, partition: int, held: Held) -> None:
        """Change a saga, for the tick in hand."""
        self._overlay[partition, held.saga.campaign_id] = kept(held)

    def changed(self, partition: int, campaign_id: str) -> Held | None:
        """What the tick in hand has made of the saga so far; None where it is untouched."""
        return self._overlay.get((partition, campaign_id))

    def put_back(self, partition: int, campaign_id: str, before: Held | None) -> None:
        """Undo what one input did within the tick in hand."""
        self._overlay.pop((partition, campaign_id), None)
        if before is not None:
            self._overlay[partition, campaign_id] = before

    def merge(self) -> tuple[Held, ...]:
        """The overlay stands; what it changed."""
        changed = tuple(self._overlay.values())
        for (partition, campaign_id), held in self._overlay.items():
            if partition in self._partitions:
                self._partitions[partition][campaign_id] = held
                self._schedule(partition, campaign_id, held)
        self._overlay.clear()
        return changed

    def discard(self) -> None:
        """The overlay never was."""
        self._overlay.clear()

    def all(self, partition: int) -> Iterator[Held]:
        """Every saga of the partition."""
        return iter(self._partitions.get(partition, {}).values())

    def items(self, partition: int) -> Iterator[tuple[str, Held]]:
        """Every saga of the partition with its campaign's id."""
        return iter(self._partitions.get(partition, {}).items())

    @property
    def partitions(self) -> tuple[int, ...]:
        """The partitions held."""
        return tuple(self._partitions)

    def next_due(self) -> datetime | None:
        """The earliest deadline of any saga held."""
        self._forget_stale()
        return self._due[0][0] if self._due else None

    def due(self, now: datetime, at_most: int) -> tuple[int, tuple[str, ...]] | None:
        """A partition in which something is due, and whose deadlines; oldest first."""
        self._forget_stale()
        if not self._due or self._due[0][0] > now:
            return None
        partition = self._due[0][1]
        ripe = [entry for entry in self._ripe(now) if entry[1] == partition]
        campaigns = tuple(dict.fromkeys(campaign for _, _, campaign in sorted(ripe)))
        return partition, campaigns[:at_most]

    def _ripe(self, now: datetime) -> Iterator[tuple[datetime, int, str]]:
        """What is due, in no order. Whatever waits for later is not looked at, however much it is.

        In a heap no entry is earlier than the one above it: below one of later nothing is due.
        """
        places = [0]
        while places:
            place = places.pop()
            if place < len(self._due) and self._due[place][0] <= now:
                yield self._due[place]
                places += (2 * place + 1, 2 * place + 2)

    def _schedule(self, partition: int, campaign_id: str, held: Held) -> None:
        entry = self._entry(partition, campaign_id, held)
        if entry is not None:
            heapq.heappush(self._due, entry)

    def _entry(
        self, partition: int, campaign_id: str, held: Held
    ) -> tuple[datetime, int, str] | None:
        due = held.brief.due
        return None if due is None else (due, partition, campaign_id)

    def _forget_stale(self) -> None:
        """Drop heap entries whose saga has moved on; the one that counts was pushed then."""
        while self._due:
            at, partition, campaign_id = self._due[0]
            held = self._partitions.get(partition, {}).get(campaign_id)
            if held and held.brief.due == at:
                return
            heapq.heappop(self._due)
