"""The broker in memory: the shared suite, and what only it can be made to do."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random

import pytest

from chassis.broker import Outgoing, Position, Subscription, TopicPartition
from chassis.clock import ManualClock
from chassis.errors import Aborted, Fenced, MembershipLost, OutcomeUnknown, Retryable
from chassis.memory import Fault, MemoryBroker
from chassis.memory.partitioner import murmur2
from tests.chassis.broker_suite import (
    IN,
    OUT,
    SESSION_MS,
    BrokerSuite,
    Seat,
    everything,
    idle,
    joined,
    plain,
    seated,
    started,
    until,
    values_in,
    write,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOURCE = TopicPartition(IN, 0)


class MemoryTwin:
    """The twin in memory; a commit that is lost on its way leaves its transaction open."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.broker = MemoryBroker(clock=self.clock)
        self.producer = self.broker.producer()

    def create(self, topic: str, partitions: int) -> None:
        self.broker.create(topic, partitions)

    async def leave_open(
        self,
        transactional_id: str,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        transactions = self.broker.transactions(transactional_id)
        await transactions.start()
        self.broker.fail_next(Fault.TRANSACTION_UNKNOWN_LEFT_OPEN)
        with pytest.raises(OutcomeUnknown):
            await transactions.commit(records, positions, membership)


@pytest.fixture
def twin() -> MemoryTwin:
    return MemoryTwin()


class TestMemoryBroker(BrokerSuite):
    pass
