"""Reading the in-memory broker's partitions without a group: restore, verify and tail."""

from collections.abc import AsyncIterator, Mapping, Sequence

from chassis.broker import Incoming, TopicPartition
from chassis.errors import Retryable
from chassis.memory.faults import Fault
from chassis.memory.ledger import Ledger, sorted_partitions, turn

READ_BATCH = 1_000
LOOK_AGAIN_S = 0.5


class MemoryReader:
    """`chassis.broker.Reader` in memory."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def cluster(self) -> str:
        """The id of this broker in memory. Raises Retryable."""
        await turn()
        self._ledger.faults.strike(Fault.READ)
        return self._ledger.cluster

    async def partitions(self, topic: str) -> int:
        """How many partitions the topic has. Raises Retryable where it does not exist (yet)."""
        await turn()
        self._ledger.faults.strike(Fault.READ)
        count = self._ledger.count(topic)
        if not count:
            raise Retryable(f"topic {topic} does not exist (yet)")
        return count

    async def ends(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[int, int]]:
        """(first offset kept, high watermark) of each partition."""
        await turn()
        self._ledger.faults.strike(Fault.READ)
        return {partition: (0, self._ledger.partition(partition).end) for partition in partitions}

    async def read(
        self, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[Incoming]:
        """Committed records from `starts` up to `ends` (exclusive high watermarks), then stop."""
        at = {tp: starts[tp] for tp, end in ends.items() if starts[tp] < end}
        while at:
            change = self._ledger.change
            await turn()
            for record in self._look(at, ends):
                yield record
            at = {tp: position for tp, position in at.items() if position < ends[tp]}
            if at and not self._more(at, ends):
                await self._ledger.waiting(change, LOOK_AGAIN_S)

    async def tail(self, starts: Mapping[TopicPartition, int]) -> AsyncIterator[Incoming]:
        """Committed records from `starts` on, until the caller stops iterating."""
        at = dict(starts)
        while True:
            change = self._ledger.change
            await turn()
            for record in self._look(at, {}):
                yield record
            if not self._more(at, {}):
                await self._ledger.waiting(change, LOOK_AGAIN_S)

    async def close(self) -> None:
        """Give up the connection."""
        await turn()

    def _look(
        self, at: dict[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> list[Incoming]:
        """What can be read of each partition now; moves `at` on."""
        self._ledger.faults.strike(Fault.READ)
        self._ledger.end_overdue()
        found: list[Incoming] = []
        for partition in sorted_partitions(list(at), self._ledger.random):
            log = self._ledger.partition(partition)
            end = ends.get(partition, log.end)
            records, at[partition] = log.read(at[partition], end, READ_BATCH)
            found += records
        return found

    def _more(self, at: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> bool:
        return any(
            position < min(ends.get(tp, log.stable_end), log.stable_end)
            for tp, position in at.items()
            for log in [self._ledger.partition(tp)]
        )
