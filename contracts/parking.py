"""Inputs that a saga could not take in: queued in its log until a person redrives or drops them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.message import Line, LogEvent, Request, Uuid


class RedriveParked(Request):
    """Take the campaign's parked inputs in now, in their order; stop at one that still breaks."""

    reason: Annotated[str, Field(max_length=2_000)] = ""


class DropParked(Request):
    """Never take these parked inputs in; without any named, none of the campaign's."""

    letters: tuple[Uuid, ...] = ()
    reason: Annotated[str, Field(max_length=2_000)] = ""


class InputParked(LogEvent):
    """An input broke the fold, or came behind one that did (`behind`); the saga waits with it.

    `value` is the input's framed value, `topic`, `partition` and `offset` are where it stood;
    empty, and -1, where the look at the clock broke it. `letter_id` names its dead letter. The
    same `letter_id` again: it was tried once more and still breaks.
    """

    letter_id: Uuid
    type: Line
    topic: str
    partition: int
    offset: Annotated[int, Field(ge=-1)]
    value: bytes
    cause: Line
    behind: bool


class UnparkAction(StrEnum):
    """What became of a parked input."""

    REDRIVEN = "REDRIVEN"
    DROPPED = "DROPPED"


class InputUnparked(LogEvent):
    """A parked input leaves the queue; the facts of one that is redriven follow this one."""

    letter_id: Uuid
    action: UnparkAction
    reason: Annotated[str, Field(max_length=2_000)]
