"""A saga's snapshot: what it holds, how it is read, and sagas that stay packed until touched."""

import zlib

from pydantic import ValidationError

from chassis.codec import Codec
from chassis.errors import ChassisError, Undecodable
from contracts.records import SagaSnapshot
from services.orchestrator.saga.brief import Brief, brief_of
from services.orchestrator.saga.state import STATE_VERSION, Saga

PLAIN_VERSION = 1
"""Snapshots of this version hold the state as plain JSON, and no brief in a header."""

STATE_BYTES_MAX = 64 * 1024 * 1024
"""No state is bigger unpacked; one that claims to be is no snapshot of ours."""

_LEVEL = 1
"""Of zlib: the fastest. A state shrinks to a quarter or less, and that is paid once a snapshot."""


class Unusable(ChassisError):
    """A packed saga cannot be unpacked: the log must be folded in its place."""


def packed_state(saga: Saga) -> bytes:
    """The saga's canonical JSON, compressed: the state of a snapshot of STATE_VERSION."""
    return zlib.compress(saga.model_dump_json().encode(), _LEVEL)


def state_json(body: SagaSnapshot) -> bytes:
    """The canonical JSON of the saga in a snapshot. Undecodable where it is another build's."""
    if body.state_version == PLAIN_VERSION:
        return body.state
    if body.state_version != STATE_VERSION:
        raise Undecodable(f"state version {body.state_version}, this build's is another")
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(body.state, STATE_BYTES_MAX)
    except zlib.error as reason:
        raise Undecodable(f"the state cannot be unpacked: {reason}") from None
    if not unpacking.eof or unpacking.unused_data:
        raise Undecodable("the state cannot be unpacked: it is cut off, too big, or goes on")
    return found


def saga_in(body: SagaSnapshot) -> Saga:
    """The saga in a snapshot. Raises Undecodable."""
    try:
        return Saga.model_validate_json(state_json(body))
    except ValidationError as reason:
        raise Undecodable(f"the state is no saga's: {reason}") from None


class Packed:
    """A saga as its snapshot's record has it."""

    __slots__ = ("_campaign_id", "_codec", "_value")

    def __init__(self, campaign_id: str, value: bytes, codec: Codec) -> None:
        self._campaign_id = campaign_id
        self._value = value
        self._codec = codec

    def unpacked(self, brief: Brief, head_hash: str) -> Saga:
        """The saga, which is exactly the one that the brief told of. Raises Unusable."""
        try:
            body = self._codec.decode(self._value).body
            if not isinstance(body, SagaSnapshot):
                raise Undecodable(f"{type(body).__name__} is no snapshot of a saga")
            saga = saga_in(body)
        except Undecodable as reason:
            raise Unusable(f"campaign {self._campaign_id}: {reason}") from reason
        told = (self._campaign_id, brief, head_hash)
        if (saga.campaign_id, brief_of(saga), body.head_hash) != told:
            raise Unusable(f"campaign {self._campaign_id}: its snapshot is not what it says")
        return saga
