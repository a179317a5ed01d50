"""The auditor: reads the log again, slowly, from its beginning, and alarms for what stands still.

It runs in the projector's process, beside it: an observer inside the saga role would stop with the
role that it is to observe; the projector's copies share the log's partitions, so that each is
audited once; and the view that it holds against the log is here. It only reads: it folds a
partition at a time, with the code and from the records that a take-over would use, and trusts
neither a snapshot nor what anybody holds in memory. Where it is wrong, nothing is changed by it.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import structlog

from chassis import telemetry
from chassis.broker import Incoming, Reader, TopicPartition
from chassis.clock import Clock
from chassis.codec import Codec
from chassis.errors import ChassisError
from contracts import topics
from services.orchestrator.saga.restore import Restored
from services.orchestrator.saga.stalling import Reason, Stalled, served_late, stalled
from services.orchestrator.saga.store import kept
from services.orchestrator.saga.verify import Heads
from services.orchestrator.view.database import ViewUnavailable

ROUND_EVERY_S = 15.0
BREATH_RECORDS = 50
"""So many records are folded at once; then others have their turn."""

ALARMS_MAX = 20
"""Lines per partition and round; the metric counts them all."""

log = structlog.get_logger("auditor")


@dataclass(frozen=True, slots=True)
class Terms:
    """How the auditor works: `patience_s` is what may pass before a saga counts as stalled."""

    records_per_s: float
    patience_s: float
    round_every_s: float = ROUND_EVERY_S


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the auditor looks at: the log, the partitions that are its matter, the view's heads."""

    reader: Reader
    partitions: Callable[[], Collection[int]]
    heads: Callable[[Collection[str]], Heads]


class _Refold(Restored):
    """A fold that keeps little of what is over, and says nothing of foreign records: others did."""

    def fact(self, record: Incoming) -> None:
        super().fact(record)
        campaign_id = (record.key or b"").decode(errors="replace")
        if held := self.sagas.get(campaign_id):
            self.sagas[campaign_id] = kept(held)

    def _skip(self, record: Incoming, reason: str) -> None:
        self.skipped += 1


class Auditor:
    """Goes round the partitions that this copy's projector holds."""

    def __init__(self, evidence: Evidence, codec: Codec, clock: Clock, terms: Terms) -> None:
        self._evidence = evidence
        self._codec = codec
        self._clock = clock
        self._terms = terms
        self._patience = timedelta(seconds=terms.patience_s)
        self._found: dict[int, frozenset[Stalled]] = {}
        self._stopping = asyncio.Event()

    @property
    def found(self) -> frozenset[Stalled]:
        """What stands still, as of the last look at each partition."""
        return frozenset().union(*self._found.values())

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopping.set()

    async def run(self) -> None:
        """Audit until stopped. A broker or a view that does not answer is waited for."""
        try:
            while not self._stopping.is_set():
                await self._round()
                await self._rest(self._terms.round_every_s)
        finally:
            await self._evidence.reader.close()

    async def _round(self) -> None:
        mine = sorted(self._evidence.partitions())
        for gone in self._found.keys() - set(mine):
            del self._found[gone]
        for partition in mine:
            try:
                await self.audit(partition)
            except (ChassisError, ViewUnavailable) as hindrance:
                log.warning("audit_waits", partition=partition, reason=str(hindrance))
                return
            if self._stopping.is_set():
                return
        self._count()
        if mine:
            telemetry.AUDITED_AT.set(time.time())

    async def audit(self, partition: int) -> frozenset[Stalled]:
        """What stands still in the partition now. Raises Retryable or ViewUnavailable."""
        fold = await self._refolded(partition)
        if self._stopping.is_set():
            return frozenset()
        found = await self._judged(fold)
        self._tell(partition, found)
        self._found[partition] = found
        self._count()
        return found

    async def _refolded(self, partition: int) -> _Refold:
        """The partition's sagas as its log has them, read up to where it ends now."""
        place, fold = TopicPartition(topics.LOG, partition), _Refold(self._codec, partition)
        start, end = (await self._evidence.reader.ends([place]))[place]
        while start < end and not self._stopping.is_set():
            await self._read(fold, place, (start, end))
            start, end = end, (await self._evidence.reader.ends([place]))[place][1]
        fold.try_end()
        return fold

    async def _read(self, fold: _Refold, place: TopicPartition, span: tuple[int, int]) -> None:
        count = 0
        stream = self._evidence.reader.read({place: span[0]}, {place: span[1]})
        async with aclosing(cast("AsyncGenerator[Incoming, None]", stream)) as records:
            async for record in records:
                fold.try_fact(record)
                count += 1
                if count % BREATH_RECORDS == 0:
                    await self._rest(BREATH_RECORDS / self._terms.records_per_s)
                if self._stopping.is_set():
                    return

    async def _judged(self, fold: _Refold) -> frozenset[Stalled]:
        if fold.broken:
            return frozenset({Stalled("", Reason.LOG_BROKEN, fold.broken)})
        sagas = list(fold.sagas.values())
        heads = await asyncio.to_thread(self._evidence.heads, fold.sagas.keys())
        now = self._clock.now()
        return frozenset(
            (
                *stalled(sagas, now, self._patience),
                *served_late(sagas, heads, now, self._patience),
            )
        )

    def _tell(self, partition: int, found: frozenset[Stalled]) -> None:
        known = {one[:2] for one in self._found.get(partition, ())}
        fresh = sorted(one for one in found if one[:2] not in known)
        _alarm(partition, fresh)
        over = known - {one[:2] for one in found}
        for campaign_id, reason in sorted(over):
            log.info("saga_moves_again", workflow_id=campaign_id, was=reason.value)

    def _count(self) -> None:
        for reason in Reason:
            count = sum(one.reason is reason for one in self.found)
            telemetry.SAGAS_STALLED.labels(reason.value).set(count)

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


def _alarm(partition: int, fresh: Sequence[Stalled]) -> None:
    for one in fresh[:ALARMS_MAX]:
        log.error(
            "saga_stalled",
            workflow_id=one.campaign_id,
            partition=partition,
            reason=one.reason.value,
            detail=one.detail,
            meaning="nothing is lost, but this does not go on by itself",
            what_to_do="see that the saga role and the projector run (sagaline status), then "
            "verify the log (sagaline verify)",
        )
    if len(fresh) > ALARMS_MAX:
        log.error("more_sagas_stalled", partition=partition, count=len(fresh) - ALARMS_MAX)
