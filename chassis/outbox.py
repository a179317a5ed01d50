"""Answers on their way: what is ready together is sent together. It knows no commands.

Work is done once the brokers have all of its answers: whoever hands answers in is told so with all
that went along, for one acknowledgement covers them.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from itertools import chain
from typing import Any, Generic, NamedTuple, TypeVar

import structlog

from chassis import telemetry
from chassis.broker import Outgoing, Producer
from chassis.errors import Retryable

ON_THEIR_WAY_BYTES_MAX = 1_000_000
"""No more work is to be begun while answers of more than this are not acknowledged."""

SEND_RETRY_S = 0.5

W = TypeVar("W")
Job = Coroutine[Any, Any, None]

log = structlog.get_logger()


class _Parcel(NamedTuple, Generic[W]):
    """The answers to one piece of work."""

    work: W
    records: tuple[Outgoing, ...]
    size: int


class Outbox(Generic[W]):
    """What one copy of a role sends; `begin` makes a task of a delivery.

    `settle` is told of each piece of work once, with those that went along: True where the brokers
    have their answers, False where that cannot be known any more.
    """

    def __init__(
        self,
        role: str,
        producer: Producer,
        *,
        begin: Callable[[Job], object],
        settle: Callable[[Sequence[W], bool], None],
        stopping: asyncio.Event,
    ) -> None:
        self._producer = producer
        self._begin = begin
        self._settle = settle
        self._stopping = stopping
        self._parcels: list[_Parcel[W]] = []
        self._bytes = 0
        self._produced = telemetry.RECORDS_PRODUCED.labels(role)

    @property
    def full(self) -> bool:
        """True while no more work should be begun."""
        return self._bytes > ON_THEIR_WAY_BYTES_MAX

    def add(self, work: W, records: tuple[Outgoing, ...]) -> None:
        """Send the answers to this work, and `settle` it; none is an answer, too."""
        size = sum(len(made.value or b"") for made in records)
        self._bytes += size
        self._parcels.append(_Parcel(work, records, size))
        if len(self._parcels) == 1:
            self._begin(self._deliver())

    async def send(self, records: tuple[Outgoing, ...]) -> bool:
        """True once the brokers have all; False where the loop was stopped before they had."""
        while True:
            try:
                await self._write(records)
            except Retryable as hindrance:
                if self._stopping.is_set():
                    return False
                log.warning("result_waits", reason=str(hindrance))
                await asyncio.sleep(SEND_RETRY_S)
            else:
                return True

    async def _deliver(self) -> None:
        """Send all that was added since the last delivery began."""
        parcels, self._parcels = self._parcels, []
        if await self._went_together(parcels):
            self._done(parcels, written=True)
            return
        for parcel in parcels:
            self._begin(self._deliver_alone(parcel))

    async def _went_together(self, parcels: Sequence[_Parcel[W]]) -> bool:
        """False where one was not taken: the others need not wait until it is."""
        records = tuple(chain.from_iterable(parcel.records for parcel in parcels))
        try:
            await self._write(records)
        except Retryable as hindrance:
            log.warning("results_wait", reason=str(hindrance), records=len(records))
            return False
        return True

    async def _deliver_alone(self, parcel: _Parcel[W]) -> None:
        await asyncio.sleep(SEND_RETRY_S)
        self._done([parcel], written=await self.send(parcel.records))

    def _done(self, parcels: Sequence[_Parcel[W]], *, written: bool) -> None:
        self._bytes -= sum(parcel.size for parcel in parcels)
        self._settle([parcel.work for parcel in parcels], written)

    async def _write(self, records: tuple[Outgoing, ...]) -> None:
        if records:
            await self._producer.send(records)
            self._produced.inc(len(records))
