"""What is asked of every saga at once, in a few values: a copy holds 100,000 of them packed.

A snapshot's record carries its saga's brief in a header, so that a restore needs not read plan,
steps and goal of sagas that nothing happens to. Whoever changes the header's layout, or what a
brief says of a saga (its deadlines, say), raises BRIEF_VERSION: a build that knows another one
reads the snapshot itself.
"""

import struct
import zlib
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from services.orchestrator.saga.engine.parking import parked_steps
from services.orchestrator.saga.state import STATE_VERSION, Life, Saga, obligations_of

BRIEF_HEADER = "saga_brief"
BRIEF_VERSION = 1

_LAYOUT = struct.Struct(">2sBBIIIqI32s")
_LIVES = (
    *(Life.IDLE, Life.RUNNING, Life.COMPENSATING, Life.COMPLETED),
    *(Life.FAILED, Life.REJECTED, Life.CANCELLED, Life.STANDING),
)
"""By their place in the header: only ever appended to."""

_CODES = {life: code for code, life in enumerate(_LIVES)}
_ENDED = tuple(life.ended for life in _LIVES)
_VERSIONS = bytes((BRIEF_VERSION, STATE_VERSION))
_PAUSED, _OBLIGED = 1, 2
_NEVER = -(2**63)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Brief(NamedTuple):
    """One saga's place in its chain, what it waits for first, and what the census counts.

    `due` is its earliest deadline, None where it has none; `obliged` says that it has one besides
    the end of its own time.
    """

    sequence: int
    life: Life
    ended: bool
    due: datetime | None
    obliged: bool
    paused: bool
    parked_inputs: int
    parked_undos: int


def brief_of(saga: Saga) -> Brief:
    """The saga's brief."""
    deadlines = saga.deadlines
    return Brief(
        sequence=saga.sequence,
        life=saga.life,
        ended=saga.life.ended,
        due=min((deadline.at for deadline in deadlines), default=None),
        obliged=bool(obligations_of(deadlines)),
        paused=bool(saga.pauses),
        parked_inputs=len(saga.parked),
        parked_undos=len(parked_steps(saga)),
    )


def as_header(brief: Brief, head_hash: str, value: bytes) -> bytes:
    """The header of a snapshot whose record's value is `value`; it holds for no other value."""
    return _LAYOUT.pack(
        _VERSIONS,
        _CODES[brief.life],
        brief.paused * _PAUSED | brief.obliged * _OBLIGED,
        brief.sequence,
        brief.parked_inputs,
        brief.parked_undos,
        _NEVER if brief.due is None else (brief.due - _EPOCH) // _MICROSECOND,
        zlib.crc32(value),
        bytes.fromhex(head_hash),
    )


def from_header(header: bytes, value: bytes) -> tuple[Brief, str] | None:
    """The brief and the head hash of the snapshot `value`.

    None where the header is another build's, or not of this value: then the value must be read.
    """
    if len(header) != _LAYOUT.size or not header.startswith(_VERSIONS):
        return None
    _, code, flags, sequence, inputs, undos, due, check, head = _LAYOUT.unpack(header)
    if code >= len(_LIVES) or check != zlib.crc32(value):
        return None
    try:
        at = None if due == _NEVER else _EPOCH + timedelta(microseconds=due)
    except OverflowError:
        return None
    held = bool(flags & _OBLIGED), bool(flags & _PAUSED)
    return Brief(sequence, _LIVES[code], _ENDED[code], at, *held, inputs, undos), head.hex()
