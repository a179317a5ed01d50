"""What stands beside the log: snapshots of state, and letters nobody could work on."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.message import Digest, Line, Record, Uuid


class SagaSnapshot(Record):
    """One campaign's state after `sequence`; the log decides where the two differ.

    `log_offset` is the offset of an early enough log record: reading from there misses nothing.
    """

    sequence: Annotated[int, Field(ge=1)]
    head_hash: Digest
    log_offset: Annotated[int, Field(ge=0)]
    state_version: Annotated[int, Field(ge=1)]
    closed: bool
    state: bytes


class SnapshotCheckpoint(Record):
    """Before `log_offset` of this log partition every open saga has its snapshot."""

    log_offset: Annotated[int, Field(ge=0)]


class DeadLetter(Record):
    """A record nobody could work on, whole, with where it came from and why.

    One that is `parked` waits in its campaign's log, and goes on from there when it is redriven.
    """

    reason: Line
    detail: str
    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: dict[str, bytes]
    seen_by: str
    parked: bool = False


class LetterAction(StrEnum):
    """What somebody did with a dead letter."""

    REDRIVEN = "REDRIVEN"
    DROPPED = "DROPPED"


class DeadLetterClosed(Record):
    """A dead letter is dealt with: put back on its topic, or dropped for `reason`.

    Who did it and when is the envelope's to say; `letter_id` is the id of the letter's envelope.
    Written in one transaction with the record that was put back, or with the facts it brought.
    """

    letter_id: Uuid
    action: LetterAction
    reason: Annotated[str, Field(max_length=2_000)] = ""
