"""A member of a consumer group on the in-memory broker."""

from collections.abc import Mapping, Sequence

from chassis.broker import Batch, Incoming, Position, Subscription, TopicPartition
from chassis.errors import Retryable
from chassis.memory.faults import Fault
from chassis.memory.group import Member
from chassis.memory.ledger import Ledger, sorted_partitions, turn
from chassis.offsets import require_short


class MemoryConsumer:
    """`chassis.broker.Consumer` in memory; it joins its group at its first poll."""

    def __init__(self, ledger: Ledger, subscription: Subscription) -> None:
        self._ledger = ledger
        self._group = ledger.group(subscription.group)
        self._member = Member(subscription)
        self._next: dict[TopicPartition, int | None] = {}
        self._paused: set[TopicPartition] = set()
        self._turns = 0

    async def poll(self, *, records_max: int, timeout_s: float) -> Batch:
        """Up to `records_max` records; waits at most `timeout_s` for the first, never for more."""
        await turn()
        self._ledger.faults.strike(Fault.POLL)
        left = timeout_s
        while True:
            change = self._ledger.change
            self._ledger.end_overdue()
            gained, lost = self._group.turn(self._member)
            for partition in lost:
                self._next.pop(partition, None)
                self._paused.discard(partition)
            self._next.update(dict.fromkeys(gained))
            records = self._fetch(records_max)
            if records or gained or lost or left <= 0:
                break
            left = await self._ledger.waiting(change, left)
        membership = self._member.membership
        return Batch(tuple(records), frozenset(gained), frozenset(lost), membership)

    async def pause(self, partitions: Sequence[TopicPartition]) -> None:
        """Stop fetching these; polling goes on and keeps the membership."""
        await turn()
        self._paused.update(partition for partition in partitions if partition in self._next)

    async def resume(self, partitions: Sequence[TopicPartition]) -> None:
        """Fetch these again."""
        await turn()
        self._paused.difference_update(partitions)

    async def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Read each partition from this offset next. Raises Retryable for one not held."""
        await turn()
        self._ledger.faults.strike(Fault.SEEK)
        foreign = sorted(set(offsets) - set(self._next))
        self._next.update({tp: offset for tp, offset in offsets.items() if tp in self._next})
        if foreign:
            raise Retryable(f"cannot seek, not assigned: {foreign}")

    async def committed(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, Position | None]:
        """The group's stable positions. Raises Retryable while a transaction is open on them."""
        await turn()
        self._ledger.faults.strike(Fault.POSITIONS)
        self._ledger.end_overdue()
        return self._group.stable_positions(partitions)

    async def commit(self, positions: Mapping[TopicPartition, Position]) -> None:
        """Store positions with their metadata. Raises MembershipLost after a rebalance."""
        require_short(positions)
        await turn()
        self._ledger.faults.strike(Fault.COMMIT)
        self._group.check(self._member.membership)
        self._group.commit(positions)

    async def backlog(self) -> Mapping[TopicPartition, int]:
        """Records between our position and the last stable offset, per assigned partition."""
        await turn()
        return {
            partition: max(0, self._ledger.partition(partition).stable_end - self._at(partition))
            for partition in sorted(self._next)
        }

    async def close(self) -> None:
        """Leave. A static member keeps its partitions until its session ends."""
        await turn()
        self._group.leave(self._member)

    def _fetch(self, records_max: int) -> list[Incoming]:
        found: list[Incoming] = []
        for partition in self._in_turn():
            if self._next[partition] is None and not self._group.stable(partition):
                continue  # where to begin is known once the open transaction has ended
            log = self._ledger.partition(partition)
            records, self._next[partition] = log.read(
                self._at(partition), log.end, records_max - len(found)
            )
            found += records
        return found

    def _in_turn(self) -> list[TopicPartition]:
        """The partitions to fetch from, each of them first in its turn."""
        fetched = [partition for partition in self._next if partition not in self._paused]
        ordered = sorted_partitions(fetched, self._ledger.random)
        if not ordered:
            return []
        self._turns += 1
        first = self._turns % len(ordered)
        return ordered[first:] + ordered[:first]

    def _at(self, partition: TopicPartition) -> int:
        at = self._next[partition]
        if at is not None:
            return at
        position = self._group.position(partition)
        return 0 if position is None else position.offset
