"""The broker port in memory: Kafka's rules without Kafka, for simulation and tests.

No threads and no clock or chance of its own: who awaits first, what time it is and what the seed
gives decide everything, so the same run can be had again.
"""

import asyncio
from collections.abc import Sequence
from random import Random

from chassis.broker import Subscription
from chassis.clock import Clock, SystemClock
from chassis.memory.consumer import MemoryConsumer
from chassis.memory.faults import Fault
from chassis.memory.ledger import Ledger, Waiting
from chassis.memory.producer import MemoryProducer, MemoryTransactions
from chassis.memory.reader import MemoryReader

__all__ = ["Fault", "MemoryBroker", "Waiting"]


async def wait_really(change: asyncio.Event, seconds: float) -> float:
    """Wait for the event in real time; how many of the seconds are left."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    try:
        async with asyncio.timeout(seconds):  # wait_for may lose a cancellation (bpo-37658)
            await change.wait()
    except TimeoutError:
        return 0.0
    return until - loop.time()


class MemoryBroker:
    """A `chassis.broker.Broker` in memory.

    `clock` decides when sessions and transactions end, `waiting` what a poll does until then.
    With `random` keyless records, and the order in which partitions are looked at, come from it;
    without, they take turns.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        waiting: Waiting = wait_really,
        random: Random | None = None,
    ) -> None:
        self._ledger = Ledger(clock or SystemClock(), waiting, random)

    def create(self, topic: str, partitions: int) -> None:
        """Make a topic. ValueError where it is there already or would have no partition."""
        self._ledger.create(topic, partitions)

    def fail_next(self, fault: Fault, times: int = 1) -> None:
        """Let the fault happen at its next `times` occasions."""
        self._ledger.faults.order(fault, times)

    def end_session(self, group: str, instance_id: str) -> None:
        """The group gives a member up, as after a pause longer than its session."""
        self._ledger.group(group).expel(instance_id)

    def consumer(self, subscription: Subscription) -> MemoryConsumer:
        """A new member of a group."""
        return MemoryConsumer(self._ledger, subscription)

    def producer(self) -> MemoryProducer:
        """A new producer."""
        return MemoryProducer(self._ledger)

    def transactions(
        self, transactional_id: str, *, group: str, topics: Sequence[str]
    ) -> MemoryTransactions:
        """A new transactional producer; call `start` before `commit`. Nothing ever hangs here."""
        return MemoryTransactions(self._ledger, transactional_id)

    def together(self, transactional_id: str) -> MemoryTransactions:
        """A new transactional producer for records that answer no input; call `start` first."""
        return MemoryTransactions(self._ledger, transactional_id)

    def reader(self) -> MemoryReader:
        """A new group-less reader."""
        return MemoryReader(self._ledger)
