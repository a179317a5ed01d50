"""Every error that the loop reacts to, one class per reaction.

ChassisError
├── Retryable        wait, then the same message again
│   ├── CircuitOpen  wait for the breaker
│   └── Aborted      the transaction left no trace; seek back and do the tick again
│       └── MembershipLost  … and the partitions are another's by now: drop the work
├── Rejected         this message never succeeds: dead-letter it whole, go on
│   └── Undecodable  its bytes are not a message of ours
├── OutcomeUnknown   a transaction may or may not stand: new producer, restore, then go on
├── StateUnusable    what is held of a partition cannot be used: drop the tick, restore it again
├── Fenced           another live instance holds our name: stop this process
├── LeaseLost        another region may work now: stop this process
└── StepError        a handler's own answer: the step failed, and this is why
"""

from contracts.envelope import FailureReason, Usage


class ChassisError(Exception):
    """The root of the tree above."""


class Retryable(ChassisError):
    """Nothing is wrong with the message; the same one may succeed after `delay_s`."""

    def __init__(self, message: str, *, delay_s: float | None = None) -> None:
        super().__init__(message)
        self.delay_s = delay_s


class CircuitOpen(Retryable):
    """The breaker round an outside dependency is open; no call was made."""


class Aborted(Retryable):
    """The transaction was aborted; none of its records will ever be read."""


class MembershipLost(Aborted):
    """The group went on without us since the batch was taken; its partitions may be another's."""


class Rejected(ChassisError):
    """The message can never succeed; it belongs in `dead.letters`, whole, with this reason."""


class Undecodable(Rejected):
    """The bytes are not a valid message; the reason says at which test they failed."""


class OutcomeUnknown(ChassisError):
    """Nobody can say whether the transaction stands; the producer must be thrown away."""


class StateUnusable(ChassisError):
    """What a processor holds of a partition cannot be used; restoring it again repairs that."""

    def __init__(self, message: str, partition: int) -> None:
        super().__init__(message)
        self.partition = partition


class Fenced(ChassisError):
    """A live instance has taken our name over; nothing more may be written by this process."""


class LeaseLost(ChassisError):
    """This region no longer holds the lease; nothing more may be done by this process."""


class StepError(ChassisError):
    """A handler cannot produce its result.

    `reason` decides whether the orchestrator tries again; `message` is for the operator and says
    what to do; `feedback` is handed to the next try; `usage` is what was spent in vain.
    """

    def __init__(
        self,
        reason: FailureReason,
        message: str,
        *,
        feedback: tuple[str, ...] = (),
        usage: Usage | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.feedback = feedback
        self.usage = usage or Usage()
