"""The windows role: what readers do, counted by time and variant. The one door to faust.

faust reads the group's partitions; what it reads is counted, told on `engagement.windows`, and
only then acknowledged: at least once, and events that come again change nothing. There is no state
to lose: with every assignment a partition is read from its beginning, and what was acknowledged
before is counted in silence. So neither tables nor their changelogs nor a local store are needed.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import faust
import structlog
from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP

from chassis.broker import Broker, Outgoing, Producer
from chassis.codec import Codec
from chassis.errors import OutcomeUnknown, Retryable, Undecodable
from chassis.pace import Pace
from chassis.telemetry import ENGAGEMENTS, RECORDS_CONSUMED, RECORDS_PRODUCED, Vitals
from contracts import topics
from services.optimizer.reckoning import WINDOWS, Reckoning
from services.optimizer.settings import OptimizerSettings

TELL_EVERY_S = 0.25
"""How long what was counted waits for more, so that a burst is told once."""

UNTOLD_MAX = 2_000
"""Events taken and not yet told; at most so many, then reading waits."""

COMMIT_EVERY_S = 1.0
START_S_MAX = 40.0
STOP_S_MAX = 10.0
WAIT_S = 1.0
BACKLOG_EVERY_S = 5.0

Offsets = Mapping[TP, int]


class WindowStream:
    """One copy of the windows role. A faust application lives once: after a fault comes another."""

    def __init__(self, settings: OptimizerSettings, broker: Broker, codec: Codec) -> None:
        self._settings = settings
        self._broker = broker
        self._codec = codec
        self._log = structlog.get_logger(WINDOWS)
        self._stopping = False
        self.name = WINDOWS
        self.vitals = Vitals(WINDOWS)
        self._pace = Pace(WINDOWS, self.vitals)
        self._next_backlog = 0.0
        self._fault: Exception | None = None
        self._counting = asyncio.Lock()
        self._room = asyncio.Event()
        self._begin({})

    def stop(self) -> None:
        """Make `run` return; what was not told yet is read again by the next one."""
        self._stopping = True

    async def run(self) -> None:
        """Count until stopped. Waits for a broker that is not there."""
        producer, reader = self._broker.producer(), self._broker.reader()
        try:
            while not self._stopping:
                self.vitals.turned()
                try:
                    await reader.partitions(topics.ENGAGEMENT)
                except Retryable as cause:  # faust itself would fill the log with its traceback
                    self._wait_for(str(cause))
                    await asyncio.sleep(WAIT_S)
                else:
                    await self._live(producer)
        finally:
            await reader.close()
            await producer.close()

    async def _live(self, producer: Producer) -> None:
        app = application(self._settings, self._take_or_fail, self._begin)
        starting = asyncio.create_task(app.start())
        try:
            await self._until_started(starting)
            while not (self._stopping or app.should_stop or app.crashed):
                if self._fault is not None:
                    raise self._fault
                self.vitals.turned()
                await self._tell(producer)
                self._report(app)
                await asyncio.sleep(TELL_EVERY_S)
            if app.crashed:
                raise _Ended(repr(app.crash_reason))
        except (_Ended, TimeoutError, Retryable, OutcomeUnknown) as cause:
            self._wait_for(f"Kafka at {self._settings.kafka_bootstrap}: {cause}")
        finally:
            await self._end(app, starting)
        if not self._stopping:
            await asyncio.sleep(WAIT_S)

    async def _until_started(self, starting: "asyncio.Task[None]") -> None:
        until = time.monotonic() + START_S_MAX
        while not (self._stopping or starting.done()):
            self.vitals.turned()
            if time.monotonic() > until:
                raise TimeoutError(f"faust did not start within {START_S_MAX:.0f} s")
            await asyncio.wait((starting,), timeout=TELL_EVERY_S)
        if starting.done() and (cause := starting.exception()) is not None:
            raise _Ended(repr(cause)) from cause

    async def _end(self, app: faust.App, starting: "asyncio.Task[None]") -> None:
        """Stop it. One that does not heed is left behind: it reads nothing that counts any more."""
        starting.cancel()
        stopping = asyncio.create_task(app.stop())
        await asyncio.wait((stopping,), timeout=STOP_S_MAX)
        if not stopping.done():
            self._log.warning("faust_did_not_end", within_s=STOP_S_MAX)

    def _wait_for(self, what: str) -> None:
        self.vitals.waits(what)
        self._log.warning("windows_wait", reason=what)

    def _begin(self, told: Offsets) -> None:
        """Partitions changed hands: all of ours are read anew; what is before `told` was told."""
        self._told = dict(told)
        self._read: dict[TP, int] = {}
        self._untold: list[faust.types.EventT[Any]] = []
        self._reckoning = Reckoning(self._codec, timedelta(days=self._settings.lesson_days))
        self._room.set()
        if told:
            self.vitals.works()
            self._log.info("partitions_read_anew", partitions=sorted(p.partition for p in told))

    async def _take_or_fail(self, event: "faust.types.EventT[Any]") -> None:
        """Count one record. faust would pass over one that fails: it is to end the role instead."""
        try:
            await self._take(event)
        except Exception as fault:
            self._fault = fault
            raise

    async def _take(self, event: "faust.types.EventT[Any]") -> None:
        """Count one record; waits while too many are not told yet."""
        await self._room.wait()
        message = event.message
        self._pace.took()
        async with self._counting:
            outcome = self._counted(
                message.value, told=message.offset < self._told.get(message.tp, 0)
            )
            self._read[message.tp] = message.offset + 1
            self._untold.append(event)
        ENGAGEMENTS.labels(outcome).inc()
        if len(self._untold) >= UNTOLD_MAX:
            self._room.clear()

    def _counted(self, value: bytes | None, *, told: bool) -> str:
        try:
            return self._reckoning.take(self._codec.decode(value), told=told)
        except Undecodable as cause:
            self._log.warning("engagement_not_counted", why=str(cause))
        except Exception as bug:  # noqa: BLE001 - the rim: a count is worth less than the role
            self._log.error("engagement_breaks_the_count", exc_info=bug)
        return "refused"

    async def _tell(self, producer: Producer) -> None:
        """Write what changed, then acknowledge what changed it."""
        async with self._counting:
            taken, self._untold = self._untold, []
            records = await asyncio.to_thread(self._reckoning.tell) if taken else []
        await self._send(producer, records)
        for event in taken:
            event.ack()
        self._room.set()
        RECORDS_CONSUMED.labels(WINDOWS).inc(len(taken))
        RECORDS_PRODUCED.labels(WINDOWS).inc(len(records))
        self._pace.done(len(taken))

    async def _send(self, producer: Producer, records: list[Outgoing]) -> None:
        """Return once they are written. Raises what hinders where the role is to end."""
        while records:
            try:
                await producer.send(records)
                self.vitals.works()
                return
            except (Retryable, OutcomeUnknown) as cause:
                if self._stopping:
                    raise
                self.vitals.turned()
                self._wait_for(str(cause))
                await asyncio.sleep(WAIT_S)

    def _report(self, app: faust.App) -> None:
        """Say now and then how far behind it is."""
        if time.monotonic() < self._next_backlog:
            return
        self._next_backlog = time.monotonic() + BACKLOG_EVERY_S
        ends = {place: app.consumer.highwater(place) or 0 for place in self._told}
        behind = sum(max(0, end - self._read.get(place, 0)) for place, end in ends.items())
        self._pace.report(behind, owed=behind, in_hand=len(self._untold))


class _Ended(Exception):
    """The faust application gave up; the text says why."""


Take = Callable[["faust.types.EventT[Any]"], Awaitable[None]]
Begin = Callable[[Offsets], None]


def application(settings: OptimizerSettings, take: Take, begin: Begin) -> faust.App:
    """A faust application that hands over every record of `engagement.events`.

    It has no table, no producer, no web server and no leader topic, and declares no topic.
    """
    data = settings.state_dir / "faust"
    data.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        f"{settings.group_prefix}{WINDOWS}",
        broker=";".join(f"kafka://{one}" for one in settings.kafka_bootstrap.split(",")),
        broker_credentials=_credentials(settings),
        broker_client_id=f"{WINDOWS}-{settings.instance}",
        broker_commit_interval=COMMIT_EVERY_S,
        broker_session_timeout=settings.session_timeout_ms / 1000,
        broker_heartbeat_interval=settings.session_timeout_ms / 3000,
        consumer_auto_offset_reset="earliest",
        datadir=data,
        processing_guarantee="at_least_once",
        store="memory://",
        stream_wait_empty=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        autodiscover=False,
    )
    app.boot_strategy = app.BootStrategy(app, enable_kafka_producer=False, enable_web=False)
    app.transport = _transport(app, begin)
    source = app.topic(
        settings.topic_prefix + topics.ENGAGEMENT, key_serializer="raw", value_serializer="raw"
    )

    @app.agent(source, name=WINDOWS)
    async def count(stream: Any) -> None:  # noqa: ANN401 - faust's generic stream
        async for event in stream.noack().events():
            await take(event)

    app.finalize()
    return app


def _transport(app: faust.App, begin: Begin) -> Transport:
    """faust's own transport, with a consumer that reads from the beginning."""

    class FromTheBeginning(Consumer):
        """Seeks each partition to its first record, and tells `begin` what the group committed."""

        async def perform_seek(self) -> None:
            """What faust does once partitions are assigned."""
            await super().perform_seek()
            places = self.assignment()
            committed = {place: self._committed_offset.get(place) or 0 for place in places}
            begin(committed)
            for place, first in (await self.earliest_offsets(*places)).items():
                await self.seek(TP(place.topic, place.partition), first)

    class Reading(Transport):
        """With that consumer."""

        Consumer = FromTheBeginning

    return Reading(app.conf.broker_consumer, app)


def _credentials(settings: OptimizerSettings) -> Any:  # noqa: ANN401 - faust's base is untyped
    """What faust needs for TLS and SASL; None for neither."""
    context = None
    if settings.kafka_security_protocol in ("SSL", "SASL_SSL"):
        context = ssl.create_default_context(cafile=settings.kafka_ssl_ca_location or None)
        if settings.kafka_ssl_certificate_location:
            context.load_cert_chain(
                settings.kafka_ssl_certificate_location, settings.kafka_ssl_key_location or None
            )
    if settings.kafka_security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=settings.kafka_sasl_username,
            password=settings.kafka_sasl_password,
            mechanism=settings.kafka_sasl_mechanism or "PLAIN",
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context is not None else None
