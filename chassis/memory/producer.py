"""Writing to the in-memory broker, outside any transaction and inside one."""

from collections.abc import Mapping, Sequence

from chassis.broker import Outgoing, Position, TopicPartition
from chassis.errors import Aborted, ChassisError, Fenced, OutcomeUnknown, Retryable
from chassis.memory.faults import Fault
from chassis.memory.group import Membership
from chassis.memory.ledger import Ledger, OpenTransaction, turn
from chassis.memory.partition import Outcome
from chassis.offsets import require_short


class MemoryProducer:
    """`chassis.broker.Producer` in memory."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Return once all of them are written. Raises Retryable."""
        await turn()
        self._ledger.faults.strike(Fault.SEND)
        self._ledger.write(records)
        self._ledger.faults.strike(Fault.SEND_UNACKNOWLEDGED)
        await turn()

    async def close(self) -> None:
        """Give up the connection."""
        await turn()


class MemoryTransactions:
    """`chassis.broker.Transactions` and `Together` in memory; others run between any two steps."""

    def __init__(self, ledger: Ledger, transactional_id: str) -> None:
        self._ledger = ledger
        self._name = transactional_id
        self._epoch = 0

    async def start(self) -> None:
        """Fence whoever held the name before, and resolve what it left open."""
        await turn()
        self._epoch = 0
        self._ledger.faults.strike(Fault.START)
        self._epoch = self._ledger.start(self._name)

    async def commit(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: object,
    ) -> None:
        """Make records and positions visible in one transaction.

        Raises Aborted or MembershipLost (no trace left), OutcomeUnknown, or Fenced.
        """
        assert positions, "without an input offset the broker checks no membership"
        assert isinstance(membership, Membership), "the membership must come from a batch"
        require_short(positions)
        await self._all(records, positions, membership)

    async def write(self, records: Sequence[Outgoing]) -> None:
        """Make records that answer no input visible in one transaction: only the name fences.

        Raises Aborted (no trace left), OutcomeUnknown, or Fenced.
        """
        await self._all(records, {}, None)

    async def close(self) -> None:
        """Give up the connection; what is open is aborted by the next `start` of the name."""
        await turn()
        self._epoch = 0

    async def _all(
        self,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: Membership | None,
    ) -> None:
        await turn()
        if not self._epoch:
            raise OutcomeUnknown("no producer: call start first")
        unit = self._ledger.begin(self._name, self._epoch)
        try:
            await self._fill(unit, records, positions, membership)
        except Fenced:
            self._abort()
            raise
        except Retryable as failure:
            self._abort()
            raise failure if isinstance(failure, Aborted) else Aborted(str(failure)) from failure
        await self._finish()

    async def _fill(
        self,
        unit: OpenTransaction,
        records: Sequence[Outgoing],
        positions: Mapping[TopicPartition, Position],
        membership: Membership | None,
    ) -> None:
        self._ledger.write(records, unit)
        await turn()
        self._ledger.require(self._name, self._epoch)
        if membership is not None:
            self._ledger.stage(unit, positions, membership)
        await turn()
        if self._ledger.faults.happens(Fault.TRANSACTION_ABORTS):
            raise Aborted(Fault.TRANSACTION_ABORTS.value)

    async def _finish(self) -> None:
        faults = self._ledger.faults
        if faults.happens(Fault.TRANSACTION_UNKNOWN_LEFT_OPEN):
            raise self._unknown(Fault.TRANSACTION_UNKNOWN_LEFT_OPEN)
        self._ledger.end(self._name, self._epoch, Outcome.COMMITTED)
        if faults.happens(Fault.TRANSACTION_UNKNOWN_COMMITTED):
            raise self._unknown(Fault.TRANSACTION_UNKNOWN_COMMITTED)
        await turn()

    def _abort(self) -> None:
        """Abort what is open, unless a newer holder of the name has done so."""
        try:
            self._ledger.end(self._name, self._epoch, Outcome.ABORTED)
        except Fenced:
            self._epoch = 0
            raise

    def _unknown(self, fault: Fault) -> ChassisError:
        self._epoch = 0
        return OutcomeUnknown(fault.value)
