"""Faults on order: a test or a simulation says what goes wrong next, and it does, once."""

from collections import Counter
from enum import Enum

from chassis.errors import Retryable


class Fault(Enum):
    """What can be made to go wrong; the value is what the log will say."""

    POLL = "the broker cannot be reached: poll"
    COMMIT = "the broker cannot be reached: commit of positions"
    POSITIONS = "the broker cannot be reached: committed positions"
    SEEK = "the broker cannot be reached: seek"
    SEND = "the broker cannot be reached: nothing was written"
    SEND_UNACKNOWLEDGED = "everything was written, and no acknowledgement came"
    START = "the broker cannot be reached: start of transactions"
    READ = "the broker cannot be reached: reader"
    TRANSACTION_ABORTS = "the transaction was aborted"
    TRANSACTION_UNKNOWN_COMMITTED = "the transaction stands, and no acknowledgement came"
    TRANSACTION_UNKNOWN_LEFT_OPEN = "the request to commit was lost; the transaction is open"


class Faults:
    """What was ordered and has not happened yet."""

    def __init__(self) -> None:
        self._ordered: Counter[Fault] = Counter()

    def order(self, fault: Fault, times: int = 1) -> None:
        """Let it happen at the next `times` occasions."""
        self._ordered[fault] += times

    def happens(self, fault: Fault) -> bool:
        """True where it was ordered; it is used up then."""
        if not self._ordered[fault]:
            return False
        self._ordered[fault] -= 1
        return True

    def strike(self, fault: Fault) -> None:
        """Raise Retryable where the fault was ordered."""
        if self.happens(fault):
            raise Retryable(fault.value)
