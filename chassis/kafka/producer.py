"""An idempotent Kafka producer behind the port; one thread serves its delivery reports."""

import asyncio
import itertools
import threading
from collections import deque
from collections.abc import Callable, Sequence

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from chassis.broker import Outgoing
from chassis.errors import ChassisError, OutcomeUnknown, Rejected, Retryable
from chassis.kafka.configuration import Options, producer_options
from chassis.kafka.names import Names

REPORTS_WAIT_S = 0.1
ANY_PARTITION = -1
WHEN_WRITTEN = 0

Delivered = Callable[[KafkaError | None, Message], None]


class _Sending:
    """Records on their way, and the future of whoever waits for them."""

    def __init__(self, records: Sequence[Outgoing], done: "asyncio.Future[None]") -> None:
        self.records = records
        self.done = done
        self._written = itertools.count(1)

    def all_written(self) -> bool:
        """One record more is written: True where it is the last. Any thread may say so."""
        return next(self._written) == len(self.records)

    def settle(self, error: KafkaError | None) -> None:
        """All records are written, or one was refused."""
        if error is not None:
            self.fail(_reaction(error))
        elif not self.done.done():
            self.done.set_result(None)

    def fail(self, reason: ChassisError) -> None:
        """Tell whoever waits, once."""
        if not self.done.done():
            self.done.set_exception(reason)


class KafkaProducer:
    """`chassis.broker.Producer` on librdkafka.

    Work that ends at the same time is handed over together, and reported together: librdkafka
    makes few requests of it, at no cost in time, and the event loop is woken once.
    """

    def __init__(self, options: Options, names: Names) -> None:
        self._names = names
        self._producer = Producer(producer_options(options))
        self._outbox: list[_Sending] = []
        self._reported: deque[tuple[_Sending, KafkaError | None]] = deque()
        self._settling = False
        self._closing = threading.Event()
        self._reports = threading.Thread(
            target=self._serve_reports, name="kafka-reports", daemon=True
        )
        self._reports.start()

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Return once every in-sync replica has all of them.

        Raises Retryable, or Rejected where a record is too large for its topic, or OutcomeUnknown
        where librdkafka has given this producer up and only a new one can write again.
        """
        if not records:
            return
        loop = asyncio.get_running_loop()
        sending = _Sending(records, loop.create_future())
        if not self._outbox:
            loop.call_soon(self._hand_over, loop)
        self._outbox.append(sending)
        await sending.done

    async def close(self) -> None:
        """Give up the connection, after what was sent is acknowledged or 5 s."""
        self._hand_over(asyncio.get_running_loop())
        await asyncio.to_thread(self._producer.flush, 5.0)
        self._closing.set()
        await asyncio.to_thread(self._reports.join, 1.0)

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        outbox, self._outbox = self._outbox, []
        for sending in outbox:
            if sending.done.cancelled():
                continue

            def delivered(error: KafkaError | None, _: Message, to: _Sending = sending) -> None:
                if error is None and not to.all_written():
                    return
                self._reported.append((to, error))
                if not self._settling:  # `_settle` says so before it looks, so none is missed
                    self._settling = True
                    loop.call_soon_threadsafe(self._settle)

            try:
                for record in sending.records:
                    produce(self._producer, record, self._names, delivered)
            except BufferError as failure:
                sending.fail(Retryable(f"not written: {failure}"))
            except KafkaException as failure:
                sending.fail(_reaction(failure.args[0]))

    def _settle(self) -> None:
        self._settling = False
        while self._reported:
            sending, error = self._reported.popleft()
            sending.settle(error)

    def _serve_reports(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(REPORTS_WAIT_S)


def _reaction(error: KafkaError) -> ChassisError:
    if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
        return Rejected(f"not written: {error}")
    if error.fatal() or error.code() == KafkaError._FATAL:
        return OutcomeUnknown(f"the producer is broken: {error}")
    return Retryable(f"not written: {error}")


def produce(
    producer: Producer, record: Outgoing, names: Names, delivered: Delivered | None = None
) -> None:
    """Hand one record to librdkafka; without a partition the key decides."""
    producer.produce(
        names.outside(record.topic),
        value=record.value,
        key=record.key,
        partition=ANY_PARTITION if record.partition is None else record.partition,
        headers=list(record.headers),
        timestamp=record.timestamp_ms or WHEN_WRITTEN,
        on_delivery=delivered,
    )
